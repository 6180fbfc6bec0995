"""What our own documents state: the flows, keys and properties of the mappings in one direction, as rows.

A record of webCRM always gets its counterpart, so towards Customerp every flow covers all; a part such as a line makes no whole, so
it has no keys there. Towards webCRM nothing is made unless the package's switch says so: a link comes first. What is only compared
is stated nowhere, because nothing of it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.checklist.checks.direction import OUT, directions
from dataflow.checklist.document import (
    Coverage,
    Document,
    Flow,
    KeepInSync,
    KeyPair,
    LinkFirst,
    MergeKeys,
    Property,
    Term,
)
from dataflow.checklist.types import type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.checklist.binding import Binding
    from dataflow.checklist.checks.direction import Direction
    from dataflow.checklist.document import Row as Stated
    from dataflow.generate.mapping import Flow as Implementation
    from dataflow.generate.mapping import Row

_SYSTEMS = {"webcrm": "Webcrm", "customerp": "Customerp"}


def document_of(binding: Binding, direction: Direction, generated: str) -> Document:
    """Everything the mappings have in one direction; sections and rows in the family's order."""
    flows = [_flow(binding, flow, direction) for flow in binding.reading.flows]
    ordered = tuple(sorted(flows, key=lambda flow: (flow.source, flow.target)))
    return Document(_SYSTEMS[direction.source], _SYSTEMS[direction.target], ordered, generated)


def _flow(binding: Binding, flow: Implementation, direction: Direction) -> Flow:
    left, right = flow.title.split(" to ", 1)
    source, target = (left, right) if direction is OUT else (right, left)
    rows: list[Stated] = [*_beginning(binding, flow, direction), KeepInSync()]
    stated = {
        (pair.name, other.name): Property(pair, other, kind)
        for row in flow.rows
        if direction in directions(row) and row.kind != "compared"
        for pair, other, kind in _pairs(binding, row, direction)
    }
    return Flow(source, target, (*rows, *(stated[names] for names in sorted(stated))))


def _beginning(binding: Binding, flow: Implementation, direction: Direction) -> Iterator[Stated]:
    keys = tuple(sorted(set(_keys(binding, flow, direction)), key=lambda pair: (pair.source.name, pair.target.name)))
    if _creates(binding, flow, direction):
        yield Coverage()
        if keys and binding.reading.members[flow.customerp].parent is None:
            yield MergeKeys(keys, existing=True, create=True)
    else:
        yield LinkFirst()
        yield MergeKeys(keys)


def _creates(binding: Binding, flow: Implementation, direction: Direction) -> bool:
    """Whether records that are not there are made; lines are, inside their order."""
    if direction is OUT:
        return True
    target = binding.reading.members[flow.webcrm]
    return target.insert == "always" or (
        target.insert == "switch" and binding.reading.environment.get("create-in-webcrm") is True
    )


def _keys(binding: Binding, flow: Implementation, direction: Direction) -> Iterator[KeyPair]:
    """The match keys that a flow has on both sides, and the link that lasts where both sides write it alike."""
    concept = binding.reading.concept_of(flow.webcrm)
    matched = {match.row for match in concept.match}
    links = binding.reading.members[flow.customerp].links
    for row in flow.rows:
        alike = row.kind == "link" and not links[str(row.customerp)].prefix
        if alike or row.golden in matched:
            for source, target, _ in _pairs(binding, row, direction):
                yield KeyPair(source, target)


def _pairs(binding: Binding, row: Row, direction: Direction) -> Iterator[tuple[Term, Term, str]]:
    """A row as a document has it; one that has two properties on a side is two rows."""
    own = binding.reading.properties(row, direction.target) or ("",)
    for source in binding.names(row, direction.source):
        for target, name in zip(binding.names(row, direction.target), own, strict=False):
            yield Term(source), Term(target), type_of(row, direction, name)
