"""Whether both systems are in step: every record linked once, every property of a linked pair the same on both sides.

Nothing but the records of the two systems and the mappings is looked at. `design/flows.md` is the rule: coverage, one link, and for
each row of a table the way it goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.results import Evidence, Result, Verdict
from dataflow.scenario.pairs import Pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from dataflow.generate.mapping import Flow, Row
    from dataflow.scenario.pairs import Records, Ref
    from dataflow.scenario.reading import Reading

SHOWN = 10


def in_step(reading: Reading, records: Records, *, waiting: Collection[Ref] = ()) -> list[Result]:
    """A result per flow and statement, and per flow and row. `waiting` are webCRM records that may be without a counterpart."""
    comparison = Comparison(reading, records, waiting)
    return [result for flow in reading.flows for result in comparison.flow(flow)]


class Comparison:
    """Both systems at one moment."""

    def __init__(self, reading: Reading, records: Records, waiting: Collection[Ref] = ()) -> None:
        self._reading = reading
        self._records = records
        self._waiting = waiting
        self._pairs = Pairs(reading, records)

    def flow(self, flow: Flow) -> Iterator[Result]:
        """One flow, statement by statement and row by row."""
        yield self.covered(flow)
        yield self.linked_once(flow)
        pairs = self.linked(flow)
        for row in flow.rows:
            yield self._row(flow, row, pairs)

    def _originals(self, flow: Flow) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for record_id, record in self._records.get(flow.webcrm, {}).items():
            if not self._reading.left_out(flow.webcrm, record):
                yield record_id, record

    def linked(self, flow: Flow) -> list[tuple[str, str]]:
        """The ids of every linked pair: webCRM's and Customerp's."""
        found = ((i, self._pairs.counterpart(flow.webcrm, i)) for i, _ in self._originals(flow))
        return [(record_id, counterpart) for record_id, counterpart in found if counterpart is not None]

    def covered(self, flow: Flow) -> Result:
        every = [record_id for record_id, _ in self._originals(flow)]
        linked = len(self.linked(flow))
        waiting = [record_id for record_id in every if (flow.webcrm, record_id) in self._waiting]
        missing = [
            Evidence(entity=f"{flow.webcrm}:{record_id}", note=f"has no {flow.customerp}")
            for record_id in every
            if self._pairs.counterpart(flow.webcrm, record_id) is None
            and not self._pairs.named.get((flow.webcrm, record_id))
            and record_id not in waiting
        ]
        title = f"every record has its counterpart: {linked} of {len(every)}"
        title += f", {len(waiting)} waiting" if waiting else ""
        return _result(flow, "covered", title, missing, looked_at=len(every))

    def linked_once(self, flow: Flow) -> Result:
        double = [
            Evidence(
                entity=f"{member}:{record_id}",
                note="is named by " + ", ".join(f"{name}:{number}" for name, number in found),
            )
            for (member, record_id), found in self._pairs.named.items()
            if member == flow.webcrm and len(found) > 1
        ]
        pairs = self.linked(flow)
        count = f"{len(pairs)} {flow.webcrm}, {len({other for _, other in pairs})} {flow.customerp}"
        return _result(flow, "linked-once", f"each link stands once: {count}", double, looked_at=len(pairs))

    def _row(self, flow: Flow, row: Row, pairs: list[tuple[str, str]]) -> Result:
        differ = [evidence for pair in pairs if (evidence := self.difference(flow, row, pair)) is not None]
        return _result(flow, row.golden, f"{row.golden} is the same on both sides", differ, looked_at=len(pairs))

    def difference(self, flow: Flow, row: Row, pair: tuple[str, str]) -> Evidence | None:
        """What is wrong with one pair; None when it is in step, or the row says nothing of it."""
        compare = _OWN_WAY.get(row.kind, _same)
        found = compare(self, row, pair)
        if found is None or found[0] == found[1]:
            return None
        properties = "/".join(filter(None, ("+".join(self._reading.properties(row, "webcrm")), row.customerp)))
        return Evidence(
            entity=f"{flow.webcrm}:{pair[0]} and {flow.customerp}:{pair[1]}",
            pointer=properties,
            expected=found[0],
            actual=found[1],
            note=f"{properties}: webCRM says {found[0]!r}, Customerp {found[1]!r}",
        )

    def forms(self, row: Row, pair: tuple[str, str]) -> tuple[Any, Any]:
        """The normal forms of both sides."""
        left = self._reading.normal(row, row.webcrm_member, self._records[row.webcrm_member][pair[0]])
        return left, self._reading.normal(row, row.customerp_member, self._records[row.customerp_member][pair[1]])

    def raw(self, row: Row, pair: tuple[str, str], system: str) -> Any:
        """What a record says itself."""
        record_id = pair[0] if system == "webcrm" else pair[1]
        return self._records[row.member(system)][record_id].get(self._reading.properties(row, system)[0])

    def counterpart(self, member: str, record_id: str) -> str | None:
        return self._pairs.counterpart(member, record_id)

    def originals(self, member: str, record_id: str) -> list[Ref]:
        return self._pairs.originals(member, record_id)

    def products(self, number: str) -> list[str]:
        """The Customerp products with a number in normal form."""
        concept = self._reading.concepts["product"]
        row = next(row for row in concept.rows if row.golden == concept.match[0].row)
        return [
            record_id
            for record_id, record in self._records.get(row.customerp_member, {}).items()
            if str(self._reading.normal(row, row.customerp_member, record) or "").upper() == number
        ]


Compared = tuple[Any, Any] | None


def _same(check: Comparison, row: Row, pair: tuple[str, str]) -> Compared:
    left, right = check.forms(row, pair)
    # Set once: where both have a value from before they were linked, each keeps its own.
    return None if row.once and left is not None and right is not None else (left, right)


def _reference(check: Comparison, row: Row, pair: tuple[str, str]) -> Compared:
    left, right = check.forms(row, pair)
    wanted = None if left is None else check.counterpart(str(row.to), left)
    return None if left is not None and wanted is None else (wanted, right)


def _product(check: Comparison, row: Row, pair: tuple[str, str]) -> Compared:
    number, right = check.forms(row, pair)
    found = [] if number is None else check.products(number)
    if number is not None and len(found) != 1:
        return None
    return (found[0] if found else None, right)


def _parent(check: Comparison, row: Row, pair: tuple[str, str]) -> Compared:
    wanted = check.counterpart(str(row.to), str(check.raw(row, pair, "webcrm")))
    return wanted, pair[1].partition("-")[0]


def _contact_type(check: Comparison, row: Row, pair: tuple[str, str]) -> Compared:
    users = any(member.endswith("-user") for member, _ in check.originals(row.customerp_member, pair[1]))
    return ("internal" if users else "customer"), check.raw(row, pair, "customerp")


_OWN_WAY: dict[str, Callable[[Comparison, Row, tuple[str, str]], Compared]] = {
    "reference": _reference,
    "product-number": _product,
    "parent": _parent,
    "contact-type": _contact_type,
    # What links has been looked at as such; what is only compared is never written.
    "link": lambda check, row, pair: None,
    "compared": lambda check, row, pair: None,
}


def _result(flow: Flow, name: str, title: str, faults: list[Evidence], **about: Any) -> Result:
    group = f"{flow.webcrm}-{flow.customerp}"
    if not faults:
        return Result(f"{group}.{name}", title, Verdict.PASS, group=flow.title, properties=about)
    reason = f"{len(faults)} not: " + "; ".join(f"{one.entity} {one.note}" for one in faults[:3])
    return Result(f"{group}.{name}", title, Verdict.FAIL, reason, tuple(faults[:SHOWN]), 0.0, flow.title, about)
