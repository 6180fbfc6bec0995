"""Tables of constants: a `case-eq` that goes from constants to constants is a look-up and no chain of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.values import as_list, key, same

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from dataflow.dtl.values import Value


class Cases:
    """What follows which constant; the first of equal ones counts.

    `plain` has it by the constants' keys, for values that are their own key: strings and integers. Called with any value, it
    compares as `eq` does.
    """

    def __init__(self, pairs: Sequence[tuple[Value, Value]], otherwise: Value) -> None:
        self.plain: dict[Hashable, Value] = {}
        for constant, result in pairs:
            self.plain.setdefault(key(constant), result)
        self._pairs = pairs
        self._otherwise = otherwise

    def __call__(self, value: Value) -> Value:
        for constant, result in self._pairs:
            if value is constant if value is None or constant is None else same(as_list(value), as_list(constant)):
                return result
        return self._otherwise
