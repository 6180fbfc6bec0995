"""Chapter "Booleans"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl import kinds
from dataflow.dtl.casts import cast
from dataflow.dtl.mapping import IGNORED, first
from dataflow.dtl.registry import Chapter, Example

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value

booleans = Chapter("Booleans", "dtl-functions-booleans.rst")

_WORDS = {"true": True, "false": False}


@booleans.expression(
    "boolean",
    "FUNCTION(default-value-expression{0|1}) VALUES(value-expression{1})",
    accepts=kinds.STRING | kinds.BOOLEAN,
    gives=kinds.BOOLEAN,
    examples=[
        Example(["boolean", "TRUE"], True),
        Example(["boolean", ["list", "false", "maybe", 1, True]], [False, True]),
        Example(["boolean", False, ["list", "true", "maybe", None]], [True, False]),
        Example(["boolean", ["upper", "_."], ["list", "maybe"]], ["MAYBE"]),
    ],
)
def boolean(default: Callable[[Value], Value] | None, values: Value) -> Value:
    """Booleans, and the strings "true" and "false" in any letter case; other values are left out or replaced by FUNCTION."""
    return cast(default, values, _boolean)


def _boolean(value: Value) -> Value:
    if type(value) is bool:
        return value
    return _WORDS.get(value.lower(), IGNORED) if type(value) is str else IGNORED


@booleans.expression(
    "is-boolean",
    "VALUES(value-expression{1})",
    returns="boolean",
    fast="type({0}) is bool if type({0}) is not list else {slow}",
    examples=[
        Example(["is-boolean", True], True),
        Example(["is-boolean", ["list", False, "x"]], True),
        Example(["is-boolean", 1], False),
        Example(["is-boolean", None], False),
    ],
)
def is_boolean(values: Value) -> bool:
    """True when the value, or the first of a list, is a boolean."""
    return type(first(values)) is bool
