"""A replay as the checks look at it: raw records, what is linked with what, and the desired state of every record.

Raw values come from the fixtures and normal forms from `normal`; of the replay itself only two things are read, the globals (who is
linked with whom) and the `-transform` datasets (what each system shall be told).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from dataflow.checklist.records import Record, read_records
from dataflow.dtl.values import NI, as_list
from dataflow.scenario.normal import code_of, plain
from dataflow.scenario.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dataflow.dtl.values import Entity
    from dataflow.generate.mapping import Mapping as Concept
    from dataflow.generate.mapping import Row
    from dataflow.scenario.tables import Tables

Ref = tuple[str, str]  # member, id: one record of one system


class Replayed(Protocol):
    """What the checklist asks of a node that has come to rest."""

    def entities(self, pipe_id: str, stage: str | None = None) -> Iterable[Entity]: ...


@dataclass(frozen=True)
class Group:
    """One entity of a global: the records that are the same thing."""

    id: str
    refs: frozenset[Ref]

    def of(self, member: str) -> list[str]:
        """The ids of one member's records in it."""
        return sorted(record for name, record in self.refs if name == member)


@dataclass(frozen=True)
class Desired:
    """What a `-transform` says a record shall look like.

    `native` is None for one that is to be made, `held` says why it waits, `whole` is what a part belongs to.
    """

    pipe: str
    entity: str
    group: Group | None
    native: str | None
    values: dict[str, Any] = field(hash=False)
    held: str | None = None
    whole: Desired | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A value one record gives a property, in normal form, and since when; `order` is greater for whom an exact tie favours."""

    member: str
    record: str
    value: Any
    at: int
    order: tuple[bool, int]


class View(Reading):
    """Everything the checks ask for, looked up once."""

    def __init__(
        self,
        root: Path,
        concepts: Mapping[str, Concept],
        node: Replayed,
        environment: Mapping[str, Any],
        tables: Tables,
    ) -> None:
        super().__init__(concepts, environment, tables)
        self._testdata = root / "testdata"
        self._node = node
        self._records: dict[str, dict[str, Record]] = {}
        self._desired: dict[str, list[Desired]] = {}

    def records(self, member: str) -> dict[str, Record]:
        """The raw records of a member by id, deleted ones included."""
        if member not in self._records:
            parent = self.members[member].parent
            self._records[member] = read_records(
                self._testdata, self.members[member], self.members[parent] if parent else None
            )
        return self._records[member]

    @cached_property
    def groups(self) -> dict[str, list[Group]]:
        """The living entities of every global, by concept."""
        return {name: self._groups(concept.dataset) for name, concept in self.concepts.items()}

    def _groups(self, dataset: str) -> list[Group]:
        return [
            Group(str(entity["_id"]), frozenset(map(_ref, as_list(entity.get("$ids")))))
            for entity in self._node.entities(dataset)
            if entity.get("_deleted") is not True
        ]

    @cached_property
    def _group_of(self) -> dict[Ref, Group]:
        found: dict[Ref, Group] = {}
        for groups in self.groups.values():
            for group in groups:
                # A record in two groups is for `link` to report; for the other checks the first one counts.
                for ref in group.refs:
                    found.setdefault(ref, group)
        return found

    def group_of(self, member: str, record: str) -> Group | None:
        return self._group_of.get((member, record))

    def desired(self, member: str) -> list[Desired]:
        """The desired states of a member's records; of a part, those inside its parent's."""
        if member not in self._desired:
            parent = self.members[member].parent
            self._desired[member] = self._parts(member, parent) if parent else self._wholes(member)
        return self._desired[member]

    def _wholes(self, member: str) -> list[Desired]:
        pipe = f"{member}-transform"
        found = []
        for entity in self._node.entities(pipe):
            if entity.get("_deleted") is True or entity.get("$replaced") is True:
                continue
            name, _, record = str(entity["_id"]).partition(":")
            group = next(filter(None, (self.group_of(*_ref(i)) for i in as_list(entity.get("$ids")))), None)
            native = record if name == member else None
            found.append(Desired(pipe, str(entity["_id"]), group, native, entity, entity.get("$discard")))
        return found

    def _parts(self, member: str, parent: str) -> list[Desired]:
        found = []
        part, whole = self.members[member], self.members[parent]
        for desired in self.desired(parent):
            for values in as_list(desired.values.get(whole.children or "")):
                number = values.get(part.pk)
                native = f"{desired.native}-{number}" if desired.native and number is not None else None
                group = self.group_of(member, native) if native else None
                for prop, link in part.links.items():
                    group = group or self.group_of(link.to, str(plain(values.get(prop))))
                place = f"{desired.entity} {whole.children} {plain(values.get(next(iter(part.links), part.pk)))}"
                found.append(Desired(desired.pipe, place, group, native, values, desired.held, desired))
        return found

    def normal(self, row: Row, member: str, values: Mapping[str, Any]) -> Any:
        """The normal form a row's property has in some values of a member; None for nothing. References become groups."""
        who = self.members[member]
        form = super().normal(row, member, values)
        if form is None or row.kind not in ("reference", "product-number"):
            return form
        if row.kind == "product-number" and who.system == "webcrm":
            return self._product_groups.get(form, f"no product {form}")
        refers_to = self._counterpart(row) if who.system == "customerp" else str(row.to)
        group = self.group_of(refers_to, form)
        return group.id if group else f"{refers_to}:{form}"

    def resolves(self, form: Any, system: str) -> bool:
        """Whether what a reference points to has a record in a system, so that it can be written there at all."""
        group = next((g for groups in self.groups.values() for g in groups if g.id == form), None)
        return group is not None and any(name.startswith(f"{system}-") for name, _ in group.refs)

    def _counterpart(self, row: Row) -> str:
        to = row.to or next(name for name in self.concepts["product"].members if name.startswith("webcrm-"))
        return next(self.concept_of(to).side("customerp")).name

    @cached_property
    def _product_groups(self) -> dict[str, str]:
        """Which product a number names, by the groups whose records carry it."""
        concept = self.concepts["product"]
        keyed = next(row for row in concept.rows if row.golden == concept.match[0].row)
        found: dict[str, str] = {}
        for group in self.groups["product"]:
            for member, record in group.refs:
                values = self.records(member).get(record)
                properties = self.properties(keyed, self.members[member].system)
                if values and (number := code_of(values.values.get(properties[0]))):
                    found[number] = group.id
        return found

    def winner(self, concept: Concept, row: Row, group: Group) -> Claim | None:
        """The newest claim on the row's golden property among the group's records; None where nobody claims anything."""
        claims = [claim for member, record in group.refs for claim in self._claim(concept, row, member, record)]
        return max(claims, key=lambda claim: (claim.at, claim.order), default=None)

    def _claim(self, concept: Concept, row: Row, member: str, record: str) -> list[Claim]:
        who, known = self.members.get(member), self.records(member).get(record) if member in self.members else None
        mine = next(
            (r for r in concept.rows if r.golden == row.golden and who and r.member(who.system) == member), None
        )
        if who is None or known is None or mine is None or mine.owner not in (None, who.system):
            return []
        value, since, claimed = None, 0, False
        for version in known.versions:
            # A value that never was there claims nothing; one that was cleared claims to be empty from then on.
            now = self.normal(mine, member, version.values)
            if now != value or (now is not None and not claimed):
                value, since, claimed = now, version.at, True
        order = (who.system == concept.tie, -list(concept.members).index(member))
        return [Claim(member, record, value, since, order)] if claimed else []

    @cached_property
    def unsettled(self) -> frozenset[str]:
        """Groups with a record last heard of as deleted: a deletion is verified with the system, which the fixtures do not tell."""
        return frozenset(
            group.id
            for groups in self.groups.values()
            for group in groups
            for member, record in group.refs
            if member in self.members and (known := self.records(member).get(record)) and known.gone
        )


def _ref(identifier: Any) -> Ref:
    name = identifier.name if type(identifier) is NI else str(identifier).removeprefix("~:")
    member, _, record = name.partition(":")
    return member, record
