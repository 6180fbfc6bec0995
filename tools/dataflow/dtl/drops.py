"""Silent drops: where a function ignored a value, so that its result is null or shorter than what it was given.

Recorded by the third, watched variant of the generated code. A value counts as ignored when the function's description says
that it takes no values of that kind (`Function.accepts`), or when the function, asked about the value alone in a list, gives
an empty list: so every function does that goes over a list (DTL semantics, section 4), whatever its reason.

Not seen: what special forms and transforms pass over (a path that finds nothing, keys of joins that are null, `make-ni`);
what functions leave out on purpose (`filter`, `distinct`, pairs without a string as key); values that FUNCTION of a cast replaces;
and texts that do not fit where a function makes one result of all its arguments (`concat`, `sum`). Conditions of joins and
the keys of indexes on other datasets are not looked into.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic, Severity
from dataflow.dtl import kinds
from dataflow.dtl.trace import Trace, shown, shown_value
from dataflow.dtl.values import kind_name
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.kinds import Kinds
    from dataflow.dtl.values import Value


@dataclass(frozen=True, slots=True)
class Drop:
    """One value that was ignored: by which function and expression, and what came out. `accepted` is None for another reason."""

    rule: str
    pointer: str
    expression: Any
    function: str
    value: Value
    result: Value
    accepted: Kinds | None = None

    def diagnostic(self) -> Diagnostic:
        """DF704, as a piece of information; the pointer is that of the expression."""
        return Diagnostic(
            "DF704",
            f'"{self.function}" ignored {shown_value(self.value)} ({kind_name(self.value)})'
            f" and gave {shown_value(self.result)}",
            pointer=self.pointer,
            severity=Severity.INFO,
            expected=None if self.accepted is None else kinds.listed(self.accepted),
            hint=f"in {shown(self.expression)}",
        )


class Drops(Trace):
    """A trace that gathers drops; each is told once for the same expression and value."""

    def __init__(self, points: list[tuple[str, str, Any]]) -> None:
        super().__init__(points)
        self.found: list[Drop] = []
        self._seen: set[tuple[str, str]] = set()

    def took(
        self, function: str, value: Value, accepted: Kinds | None, result: Value, again: Callable[[Value], Value] | None
    ) -> None:
        """A call was made with this argument; `again` makes it with another one in the place of it."""
        for element in value if type(value) is list else (value,):
            if element is None:
                continue
            wrong = accepted is not None and kind_name(element) not in accepted
            # Lists in lists are not gone into by functions that make one result of all.
            if wrong or (again is not None and self._left_out(again, element)):
                rule, pointer, node = self.failed
                drop = Drop(rule, pointer, node, function, element, result, accepted if wrong else None)
                known = (pointer, shown_value(element))
                if known not in self._seen:
                    self._seen.add(known)
                    self.found.append(drop)

    def _left_out(self, again: Callable[[Value], Value], value: Value) -> bool:
        opened, met = len(self._open), len(self._met)
        try:
            return bool(again([value]) == [])
        except DtlError:
            del self._open[opened:], self._met[met:]
            return False
