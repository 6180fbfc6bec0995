"""What is not in step, and why: the drift report, read from the logs of the share pipes.

A log has the latest word of each record and, before it, every earlier one. A refusal stands until the record is written; what was
changed on the side that does not own it, and has been put back, is counted once for every time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dataflow.dtl.values import as_list
from dataflow.scenario.plan import SUFFIX, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dataflow.generate.mapping import Member
    from dataflow.scenario.reading import Reading

    Log = Iterable[Mapping[str, Any]]


class Kind(StrEnum):
    """`REFUSED`: a system would not have it. `WAITS`: it comes by itself. `HELD`: it stays, by a rule or a switch.

    `REPORT`: for a human to know. `PUT_BACK`: changed on the side that does not own it, and made as it was.
    """

    REFUSED = "refused"
    WAITS = "waits"
    HELD = "held"
    REPORT = "report"
    PUT_BACK = "put-back"


@dataclass(frozen=True, slots=True)
class Line:
    """One record of `member`, by the id of its entity; of a refusal with what was sent and answered."""

    kind: Kind
    member: str
    entity: str
    why: str
    request: Mapping[str, Any] | None = None
    response: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    lines: tuple[Line, ...] = field(default=())

    def counts(self) -> dict[str, int]:
        """How many lines of each kind; kinds without any are left out."""
        found = Counter(line.kind.value for line in self.lines)
        return {kind.value: found[kind.value] for kind in Kind if found[kind.value]}


def drift_of(reading: Reading, log: Callable[[str], Log]) -> Drift:
    """`log` gives every version that a dataset holds, oldest first."""
    lines: list[Line] = []
    for concept in reading.concepts.values():
        for member in concept.members.values():
            if member.parent is None:
                rows = [row for row in concept.rows_of(member) if row.owner not in (None, member.system)]
                owned = {prop for row in rows for prop in reading.properties(row, member.system)}
                lines += _of_log(member, owned, log(f"{member.name}{SUFFIX}"))
    return Drift(tuple(sorted(lines, key=lambda line: list(Kind).index(line.kind))))


def _of_log(member: Member, owned: set[str], log: Log) -> Iterator[Line]:
    """`owned` are the properties of the member that only the other side decides."""
    latest: dict[str, Mapping[str, Any]] = {}
    sent: dict[str, dict[str, Any]] = {}
    for version in log:
        entry: dict[str, Any] = {name: readable(value) for name, value in version.items()}
        entity = str(entry["_id"])
        latest[entity] = entry
        if entry.get("$operation") not in ("insert", "update") or entry.get("$success") is not True:
            continue
        before = sent.setdefault(str(entry.get("$generated_id") or entry.get("$target")), {})
        payload = entry.get("payload") or {}
        now = {prop: payload[prop] for prop in payload if prop in owned}
        # What was cleared looks like what never was there, except that it has been sent before.
        again = [prop for prop in now if prop in before and before[prop] == now[prop]]
        changed = list(dict.fromkeys([*as_list(entry.get("$drift")), *again]))
        before |= now
        if changed and entry["$operation"] == "update":
            yield Line(Kind.PUT_BACK, member.name, entity, ", ".join(map(str, changed)))
    for entity, last in latest.items():
        yield from _now(member, entity, last)


def _now(member: Member, entity: str, entry: Mapping[str, Any]) -> Iterator[Line]:
    if entry.get("$error") is not None:
        request = {"operation": entry.get("$operation"), "payload": entry.get("payload")}
        yield Line(Kind.REFUSED, member.name, entity, str(entry["$error"]), request, entry.get("$response"))
    if entry.get("$operation") == "discard-by-connector":
        why = str(entry.get("$discard"))
        waits = all(reason.startswith("waits ") for reason in why.split("; "))
        yield Line(Kind.WAITS if waits else Kind.HELD, member.name, entity, why)
    for report in as_list(entry.get("$report")):
        yield Line(Kind.REPORT, member.name, entity, str(report))
