"""The target-spec trace: when an entity breaks a rule, which expression failed and what it had met.

Written by the second, traced variant of the generated code; the plain variant pays nothing for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.dtl import transit
from dataflow.errors import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataflow.dtl.values import Value
    from dataflow.source import Document

_LONGEST = 70
_DEEPEST = 12
# Of the values an expression has met the last ones are those that matter.
_MOST_VALUES = 6


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
        """An expression has its value."""
        self.done(point)
        self._met[-1].append((point, value))

    def done(self, point: int) -> None:
        """A transform is over."""
        # A rule that stopped midway leaves its points open: they are closed with the call that made them.
        while self._open and self._open.pop() != point:
            self._met.pop()
        self._met.pop()

    @property
    def failed(self) -> tuple[str, str, Any]:
        """(rule, JSON pointer, expression) of the innermost expression that was not finished."""
        return self._points[self._open[-1]] if self._open else ("default", "", None)

    def steps(self) -> tuple[Step, ...]:
        """The open expressions, outermost first."""
        return tuple(self._step(point, met) for point, met in zip(self._open, self._met[1:], strict=True))

    def _step(self, point: int, met: list[tuple[int, Value]]) -> Step:
        rule, pointer, node = self._points[point]
        values = tuple((shown(self._points[p][2]), shown_value(value)) for p, value in met[-_MOST_VALUES:])
        return Step(rule, pointer, shown(node), values)


def text(steps: Sequence[Step], place: Callable[[str], str] = str) -> str:
    """One line per expression, outermost first, each followed by the values it had met; `place` tells where a pointer is."""
    lines: list[str] = []
    for depth, step in enumerate(steps):
        if len(steps) > 2 * _DEEPEST and _DEEPEST <= depth < len(steps) - _DEEPEST:
            if depth == _DEEPEST:
                lines.append(f"... {len(steps) - 2 * _DEEPEST} more ...")
            continue
        indent = "  " * min(depth, _DEEPEST)
        lines.append(f"{indent}{place(step.pointer)}: {step.expression}")
        lines += [f"{indent}    {expression} = {value}" for expression, value in step.met]
    return "\n".join(lines)


def located(steps: Sequence[Step], document: Document) -> str:
    """The same with `file:line:column` for places."""

    def place(pointer: str) -> str:
        line, column = document.locate(pointer)
        return f"{document.file}:{line}:{column}" if document.file else f"{line}:{column}"

    return text(steps, place)


def shown(node: Any) -> str:
    """An expression on one line, shortened."""
    return _shortened(node if type(node) is str else json.dumps(node, ensure_ascii=False, default=str))


def shown_value(value: Value) -> str:
    """A value in transit form on one line, shortened."""
    try:
        return _shortened(transit.dumps(value))
    except RecursionError:
        return "(a value nested too deeply to be shown)"


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
