"""Serving the API on a socket, until it is told to stop."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

from dataflow.address import bound, is_loopback, url_of
from dataflow.errors import UsageError
from dataflow.node.api.app import make_app

if TYPE_CHECKING:
    from types import TracebackType

    from dataflow.node.live import LiveNode

PORT = 9042


class Server:
    """The API of a node at an address. As a context manager it serves in a thread of its own; `serve` serves in this one."""

    def __init__(self, live: LiveNode, host: str = "127.0.0.1", port: int = PORT, *, token: str | None = None) -> None:
        """Takes the address at once; port 0 is any free one. Raises UsageError when it cannot be had, or without a needed token."""
        if not is_loopback(host) and not token:
            raise UsageError(f"{host} can be reached from other machines, so it needs --token; 127.0.0.1 does not")
        self._live = live
        self._socket = bound(host, port)
        self.url = url_of(self._socket, host)
        config = uvicorn.Config(
            make_app(live, token=token),
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=3,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.serve, name="node", daemon=True)

    def serve(self) -> None:
        """Serve until interrupted or stopped."""
        try:
            # Ctrl-C is raised again once everything is closed; it is the way to stop, and no failure.
            with suppress(KeyboardInterrupt):
                self._server.run(sockets=[self._socket])
        finally:
            self._live.stop()
            self._socket.close()

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
