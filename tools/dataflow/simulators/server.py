"""Runs a simulated system at an address: HTTP/1.1, a thread for each connection, faults played, everything journalled.

It is Python's own `http.server`: that costs a third of what uvicorn does for each request, and a fault has to reach the socket
itself (tools/docs/decisions/0510-simulators.md). As a context manager it serves in threads of its own:

    with Server(application) as server:
        requests.get(server.url + "/Persons")
        server.faults.add("reset", method="POST", after=True)
        print(*server.journal, sep="\\n")
"""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING

from dataflow.address import bound, url_of
from dataflow.errors import DataflowError
from dataflow.simulators.clock import SimulatedClock
from dataflow.simulators.connections import Connections
from dataflow.simulators.door import Door
from dataflow.simulators.exchange import Answer, Request
from dataflow.simulators.faults import OF_PAGES, Faults
from dataflow.simulators.journal import Journal

if TYPE_CHECKING:
    from types import TracebackType

    from dataflow.simulators.exchange import Application
    from dataflow.simulators.faults import Fault


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
        self._http = Connections(listening, self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="simulator", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def begin_anew(self, application: Application, clock: SimulatedClock) -> None:
        """From now on another application answers at this address: without faults, and with an empty journal."""
        self.application = application
        self.clock = clock
        self.faults.clear()
        self.journal = Journal()
        self.door = Door(clock, self.faults, self.journal, application)

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
            elif fault.kind == "hollow" and answer is not None:
                answer = Answer(answer.status, b"{}", answer.headers)
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
