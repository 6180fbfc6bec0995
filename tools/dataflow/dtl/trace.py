"""The target-spec trace: when an entity breaks a rule, which expression failed and what it had met.

Written by the second, traced variant of the generated code; the plain variant pays nothing for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.dtl import transit

if TYPE_CHECKING:
    from dataflow.dtl.values import Value

_LONGEST = 70
_DEEPEST = 12


class Trace:
    """Records entered and left expressions; what is still open when an exception flies is the way to the fault."""

    def __init__(self, points: list[tuple[str, str, Any]]) -> None:
        """`points` are (rule, JSON pointer, expression), by the number the generated code uses."""
        self._points = points
        self._open: list[int] = []
        self._met: list[list[tuple[int, Value]]] = [[]]

    def enter(self, point: int) -> None:
        self._open.append(point)
        self._met.append([])

    def leave(self, point: int, value: Value) -> None:
        # A rule that stopped midway leaves its points open: they are closed with the call that made them.
        while self._open and self._open.pop() != point:
            self._met.pop()
        self._met.pop()
        self._met[-1].append((point, value))

    @property
    def failed(self) -> tuple[str, str, Any]:
        """(rule, JSON pointer, expression) of the innermost expression that was not finished."""
        return self._points[self._open[-1]] if self._open else ("default", "", None)

    def text(self) -> str:
        """One line per open expression, outermost first, then the values the innermost one had met."""
        lines = []
        for depth, point in enumerate(self._open):
            rule, pointer, node = self._points[point]
            lines.append(f"{'  ' * min(depth, _DEEPEST)}{pointer or rule}: {shown(node)}")
        if len(lines) > 2 * _DEEPEST:
            lines[_DEEPEST:-_DEEPEST] = [f"  ... {len(lines) - 2 * _DEEPEST} more ..."]
        indent = "  " * min(len(self._open), _DEEPEST)
        lines += [f"{indent}{shown(self._points[point][2])} = {shown_value(value)}" for point, value in self._met[-1]]
        return "\n".join(lines)


def shown(node: Any) -> str:
    """An expression on one line, shortened."""
    return _shortened(json.dumps(node, ensure_ascii=False, default=str))


def shown_value(value: Value) -> str:
    """A value in transit form on one line, shortened."""
    try:
        return _shortened(transit.dumps(value))
    except RecursionError:
        return "(a value nested too deeply to be shown)"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
