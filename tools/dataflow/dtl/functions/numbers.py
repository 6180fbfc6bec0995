"""Chapter "Numbers": integers without bounds, decimals as written, floats; booleans are none of them.

`integer` and `hex` read and write hexadecimal digits as two's complement in whole bytes.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow import digits
from dataflow.dtl import kinds
from dataflow.dtl.casts import cast
from dataflow.dtl.mapping import IGNORED, each, first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value

numbers = Chapter("Numbers", "dtl-functions-numbers.rst")

_CAST = "FUNCTION(default-value-expression{0|1}) VALUES(value-expression{1})"
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_HEX = re.compile(r"0x([0-9A-Fa-f]+)")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def exact(number: float | Decimal) -> Decimal:
    """An integer, float or decimal as a decimal; a float by its shortest form. ArithmeticError for NaN and infinities."""
    if type(number) is float:
        if not math.isfinite(number):
            raise ArithmeticError("not a finite number")
        return Decimal(repr(number))
    return Decimal(number)


def finite(number: Any) -> Value:
    """A result of a calculation; None when it is no finite real number (decision 0103)."""
    return number if type(number) is int or (type(number) in NUMBERS and math.isfinite(number)) else None


@numbers.expression(
    "decimal",
    _CAST,
    accepts=kinds.STRING | kinds.NUMBER,
    gives=kinds.DECIMAL,
    examples=[
        Example(["decimal", "12.50"], "~f12.50"),
        Example(["decimal", ["list", 0.1, 3, "abc", None, True]], ["~f0.1", "~f3"]),
        Example(["decimal", 0, ["list", "1e2", "abc"]], ["~f100", 0]),
    ],
)
def decimal(default: Callable[[Value], Value] | None, values: Value) -> Value:
    """Decimals of numbers and of strings that are numbers; other values are left out or replaced by FUNCTION."""
    return cast(default, values, _decimal)


def _decimal(value: Value) -> Value:
    kind = type(value)
    if kind is Decimal:
        return value
    try:
        if kind is int or kind is float:
            return exact(value)
        if kind is not str or not _NUMBER.fullmatch(value.strip()):
            return IGNORED
        return digits.decimal(value.strip())
    except (ArithmeticError, ValueError):
        return IGNORED


@numbers.expression(
    "float",
    _CAST,
    accepts=kinds.STRING | kinds.NUMBER,
    gives=kinds.FLOAT,
    examples=[
        Example(["float", "12.50"], 12.5),
        Example(["float", ["list", "~f0.1", 3, "abc"]], [0.1, 3.0]),
        Example(["float", "_.", "1e999"], "1e999"),
    ],
)
def to_float(default: Callable[[Value], Value] | None, values: Value) -> Value:
    """Floats of numbers and of strings that are numbers; what does not fit is left out or replaced by FUNCTION."""
    return cast(default, values, _float)


def _float(value: Value) -> Value:
    kind = type(value)
    if kind is str and not _NUMBER.fullmatch(value.strip()):
        return IGNORED
    if kind is not str and kind is not int and kind is not float and kind is not Decimal:
        return IGNORED
    try:
        number = float(value)
    except OverflowError:
        return IGNORED
    return number if math.isfinite(number) else IGNORED


@numbers.expression(
    "integer",
    _CAST,
    fast=lambda call: f"{call.arguments[-1]} if type({call.arguments[-1]}) is int else {call.slow}",
    accepts=kinds.STRING | kinds.NUMBER,
    gives=kinds.INTEGER,
    examples=[
        Example(["integer", ["list", "7", 7.9, "~f-7.9", "7.9", True]], [7, 7, -7]),
        Example(["integer", ["list", "0x7f", "0xff80"]], [127, -128]),
        Example(["integer", -1, "seven"], -1),
    ],
)
def integer(default: Callable[[Value], Value] | None, values: Value) -> Value:
    """Integers: floats and decimals lose their fraction, strings must be integers or start with "0x".

    Other values are left out or replaced by FUNCTION.
    """
    return cast(default, values, _integer)


def _integer(value: Value) -> Value:
    kind = type(value)
    if kind is int:
        return value
    if kind is float:
        return int(value) if math.isfinite(value) else IGNORED
    if kind is Decimal:
        return int(value)
    return _parsed(value.strip()) if kind is str else IGNORED


def _parsed(text: str) -> Value:
    if _INTEGER.fullmatch(text):
        return int(text) if len(text.lstrip("+-")) <= digits.MOST_DIGITS else IGNORED
    match = _HEX.fullmatch(text)
    if match is None:
        return IGNORED
    whole = match[1] if len(match[1]) % 2 == 0 else "0" + match[1]
    return int.from_bytes(bytes.fromhex(whole), "big", signed=True)


@numbers.expression(
    "hex",
    "VALUES(value-expression{1})",
    accepts=kinds.STRING | kinds.INTEGER,
    gives=kinds.STRING,
    examples=[
        Example(["hex", ["list", 10, 200, -200, "10", 2.5]], ["0x0a", "0x00c8", "0xff38", "0x0a"]),
        Example(["hex", "ten"], None),
    ],
)
def to_hex(values: Value) -> Value:
    """Integers, and strings that are integers, as "0x" and two's complement in as few bytes as hold it; others are ignored."""
    return each(values, _hex)


def _hex(value: Value) -> Value:
    number = _parsed(value.strip()) if type(value) is str else value
    if type(number) is not int:
        return IGNORED
    magnitude = number if number >= 0 else ~number
    return "0x" + number.to_bytes(magnitude.bit_length() // 8 + 1, "big", signed=True).hex()


@numbers.expression(
    "is-decimal",
    "VALUES(value-expression{1})",
    returns="boolean",
    examples=[Example(["is-decimal", "~f2.5"], True), Example(["is-decimal", 2.5], False)],
)
def is_decimal(values: Value) -> bool:
    """True when the value, or the first of a list, is a decimal."""
    return type(first(values)) is Decimal


@numbers.expression(
    "is-float",
    "VALUES(value-expression{1})",
    returns="boolean",
    fast="type({0}) is float if type({0}) is not list else {slow}",
    examples=[Example(["is-float", ["list", 2.5, "x"]], True), Example(["is-float", "~f2.5"], False)],
)
def is_float(values: Value) -> bool:
    """True when the value, or the first of a list, is a float."""
    return type(first(values)) is float


@numbers.expression(
    "is-integer",
    "VALUES(value-expression{1})",
    returns="boolean",
    fast="type({0}) is int if type({0}) is not list else {slow}",
    examples=[
        Example(["is-integer", 12345678901234567890123], True),
        Example(["is-integer", True], False),
        Example(["is-integer", 2.0], False),
    ],
)
def is_integer(values: Value) -> bool:
    """True when the value, or the first of a list, is an integer."""
    return type(first(values)) is int
