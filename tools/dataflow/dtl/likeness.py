"""How like its expectation a result is: the comparisons a conformance case can ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.dtl import transit
from dataflow.dtl.values import NUMBERS, Datetime, as_list, kind_name, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Entity, Value

# What a dataset adds to the entities in it; no case is about them.
INTERNAL = frozenset({"_updated", "_ts", "_hash", "_previous"})


def exact(a: Value, b: Value) -> bool:
    """Same type and value throughout; decimals by value, not scale; a tuple is written as a list."""
    if type(a) in (list, tuple) and type(b) in (list, tuple):
        return len(a) == len(b) and all(map(exact, a, b))
    if type(a) is dict and type(b) is dict:
        a, b = _plain(a), _plain(b)
        return a.keys() == b.keys() and all(exact(value, b[name]) for name, value in a.items())
    return type(a) is type(b) and same(a, b)


def numeric(a: Value, b: Value) -> bool:
    """Numbers by the digits they are written with, whatever their type."""
    if type(a) is list and type(b) is list:
        return len(a) == len(b) and all(map(numeric, a, b))
    if type(a) in NUMBERS and type(b) in NUMBERS:
        return Decimal(str(a)) == Decimal(str(b))
    return same(a, b)


def approximate(a: Value, b: Value) -> bool:
    """Numbers within a millionth of one another."""
    if type(a) is list and type(b) is list:
        return len(a) == len(b) and all(map(approximate, a, b))
    if type(a) in NUMBERS and type(b) in NUMBERS:
        return abs(float(a) - float(b)) <= 1e-6
    return same(a, b)


def unordered(a: Value, b: Value) -> bool:
    """The outermost list as a bag."""
    if type(a) is not list or type(b) is not list:
        return exact(a, b)
    rest = list(b)
    for one in a:
        position = next((i for i, other in enumerate(rest) if exact(one, other)), None)
        if position is None:
            return False
        del rest[position]
    return not rest


def subset(expected: Value, found: Value) -> bool:
    """Dicts may have more keys than expected."""
    if type(expected) is dict and type(found) is dict:
        return all(name in found and subset(value, found[name]) for name, value in expected.items())
    if type(expected) is list and type(found) is list:
        return len(expected) == len(found) and all(map(subset, expected, found))
    return exact(expected, found)


COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "exact": exact,
    "numeric": numeric,
    "approx": approximate,
    "unordered": unordered,
    "subset": subset,
}


def _plain(entity: Entity) -> Entity:
    return {name: value for name, value in entity.items() if name not in INTERNAL}


def is_of(wanted: dict[str, Any], found: Value, now_ns: int) -> bool:
    """Whether a value fits a description by type, for results that clock or chance decide."""
    names = {"ni": "namespaced identifier", "uri": "URI", "uuid": "UUID"}
    elements = as_list(found)

    def near(limit: int) -> bool:
        return isinstance(found, Datetime) and abs(found.ns - now_ns) <= limit * 1_000_000_000

    checks: dict[str, Callable[[Any], bool]] = {
        "type": lambda kind: kind_name(found) == names.get(kind, kind),
        "of": lambda kind: all(kind_name(one) == names.get(kind, kind) for one in elements),
        "count": lambda count: len(elements) == count,
        "prefix": lambda prefix: all(type(one) is str and one.startswith(prefix) for one in elements),
        "version": lambda version: str(transit.encode(found))[16:17] == str(version),
        "near_now_seconds": near,
    }
    return all(checks[aspect](value) for aspect, value in wanted.items())
