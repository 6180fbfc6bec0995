"""Serving the API on a socket, until it is told to stop."""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

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
        self._host = f"[{host}]" if ":" in host else host
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

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    def serve(self) -> None:
        """Serve until interrupted or stopped."""
        try:
            # Ctrl-C is raised again once everything is closed; it is the way to stop, and no failure.
            with suppress(KeyboardInterrupt):
                self._server.run(sockets=[self._socket])
        finally:
            self._live.runner.stop()
            self._socket.close()

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bound(host: str, port: int) -> socket.socket:
    """A listening socket. Raises UsageError when the address cannot be had."""
    if not 0 <= port <= 65535:
        raise UsageError(f"{port} is no port; ports go from 0, any free one, to 65535")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Named, because asyncio switches Nagle's delay off only for sockets that say they are TCP.
        made = socket.socket(family, kind, socket.IPPROTO_TCP)
    except OSError as error:
        raise UsageError(f"{host}:{port} is no address here: {error}") from None
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except OSError as error:
        made.close()
        raise UsageError(f"port {port} of {host} cannot be had: {error.strerror}; choose another with --port") from None
    return made
