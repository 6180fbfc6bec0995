"""Runs a simulated system at an address: HTTP/1.1, a thread for each connection, faults played, everything journalled.

It is Python's own `http.server`, which costs a third of what uvicorn does for each request, and because a fault has to reach the
socket itself; tools/docs/decisions/0510-simulators.md has the measures. As a context manager it serves in threads of its own:

    with Server(application) as server:
        requests.get(server.url + "/Persons")
        server.faults.add("reset", method="POST", after=True)
        print(*server.journal, sep="\\n")
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from dataflow.address import bound, url_of
from dataflow.errors import DataflowError
from dataflow.simulators.clock import SimulatedClock
from dataflow.simulators.door import PREFIX, Door
from dataflow.simulators.exchange import Answer, Request
from dataflow.simulators.faults import OF_PAGES, Faults
from dataflow.simulators.journal import Journal

if TYPE_CHECKING:
    from types import TracebackType

    from dataflow.simulators.exchange import Application
    from dataflow.simulators.faults import Fault

MAX_BODY = 128 * 1024 * 1024
# Closing a socket that lingers for no time at all sends a reset instead of a polite end.
_NO_LINGER = struct.pack("ii", 1, 0)


class SimulatorFailed(DataflowError):
    """The simulator itself has a fault, and answered 500 because of it."""


class Server:
    """A simulated system at an address; `url` has no slash at the end, `journal`, `faults` and `clock` may be used at any time."""

    def __init__(
        self,
        application: Application,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: SimulatedClock | None = None,
        faults: Faults | None = None,
        journal: Journal | None = None,
    ) -> None:
        """Takes the address at once; port 0 is any free one. Raises UsageError when it cannot be had."""
        self.application = application
        self.clock = clock or SimulatedClock()
        self.faults = faults if faults is not None else Faults()
        self.journal = journal if journal is not None else Journal()
        self.door = Door(self.clock, self.faults, self.journal, application)
        self.stopping = threading.Event()
        self.failures: list[BaseException] = []
        listening = bound(host, port)
        self.url = url_of(listening, host)
        self._http = _Http(listening, self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="simulator", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close the address and every connection. Raises SimulatorFailed when something failed that no fault explains."""
        self.stopping.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
        if self.failures:
            raise SimulatorFailed("the simulator failed while it answered") from self.failures[0]

    def serve(self, until: threading.Event) -> None:
        """Serve in the foreground until the event is set."""
        with self:
            until.wait()

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        except SimulatorFailed:
            # What failed in the block itself is told first.
            if error is None:
                raise

    def handle(self, request: Request) -> Answer:
        """What the application answers."""
        try:
            return self.application.answer(request)
        except Exception as error:
            self.failures.append(error)
            return self.application.refusal(HTTPStatus.INTERNAL_SERVER_ERROR, None)

    def respond(self, request: Request) -> tuple[Answer | None, Fault | None]:
        """The answer to be sent, or None where there is none, and the fault that was played."""
        fault = self.faults.play(request)
        handled = 1
        if fault is None:
            answer: Answer | None = self.handle(request)
        else:
            self._before(request, fault)
            refused = fault.kind in ("timeout", "reset", "status")
            handled = 0 if refused and not fault.after else 2 if fault.kind == "duplicate" else 1
            answer = None
            for _ in range(handled):
                answer = self.handle(request)
            if refused:
                answer = self.application.refusal(fault.status, fault.retry_after) if fault.kind == "status" else None
            elif fault.kind == "truncated" and answer is not None:
                answer = Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)
        self.journal.append(
            request,
            at_ns=self.clock.now_ns(),
            status=None if answer is None else answer.status,
            handled=handled,
            fault=None if fault is None else fault.name,
            private=request.path.lower() in self.application.private_paths,
        )
        return answer, fault

    def _before(self, request: Request, fault: Fault) -> None:
        if fault.kind in OF_PAGES:
            request.fault = fault
        elif fault.call is not None:
            fault.call(request)
        elif fault.kind == "skew":
            self.clock.advance(fault.seconds or 0)
        elif fault.kind == "slow":
            self.stopping.wait(fault.seconds)


class _Http(ThreadingHTTPServer):
    """The listening socket, and the connections made at it, which are all ended with it."""

    # Joined by hand in `server_close`: a connection that is kept alive has to be cut first.
    daemon_threads = True

    def __init__(self, listening: socket.socket, owner: Server) -> None:
        self.owner = owner
        super().__init__(listening.getsockname()[:2], _Handler, bind_and_activate=False)
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
        import sys

        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.owner.failures.append(error)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 65536
    server: _Http

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
