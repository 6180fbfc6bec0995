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
class Evidence:
    """What a verdict rests on: the pipe and entity looked at, where in it, and the values met."""

    pipe: str | None = None
    entity: str | None = None
    pointer: str | None = None
    expected: Any = None
    actual: Any = None
    note: str | None = None


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
