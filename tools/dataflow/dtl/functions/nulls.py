"""Chapter "Nulls": `is-null` and what follows it look at a list's first element; `coalesce` looks for an element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import as_list, true

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value

nulls = Chapter("Nulls", "dtl-functions-nulls.rst")

# An empty list and a list that starts with null count as null.
_NULL = "({0} is None or (type({0}) is list and (not {0} or {0}[0] is None)))"


@nulls.expression(
    "coalesce",
    "FUNCTION(function-expression{0|1}) VALUES(value-expression{1})",
    examples=[
        Example(["coalesce", ["list", None, "", "oak"]], ""),
        Example(["coalesce", ["gt", "_.", 3], ["list", 1, 5, 9]], 5),
        Example(["coalesce", ["list", None]], None),
    ],
)
def coalesce(function: Callable[[Value], Value] | None, values: Value) -> Value:
    """The first element that is not null or, with FUNCTION, the first for which it is true; null when there is none."""
    for value in as_list(values):
        if value is not None if function is None else true(function(value)):
            return value
    return None


def _fast_if_null(call: Any) -> str | None:
    value, fallback = call.arguments
    return None if call.constant_of(0)[0] else f"{fallback} if {_NULL.format(value)} else {value}"


@nulls.expression(
    "if-null",
    "VALUE(value-expression{1}) FALLBACK_VALUE(value-expression{1})",
    fast=_fast_if_null,
    examples=[
        Example(["if-null", "_S.height", 0], 0, source={"width": 3}),
        Example(["if-null", ["list"], "none"], "none"),
        Example(["if-null", ["list", "oak", None], "none"], ["oak", None]),
    ],
)
def if_null(value: Value, fallback: Value) -> Value:
    """VALUE, or FALLBACK_VALUE when `is-null` is true of VALUE."""
    return fallback if is_null(value) else value


@nulls.expression(
    "is-not-null",
    "VALUES(value-expression{1})",
    fast="not " + _NULL,
    returns="boolean",
    examples=[Example(["is-not-null", ["list", "oak", None]], True), Example(["is-not-null", ["list"]], False)],
)
def is_not_null(values: Value) -> bool:
    """The opposite of `is-null`."""
    return not is_null(values)


@nulls.expression(
    "is-null",
    "VALUES(value-expression{1})",
    fast=_NULL,
    returns="boolean",
    examples=[
        Example(["is-null", "_S.height"], True, source={"width": 3}),
        Example(["is-null", ["list", None, "oak"]], True),
        Example(["is-null", False], False),
    ],
)
def is_null(values: Value) -> bool:
    """True for null, for an empty list, and for a list whose first element is null."""
    return values is None or (type(values) is list and (not values or values[0] is None))
