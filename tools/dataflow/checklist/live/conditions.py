"""Conditions: records made to satisfy one or not, and records that nothing refers to yet.

The text of a condition is for people; `tests/checklist-binding.yaml` says which values satisfy it and which do not. A record is
made of each kind, the second is changed to satisfy it, and who has a counterpart is looked at each time. For `CreateIfConnected` a
record is made alone, and then one that refers to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.checklist.document import Condition, CreateIfConnected
from dataflow.checklist.live.cast import Alone, newcomer
from dataflow.checklist.runner import connected_title
from dataflow.results import Evidence, Result, Verdict
from dataflow.scenario.convergence import Comparison
from dataflow.scenario.pairs import Pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dataflow.checklist.binding import Binding, BoundFlow
    from dataflow.checklist.live.ground import Ground

_FIRST = 900  # numbers of newcomers begin here


@dataclass(slots=True)
class _Trial:
    """One statement on trial: the record that must stay alone at first, one that need not, and what went wrong."""

    bound: BoundFlow
    stated: Condition | CreateIfConnected
    alone: str = ""
    free: str = ""
    faults: list[Evidence] = field(default_factory=list)
    proofs: list[Evidence] = field(default_factory=list)
    unproven: str | None = None

    @property
    def member(self) -> str:
        return self.bound.flow.webcrm if self.bound.direction.source == "webcrm" else self.bound.flow.customerp


class Conditions:
    def __init__(self, world: Ground, binding: Binding, flows: Iterable[BoundFlow]) -> None:
        self._world = world
        self._binding = binding
        self._number = world.first + _FIRST
        self._trials = [
            _Trial(bound, stated)
            for bound in flows
            for stated in bound.section.rows
            if isinstance(stated, Condition | CreateIfConnected)
        ]

    def __bool__(self) -> bool:
        return bool(self._trials)

    def enter(self) -> None:
        """Records that satisfy a condition, and records that must stay alone."""
        self._world.wait(60)
        for one in self._trials:
            try:
                self._begin(one)
            except Alone as error:
                one.unproven = str(error)

    def _begin(self, one: _Trial) -> None:
        if isinstance(one.stated, CreateIfConnected):
            one.alone = self._make(one.member, {})
            return
        values = self._binding.words.conditions.get(one.stated.text)
        if values is None:
            one.unproven = "tests/checklist-binding.yaml does not say what satisfies it"
            return
        one.free = self._make(one.member, values["holds"])
        one.alone = self._make(one.member, values["fails"])

    def _make(self, member: str, values: Mapping[str, Any]) -> str:
        self._number += 1
        system = self._world.systems[member.partition("-")[0]]
        return system.create(member, {**newcomer(member, self._number, self._known()), **values})

    def _known(self) -> dict[str, str]:
        """A linked record of each datatype, on both sides."""
        comparison = Comparison(self._binding.reading, self._world.records())
        known: dict[str, str] = {}
        for flow in self._binding.reading.flows:
            for original, counterpart in comparison.linked(flow)[:1]:
                known.setdefault(flow.webcrm, original)
                known.setdefault(flow.customerp, counterpart)
        return known

    def fulfil(self) -> None:
        """After a sync: look, and give those that stayed alone what they lacked."""
        for one in self._trials:
            if one.free:
                self._expect(one, one.free, linked=True, note="satisfies it")
            if one.alone:
                self._expect(one, one.alone, linked=False, note="does not satisfy it")
        self._world.wait(60)
        for one in self._trials:
            if isinstance(one.stated, CreateIfConnected):
                self._refer(one)
            elif one.alone:
                values = self._binding.words.conditions[one.stated.text]["holds"]
                self._world.systems[one.bound.direction.source].edit(one.member, one.alone, values)

    def _refer(self, one: _Trial) -> None:
        """A record of one of the datatypes that refers to the one that is alone."""
        assert isinstance(one.stated, CreateIfConnected)
        for datatype in one.stated.datatypes:
            for member in self._binding.members(f"{one.stated.system} {datatype}"):
                for row in (row for flow in self._binding.reading.flows for row in flow.rows):
                    if row.webcrm_member == member and row.to == one.member and row.kind == "reference":
                        self._make(member, {row.webcrm[0]: int(one.alone)})
                        return
        one.unproven = f"no {' or '.join(one.stated.datatypes)} here refers to a {one.member}"

    def look(self) -> None:
        """After another sync: what was alone is so no longer."""
        for one in self._trials:
            if one.alone and one.unproven is None:
                self._expect(one, one.alone, linked=True, note="satisfies it by now")

    def _expect(self, one: _Trial, record: str, *, linked: bool, note: str) -> None:
        pairs = Pairs(self._binding.reading, self._world.records())
        if one.member == one.bound.flow.webcrm:
            found = pairs.counterpart(one.member, record) is not None
        else:
            found = any(member == one.bound.flow.webcrm for member, _ in pairs.originals(one.member, record))
        told = f"{note}, and has {'a' if found else 'no'} counterpart"
        seen = Evidence(entity=f"{one.member}:{record}", expected=linked, actual=found, note=told)
        (one.proofs if found == linked else one.faults).append(seen)

    def results(self, bound: BoundFlow, group: str) -> Iterator[Result]:
        """A result for each statement of a section that is on trial."""
        for one in self._trials:
            if one.bound is not bound:
                continue
            if isinstance(one.stated, Condition):
                result_id, title = f"{group}.condition", f"only what satisfies it: {one.stated.text}"
            else:
                result_id, title = f"{group}.connected", connected_title(one.stated)
            if one.faults:
                reason = f"{one.faults[0].entity} {one.faults[0].note}"
                yield Result(result_id, title, Verdict.FAIL, reason, tuple(one.faults), group=group)
            elif one.unproven:
                yield Result(result_id, title, Verdict.UNPROVEN, one.unproven, tuple(one.proofs), group=group)
            else:
                yield Result(result_id, title, Verdict.PASS, evidence=tuple(one.proofs), group=group)
