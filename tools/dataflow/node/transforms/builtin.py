"""The built-in templates: read from their files, and expanded with the properties that a pipe gives.

Rules: configuration-transforms-template.rst; decision 0435. How the files are written is told in `templates/__init__.py`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMES = ("transform-collect-rest", "transform-defaults-rest", "transform-share-rest")

_PROPERTY = re.compile(r"\$PROPERTY\(([^()]*)\)")
_ABSENT: Any = object()


@dataclass(frozen=True)
class Builtin:
    """`operations` are the properties that name one, with what they are when not given; `keys` may be a text or a list of texts.

    `needs_system` are the properties that make `rest_system` necessary.
    """

    name: str
    required: tuple[str, ...]
    needs_system: tuple[str, ...]
    operations: Mapping[str, str | None]
    defaults: Mapping[str, Any]
    keys: tuple[str, ...]
    transforms: list[Any]

    def missing(self, properties: Mapping[str, Any]) -> list[str]:
        """The properties it cannot do without that are not given."""
        needed = [*self.required]
        if "rest_system" not in needed and any(name in properties for name in self.needs_system):
            needed.append("rest_system")
        return [name for name in needed if name not in properties]

    def expanded(self, properties: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The transforms that it stands for."""
        operations = {name: default for name, default in self.operations.items() if default is not None}
        return expanded(self.transforms, {**self.defaults, **properties}, keys=self.keys, implied=operations)


@cache
def builtin(name: str) -> Builtin:
    text = resources.files(__package__).joinpath("templates", f"{name}.json").read_text("utf-8")
    found = json.loads(text)
    return Builtin(
        name,
        tuple(found["required"]),
        tuple(found["needs_system"]),
        found["operations"],
        found["defaults"],
        tuple(found["keys"]),
        found["transforms"],
    )


def expanded(
    body: Any, properties: Mapping[str, Any], *, keys: tuple[str, ...] = (), implied: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """A template's transforms with its properties; `implied` are values of properties that do not count as given."""
    made = _Expansion(properties, keys, implied or {}).of(body)
    return made if type(made) is list else [made]


class _Expansion:
    def __init__(self, properties: Mapping[str, Any], keys: tuple[str, ...], implied: Mapping[str, Any]) -> None:
        self._properties = properties
        self._keys = keys
        self._implied = implied

    def of(self, value: Any) -> Any:
        """The value expanded; _ABSENT for a property that is not given."""
        if type(value) is str:
            return self._text(value)
        if type(value) is list:
            return [one for inner in value for one in self._elements(inner)]
        if type(value) is not dict:
            return value
        if "$list" in value:
            return ["list", *self._texts(value["$list"])]
        if "$rule" in value:
            return self._applied(value)
        own = {
            name: inner for name, old in value.items() if name != "$merge" and (inner := self.of(old)) is not _ABSENT
        }
        for name in value.get("$merge", ()):
            given = self._given(name)
            own |= given if type(given) is dict else {}
        return own

    def _elements(self, value: Any) -> Iterator[Any]:
        """What an element of a list becomes: nothing, itself, or several."""
        if type(value) is dict and "$when" in value:
            given = self._given(value["$when"])
            chosen = value.get("else", ()) if given is None or given is False else value["then"]
            for one in chosen:
                yield from self._elements(one)
        elif type(value) is dict and "$each" in value:
            for index, text in enumerate(self._texts(value["$each"])):
                yield self.of(_replaced(value["do"], {"$ITEM": text, "$INDEX": index}))
        else:
            found = self.of(value)
            if found is not _ABSENT:
                yield found

    def _text(self, text: str) -> Any:
        whole = _PROPERTY.fullmatch(text)
        if whole:
            found = self._value(whole[1])
            return _ABSENT if found is None else found
        return _PROPERTY.sub(lambda found: str(self._value(found[1])), text)

    def _texts(self, name: str) -> list[str]:
        found = self._given(name)
        return found if type(found) is list else [str(found)]

    def _applied(self, value: dict[str, Any]) -> Any:
        """The first of the rules that there is, applied to something; that itself without any."""
        rules = self._given("rules")
        rule = next((name for name in value["$rule"] if type(rules) is dict and name in rules), None)
        return self.of(value["of"]) if rule is None else ["apply", rule, self.of(value["of"])]

    def _value(self, name: str) -> Any:
        found = self._given(name)
        return self._implied.get(name) if found is None else found

    def _given(self, name: str) -> Any:
        """A property, or one within one (`name.inner`)."""
        found: Any = self._properties
        for step in name.split("."):
            found = found.get(step) if type(found) is dict else None
        return found


def _replaced(value: Any, by: Mapping[str, Any]) -> Any:
    """A value with the marks in its texts replaced; a text that is nothing else becomes the value itself."""
    if type(value) is list:
        return [_replaced(one, by) for one in value]
    if type(value) is dict:
        return {name: _replaced(one, by) for name, one in value.items()}
    if type(value) is not str:
        return value
    if value in by:
        return by[value]
    for mark, new in by.items():
        value = value.replace(mark, str(new))
    return value
