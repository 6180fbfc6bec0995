"""Chapter "Bytes"."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from dataflow.dtl import kinds
from dataflow.dtl.mapping import IGNORED, each, each_of, first
from dataflow.dtl.registry import Chapter, Example

if TYPE_CHECKING:
    from dataflow.dtl.values import Value

byte_strings = Chapter("Bytes", "dtl-functions-bytes.rst")


@byte_strings.expression(
    "base64-decode",
    "VALUES(value-expression{1})",
    accepts=kinds.STRING,
    gives=kinds.BYTES,
    examples=[
        Example(["base64-decode", "Zmly"], "~bZmly"),
        Example(["base64-decode", ["list", "Zmly", "Zm", "no base64", 5]], ["~bZmly"]),
        Example(["base64-decode", "?"], None),
    ],
)
def base64_decode(values: Value) -> Value:
    """The bytes that strings in base64 stand for; other values, and strings that are not base64, are ignored."""
    return each(values, _decoded)


def _decoded(value: Value) -> Value:
    if type(value) is not str:
        return IGNORED
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return IGNORED


@byte_strings.expression(
    "base64-encode",
    "VALUES(value-expression{1})",
    accepts=kinds.BYTES,
    gives=kinds.STRING,
    examples=[
        Example(["base64-encode", ["bytes", "fir"]], "Zmly"),
        Example(["base64-encode", ["list", "~bZmly", "Zmly"]], ["Zmly"]),
    ],
)
def base64_encode(values: Value) -> Value:
    """The base64 text of bytes; other values are ignored."""
    return each_of(bytes, values, lambda value: base64.b64encode(value).decode("ascii"))


@byte_strings.expression(
    "bytes",
    "VALUES(value-expression{1})",
    accepts=kinds.STRING | kinds.BYTES,
    gives=kinds.BYTES,
    examples=[
        Example(["bytes", "fir"], "~bZmly"),
        Example(["bytes", ["list", "ø", 1, None]], ["~bw7g="]),
        Example(["bytes", "~bZmly"], "~bZmly"),
    ],
)
def to_bytes(values: Value) -> Value:
    """The UTF-8 bytes of strings; bytes stay what they are, other values are ignored."""
    return each(values, _bytes)


def _bytes(value: Value) -> Value:
    if type(value) is bytes:
        return value
    try:
        return value.encode("utf-8") if type(value) is str else IGNORED
    except UnicodeEncodeError:
        return IGNORED


@byte_strings.expression(
    "is-bytes",
    "VALUES(value-expression{1})",
    returns="boolean",
    fast="type({0}) is bytes if type({0}) is not list else {slow}",
    examples=[
        Example(["is-bytes", "~bZmly"], True),
        Example(["is-bytes", ["list", "Zmly", "~bZmly"]], False),
    ],
)
def is_bytes(values: Value) -> bool:
    """True when the value, or the first of a list, is bytes."""
    return type(first(values)) is bytes
