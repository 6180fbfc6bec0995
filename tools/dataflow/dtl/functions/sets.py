"""Chapter "Sets": lists taken as sets, in which order and, except in a union, duplicates of the first list stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import as_list, key

if TYPE_CHECKING:
    from collections.abc import Hashable

    from dataflow.dtl.values import Value

sets = Chapter("Sets", "dtl-functions-sets.rst")


@sets.expression(
    "difference",
    "VALUES1(value-expression{1}) VALUES2(value-expression{1})",
    returns="list",
    examples=[
        Example(["difference", ["list", "oak", "elm", "oak"], ["list", "elm"]], ["oak", "oak"]),
        Example(["difference", ["list", 1, True], 1], [True]),
    ],
)
def difference(values1: Value, values2: Value) -> list[Value]:
    """The elements of VALUES1 that are not in VALUES2, in their order and with their duplicates."""
    without = {key(v) for v in as_list(values2)}
    return [v for v in as_list(values1) if key(v) not in without]


@sets.expression(
    "intersection",
    "VALUES1(value-expression{1}) VALUES2(value-expression{1})",
    returns="list",
    examples=[Example(["intersection", ["list", "oak", "elm", "oak"], ["list", "oak", "ash"]], ["oak", "oak"])],
)
def intersection(values1: Value, values2: Value) -> list[Value]:
    """The elements of VALUES1 that are also in VALUES2, in their order and with their duplicates."""
    within = {key(v) for v in as_list(values2)}
    return [v for v in as_list(values1) if key(v) in within]


@sets.expression(
    "intersects",
    "VALUES1(value-expression{1}) VALUES2(value-expression{1})",
    returns="boolean",
    examples=[
        Example(["intersects", ["list", 1, 2], ["list", 2, 3]], True),
        Example(["intersects", ["list", 1, 2], None], False),
    ],
)
def intersects(values1: Value, values2: Value) -> bool:
    """True when at least one value is in both."""
    within = {key(v) for v in as_list(values2)}
    return any(key(v) in within for v in as_list(values1))


@sets.expression(
    "union",
    "VALUES1(value-expression{1}) VALUES2(value-expression{1})",
    returns="list",
    examples=[Example(["union", ["list", "oak", "elm", "oak"], ["list", "ash", "elm"]], ["oak", "elm", "ash"])],
)
def union(values1: Value, values2: Value) -> list[Value]:
    """The elements of both without duplicates, in the order in which they first occur."""
    found: dict[Hashable, Value] = {}
    for value in [*as_list(values1), *as_list(values2)]:
        found.setdefault(key(value), value)
    return list(found.values())
