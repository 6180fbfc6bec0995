"""A web server on this machine that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl


@dataclass
class Request:
    """`client` is the port it came from, the same for all that come over one connection."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    client: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass
class Reply:
    """`body` is sent as JSON unless it is text or bytes. `fault` is "reset" or "truncated"."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None


class Service:
    """`answer(request)` gives what is answered: a Reply, or a body for a good one. Without a function the replies are used up."""

    def __init__(self, answer: Any = None, *, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.replies: list[Any] = []
        self.requests: list[Request] = []
        self.faults: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                service.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_one  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            # A connection that a client keeps open must not keep the test.
            block_on_close = False

            def handle_error(self, request: Any, client_address: Any) -> None:
                # Clients that give up are part of some tests; anything else is a fault of the test's own.
                if not isinstance(sys.exception(), ConnectionError):
                    service.faults.append(repr(sys.exception()))

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def asked(self) -> list[str]:
        """Method and path of every request."""
        return [f"{request.method} {request.path}" for request in self.requests]

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        split = urlsplit(handler.path)
        query = {name: ",".join(values) for name, values in parse_qs(split.query, keep_blank_values=True).items()}
        size = int(handler.headers.get("Content-Length", 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(
            handler.command, split.path, query, headers, handler.rfile.read(size), handler.client_address[1]
        )
        self.requests.append(request)
        given = self.answer(request) if self.answer is not None else self.replies.pop(0)
        reply = given if isinstance(given, Reply) else Reply(given)
        if reply.fault == "reset":
            # Without lingering a close is a reset.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            return
        content, kind = _content(reply.body)
        handler.send_response(reply.status)
        sent = {"Content-Type": kind, "Content-Length": str(len(content)), **reply.headers}
        for name, value in sent.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        if reply.fault == "truncated":
            content = content[: len(content) // 2]
            handler.close_connection = True
        handler.wfile.write(content)


def _content(body: Any) -> tuple[bytes, str]:
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    return json.dumps(body).encode(), "application/json"
