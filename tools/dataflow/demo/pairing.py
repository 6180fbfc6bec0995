"""Linked records side by side: one line for each row of their table, with the fields of both systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.checklist.checks.direction import OUT, directions
from dataflow.demo.fields import Field, field
from dataflow.errors import UsageError
from dataflow.scenario.convergence import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dataflow.generate.mapping import Flow, Row
    from dataflow.scenario.pairs import Records
    from dataflow.scenario.reading import Reading

# The rows that name a record, the first of these that its table has.
_TITLES = (("first-name", "last-name"), ("name",), ("description",), ("text",))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. `arrow` points from webCRM, on the left, to Customerp; `differs` when the two are not in step.

    A property that stands in an earlier line already is not repeated: `above` names it, by system.
    """

    row: Row
    arrow: str
    fields: Mapping[str, tuple[Field, ...]]
    above: Mapping[str, tuple[str, ...]]
    differs: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A webCRM record and its counterpart, ids; the counterpart is None as long as there is none."""

    flow: Flow
    original: str
    counterpart: str | None
    title: str

    def place(self, system: str) -> str | None:
        if system == "webcrm":
            return f"{self.flow.webcrm}:{self.original}"
        return None if self.counterpart is None else f"{self.flow.customerp}:{self.counterpart}"


class Pairing:
    """Both systems at one moment."""

    def __init__(self, reading: Reading, records: Records) -> None:
        self._reading = reading
        self._records = records
        self._comparison = Comparison(reading, records)

    def pairs(self, flow: Flow) -> list[Pair]:
        """Every webCRM record that takes part in a flow, with its counterpart."""
        return [
            Pair(
                flow,
                record_id,
                self._comparison.counterpart(flow.webcrm, record_id),
                self.title(flow.webcrm, record_id),
            )
            for record_id, record in self._records[flow.webcrm].items()
            if not self._reading.left_out(flow.webcrm, record)
        ]

    def pair(self, flow: Flow, original: str) -> Pair:
        """One of them. Raises UsageError when it is not there."""
        found = next((pair for pair in self.pairs(flow) if pair.original == original), None)
        if found is None:
            raise UsageError(f"there is no {flow.webcrm}:{original}")
        return found

    def lines(self, pair: Pair) -> Iterator[Line]:
        """Side by side, in the order of the table."""
        told: dict[str, set[str]] = {"webcrm": set(), "customerp": set()}
        for row in pair.flow.rows:
            fields: dict[str, tuple[Field, ...]] = {}
            above: dict[str, tuple[str, ...]] = {}
            for system, known in told.items():
                names = self._reading.properties(row, system)
                record = self._record(pair, system)
                above[system] = tuple(name for name in names if name in known)
                fresh = [name for name in names if name not in known] if record is not None else []
                fields[system] = tuple(
                    field(row, system, name, record or {}, self._choices(row, system)) for name in fresh
                )
                known.update(names)
            yield Line(row, _arrow(row), fields, above, self._differs(pair, row))

    def title(self, member: str, record_id: str) -> str:
        """What people call a record; its id where it has no name."""
        rows = {row.golden: row for row in self._reading.concept_of(member).rows if member in row_members(row)}
        record = self._records.get(member, {}).get(record_id, {})
        system = self._reading.members[member].system
        for goldens in _TITLES:
            if goldens[0] in rows:
                names = dict.fromkeys(
                    n for g in goldens if g in rows for n in self._reading.properties(rows[g], system)
                )
                return " ".join(str(record.get(name) or "") for name in names).split("\n")[0].strip() or record_id
        return record_id

    def _record(self, pair: Pair, system: str) -> Mapping[str, Any] | None:
        place = pair.place(system)
        if place is None:
            return None
        member, _, record_id = place.partition(":")
        return self._records.get(member, {}).get(record_id)

    def _differs(self, pair: Pair, row: Row) -> bool:
        both = pair.counterpart is not None and self._record(pair, "customerp") is not None
        return both and self._comparison.difference(pair.flow, row, (pair.original, str(pair.counterpart))) is not None

    def _choices(self, row: Row, system: str) -> Iterator[tuple[str, str]]:
        """What a reference of a row may point to: the value it then has, and the record's name."""
        if row.kind == "product-number":
            member = next(one.name for one in self._reading.concepts["product"].side(system))
        elif row.kind == "reference":
            member = str(row.to) if system == "webcrm" else self._counterpart(str(row.to))
        else:
            return
        number = self._reading.named("$ENV(webcrm-product-number-field)")
        for record_id, record in self._records[member].items():
            value = str(record.get(number)) if member == "webcrm-product" else record_id
            yield value, f"{value} · {self.title(member, record_id)}"

    def _counterpart(self, member: str) -> str:
        return next(flow.customerp for flow in self._reading.flows if flow.webcrm == member)


def row_members(row: Row) -> tuple[str, str]:
    return row.webcrm_member, row.customerp_member


def _arrow(row: Row) -> str:
    ways = directions(row)
    return "↔" if len(ways) > 1 else "→" if ways[0] is OUT else "←"
