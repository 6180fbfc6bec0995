"""What differs between two lists of entities, told by entity id first and by JSON pointer second.

It explains a verdict and never makes one: `compare` decides on the text alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dataflow.expect.compare import text
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dataflow.expect.compare import Json, JsonEntity


class Kind(StrEnum):
    """What happened at the place: a value is not in the output, is not in the expected file, or is another."""

    MISSING = "missing"
    UNEXPECTED = "unexpected"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `pointer` is an RFC 6901 pointer inside the entity, "" for the entity as a whole."""

    kind: Kind
    entity: str
    pointer: str
    expected: Any = None
    actual: Any = None


def differences(expected: Sequence[JsonEntity], current: Sequence[JsonEntity]) -> Iterator[Difference]:
    """Every difference, entities in the order of their ids; entities of the same id are paired in the order given."""
    left, right = _by_id(expected), _by_id(current)
    for entity_id in sorted(left.keys() | right.keys()):
        ours, theirs = _without_equal(left[entity_id], right[entity_id])
        for wanted, got in zip(ours, theirs, strict=False):
            yield from _changes(entity_id, "", wanted, got)
        for wanted in ours[len(theirs) :]:
            yield Difference(Kind.MISSING, entity_id, "", expected=wanted)
        for got in theirs[len(ours) :]:
            yield Difference(Kind.UNEXPECTED, entity_id, "", actual=got)


def _by_id(entities: Iterable[JsonEntity]) -> defaultdict[str, list[JsonEntity]]:
    grouped: defaultdict[str, list[JsonEntity]] = defaultdict(list)
    for entity in entities:
        entity_id = entity.get("_id")
        grouped[entity_id if type(entity_id) is str else text(entity_id)].append(entity)
    return grouped


def _without_equal(left: list[JsonEntity], right: list[JsonEntity]) -> tuple[list[JsonEntity], list[JsonEntity]]:
    """Both lists without the entities that have an equal partner, so that a duplicate is told apart from a change."""
    rest = [(text(entity), entity) for entity in right]
    alone = []
    for entity in left:
        mine = text(entity)
        partner = next((pair for pair in rest if pair[0] == mine), None)
        if partner is None:
            alone.append(entity)
        else:
            rest.remove(partner)
    return alone, [entity for _, entity in rest]


def _changes(entity: str, pointer: str, expected: Json, actual: Json) -> Iterator[Difference]:
    if type(expected) is dict and type(actual) is dict:
        for key in sorted(expected.keys() | actual.keys()):
            place = f"{pointer}/{escaped(key)}"
            if key not in actual:
                yield Difference(Kind.MISSING, entity, place, expected=expected[key])
            elif key not in expected:
                yield Difference(Kind.UNEXPECTED, entity, place, actual=actual[key])
            else:
                yield from _changes(entity, place, expected[key], actual[key])
    elif type(expected) is list and type(actual) is list:
        yield from _list_changes(entity, pointer, expected, actual)
    elif text(expected) != text(actual):
        yield Difference(Kind.CHANGED, entity, pointer, expected=expected, actual=actual)


def _list_changes(entity: str, pointer: str, expected: list[Json], actual: list[Json]) -> Iterator[Difference]:
    """Element by element between what both begin with and what both end with; missing ones point into the expected list."""
    shorter = min(len(expected), len(actual))
    start = 0
    while start < shorter and text(expected[start]) == text(actual[start]):
        start += 1
    tail = 0
    while tail < shorter - start and text(expected[-1 - tail]) == text(actual[-1 - tail]):
        tail += 1
    ours, theirs = expected[start : len(expected) - tail], actual[start : len(actual) - tail]
    for offset, (wanted, got) in enumerate(zip(ours, theirs, strict=False)):
        yield from _changes(entity, f"{pointer}/{start + offset}", wanted, got)
    common = min(len(ours), len(theirs))
    for offset, wanted in enumerate(ours[common:], start + common):
        yield Difference(Kind.MISSING, entity, f"{pointer}/{offset}", expected=wanted)
    for offset, got in enumerate(theirs[common:], start + common):
        yield Difference(Kind.UNEXPECTED, entity, f"{pointer}/{offset}", actual=got)
