"""Paths: `_S.orders.amount`, `_.'john.doe'.name`. Reading them at compile time, following them at run time.

A path maps over the lists it meets and flattens; without a list on the way it gives the bare value or null. With
namespaced identifiers an element without a colon stands for that identifier in every namespace.
Rules: hub/dtl/paths.rst; DTL semantics, sections 2 and 3; node-semantics, sections 6.3 and 6.5.
"""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

from dataflow.dtl.values import NI, as_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Entity, Value

_SHAPES = 4096


def split(text: str) -> list[str] | None:
    """The elements of a path after its variable: `a.'b.c'.d` is [a, b.c, d]; None when a quote is not closed."""
    elements: list[str] = []
    position = 0
    while position < len(text):
        if text[position] == "'":
            element, position = _quoted(text, position + 1)
            if element is None:
                return None
        else:
            stop = text.find(".", position)
            stop = len(text) if stop < 0 else stop
            element, position = text[position:stop], stop
        elements.append(element)
        position += 1
    return elements


def _quoted(text: str, position: int) -> tuple[str | None, int]:
    parts = []
    while True:
        stop = text.find("'", position)
        if stop < 0:
            return None, position
        parts.append(text[position:stop])
        if text.startswith("''", stop):
            parts.append("'")
            position = stop + 2
        elif stop + 1 == len(text) or text[stop + 1] == ".":
            return "".join(parts), stop + 1
        else:
            return None, position


def step(value: Value, name: str) -> Value:
    """Follow one exact property name."""
    if type(value) is dict:
        return value.get(name)
    if type(value) is not list:
        return None
    found: list[Value] = []
    for element in value:
        if type(element) is dict:
            if name in element:
                inner = element[name]
                if type(inner) is list:
                    found += inner
                else:
                    found.append(inner)
        elif type(element) is list:
            found += step(element, name)
    return found


def _spread(value: Value) -> list[Value]:
    return value if type(value) is list else [value]


class Finder:
    """Follows one unqualified element where identifiers have namespaces; remembers which keys match per shape."""

    __slots__ = ("_keys", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._keys: dict[tuple[str, ...], tuple[str, ...]] = {}

    def __call__(self, value: Value) -> Value:
        if type(value) is dict:
            keys = self._matching(value)
            return value[keys[0]] if len(keys) == 1 else _gathered(value, keys)
        if type(value) is list:
            found: list[Value] = []
            for element in value:
                if type(element) is dict:
                    for k in self._matching(element):
                        found.extend(_spread(element[k]))
                elif type(element) is list:
                    found.extend(self(element))
            return found
        return None

    def _matching(self, entity: Entity) -> tuple[str, ...]:
        shape = tuple(entity)
        keys = self._keys.get(shape)
        if keys is None:
            if len(self._keys) >= _SHAPES:
                self._keys.clear()
            keys = self._keys[shape] = _matches(shape, self._name)
        return keys


class Layout(dict[str, "Callable[[Value], Value]"]):
    """Unqualified elements to what finds them in any dict of one shape."""

    def __init__(self, shape: tuple[str, ...]) -> None:
        super().__init__()
        self._shape = shape

    def __missing__(self, name: str) -> Callable[[Value], Value]:
        keys = _matches(self._shape, name)
        found = itemgetter(keys[0]) if len(keys) == 1 else partial(_gathered, keys=keys)
        self[name] = found
        return found


class Layouts:
    """The layout of a value from which several elements are followed: its shape is looked at once for all of them."""

    __slots__ = ("_elsewhere", "_known")

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Layout] = {}
        self._elsewhere = _Elsewhere()

    def __call__(self, value: Value) -> dict[str, Callable[[Value], Value]]:
        if type(value) is not dict:
            return self._elsewhere
        shape = tuple(value)
        layout = self._known.get(shape)
        if layout is None:
            if len(self._known) >= _SHAPES:
                self._known.clear()
            layout = self._known[shape] = Layout(shape)
        return layout


class _Elsewhere(dict[str, "Callable[[Value], Value]"]):
    """The same for what is no dict, and has no shape."""

    def __missing__(self, name: str) -> Callable[[Value], Value]:
        found = self[name] = Finder(name)
        return found


def _matches(shape: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(k for k in shape if k.rpartition(":")[2] == name)


def _gathered(value: Entity, keys: tuple[str, ...]) -> Value:
    """What stands under several keys, or under none."""
    return [v for k in keys for v in _spread(value[k])] if keys else None


def exact(name: str, namespaces: Namespaces) -> str | None:
    """The one key an element stands for, or None when it stands for an identifier in any namespace."""
    if not namespaces.enabled or name.startswith("_"):
        return name
    if name.startswith("::"):
        return name[2:]
    if name.startswith(":"):
        return f"{namespaces.property}:{name[1:]}"
    return name if ":" in name else None


def follow(value: Value, elements: list[str], namespaces: Namespaces) -> Value:
    """Follow several elements; the general form of what the compiler writes out."""
    for element in elements:
        key = exact(element, namespaces)
        value = Finder(element)(value) if key is None else step(value, key)
    return value


def ids(entity: Value, namespaces: Namespaces) -> Value:
    """`$ids` of an entity; made of its `_id` when it has none (caveats.rst; node-semantics 6.5)."""
    if type(entity) is not dict:
        return step(entity, "$ids")
    if "$ids" in entity:
        return entity["$ids"]
    entity_id = entity.get("_id")
    return [NI.of(namespaces.entity_id(entity_id))] if type(entity_id) is str else None


def pick(path: Value, values: Value, namespaces: Namespaces) -> Value:
    """The `path` function: PROPERTY_PATH is one name or a list of names; other things in it are passed over."""
    return follow(values, [name for name in as_list(path) if type(name) is str], namespaces)
