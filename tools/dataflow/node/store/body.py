"""A stored version as one JSON text in transit form, and back, exactly.

Beyond what the edges need (`dtl/transit.py`) every kind of value has a text of its own: plain text that starts with a tilde gets
one more in front, as transit itself has it, so that it never comes back as something else.
Rules: entity-data-model.rst (types); node-semantics, section 1.1 ("values keep their types exactly").
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from dataflow.dtl import transit
from dataflow.dtl.values import NI, URI, UUID

if TYPE_CHECKING:
    from dataflow.dtl.values import Entity, Value

_TAGGED_TEXTS = frozenset({NI, URI, UUID})
_MARK = b'"~'
# Typed values that were read lately. They never change, and the same ids and numbers stand in many versions.
_typed = lru_cache(maxsize=32_768)(transit.text_value)


def text_of(version: Entity) -> str:
    """The text of a version. One that begins with a space has something in it that only the exact reader reads right."""
    calls = 0

    def tagged(value: Value) -> str:
        nonlocal calls
        calls += 1
        return str(value) if type(value) in _TAGGED_TEXTS else transit.extension(value)

    try:
        text = orjson.dumps(version, default=tagged, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
        if text.count(_MARK) != calls:
            # Plain text that starts with a tilde, or something that looks like it from here.
            text = orjson.dumps(_marked(version))
    except TypeError:
        # Integers beyond 64 bits, and halves of surrogate pairs.
        return " " + json.dumps(_marked(version), separators=(",", ":"))
    return text.decode()


def version_of(text: str) -> Entity:
    """The version a text was made from."""
    version: Any = json.loads(text) if text[0] == " " else orjson.loads(text)
    if '"~' in text:
        _read(version)
    return version  # type: ignore[no-any-return]


def _marked(value: Value) -> Any:
    kind = type(value)
    if kind is str:
        return "~" + value if value[:1] == "~" else value
    if kind is dict:
        return {name: _marked(element) for name, element in value.items()}
    if kind is list or kind is tuple:
        return [_marked(element) for element in value]
    if value is None or kind is int or kind is bool:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    return str(value) if kind in _TAGGED_TEXTS else transit.extension(value)


def _read(value: dict[str, Any] | list[Any]) -> None:
    """Put the values that texts stand for in their places; what has just been parsed belongs to nobody else."""
    places: Any = value.items() if type(value) is dict else enumerate(value)
    for place, element in places:
        kind = type(element)
        if kind is str:
            # Next to nothing is greater than a tilde, and one comparison costs less than a look at the first character.
            if element >= "~" and element[0] == "~":
                value[place] = element[1:] if element[1:2] == "~" else _typed(element)
        elif kind is dict or kind is list:
            _read(element)
