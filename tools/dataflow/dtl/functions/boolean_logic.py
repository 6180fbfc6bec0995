"""Chapter "Boolean logic": what is asked of every or of some value; `and`, `or` and `not` are forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import as_list, true

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value

boolean_logic = Chapter("Boolean logic", "dtl-functions-boolean-logic.rst")


@boolean_logic.expression(
    "all",
    "FUNCTION(function-expression{0|1}) VALUES(value-expression{1})",
    returns="boolean",
    examples=[
        Example(["all", ["gt", "_.", 3], ["list", 5, 9]], True),
        Example(["all", ["list", 0, "", False]], False),
        Example(["all", ["list"]], True),
    ],
)
def all_(function: Callable[[Value], Value] | None, values: Value) -> bool:
    """True when every value is true or, with FUNCTION, when that is true of every value. Of no value at all it is true."""
    return all(true(value if function is None else function(value)) for value in as_list(values))


@boolean_logic.expression(
    "any",
    "FUNCTION(function-expression{0|1}) VALUES(value-expression{1})",
    returns="boolean",
    examples=[
        Example(["any", ["gt", "_.", 3], ["list", 1, 5]], True),
        Example(["any", ["list", None, False]], False),
        Example(["any", ["list"]], False),
    ],
)
def any_(function: Callable[[Value], Value] | None, values: Value) -> bool:
    """True when at least one value is true or, with FUNCTION, when that is true of at least one. Of no value it is false."""
    return any(true(value if function is None else function(value)) for value in as_list(values))
