"""Result: one record for "something was checked", spoken by tests, checklist rows and reports alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    UNPROVEN = "unproven"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Seen:
    """A record before and after: the properties that matter, None where there was no record. `marked` are those it is about."""

    place: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    marked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that wrote, `PATCH customerp /customers/7`, the text sent with it, and the status of the answer, if any."""

    request: str
    body: str
    status: int | None


@dataclass(frozen=True, slots=True)
class Passage:
    """An edit on its way: the records at both ends, the pipes it passed in order, and the requests that it led to."""

    records: tuple[Seen, ...]
    pipes: tuple[str, ...] = ()
    requests: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict rests on: the pipe and entity looked at, where in it, the values met, and how an edit went."""

    pipe: str | None = None
    entity: str | None = None
    pointer: str | None = None
    expected: Any = None
    actual: Any = None
    note: str | None = None
    passage: Passage | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`id` is stable across runs; `reason` is mandatory for anything but a pass; `seconds` is wall time."""

    id: str
    title: str
    verdict: Verdict
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    seconds: float = 0.0
    group: str = ""
    properties: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.verdict is not Verdict.PASS and not self.reason:
            raise ValueError(f"{self.id}: a {self.verdict} needs a reason")
