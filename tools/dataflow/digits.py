"""Numbers as digits, read exactly.

A number has at most as many digits as Python itself reads in an integer, before its point and after it. Nobody means more, and a
few characters such as `1e999999999` would keep the machine busy for ever. Decision 0102.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache

MOST_DIGITS = 4_300


def decimal(text: str) -> Decimal:
    """The decimal that a text stands for, with its scale. Raises ValueError when it is none, or not a finite one, or too long."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text[:50]} is no decimal") from None
    if not value.is_finite():
        raise ValueError(f"{text} is no finite number")
    if (len(text) > MOST_DIGITS or "e" in text or "E" in text) and not _is_short(value):
        raise ValueError(f"a number has at most {MOST_DIGITS} digits before its point, and after it")
    return value


def _is_short(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return value.adjusted() < MOST_DIGITS and type(exponent) is int and -MOST_DIGITS <= exponent < MOST_DIGITS


# The same numbers stand in many records.
@lru_cache(maxsize=16_384)
def number(text: str) -> int | Decimal:
    """A JSON number with fraction or exponent as a node reads it: an integer when integral, else a decimal as written.

    Raises ValueError when it is too long.
    """
    value = decimal(text)
    return int(value) if value == value.to_integral_value() else value
