"""Single value in, single value out; list in, list out: the rule most functions follow (DTL semantics, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dataflow.dtl.values import as_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value


class _Ignored:
    __slots__ = ()

    def __repr__(self) -> str:
        return "IGNORED"


# Returned for a value that a function does not take: it is left out of a list, and null when it stands alone.
IGNORED: Final[Any] = _Ignored()


def each(values: Value, one: Callable[[Value], Value]) -> Value:
    """Apply `one` to a single value or to every element of a list; values for which it returns IGNORED are dropped."""
    if type(values) is list:
        return [result for value in values if (result := one(value)) is not IGNORED]
    result = one(values)
    return None if result is IGNORED else result


def each_of(kind: type, values: Value, one: Callable[[Any], Value]) -> Value:
    """`each`, taking only values of exactly one type; the others are ignored."""
    if type(values) is list:
        return [one(value) for value in values if type(value) is kind]
    return one(values) if type(values) is kind else None


def first(values: Value) -> Value:
    """The first element of a list, or a single value itself; null for nothing."""
    if type(values) is list:
        return values[0] if values else None
    return values


def flat(*arguments: Value) -> list[Value]:
    """All arguments coerced to lists and joined; the elements' own lists stay as they are."""
    return [value for argument in arguments for value in as_list(argument)]
