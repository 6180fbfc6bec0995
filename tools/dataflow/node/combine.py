"""How the properties of merged entities become those of one: the strategies of the merge source.

Rules: hub/documentation/service-configuration/pipes/configuration-sources-merge.rst (`strategy`); node-semantics, section 2.1 (5),
which follows recorded outputs where they and the page differ: a list of one value stays a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.values import key

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from dataflow.dtl.values import Entity, Value


def _given(members: Sequence[Entity]) -> dict[str, list[Value]]:
    """Property to the values the members have for it, in their order."""
    given: dict[str, list[Value]] = {}
    for member in members:
        for name, value in member.items():
            if name[0] != "_" and name != "$ids":
                given.setdefault(name, []).append(value)
    return given


def _elements(values: list[Value]) -> Iterator[Value]:
    for value in values:
        if type(value) is list:
            yield from value
        else:
            yield value


def union(members: Sequence[Entity], config: Entity) -> Entity:
    """Strategy `default`: one value stays as it is, several make a list, duplicates and nulls included."""
    return {
        name: values[0] if len(values) == 1 else list(_elements(values)) for name, values in _given(members).items()
    }


def compact(members: Sequence[Entity], config: Entity) -> Entity:
    """Strategy `compact`: no nulls, no empty lists, no duplicates; what comes down to one value is that value."""
    result: Entity = {}
    for name, values in _given(members).items():
        first = values[0]
        if len(values) == 1 and type(first) is not list:
            if first is not None:
                result[name] = first
            continue
        present = [value for value in _elements(values) if value is not None]
        kept: dict[Hashable, Value] = {}
        for value in present:
            kept.setdefault(key(value), value)
        distinct = list(kept.values())
        if len(distinct) > 1:
            result[name] = distinct
        elif len(present) > 1 or (distinct and not any(type(value) is list for value in values)):
            result[name] = distinct[0]
        elif distinct:
            result[name] = distinct
    return result


_INTERNAL = frozenset({"_deleted", "_hash", "_previous", "_ts", "_updated"})


def listed(members: Sequence[Entity], config: Entity) -> Entity:
    """Strategy `list`: the members as they are, under `$merged`."""
    internal = config.get("include_internal_properties") is True
    return {"$merged": [{n: v for n, v in member.items() if internal or n not in _INTERNAL} for member in members]}


STRATEGIES: dict[str, Callable[[Sequence[Entity], Entity], Entity]] = {
    "default": union,
    "compact": compact,
    "list": listed,
}
