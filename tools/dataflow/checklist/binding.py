"""Binding: what the labels and properties of a document are in the package.

`tests/checklist-binding.yaml` says it, so that it can be seen and overridden: `labels` give members of the mappings, `also` other
names of a label, `properties` other names of properties by label, `conditions` what makes a record satisfy one. Labels that it does
not have are those of the mappings' own titles. A property of a part is written as a path, `Lines.UnitPrice` of an order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.checklist.checks.direction import BACK, OUT, directions
from dataflow.checklist.document import MergeKeys, Property
from dataflow.checklist.types import fits, type_of
from dataflow.diagnostics import did_you_mean
from dataflow.errors import UsageError
from dataflow.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dataflow.checklist.checks.direction import Direction
    from dataflow.checklist.document import Flow as Section
    from dataflow.checklist.document import KeyPair
    from dataflow.generate.mapping import Flow, Row
    from dataflow.scenario.reading import Reading

FILE = "tests/checklist-binding.yaml"
_QUALIFIER = re.compile(r" \([a-z]+ data\)$")


@dataclass(frozen=True, slots=True)
class BoundRow:
    """A row of a document and the row of the mapping it is; `fault` says why it is none, or none of this kind."""

    stated: Property | KeyPair
    row: Row | None = None
    fault: str | None = None


@dataclass(frozen=True)
class BoundFlow:
    """A section and the flow of a mapping that implements it, seen in the section's direction.

    `beyond` are the mapping's rows that may go this way and that no row of the section claims.
    """

    section: Section
    flow: Flow
    direction: Direction
    rows: tuple[BoundRow, ...]
    keys: tuple[BoundRow, ...]
    beyond: tuple[Row, ...]

    @property
    def key_rows(self) -> list[Row]:
        """The keys that are some of the mapping, each once."""
        return list(
            {one.row.golden: one.row for one in self.keys if one.row is not None and one.fault is None}.values()
        )


@dataclass(frozen=True, slots=True)
class Words:
    """The file as it is."""

    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    conditions: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)


def read_words(root: Path) -> Words:
    """The binding of a package; an empty one where it has none. Raises FindingsError, or UsageError for another form."""
    path = root / FILE
    if not path.is_file():
        return Words()
    value = read_yaml(path).value or {}
    wrong = (
        sorted(set(value) - {"labels", "also", "properties", "conditions"}) if isinstance(value, dict) else ["a list"]
    )
    if wrong:
        raise UsageError(f"{FILE}: unknown {wrong[0]}; there are labels, also, properties and conditions")
    labels = {str(name): _names(members) for name, members in (value.get("labels") or {}).items()}
    return Words(labels, value.get("also") or {}, value.get("properties") or {}, value.get("conditions") or {})


def _names(members: Any) -> tuple[str, ...]:
    return tuple(map(str, members if isinstance(members, list) else [members]))


class Binding:
    """Raises UsageError for a label of the file whose member no mapping has."""

    def __init__(self, reading: Reading, words: Words) -> None:
        self.reading = reading
        self.words = words
        self._labels = {_key(name): members for name, members in self._own_titles(reading.flows)}
        for name, members in words.labels.items():
            for member in members:
                if member not in reading.members:
                    hint = did_you_mean(member, reading.members)
                    raise UsageError(f'{FILE}: no mapping has a member "{member}"' + (f"; {hint}" if hint else ""))
            self._labels[_key(name)] = members
        self._also = {_key(name): _key(label) for name, label in words.also.items()}

    @staticmethod
    def _own_titles(flows: Iterable[Flow]) -> Iterator[tuple[str, tuple[str, ...]]]:
        found: dict[str, tuple[str, ...]] = {}
        for flow in flows:
            for name, member in zip(flow.title.split(" to ", 1), (flow.webcrm, flow.customerp), strict=True):
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), member)))
        yield from found.items()

    def members(self, label: str) -> tuple[str, ...]:
        """The members that a label stands for; none for an unknown one."""
        key = _key(label)
        return self._labels.get(self._also.get(key, key), ())

    def implementation(self, section: Section) -> tuple[Flow, Direction] | None:
        """The flow of a mapping that a section is about, and which way the section looks at it."""
        sources, targets = self.members(section.source), self.members(section.target)
        for flow in self.reading.flows:
            if flow.webcrm in sources and flow.customerp in targets:
                return flow, OUT
            if flow.customerp in sources and flow.webcrm in targets:
                return flow, BACK
        return None

    def bind(self, section: Section) -> BoundFlow | None:
        """The section with its rows bound; None where no mapping implements it."""
        found = self.implementation(section)
        if found is None:
            return None
        flow, direction = found
        rows = tuple(self._property(section, flow, direction, stated) for stated in section.of(Property))
        keys = tuple(
            self._key_pair(section, flow, direction, pair) for keys in section.of(MergeKeys) for pair in keys.pairs
        )
        claimed = {bound.row.golden for bound in rows if bound.row is not None}
        beyond = tuple(row for row in flow.rows if direction in directions(row) and row.golden not in claimed)
        return BoundFlow(section, flow, direction, rows, keys, beyond)

    def _property(self, section: Section, flow: Flow, direction: Direction, stated: Property) -> BoundRow:
        row = self._row(section, flow, direction, stated)
        if row is None:
            return BoundRow(stated, None, "no row of the mapping")
        if direction not in directions(row):
            return BoundRow(stated, row, "the mapping has it the other way only")
        if not fits(stated.type, row, direction, prop := self._name(section.target, stated.target.name)):
            own = type_of(row, direction, prop)
            return BoundRow(stated, row, f"its type is {own} here, {stated.type} in the document")
        return BoundRow(stated, row)

    def _key_pair(self, section: Section, flow: Flow, direction: Direction, pair: KeyPair) -> BoundRow:
        row = self._row(section, flow, direction, pair)
        if row is None:
            return BoundRow(pair, None, "no row of the mapping")
        concept = self.reading.concept_of(flow.webcrm)
        if row.kind != "link" and row.golden not in {match.row for match in concept.match}:
            return BoundRow(pair, row, "no key in the mapping")
        return BoundRow(pair, row)

    def _row(self, section: Section, flow: Flow, direction: Direction, pair: Property | KeyPair) -> Row | None:
        sides = {
            direction.source: self._name(section.source, pair.source.name),
            direction.target: self._name(section.target, pair.target.name),
        }
        for row in flow.rows:
            if sides["webcrm"] in self.names(row, "webcrm") and sides["customerp"] in self.names(row, "customerp"):
                return row
        return None

    def _name(self, label: str, prop: str) -> str:
        """A property in the mapping's words."""
        return next(
            (own[prop] for name, own in self.words.properties.items() if _key(name) == _key(label) and prop in own),
            prop,
        )

    def names(self, row: Row, system: str) -> tuple[str, ...]:
        """How documents call a row's properties on one side; of a part with the path to it, of nothing "".

        What a part hangs on is told by the property of the whole that is linked with it.
        """
        members = self.reading.members
        member = members[row.member(system)]
        parent = members[member.parent] if member.parent else None
        own = self.reading.properties(row, system)
        if row.kind == "parent" and parent is not None:
            return tuple(name for name, link in parent.links.items() if link.to == row.to) or ("",)
        if parent is not None:
            return tuple(f"{parent.children}.{name}" for name in own) or ("",)
        return own or ("",)


def _key(label: str) -> str:
    """Case, blanks and the qualifier that some labels carry do not count."""
    return _QUALIFIER.sub("", " ".join(label.split())).casefold()
