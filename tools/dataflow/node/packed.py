"""A value as bytes, exactly, and back: MessagePack with dicts sorted by key, and a type of its own for what that has no type for.

What is equal in type, scale and content has the same bytes, and nothing else has them, so they can be compared in its place.
Rules: entity-data-model.rst (types); node-semantics, section 1.1 ("values keep their types exactly"); decision 0403.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import ormsgpack

from dataflow.digits import MOST_DIGITS, decimal
from dataflow.dtl import transit
from dataflow.dtl.values import NI, URI, UUID
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from dataflow.dtl.values import Value

_OPTIONS = ormsgpack.OPT_SORT_KEYS | ormsgpack.OPT_PASSTHROUGH_SUBCLASS | ormsgpack.OPT_PASSTHROUGH_BIG_INT
_TAGGED_TEXTS = frozenset({NI, URI, UUID})
# The numbers of our types; what is neither an identifier nor a number is a transit string.
_NI, _DECIMAL, _INTEGER, _TRANSIT = range(1, 5)
# A byte that MessagePack never uses stands before JSON, which has room for halves of surrogate pairs and for any depth.
_JSON = b"\xc1"


def pack(value: Value) -> bytes:
    """The bytes of a value; tuples are lists in them. Raises DtlError for a number that is too long."""
    try:
        return ormsgpack.packb(value, default=_typed, option=_OPTIONS)
    except TypeError:
        try:
            text = json.dumps(_marked(value), separators=(",", ":"), sort_keys=True)
        except ValueError:
            raise DtlError(f"a number of more than {MOST_DIGITS} digits cannot be stored") from None
        return _JSON + text.encode()


def unpack(packed: bytes) -> Value:
    """The value that bytes were made of: new lists and dicts, these sorted by key."""
    if packed[:1] == _JSON:
        return _unmarked(json.loads(packed[1:]))
    return ormsgpack.unpackb(packed, ext_hook=_read)


def _typed(value: Value) -> ormsgpack.Ext:
    if type(value) is Decimal:
        return ormsgpack.Ext(_DECIMAL, _digits(value).encode())
    return _rarer(value)


def _digits(value: Decimal) -> str:
    """Raises ValueError for more of them than `transit` reads."""
    text = transit.plain(value)
    if len(text) > MOST_DIGITS:
        decimal(text)
    return text


# Typed values never change, and the same ids and numbers stand in many entities. Decimals are not told apart by their scale here.
@lru_cache(maxsize=32_768, typed=True)
def _rarer(value: Value) -> ormsgpack.Ext:
    kind = type(value)
    if kind is int:
        return ormsgpack.Ext(_INTEGER, str(value).encode())
    if kind in _TAGGED_TEXTS:
        return ormsgpack.Ext(_NI if kind is NI else _TRANSIT, value.encode())
    return ormsgpack.Ext(_TRANSIT, transit.extension(value).encode())


@lru_cache(maxsize=32_768)
def _read(number: int, content: bytes) -> Value:
    text = content.decode()
    if number == _NI:
        return NI(text)
    if number == _DECIMAL:
        return Decimal(text)
    return int(text) if number == _INTEGER else transit.text_value(text)


def _marked(value: Value) -> Any:
    """A value for JSON: typed ones in transit form, and plain text that starts with a tilde gets one more in front."""
    kind = type(value)
    if kind is str:
        return "~" + value if value[:1] == "~" else value
    if kind is dict:
        return {name: _marked(element) for name, element in value.items()}
    if kind is list or kind is tuple:
        return [_marked(element) for element in value]
    if value is None or kind is int or kind is bool or kind is float:
        return value
    if kind is Decimal:
        return "~f" + _digits(value)
    return str(value) if kind in _TAGGED_TEXTS else transit.extension(value)


def _unmarked(value: Any) -> Value:
    kind = type(value)
    if kind is str:
        return value[1:] if value[:2] == "~~" else transit.text_value(value)
    if kind is dict:
        return {name: _unmarked(element) for name, element in value.items()}
    if kind is list:
        return [_unmarked(element) for element in value]
    return value
