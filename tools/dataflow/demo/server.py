"""Serving the pages on this machine, until somebody stops it."""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import uvicorn

from dataflow.address import bound, url_of
from dataflow.demo.app import Pages
from dataflow.demo.proving import Proving
from dataflow.demo.session import Session
from dataflow.scenario.world import Stage

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

PORT = 9040
_HOST = "127.0.0.1"


class Server:
    """Both systems, a node and the pages. As a context manager it serves in a thread of its own; `serve` serves in this one."""

    def __init__(self, root: Path, port: int = PORT) -> None:
        """Takes the address at once; port 0 is any free one.

        Raises UsageError when it cannot be had, FindingsError when the package has errors.
        """
        self._socket = bound(_HOST, port)
        self.url = url_of(self._socket, _HOST)
        self._open = ExitStack()
        self._open.callback(self._socket.close)
        with ExitStack() as undo:
            undo.push(self._open)
            stage = self._open.enter_context(Stage(root))
            self.session = Session(stage)
            self._open.callback(self.session.close)
            self.systems = {name: system.server.url for name, system in stage.systems.items()}
            self.proving = Proving(root, self.session.reading, self.session.picture)
            self._open.callback(self.proving.wait)
            undo.pop_all()
        config = uvicorn.Config(
            Pages(self.session, self.proving).app(),
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=3,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def serve(self) -> None:
        """Serve until interrupted."""
        try:
            # Ctrl-C is raised again once everything is closed; it is the way to stop, and no failure.
            with suppress(KeyboardInterrupt):
                self._run()
        finally:
            self._open.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._open.close()
