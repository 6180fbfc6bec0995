"""What the platform documents about components, and a fast check of it.

The JSON files beside this one are the only place where a property is described: its type, default, whether it is required or
deprecated. `check` and everything else here is derived from them. Source: hub/documentation/service-configuration.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity, did_you_mean
from dataflow.schema import files
from dataflow.schema.files import NOUNS, OTHERS, bundled
from dataflow.schema.reading import noun as shape_of
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.diagnostics import Diagnostic
    from dataflow.schema.shapes import Need, Shape, Value
    from dataflow.source import Document

__all__ = ["NOUNS", "OTHERS", "bundled", "check", "described", "kind_of", "types"]

_WORDS = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "array",
    type(None): "null",
}


@cache
def types(noun: str) -> tuple[str, ...]:
    """The documented types of a noun, such as "dtl" and "rest" of "transform"; none of one that has no types."""
    given = files.read(noun)["properties"].get("type", {})
    return (given["const"],) if "const" in given else tuple(given.get("enum", ()))


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    return _WORDS[type(value)]


def described(value: Any) -> str:
    """The JSON type of a value with its article, as messages say it."""
    return _a(kind_of(value))


def check(noun: str, component: Any, document: Document, pointer: str = "") -> Iterator[Diagnostic]:
    """What the documentation does not allow in one component that stands at `pointer`: DF201 to DF205, and DF208.

    Variables are filled in beforehand. Properties nobody documents are warnings, because a node ignores them.
    """
    return _noun(noun, noun, component, document, pointer)


def _noun(noun: str, title: str, component: Any, document: Document, pointer: str) -> Iterator[Diagnostic]:
    if type(component) is not dict:
        yield document.diagnostic("DF201", f"{title} is {described(component)}", pointer, expected=f"{noun}: an object")
        return
    known = types(noun)
    kind = component.get("type")
    if known and "type" in component and kind not in known:
        one_of_many = len(known) > 1
        yield document.diagnostic(
            "DF204",
            f"unknown {noun} type {_json(kind)}" if one_of_many else f"the type of {_a(noun)} is not {_json(kind)}",
            f"{pointer}/type",
            expected=", ".join(known),
            hint=did_you_mean(kind, known) if type(kind) is str else None,
        )
        if one_of_many:
            return
        component = {**component, "type": known[0]}
    shape = shape_of(noun).of(component)
    if shape is shape_of(noun) and len(known) > 1:
        # Without a type nobody knows which properties there are.
        component = {name: value for name, value in component.items() if name in shape.known}
    if len(known) > 1 and type(kind) is str:
        title = f'{noun} "{kind}"'
    if shape.deprecated:
        at = f"{pointer}/type"
        yield document.diagnostic("DF208", f"{title} is deprecated", at, severity=Severity.WARNING, hint=shape.instead)
    yield from _object(noun, title, component, shape, document, pointer)


def _object(
    noun: str, title: str, value: dict[str, Any], shape: Shape, document: Document, pointer: str
) -> Iterator[Diagnostic]:
    for need in shape.needs:
        if not need.met(value):
            yield document.diagnostic(
                "DF202", f"{title} needs {_needed(need)}", pointer, expected=_expected(need, shape)
            )
    known, plain = shape.known, shape.plain
    for name, inner in value.items():
        if name in plain and type(inner) in plain[name]:
            continue
        allowed = known.get(name) or (None if name[:1] == "$" else shape.more)
        if allowed is not None:
            yield from _value(noun, name, inner, allowed, document, f"{pointer}/{escaped(name)}")
        elif shape.closed and name[:1] != "$":
            yield document.diagnostic(
                "DF203",
                f'{title} has no property "{name}"',
                f"{pointer}/{escaped(name)}",
                severity=Severity.WARNING,
                hint=did_you_mean(name, known),
            )


def _value(noun: str, name: str, value: Any, allowed: Value, document: Document, pointer: str) -> Iterator[Diagnostic]:
    if allowed.deprecated:
        message = f'"{name}" of {_a(noun)} is deprecated'
        yield document.diagnostic("DF208", message, pointer, severity=Severity.WARNING, hint=allowed.instead)
    kind = type(value)
    if kind is float and float not in allowed.kinds and value.is_integer():
        kind = int
    # A transit string may stand for a number, a secret for anything, and a variable without a value is reported as such.
    deferred = kind is str and (value[:1] == "~" or "$SECRET(" in value or "$ENV(" in value)
    if kind not in allowed.kinds:
        if not (deferred and allowed.deferred):
            message = f'"{name}" of {_a(noun)} is {described(value)}'
            yield document.diagnostic("DF201", message, pointer, expected=_words(allowed))
        return
    if deferred:
        return
    choice = [one for one in allowed.choice if type(one) is kind]
    if choice and value not in choice:
        yield document.diagnostic(
            "DF205",
            f'{_json(value)} is not a value of "{name}"',
            pointer,
            expected=_words(allowed),
            hint=did_you_mean(value, choice) if kind is str else None,
        )
    elif kind in (int, float):
        yield from _limits(name, value, allowed, document, pointer)
    elif kind is list:
        for index, item in enumerate(value):
            place = allowed.places[index] if index < len(allowed.places) else allowed.items
            if place is not None:
                yield from _item(noun, name, item, place, document, f"{pointer}/{index}")
    elif kind is dict:
        if allowed.noun is not None:
            title = f'{allowed.noun} "{name}"' if allowed.noun == "operation" else allowed.noun
            yield from _noun(allowed.noun, title, value, document, pointer)
        elif allowed.shape is not None:
            shape = allowed.shape.of(value)
            yield from _object(noun, f'"{name}" of {_a(noun)}', value, shape, document, pointer)


def _item(noun: str, name: str, item: Any, allowed: Value, document: Document, pointer: str) -> Iterator[Diagnostic]:
    if type(item) not in allowed.kinds and not (type(item) is str and allowed.deferred):
        title = allowed.noun or f'an element of "{name}"'
        message = f"{title} is {described(item)}"
        yield document.diagnostic("DF201", message, pointer, expected=_words(allowed))
    else:
        yield from _value(noun, name, item, allowed, document, pointer)


def _limits(name: str, value: float, allowed: Value, document: Document, pointer: str) -> Iterator[Diagnostic]:
    expected = None
    if allowed.least is not None and value < allowed.least:
        expected = f"at least {allowed.least}"
    elif allowed.most is not None and value > allowed.most:
        expected = f"at most {allowed.most}"
    if expected is not None:
        yield document.diagnostic("DF205", f'{value} is not a value of "{name}"', pointer, expected=expected)


def _needed(need: Need) -> str:
    options = " or ".join(" and ".join(f'"{name}"' for name in option) for option in need.options)
    return options + (f" beside {_quoted(need.given)}" if need.given else "")


def _expected(need: Need, shape: Shape) -> str | None:
    first = need.options[0][0]
    return _words(shape.known[first]) if len(need.options) == 1 and first in shape.known else None


def _words(allowed: Value) -> str:
    if allowed.choice:
        words = [_json(value) for value in allowed.choice]
        return ", ".join([*words, *map(_a, allowed.words)])
    return " or ".join(map(_a, allowed.words)) if len(allowed.words) < len(_WORDS) else "any"


def _quoted(names: tuple[str, ...]) -> str:
    return " and ".join(f'"{name}"' for name in names)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _a(kind: str) -> str:
    return kind if kind in ("null", "any") else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"
