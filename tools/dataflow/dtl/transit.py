"""Transit form: how typed values travel in JSON, at the edges only.

`~:` NI, `~r` URI, `~t` datetime or date, `~b` base64, `~u` UUID, `~f` decimal. An unknown tag leaves a plain string; a known
tag with bad content is an error. Rules: entity-data-model.rst; node-semantics, section 7 (numbers, trailing zeros).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from decimal import Decimal
from typing import Any

from dataflow.digits import MOST_DIGITS, decimal
from dataflow.dtl import instant
from dataflow.dtl.values import NI, URI, UUID, Date, Datetime, Value
from dataflow.errors import DataflowError


class TransitError(DataflowError):
    """A string with a known tag whose content is not of that type."""


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_READERS: dict[str, Any] = {
    ":": NI.of,
    "r": URI.of,
    "t": instant.parse,
    "b": _bytes,
    "u": UUID.parse,
    "f": decimal,
}


def text_value(text: str) -> Value:
    """The value one JSON string stands for."""
    if len(text) < 2 or text[0] != "~":
        return text
    reader = _READERS.get(text[1])
    if reader is None:
        return text
    try:
        return reader(text[2:])
    except (ValueError, binascii.Error) as error:
        raise TransitError(f'"{text}" is not a valid transit string') from error


def decode(value: Any) -> Value:
    """A JSON value with every transit string in it replaced by the value it stands for."""
    kind = type(value)
    if kind is str:
        return text_value(value) if value[:1] == "~" else value
    if kind is dict:
        return {k: decode(v) for k, v in value.items()}
    if kind is list:
        return [decode(v) for v in value]
    return value


def encode(value: Value) -> Any:
    """The JSON value in transit form; NaN and infinities become null, tuples become arrays."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is dict:
        return {k: encode(v) for k, v in value.items()}
    if kind is list or kind is tuple:
        return [encode(v) for v in value]
    if kind is NI or kind is URI or kind is UUID:
        return str(value)
    if kind is float:
        return value if math.isfinite(value) else None
    return extension(value)


def extension(value: Value) -> str:
    """Transit string of a value JSON has no type for; the `default` hook of a JSON writer."""
    if type(value) is Decimal:
        return "~f" + plain(value)
    if isinstance(value, Datetime):
        return "~t" + (instant.date_text(value.ns) if type(value) is Date else instant.text(value.ns))
    if type(value) is bytes:
        return "~b" + base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} is not a DTL value")


def plain(number: Decimal) -> str:
    """Digits of a decimal with its scale, never in exponent form."""
    text = str(number)
    return format(number, "f") if "E" in text else text


def loads(text: str | bytes) -> Value:
    """One JSON text in transit form, read exactly (big integers, decimals); no positions, so for trusted input."""
    value = json.loads(text)
    has_tilde = b"~" in text if isinstance(text, bytes) else "~" in text
    return decode(value) if has_tilde else value


def dumps(value: Value, *, indent: int | str | None = None, sort_keys: bool = False) -> str:
    """One JSON text in transit form. Raises TransitError for an integer that is too long."""
    if indent is None and not sort_keys:
        try:
            return _WRITER.encode(value)
        except ValueError:
            # A float that JSON has no number for; `encode` makes it null.
            pass
    try:
        return json.dumps(encode(value), ensure_ascii=False, indent=indent, sort_keys=sort_keys)
    except ValueError:
        raise TransitError(f"an integer of more than {MOST_DIGITS} digits cannot be written") from None


# The standard library's own fast path: values that have no JSON type go through `extension`.
_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, default=extension)
