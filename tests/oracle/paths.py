"""Paths: `_S.a.'b.c'.d` taken apart and followed (hub/dtl/paths.rst; features/namespaces.rst)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl.values import NI
from dataflow.errors import DtlError
from oracle.scope import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.dtl.namespaces import Namespaces

_ABSENT = object()


def split(text: str, aliases: Iterable[str]) -> tuple[str, list[str]] | None:
    """(variable, elements) when the string is a path, None when it is just a string; DtlError when it is malformed."""
    variable, dot, rest = text.partition(".")
    if not dot or (variable not in VARIABLES and variable not in set(aliases)):
        return None
    return variable, _elements(rest, text) if rest else []


def _elements(rest: str, text: str) -> list[str]:
    elements: list[str] = []
    position = 0
    while True:
        if rest[position : position + 1] == "'":
            name, position = _quoted(rest, position + 1, text)
        else:
            end = rest.find(".", position)
            end = len(rest) if end < 0 else end
            name, position = rest[position:end], end
            if not name and elements and position == len(rest):
                return elements
            if not name:
                raise DtlError(f"empty element in path {text}")
        elements.append(name)
        if position == len(rest):
            return elements
        if rest[position] != ".":
            raise DtlError(f"malformed path {text}")
        position += 1


def _quoted(rest: str, position: int, text: str) -> tuple[str, int]:
    name = ""
    while position < len(rest):
        if rest[position] != "'":
            name += rest[position]
            position += 1
        elif rest[position + 1 : position + 2] == "'":
            name += "'"
            position += 2
        else:
            return name, position + 1
    raise DtlError(f"unclosed quote in path {text}")


def follow(value: Any, elements: list[str], namespaces: Namespaces) -> Any:
    """The value at the end of a path; null when a key is missing or something that is not a dict is in the way."""
    for element in elements:
        value = _step(value, element, namespaces)
        if value is _ABSENT:
            return None
    return value


def _step(value: Any, element: str, namespaces: Namespaces) -> Any:
    if type(value) is list:
        found: list[Any] = []
        for item in value:
            one = _step(item, element, namespaces)
            if type(one) is list:
                found.extend(one)
            elif one is not _ABSENT:
                found.append(one)
        return found
    if type(value) is not dict:
        return _ABSENT
    values = [value[key] for key in matching(value, element, namespaces)]
    if len(values) < 2:
        return values[0] if values else _ABSENT
    union: list[Any] = []
    for one in values:
        union.extend(one if type(one) is list else [one])
    return union


def matching(value: dict[str, Any], element: str, namespaces: Namespaces) -> list[str]:
    """The keys of a dict that a path element or property name stands for, in the dict's order."""
    if not namespaces.enabled or element.startswith("_"):
        return [element] if element in value else []
    if ":" not in element:
        return [key for key in value if key.rpartition(":")[2] == element]
    exact = qualified(element, namespaces)
    return [exact] if exact in value else []


def qualified(name: str, namespaces: Namespaces) -> str:
    """The key of a name with a colon in it: `::x` is bare, `:x` in the pipe's property namespace, `ns:x` itself."""
    if name.startswith("::"):
        return name[2:]
    if name.startswith(":"):
        return namespaces.property + name
    return name


def with_ids(entity: Any, namespaces: Namespaces) -> Any:
    """An entity as `X.$ids` sees it: made of `_id` when there is no such property (hub/dtl/caveats.rst)."""
    if not namespaces.enabled or type(entity) is not dict or "$ids" in entity or type(entity.get("_id")) is not str:
        return entity
    entity_id = entity["_id"]
    name = entity_id if ":" in entity_id else f"{namespaces.identity}:{entity_id}"
    return {**entity, "$ids": [NI.of(name)]}
