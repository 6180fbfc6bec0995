"""Casts with a replacement: what `boolean`, `integer`, `decimal`, `float`, `datetime` and the JSON parsers have in common.

Rules: DTL semantics, sections 5 and 10; hub/dtl/dtl-functions-booleans.rst and -numbers.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.mapping import IGNORED, each

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value


def cast(default: Callable[[Value], Value] | None, values: Value, one: Callable[[Value], Value]) -> Value:
    """Cast a value or every element of a list with `one`, which returns IGNORED for what does not fit.

    What does not fit is left out, or replaced by `default(value)`. Null is never cast: it is left out of a list, and a
    single null stays null, with and without a default.
    """

    def of(value: Value) -> Value:
        if value is None:
            return IGNORED
        result = one(value)
        return default(value) if result is IGNORED and default is not None else result

    return each(values, of)
