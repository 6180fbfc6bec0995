"""HTTP/1.1 as it comes in and goes out, and the ways in which it can fail."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from dataflow.simulators.door import PREFIX
from dataflow.simulators.exchange import Answer, Request

if TYPE_CHECKING:
    from dataflow.simulators.server import Server

MAX_BODY = 128 * 1024 * 1024
# Closing a socket that lingers for no time at all sends a reset instead of a polite end.
_NO_LINGER = struct.pack("ii", 1, 0)


class Connections(ThreadingHTTPServer):
    """The listening socket, and the connections made at it, which are all ended with it."""

    # Joined by hand in `server_close`: a connection that is kept alive has to be cut first.
    daemon_threads = True

    def __init__(self, listening: socket.socket, owner: Server) -> None:
        self.owner = owner
        super().__init__(listening.getsockname()[:2], Connection, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def server_close(self) -> None:
        self.socket.close()
        with self._lock:
            still = list(self._open.items())
        for connection, thread in still:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no failure of ours; anything else is."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.owner.failures.append(error)


class Connection(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 65536
    server: Connections

    def _exchange(self) -> None:
        body = self._body()
        if body is None:
            return
        path, _, query = self.path.partition("?")
        headers = cast("Any", self.headers)
        request = Request(self.command, path, query, headers, body, str(self.client_address[0]))
        owner = self.server.owner
        if path.startswith(PREFIX):
            self._send(owner.door.answer(request))
            return
        answer, fault = owner.respond(request)
        if answer is not None:
            self._send(answer, broken_off=fault is not None and fault.kind == "broken-off")
        elif fault is not None and fault.kind == "reset":
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            # Taken from under the library, which would take its leave before it closes.
            os.close(self.connection.detach())
        else:
            self._hold(None if fault is None else fault.seconds)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _exchange  # noqa: N815

    def _body(self) -> bytes | None:
        """The body; None when it is refused or the client went away in the middle."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
            return None
        if int(length) > MAX_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        body = self.rfile.read(int(length)) if length != "0" else b""
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._send(Answer(status))

    def _send(self, answer: Answer, *, broken_off: bool = False) -> None:
        status = HTTPStatus(answer.status)
        now = self.server.owner.clock.now_ns() // 1_000_000_000
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Date: {formatdate(now, usegmt=True)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            lines.append(f"Content-Length: {len(answer.body)}")
        if broken_off:
            self.close_connection = True
        if self.close_connection:
            lines.append("Connection: close")
        body = b"" if self.command == "HEAD" else answer.body
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self.connection.sendall(head + (body[: len(body) // 2] if broken_off else body))

    def _hold(self, seconds: float | None) -> None:
        """Say nothing until the client goes away, the time is over, or the server stops."""
        self.close_connection = True
        self.connection.settimeout(seconds)
        while self.connection.recv(1024):
            pass

    def log_message(self, *args: Any) -> None:
        """The journal has it all."""
