"""Keys: records that are in both systems before anybody linked them, and find each other by one key alone, or do not.

For each key of each flow two records come: in Customerp first, which must not be heard of in webCRM, then in webCRM. Both have
the same value of the key and nothing else in common; or, for a match key, values that are close. `Keys` makes them; `result` and
`first` tell what became of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.checklist.live.cast import Alone, newcomer
from dataflow.checklist.wording import values_shown
from dataflow.results import Evidence, Result, Verdict
from dataflow.scenario.convergence import Comparison
from dataflow.scenario.pairs import Pairs
from dataflow.scenario.values import new_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.checklist.live.ground import Ground
    from dataflow.generate.mapping import Flow, Row
    from dataflow.scenario.reading import Reading

_FIRST = 700  # numbers of newcomers and their values begin here, where no edit comes


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two records that shall be linked by `row`, or shall not; `carried` is a row whose value only Customerp's has."""

    flow: Flow
    row: Row
    original: str
    counterpart: str
    close: bool
    carried: Row | None = None
    value: Any = None


class Keys:
    def __init__(self, world: Ground, reading: Reading) -> None:
        self._world = world
        self._reading = reading
        self._number = world.first + _FIRST
        self._waiting: list[tuple[Flow, Row, bool, str, Any, Row | None]] = []
        self._meetings: list[Meeting] = []
        self._strangers: dict[str, set[str]] = {}
        self._unasked: list[Evidence] = []
        self._faults: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
        self._proofs: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
        self._carried: defaultdict[str, list[Evidence]] = defaultdict(list)
        self._stuck: defaultdict[str, list[Evidence]] = defaultdict(list)

    # --- what happens -------------------------------------------------------------------------------------------------

    def strangers(self) -> None:
        """Records in Customerp that nothing in webCRM is like, yet."""
        self._world.wait(60)
        self._strangers = {member: set(records) for member, records in self._world.records().items()}
        for flow in self._reading.flows:
            for row, close in self._keys(flow):
                self._stranger(flow, row, close=close)
            if self._reading.members[flow.customerp].parent is not None:
                self._stranger(flow, _link(flow), close=False)

    def _keys(self, flow: Flow) -> Iterator[tuple[Row, bool]]:
        """The match keys that stand in a flow's table, equal and close; parts have none of their own."""
        concept = self._reading.concept_of(flow.webcrm)
        for match in concept.match:
            for row in flow.rows:
                if row.golden == match.row and row.webcrm and self._reading.members[flow.customerp].parent is None:
                    yield row, False
                    yield row, True

    def _stranger(self, flow: Flow, row: Row, *, close: bool) -> None:
        self._number += 2
        carried = self._other(flow, row)
        try:
            values = newcomer(flow.customerp, self._number, self._known(flow))
        except Alone:
            return
        for made in filter(None, (None if row.kind == "link" else row, carried)):
            values |= new_value(self._reading, made, "customerp", values, self._number)
        record_id = self._world.systems["customerp"].create(flow.customerp, values)
        # A number that the ERP gives itself is another than what was asked for.
        key = self._world.records()[flow.customerp][record_id].get(str(row.customerp))
        self._waiting.append((flow, row, close, record_id, key, carried))

    def _other(self, flow: Flow, key: Row) -> Row | None:
        """A row of plain text that goes both ways and that a newcomer of webCRM says nothing of."""
        taken = newcomer(flow.webcrm, 0, defaultdict(lambda: "1"))
        for row in flow.rows:
            plain = row.kind in ("text", "memo", "decimal") and row.way == "both" and not row.once
            if plain and row is not key and not set(self._reading.properties(row, "webcrm")) & taken.keys():
                return row
        return None

    def unasked(self) -> None:
        """After a sync: nothing of the strangers may be in webCRM."""
        for member, records in self._world.records().items():
            if member.startswith("webcrm-"):
                for record_id in sorted(set(records) - self._strangers[member]):
                    self._unasked.append(Evidence(entity=f"{member}:{record_id}", note="was made before any link"))

    def counterparts(self) -> None:
        """Records in webCRM that are the same as the strangers by one key, or close; and those that Customerp names by id."""
        self._world.wait(60)
        for flow, row, close, record_id, value, carried in self._waiting:
            self._number += 2
            try:
                values = newcomer(flow.webcrm, self._number, self._known(flow))
            except Alone:
                continue
            if row.kind != "link":
                values[self._reading.properties(row, "webcrm")[0]] = _close(value) if close else value
            original = self._world.systems["webcrm"].create(flow.webcrm, values)
            if row.kind == "link":
                self._world.systems["customerp"].edit(flow.customerp, record_id, {str(row.customerp): original})
            self._meetings.append(Meeting(flow, row, original, record_id, close, carried, value))
        for flow in self._reading.flows:
            self._named(flow)

    def _named(self, flow: Flow) -> None:
        """A record of webCRM that a record of Customerp names by its id, and is like it in nothing else."""
        row, member = _link(flow), self._reading.members[flow.customerp]
        if member.parent is not None:
            return
        self._number += 2
        known = self._known(flow)
        try:
            mine, values = newcomer(flow.webcrm, self._number, known), newcomer(flow.customerp, self._number + 1, known)
        except Alone:
            return
        original = self._world.systems["webcrm"].create(flow.webcrm, mine)
        link = member.links[str(row.customerp)]
        values[str(row.customerp)] = f"{link.prefix}{original}"
        record_id = self._world.systems["customerp"].create(flow.customerp, values)
        self._meetings.append(Meeting(flow, row, original, record_id, close=False))

    def _known(self, flow: Flow) -> dict[str, str]:
        """A linked record of each datatype, the first, on both sides."""
        comparison = Comparison(self._reading, self._world.records())
        known: dict[str, str] = {}
        for other in self._reading.flows:
            pairs = comparison.linked(other)
            if pairs:
                known.setdefault(other.webcrm, pairs[0][0])
                known.setdefault(other.customerp, pairs[0][1])
        if flow.webcrm == "webcrm-user":
            known.pop("customerp-customer", None)
        return known

    # --- what became of it --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """After a sync: who is linked with whom."""
        comparison = Comparison(self._reading, self._world.records())
        pairs = Pairs(self._reading, self._world.records())
        for one in self._meetings:
            # Only who is named: that the keys agree is what made them, and no link.
            named = pairs.named.get((one.flow.webcrm, one.original), ())
            found = named[0][1] if len(named) == 1 else None
            pair = f"{one.flow.webcrm}:{one.original} and {one.flow.customerp}:{one.counterpart}"
            key = (one.flow.title, one.row.golden)
            if one.close == (found == one.counterpart):
                note = "are linked although the key differs" if one.close else "have the same key and are not linked"
                self._faults[key].append(Evidence(entity=pair, expected=one.counterpart, actual=found, note=note))
            elif one.close and found is None:
                note = "are close, and the one in webCRM got no counterpart"
                self._faults[key].append(Evidence(entity=pair, note=note))
            else:
                note = "are close and stay apart" if one.close else f"are linked by {self._shown(one)} alone"
                self._proofs[key].append(Evidence(entity=pair, note=note))
                if not one.close and one.carried is not None:
                    self._look_carried(one, comparison)

    def _look_carried(self, one: Meeting, comparison: Comparison) -> None:
        assert one.carried is not None
        left, right = comparison.forms(one.carried, (one.original, one.counterpart))
        place = f"{one.flow.webcrm}:{one.original}"
        found = self._stuck if left != right or left is None else self._carried
        note = f"linked, and told {values_shown({one.carried.golden: right}, (one.carried.golden,))} by Customerp"
        found[one.flow.title].append(Evidence(entity=place, expected=right, actual=left, note=note))

    def _shown(self, one: Meeting) -> str:
        record = self._world.records()[one.flow.customerp][one.counterpart]
        return f"{one.row.customerp} {values_shown(record, (str(one.row.customerp),))}"

    def result(self, flow: Flow, row: Row, group: str) -> Result:
        """Whether a key links by itself, and values that are only close do not."""
        result_id = f"{group}.key-{row.golden}"
        left = self._reading.properties(row, "webcrm")
        title = f"{' and '.join(left)} = {row.customerp} alone links"
        faults, proofs = self._faults[flow.title, row.golden], self._proofs[flow.title, row.golden]
        if faults:
            reason = f"{faults[0].entity} {faults[0].note}"
            return Result(result_id, title, Verdict.FAIL, reason, tuple(faults), group=group)
        if not proofs:
            return Result(result_id, title, Verdict.UNPROVEN, "no two records with this key were made", group=group)
        return Result(result_id, title, Verdict.PASS, evidence=tuple(proofs), group=group)

    def first(self, flow: Flow, group: str) -> Result:
        """Whether a link came first: nothing was made of strangers, and values flow since they have a counterpart."""
        result_id = f"{group}.link-first"
        title = "a link comes first: strangers are left alone, and kept alike once they are linked"
        unasked = [one for one in self._unasked if str(one.entity).startswith(f"{flow.webcrm}:")]
        faults = [*unasked, *self._stuck[flow.title]]
        if faults:
            reason = f"{faults[0].entity} {faults[0].note}"
            return Result(result_id, title, Verdict.FAIL, reason, tuple(faults), group=group)
        carried = self._carried[flow.title]
        if not carried:
            return Result(result_id, title, Verdict.UNPROVEN, "no stranger was linked", group=group)
        return Result(result_id, title, Verdict.PASS, evidence=tuple(carried), group=group)


def _link(flow: Flow) -> Row:
    """The row that keeps a link."""
    return next(row for row in flow.rows if row.kind == "link")


def _close(value: Any) -> str:
    """A value that differs in one digit."""
    text = str(value)
    # The second one: the last is what the next number of a series differs in, and that number may be given to somebody.
    at = [i for i, character in enumerate(text) if character.isdigit()][:2][-1]
    return text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
