"""What becomes of every row: proven by records just made, by edits that arrive or are put back, or by never being written.

A fault stays, whatever is seen later; proofs add up.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from dataflow.checklist.checks.direction import OUT, directions
from dataflow.checklist.types import is_of, type_of
from dataflow.checklist.wording import row_title, values_shown
from dataflow.results import Evidence, Result, Verdict
from dataflow.scenario.convergence import Comparison
from dataflow.scenario.normal import NORMAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dataflow.checklist.checks.direction import Direction
    from dataflow.checklist.live.edits import Edit
    from dataflow.checklist.live.ground import Ground
    from dataflow.generate.mapping import Flow, Row
    from dataflow.results import Passage
    from dataflow.scenario.reading import Reading

# What shows when a record is made, because nobody edits it afterwards.
MADE = frozenset({"link", "parent", "contact-type"})


class Rows:
    """`seen` hears of every result as soon as it is known."""

    def __init__(self, world: Ground, reading: Reading, seen: Callable[[Result], None]) -> None:
        self._world = world
        self._reading = reading
        self._seen = seen
        self._results: dict[tuple[str, str, str], Result] = {}
        self._arrived: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
        self._lost: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)

    def made(self) -> None:
        """Rows that nobody edits are proven by the records just made."""
        comparison = Comparison(self._reading, self._world.records())
        for flow in self._reading.flows:
            pairs = comparison.linked(flow)
            for row in flow.rows:
                faults = [fault for pair in pairs if (fault := comparison.difference(flow, row, pair)) is not None]
                faults += self._unnamed(flow, row, pairs)
                shown = pairs if row.kind in MADE or row.on_insert or row.once else []
                if self._is_given(row):
                    shown = [pair for pair in pairs if None not in comparison.forms(row, pair)]
                for direction in directions(row) if faults or shown else ():
                    proof = self._shown(flow, row, direction, (shown or pairs)[0], "made with")
                    self._keep(flow, row, direction, faults, proof)

    def _is_given(self, row: Row) -> bool:
        """Whether only the system itself can set what it owns, such as a number of an ERP; then the records just made show it."""
        owner = row.owner
        if owner is None or row.kind not in NORMAL or row.kind in (*MADE, "compared"):
            return False
        return not self._world.systems[owner].takes(row.member(owner), self._reading.properties(row, owner))

    def _unnamed(self, flow: Flow, row: Row, pairs: list[tuple[str, str]]) -> Iterator[Evidence]:
        """Records of Customerp that do not name the one they are linked with; of several, one is enough."""
        if row.kind != "link":
            return
        prefix = self._reading.members[flow.customerp].links[str(row.customerp)].prefix
        for counterpart in dict.fromkeys(other for _, other in pairs):
            value = self._world.records()[flow.customerp][counterpart].get(str(row.customerp))
            originals = [f"{prefix}{original}" for original, other in pairs if other == counterpart]
            if value not in originals:
                place = f"{flow.customerp}:{counterpart}"
                note = f"{place} has {row.customerp} {value!r}, and is linked with {' and '.join(originals)}"
                yield Evidence(entity=place, expected=originals, actual=value, note=note)

    def look(self, edit: Edit, passage: Passage) -> None:
        comparison = Comparison(self._reading, self._world.records())
        pair = (edit.record, edit.counterpart) if edit.direction is OUT else (edit.counterpart, edit.record)
        fault = comparison.difference(edit.flow, edit.row, pair)
        kept = self._reading.normal(edit.row, edit.row.member(edit.direction.source), self._source(edit)) == edit.after
        if fault is None and not kept:
            note = f"{edit.place} was edited, and has been changed back"
            fault = Evidence(entity=edit.place, expected=edit.after, note=note)
        fault = fault or self._mistyped(edit)
        fault = None if fault is None else replace(fault, passage=passage)
        shown = self._shown(edit.flow, edit.row, edit.direction, pair, "now")
        done = "edited" if edit.after is not None else "cleared"
        evidence = Evidence(
            entity=edit.arrival,
            note=f"{shown.note} ({done} in {edit.place})",
            expected=edit.after,
            actual=edit.before,
            passage=passage,
        )
        self._keep(edit.flow, edit.row, edit.direction, [] if fault is None else [fault], evidence)
        (self._arrived if fault is None else self._lost)[edit.flow.title, edit.direction.id].append(fault or evidence)

    def put_back(self, edit: Edit) -> None:
        """The owner's value stands again on the side that was edited."""
        now = self._reading.normal(edit.row, edit.row.member(edit.direction.source), self._source(edit))
        (owner,) = directions(edit.row)
        note = f"{edit.place} was edited although {owner.source_name} owns it, and has "
        note += "not been put back" if now == edit.after else "been put back"
        seen = Evidence(entity=edit.place, expected=edit.before, actual=now, note=note)
        # What is put back proves no arrival; it is told of a row that is proven otherwise.
        if now == edit.after or (edit.flow.title, edit.row.golden, owner.id) in self._results:
            self._keep(edit.flow, edit.row, owner, [seen] if now == edit.after else [], seen)

    def _mistyped(self, edit: Edit) -> Evidence | None:
        """What arrived must be of the type that the property has there."""
        member = edit.row.member(edit.direction.target)
        record = self._world.records()[member][edit.counterpart]
        for name in self._reading.properties(edit.row, edit.direction.target):
            kind = type_of(edit.row, edit.direction, name)
            if not is_of(kind, record.get(name)):
                note = f"{edit.arrival} has {name} {record.get(name)!r}, which is no {kind}"
                return Evidence(
                    entity=edit.arrival, pointer=f"/{name}", expected=kind, actual=record.get(name), note=note
                )
        return None

    def _source(self, edit: Edit) -> Mapping[str, object]:
        return self._world.records()[edit.row.member(edit.direction.source)][edit.record]

    def _shown(self, flow: Flow, row: Row, direction: Direction, pair: tuple[str, str], verb: str) -> Evidence:
        member = row.member(direction.target)
        record_id = pair[1] if direction is OUT else pair[0]
        values = values_shown(self._world.records()[member][record_id], self._reading.properties(row, direction.target))
        return Evidence(entity=f"{member}:{record_id}", note=f"{verb} {values}" if values else "in place")

    def _keep(self, flow: Flow, row: Row, direction: Direction, faults: list[Evidence], proof: Evidence) -> None:
        """A fault stays, whatever is seen later."""
        key = (flow.title, row.golden, direction.id)
        known = self._results.get(key)
        if known is not None and known.verdict is Verdict.FAIL:
            return
        title = row_title(self._reading, row, direction)
        about = {"row": row.golden, "way": row.way, "direction": direction.id}
        if faults:
            reason = str(faults[0].note)
            result = Result(".".join(key), title, Verdict.FAIL, reason, tuple(faults), properties=about)
        else:
            proofs = (*(known.evidence if known else ()), proof)
            result = Result(".".join(key), title, Verdict.PASS, None, proofs, properties=about)
        self._results[key] = result
        self._seen(result)

    def sync(self, flow: Flow, direction: Direction, group: str) -> Result:
        arrived, lost = (found[flow.title, direction.id] for found in (self._arrived, self._lost))
        title = f"in sync, {direction.source_name} to {direction.target_name}: {len(arrived)} edits arrived"
        result_id = f"{group}.sync-{direction.id}"
        if lost:
            return Result(result_id, title, Verdict.FAIL, str(lost[0].note), tuple(lost), group=group)
        if not arrived:
            return Result(result_id, title, Verdict.UNPROVEN, "nothing could be edited", group=group)
        return Result(result_id, title, Verdict.PASS, group=group)

    def row(self, flow: Flow, row: Row, direction: Direction, group: str) -> Result:
        found = self._results.get((flow.title, row.golden, direction.id))
        if found is None and row.kind == "compared":
            found = self._never_written(flow, row, direction)
        if found is None:
            title = row_title(self._reading, row, direction)
            about = {"row": row.golden, "way": row.way, "direction": direction.id}
            found = Result("", title, Verdict.UNPROVEN, "nobody could edit it", properties=about)
        return replace(found, id=f"{group}.{row.golden}.{direction.id}", group=group)

    def _never_written(self, flow: Flow, row: Row, direction: Direction) -> Result:
        """What is only compared may be in no request to either system."""
        names = {*self._reading.properties(row, "webcrm"), *self._reading.properties(row, "customerp")}
        written = [
            write for write in self._world.writes() if any(f'"{name}"'.encode() in write[1].body for name in names)
        ]
        title = row_title(self._reading, row, direction)
        about = {"row": row.golden, "way": row.way, "direction": direction.id}
        key = f"{flow.title}.{row.golden}.{direction.id}"
        if not self._world.sees_bodies:
            reason = "what is sent to real systems cannot be seen from outside"
            return Result(key, title, Verdict.UNPROVEN, reason, properties=about)
        if written:
            return Result(key, title, Verdict.FAIL, f"was written: {self._world.shown(*written[0])}", properties=about)
        count = len(self._world.writes())
        proof = Evidence(entity=" and ".join(sorted(names)), note=f"in none of {count} writes")
        return Result(key, title, Verdict.PASS, None, (proof,), properties=about)
