"""Chapter "Comparisons": equality of whole lists, and order of first values.

Null is apart (DTL semantics, section 5; node-semantics, section 3.1): it equals nothing but null, not even a list that is
empty or holds only null, and an ordered comparison with it is false. Values of different kinds have no order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl.mapping import first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import as_list, order_key, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value

comparisons = Chapter("Comparisons", "dtl-functions-comparisons.rst")

_TWO = "VALUE1(value-expression{1}) VALUE2(value-expression{1})"


def _equality(operator: str, identity: str, otherwise: str) -> Callable[[Any], str]:
    """Inline forms of `eq` and `neq`: constants that decide the kind of comparison, and two plain strings.

    `otherwise` starts what is asked of a value that is not a string: only a list can still be equal to one.
    """

    def fast(call: Any) -> str:
        left, right = call.arguments
        for index, (one, other) in enumerate(((left, right), (right, left))):
            known, constant = call.constant_of(index)
            if known and constant is None:
                return f"{other} {identity} None"
            if known and type(constant) is bool:
                return f"{other} {identity} {one} if type({other}) is not list else {call.slow}"
            if known and type(constant) is str:
                if call.kind_of(1 - index) == "string":
                    return f"{other} {operator} {one}"
                rest = otherwise.format(other, call.slow)
                return f"{other} {operator} {one} if type({other}) is str else ({rest})"
            if known and type(constant) is int:
                return f"{other} {operator} {one} if type({other}) is int else {call.slow}"
        return f"{left} {operator} {right} if type({left}) is str and type({right}) is str else {call.slow}"

    return fast


@comparisons.expression(
    "eq",
    _TWO,
    returns="boolean",
    fast=_equality("==", "is", "type({}) is list and {}"),
    examples=[
        Example(["eq", "_S.status", "open"], True, source={"status": "open"}),
        Example(["eq", ["list", 7], 7], True),
        Example(["eq", ["list", 7, 8], 7], False),
        Example(["eq", ["list", "a", "b"], ["list", "b", "a"]], False),
        Example(["eq", 1, "~f1.0"], True),
        Example(["eq", 1, True], False),
        Example(["eq", "~:order:1", "order:1"], False),
        Example(["eq", None, ["list"]], False),
    ],
)
def eq(value1: Value, value2: Value) -> bool:
    """True when both sides, taken as lists, are the same: types, values and order. Null is the same as null only."""
    if value1 is None or value2 is None:
        return value1 is value2
    return same(as_list(value1), as_list(value2))


@comparisons.expression(
    "neq",
    _TWO,
    returns="boolean",
    fast=_equality("!=", "is not", "type({}) is not list or {}"),
    examples=[
        Example(["neq", "_S.status", "open"], True, source={"status": "closed"}),
        Example(["neq", ["list", 7], 7], False),
        Example(["neq", ["list"], None], True),
    ],
)
def neq(value1: Value, value2: Value) -> bool:
    """The opposite of `eq`."""
    return not eq(value1, value2)


def _keys(value1: Value, value2: Value) -> tuple[tuple[Any, ...], tuple[Any, ...]] | None:
    """Sort keys of the first value of each side; None when they have no order between them."""
    one, other = first(value1), first(value2)
    if one is None or other is None:
        return None
    keys = order_key(one), order_key(other)
    return keys if keys[0][0] == keys[1][0] else None


def _fast(operator: str) -> str:
    return f"{{0}} {operator} {{1}} if type({{0}}) is type({{1}}) and type({{0}}) in (int, str) else {{slow}}"


@comparisons.expression(
    "gt",
    _TWO,
    returns="boolean",
    fast=_fast(">"),
    examples=[
        Example(["gt", 3, 2.5], True),
        Example(["gt", ["list", 3, 1], ["list", 2, 9]], True),
        Example(["gt", "10", 9], False),
        Example(["gt", None, 0], False),
    ],
)
def gt(value1: Value, value2: Value) -> bool:
    """True when the first value of VALUE1 is greater than that of VALUE2; false for null and for different kinds."""
    keys = _keys(value1, value2)
    return keys is not None and bool(keys[0] > keys[1])


@comparisons.expression(
    "gte",
    _TWO,
    returns="boolean",
    fast=_fast(">="),
    examples=[
        Example(["gte", "b", "b"], True),
        Example(["gte", "~t2024-02-01", "~t2024-02-01T00:00:00Z"], True),
        Example(["gte", None, None], False),
    ],
)
def gte(value1: Value, value2: Value) -> bool:
    """True when the first value of VALUE1 is greater than or equal to that of VALUE2; false for null and for different kinds."""
    keys = _keys(value1, value2)
    return keys is not None and bool(keys[0] >= keys[1])


@comparisons.expression(
    "lt",
    _TWO,
    returns="boolean",
    fast=_fast("<"),
    examples=[
        Example(["lt", "_S.stock", 5], True, source={"stock": 4}),
        Example(["lt", "_S.missing", 5], False, source={}),
        Example(["lt", "apple", "pear"], True),
    ],
)
def lt(value1: Value, value2: Value) -> bool:
    """True when the first value of VALUE1 is less than that of VALUE2; false for null and for different kinds."""
    keys = _keys(value1, value2)
    return keys is not None and bool(keys[0] < keys[1])


@comparisons.expression(
    "lte",
    _TWO,
    returns="boolean",
    fast=_fast("<="),
    examples=[
        Example(["lte", "~f2.50", 2.5], True),
        Example(["lte", ["list", 5, 1], 5], True),
        Example(["lte", False, 0], False),
    ],
)
def lte(value1: Value, value2: Value) -> bool:
    """True when the first value of VALUE1 is less than or equal to that of VALUE2; false for null and for different kinds."""
    keys = _keys(value1, value2)
    return keys is not None and bool(keys[0] <= keys[1])
