"""Edits: one for each row and direction, made all at once, and looked at when both systems have come to rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.scenario.convergence import Comparison
from dataflow.scenario.values import editable, new_value, no_value
from dataflow.simulators.webcrm.resource import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dataflow.checklist.checks.direction import Direction
    from dataflow.checklist.live.ground import Ground
    from dataflow.generate.mapping import Flow, Row
    from dataflow.scenario.reading import Reading


@dataclass(frozen=True, slots=True)
class Edit:
    """`change` was made to a record of `source`; `counterpart` is the record it has to reach. Forms are normal forms."""

    flow: Flow
    row: Row
    direction: Direction
    record: str
    counterpart: str
    change: Mapping[str, Any]
    before: Any
    after: Any

    @property
    def place(self) -> str:
        return f"{self.row.member(self.direction.source)}:{self.record}"

    @property
    def arrival(self) -> str:
        return f"{self.row.member(self.direction.target)}:{self.counterpart}"


# Kinds with few values, each of which has a way of its own to be told: a record is edited for each.
_VALUES = {"status": 3}


class Editor:
    """Makes edits in a world; values never come twice."""

    def __init__(self, world: Ground, reading: Reading) -> None:
        self._world = world
        self._reading = reading
        self._number = world.first

    def edit(self, rows: Iterable[tuple[Flow, Row]], direction: Direction) -> list[Edit]:
        """One edit for each row that can be edited on the source side, spread over the linked pairs of its flow."""
        self._world.wait(60)
        return [edit for flow, row in rows for edit in self._edit(flow, row, direction)]

    def _edit(self, flow: Flow, row: Row, direction: Direction) -> Iterator[Edit]:
        pairs = self._pairs(flow)
        for _ in range(min(_VALUES.get(row.kind, 1), len(pairs))):
            self._number += 1
            yield from self._edit_one(flow, row, direction, pairs[self._number % len(pairs)])

    def _edit_one(self, flow: Flow, row: Row, direction: Direction, pair: tuple[str, str]) -> Iterator[Edit]:
        original, counterpart = pair
        record_id, other = (original, counterpart) if direction.source == "webcrm" else (counterpart, original)
        member = row.member(direction.source)
        record = self._world.records()[member][record_id]
        change = self._change(row, direction.source, record)
        if change is None or not self._world.systems[direction.source].takes(member, change):
            return
        before = self._reading.normal(row, member, record)
        after = self._reading.normal(row, member, {**record, **change})
        self._world.systems[direction.source].edit(member, record_id, change)
        yield Edit(flow, row, direction, record_id, other, change, before, after)

    def clear(self, rows: Iterable[tuple[Flow, Row]], direction: Direction) -> list[Edit]:
        """One edit for each row that can be cleared on both sides, each of a record that has a value there."""
        self._world.wait(60)
        return [edit for flow, row in rows for edit in self._clear(flow, row, direction)]

    def _clear(self, flow: Flow, row: Row, direction: Direction) -> Iterator[Edit]:
        member, properties = row.member(direction.source), self._reading.properties(row, direction.source)
        if any(map(self._is_required, self._reading.properties(row, "webcrm"))):
            return
        for pair in self._pairs(flow):
            record_id, other = pair if direction.source == "webcrm" else pair[::-1]
            record = self._world.records()[member][record_id]
            change = no_value(row, direction.source, properties, record)
            before = None if change is None else self._reading.normal(row, member, record)
            if (
                change is not None
                and before is not None
                and self._world.systems[direction.source].takes(member, change)
            ):
                self._world.systems[direction.source].edit(member, record_id, change)
                yield Edit(flow, row, direction, record_id, other, change, before, None)
                return

    def _is_required(self, name: str) -> bool:
        return any("required" in r.fields[name] for r in RESOURCES.values() if name in r.fields)

    def _pairs(self, flow: Flow) -> list[tuple[str, str]]:
        return Comparison(self._reading, self._world.records()).linked(flow)

    def _change(self, row: Row, side: str, record: Mapping[str, Any]) -> dict[str, Any] | None:
        """What somebody would type; None where nobody can."""
        (name, *_) = self._reading.properties(row, side) or ("",)
        if editable(row, side):
            return new_value(self._reading, row, side, record, self._number)
        if row.kind == "reference" and not row.on_insert:
            other = self._other(str(row.to) if side == "webcrm" else self._counterpart(row), record.get(name))
            return None if other is None else {name: other}
        if row.kind == "product-number":
            product = self._other_product(side, record.get(name))
            return None if product is None else {name: product}
        return None

    def _other(self, member: str, now: Any) -> int | None:
        """Somebody else of a datatype; None where nobody else is linked."""
        return next((int(i) for i in self._linked(member) if int(i) != now), None)

    def _linked(self, member: str) -> list[str]:
        """The records of a member that have a counterpart."""
        flow = next(flow for flow in self._reading.flows if member in (flow.webcrm, flow.customerp))
        return [pair[member == flow.customerp] for pair in self._pairs(flow)]

    def _counterpart(self, row: Row) -> str:
        return next(flow.customerp for flow in self._reading.flows if flow.webcrm == row.to)

    def _other_product(self, side: str, now: Any) -> Any:
        records = self._world.records()
        if side == "customerp":
            return next((int(i) for i in records["customerp-product"] if int(i) != now), None)
        name = self._reading.named("$ENV(webcrm-product-number-field)")
        return next((one[name] for one in records["webcrm-product"].values() if one[name] not in ("", now)), None)
