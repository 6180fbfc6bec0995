"""What the platform documents about components: their types and, per type, the properties with their JSON types.

`components.json` has one entry per noun and type; "*" holds what all types of a noun share. A property's value is a JSON type,
several joined by "|", "any", or the list of values allowed. Source: hub/documentation/service-configuration, the property tables.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity, did_you_mean
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataflow.diagnostics import Diagnostic
    from dataflow.source import Document

NOUNS = ("pipe", "pump", "source", "transform", "sink", "system", "metadata")

_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: type(value) is str,
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
    "boolean": lambda value: type(value) is bool,
    "object": lambda value: type(value) is dict,
    "array": lambda value: type(value) is list,
    "any": lambda _: True,
}


@cache
def _components() -> dict[str, dict[str, dict[str, Any]]]:
    text = resources.files(__package__).joinpath("components.json").read_text("utf-8")
    loaded: dict[str, dict[str, dict[str, Any]]] = json.loads(text)
    return loaded


@cache
def types(noun: str) -> tuple[str, ...]:
    """The documented types of a noun, such as "dtl" and "rest" of "transform"."""
    return tuple(sorted(_components()[noun].keys() - {"*"}))


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    return "null" if value is None else next(name for name, fits in _TYPES.items() if fits(value))


def described(value: Any) -> str:
    """The JSON type of a value with its article, as messages say it."""
    return _a(kind_of(value))


def check(noun: str, component: Any, document: Document, pointer: str) -> Iterator[Diagnostic]:
    """What the documentation does not allow in one component that stands at `pointer`: DF201 to DF205.

    Variables are filled in beforehand. Properties nobody documents are warnings, because a node ignores them.
    """
    if type(component) is not dict:
        yield document.diagnostic("DF201", f"{noun} is {described(component)}", pointer, expected=f"{noun}: an object")
        return
    known = _components()[noun]
    own: dict[str, Any] = {}
    if len(known) > 1 and "type" in component:
        name = component["type"]
        if name not in types(noun):
            yield document.diagnostic(
                "DF204",
                f"unknown {noun} type {json.dumps(name, ensure_ascii=False)}",
                f"{pointer}/type",
                expected=", ".join(types(noun)),
                hint=did_you_mean(name, types(noun)) if type(name) is str else None,
            )
            return
        own = known[name]
    properties = {**known["*"]["properties"], **own.get("properties", {})}
    for name in (*known["*"].get("required", ()), *own.get("required", ())):
        if name not in component:
            yield document.diagnostic(
                "DF202", f'{_title(noun, component)} needs "{name}"', pointer, expected=_words(properties[name])
            )
    for name, value in component.items():
        here = f"{pointer}/{escaped(name)}"
        if name in properties:
            yield from _value(noun, name, value, properties[name], document, here)
        elif "*" not in properties and not name.startswith("$"):
            yield document.diagnostic(
                "DF203",
                f'{_title(noun, component)} has no property "{name}"',
                here,
                severity=Severity.WARNING,
                hint=did_you_mean(name, properties),
            )


def _value(noun: str, name: str, value: Any, allowed: Any, document: Document, pointer: str) -> Iterator[Diagnostic]:
    # A transit string may stand for a number, a secret for anything, and a variable without a value is reported as such.
    if type(value) is str and (value.startswith("~") or "$SECRET(" in value or "$ENV(" in value):
        return
    if type(allowed) is list:
        if value not in allowed:
            yield document.diagnostic(
                "DF205",
                f'{json.dumps(value, ensure_ascii=False)} is not a value of "{name}"',
                pointer,
                expected=_words(allowed),
                hint=did_you_mean(value, allowed) if type(value) is str else None,
            )
    elif not any(_TYPES[kind](value) for kind in allowed.split("|")):
        message = f'"{name}" of a {noun} is {_a(kind_of(value))}'
        yield document.diagnostic("DF201", message, pointer, expected=_words(allowed))


def _title(noun: str, component: dict[str, Any]) -> str:
    kind = component.get("type")
    return f'{noun} "{kind}"' if noun not in ("pipe", "pump", "metadata") and type(kind) is str else noun


def _words(allowed: Any) -> str:
    if type(allowed) is list:
        return ", ".join(f'"{value}"' for value in allowed)
    return " or ".join(_a(kind) for kind in allowed.split("|"))


def _a(kind: str) -> str:
    return kind if kind in ("null", "any") else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"
