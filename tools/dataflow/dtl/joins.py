"""Joins at run time: looking entities up in indexes, and walking hops recursively.

Rules: hub/dtl/joins.rst, hub/dtl/dtl-functions-hops.rst; node-semantics, section 3.2.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.dtl import paths
from dataflow.dtl.values import as_list, key

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Entity, Value

    # An index as generated code uses it: where to look a key up, and what finds those that are not there.
    Joined = tuple[Mapping[Hashable, Sequence[Entity]], Callable[[Hashable], Sequence[Entity]]]


def keys(value: Value) -> list[Hashable]:
    """The keys a join value stands under: one per element, none for null."""
    if type(value) is str or type(value) is int:
        return [value]
    return [key(v) for v in as_list(value) if v is not None]


class PropertyKeys:
    """The keys of an entity in an index on one property: what most indexes are, and known to those who build them."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, entity: Entity) -> Sequence[Hashable]:
        return keys(entity.get(self.name))


def plain_property(expression: Any, namespaces: Namespaces) -> str | None:
    """The property that an expression on `_S` reads, when that is all it does."""
    elements = paths.split(expression[3:]) if type(expression) is str and expression.startswith("_S.") else None
    if elements is None or len(elements) != 1 or not elements[0]:
        return None
    return paths.exact(elements[0], namespaces) if elements[0] != "$ids" else None


def index_name(expression: Any, subset: Any, namespaces: Namespaces) -> str:
    """What tells the index of an expression on `_S`, restricted to a subset, from other indexes of the same dataset."""
    name = plain_property(expression, namespaces) if subset is None else None
    if name is not None:
        return json.dumps(name)
    spaces = [namespaces.identity, namespaces.property] if namespaces.enabled else None
    return json.dumps([expression, subset, spaces])


# What a look-up finds when it finds nothing; like the lists in an index it is only looked at.
NOTHING: list[Entity] = []


def nothing(key: Hashable) -> Sequence[Entity]:
    return NOTHING


def gather(joined: Joined, value: Value) -> Sequence[Entity]:
    """The entities that share a value with `value`, each once, ordered by `_id`."""
    index, late = joined
    wanted = keys(value)
    if not wanted:
        return NOTHING
    if len(wanted) == 1:
        return index.get(wanted[0]) or late(wanted[0])
    found = {entity["_id"]: entity for k in wanted for entity in index.get(k) or late(k)}
    return [found[i] for i in sorted(found)]


def gather_all(pairs: Iterable[tuple[Joined, Value]]) -> Sequence[Entity]:
    """The union of several look-ups (an `or` of joins), each entity once, ordered by `_id`."""
    found = {entity["_id"]: entity for joined, value in pairs for entity in gather(joined, value)}
    return [found[i] for i in sorted(found)]


def overlap(a: Value, b: Value) -> bool:
    """The join rule between two values that are both at hand: any element in common."""
    return not set(keys(a)).isdisjoint(keys(b))


def distinct(entities: list[Value]) -> list[Value]:
    """Entities without repetitions; the same stored entity comes once."""
    seen: set[Hashable] = set()
    return [e for e in entities if not ((which := _which(e)) in seen or seen.add(which))]  # type: ignore[func-returns-value]


def _which(entity: Value) -> Hashable:
    """What tells a stored version from others: a store that reads from disk may hand out the same one as two objects."""
    if type(entity) is dict and "_hash" in entity:
        return (entity["_id"], entity["_updated"], entity["_ts"], entity["_hash"])
    return id(entity)


def recurse(
    step: Callable[[Entity], list[Value]], root: Value, exclude_root: bool, max_depth: int | None
) -> list[Value]:
    """Feed a hop's output back to it, breadth first, each entity once; `max_depth` counts evaluations."""
    found: list[Value] = [] if exclude_root else [root]
    seen = {root.get("_id") if type(root) is dict else None}
    level, depth = [root], 0
    while level and (max_depth is None or depth < max_depth):
        following: list[Value] = []
        for entity in level:
            for hopped in step(entity):
                if hopped["_id"] not in seen:
                    seen.add(hopped["_id"])
                    following.append(hopped)
        found.extend(following)
        level, depth = following, depth + 1
    return found
