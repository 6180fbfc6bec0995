"""The door for tests and people: `/_simulator/...`, beside what the system itself answers; neither faults nor the journal see it.

| Request | What it does |
| --- | --- |
| `GET journal?since=N` | the entries after number N |
| `GET faults`, `POST faults`, `DELETE faults` | the faults that are on, one more, none any more |
| `GET clock`, `PUT clock` | the system's time; `{"advance": seconds}` or `{"now": "2026-11-24T08:15:30Z"}` moves it |

What else there is depends on the system: `Application.administer`. Only programs on the same machine are let in.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dataflow.address import is_loopback
from dataflow.dtl import instant
from dataflow.errors import DataflowError, UsageError
from dataflow.simulators.exchange import Answer, json_answer
from dataflow.simulators.faults import made

if TYPE_CHECKING:
    from dataflow.simulators.clock import SimulatedClock
    from dataflow.simulators.exchange import Application, Request
    from dataflow.simulators.faults import Faults
    from dataflow.simulators.journal import Journal

PREFIX = "/_simulator/"


class Door:
    def __init__(self, clock: SimulatedClock, faults: Faults, journal: Journal, application: Application) -> None:
        self._clock = clock
        self._faults = faults
        self._journal = journal
        self._application = application
        self._nouns = {"journal": self._about_journal, "faults": self._about_faults, "clock": self._about_clock}

    def answer(self, request: Request) -> Answer:
        # A web page that a browser here has open sends an Origin, or the name of its own host.
        host = re.sub(r":\d+$", "", request.headers.get("host") or "").strip("[]")
        if not (is_loopback(request.peer) and is_loopback(host)) or "origin" in request.headers:
            return json_answer(
                {"error": "this door is open to programs on the same machine only"}, HTTPStatus.FORBIDDEN
            )
        try:
            noun = self._nouns.get("/".join(request.segments[1:]), self._application.administer)
            found = noun(request)
        except (DataflowError, ValueError) as error:
            return json_answer({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        if found is None:
            return json_answer({"error": f"there is no {request.method} {request.path}"}, HTTPStatus.NOT_FOUND)
        return found

    def _about_journal(self, request: Request) -> Answer | None:
        if request.method != "GET":
            return None
        since = int(dict(request.query).get("since", "0"))
        return json_answer([entry.shown() for entry in self._journal.since(since)])

    def _about_faults(self, request: Request) -> Answer | None:
        if request.method == "POST":
            self._faults.add(made(object_of(request)))
        elif request.method == "DELETE":
            self._faults.clear()
        elif request.method != "GET":
            return None
        return json_answer(
            [{**one.fault.shown(), "matched": one.matched, "played": one.played} for one in self._faults]
        )

    def _about_clock(self, request: Request) -> Answer | None:
        if request.method == "PUT":
            wanted = object_of(request)
            if wanted.keys() == {"advance"} and type(wanted["advance"]) in (int, float):
                self._clock.advance(wanted["advance"])
            elif wanted.keys() == {"now"} and isinstance(wanted["now"], str):
                self._clock.set(instant.parse(wanted["now"]).ns)
            else:
                raise UsageError('a clock is moved by {"advance": seconds} or {"now": "2026-11-24T08:15:30Z"}')
        elif request.method != "GET":
            return None
        return json_answer({"now": instant.text(self._clock.now_ns()), "ahead": self._clock.ahead})


def object_of(request: Request) -> dict[str, Any]:
    """The JSON object that is the body. Raises UsageError when it is none."""
    try:
        found = request.json()
    except ValueError as error:
        raise UsageError(f"the body is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError("the body is a JSON object")
    return found
