"""A system that remembers which writes changed nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataflow.scenario.systems import System
    from dataflow.simulators.exchange import Answer, Request

# Moves with every write, whatever is written.
BOOKKEEPING = re.compile(r"(UpdatedAt|UpdatedBy|EditedBy|ModifiedBy)$")


class Watching:
    """Stands before a system's application; `idle` are the writes that left every record as it was."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._inner = system.server.application
        self.idle: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def answer(self, request: Request) -> Answer:
        if request.method not in ("PUT", "PATCH"):
            return self._inner.answer(request)
        before = self._content()
        answer = self._inner.answer(request)
        if answer.status < 300 and self._content() == before:
            self.idle.append(f"{request.method} {request.path} {request.body!r}")
        return answer

    def _content(self) -> Any:
        return {
            member: {
                key: {name: value for name, value in record.items() if not BOOKKEEPING.search(name)}
                for key, record in records.items()
            }
            for member, records in self._system.records().items()
        }
