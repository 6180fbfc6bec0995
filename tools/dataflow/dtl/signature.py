"""Signature notation of the function reference: `NAME(type{cardinality}) NAME(type{cardinality}) ...`.

A cardinality is `{1}`, `{0|1}`, `{>0}` (one or more) or `{>=0}` (any number). A repeated group is written
`(A(type{1}) B(type{1}))+`. Rules: hub/dtl/argument-types.rst.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# What an argument may be, in the words of argument-types.rst.
TYPES = frozenset(
    {
        "value-expression",
        "boolean-expression",
        "function-expression",
        "default-value-expression",
        "integer-expression",
        "numeric-expression",
        "character-expression",
        "string",
        "integer",
        "dict",
        "value",
        "wildcard-string",
        "wildcard-string-list",
        "transforms",
        "hops-spec",
    }
)


class Parameter(NamedTuple):
    """One argument position: `type` is one of TYPES, `least` and `most` how many arguments it takes (None: no limit)."""

    name: str
    type: str
    least: int = 1
    most: int | None = 1


class Signature(NamedTuple):
    """One way to call a function: `parameters`, the last `group` of which repeats as a whole (0: none does)."""

    text: str
    parameters: tuple[Parameter, ...]
    group: tuple[int, int] | None = None

    @property
    def least(self) -> int:
        return sum(p.least for p in self.parameters)

    @property
    def most(self) -> int | None:
        if self.group is not None or any(p.most is None for p in self.parameters):
            return None
        return sum(p.most or 0 for p in self.parameters)

    def accepts(self, count: int) -> bool:
        if self.group is not None:
            start, stop = self.group
            rest = (count - start) % (stop - start)
            return count >= self.least and rest <= len(self.parameters) - stop
        return self.least <= count and (self.most is None or count <= self.most)

    def assign(self, count: int) -> list[Parameter]:
        """The parameter each of `count` arguments belongs to; optional ones are filled from the left."""
        if self.group is not None:
            return self._assign_group(count)
        spare = count - self.least
        assigned: list[Parameter] = []
        for parameter in self.parameters:
            room = spare if parameter.most is None else min(spare, parameter.most - parameter.least)
            assigned += [parameter] * (parameter.least + room)
            spare -= room
        return assigned

    def _assign_group(self, count: int) -> list[Parameter]:
        start, stop = self.group or (0, 0)
        before, group, after = self.parameters[:start], self.parameters[start:stop], self.parameters[stop:]
        rest = count - len(before)
        trailing = rest % len(group) if after else 0
        return [*before, *(group * ((rest - trailing) // len(group))), *after[:trailing]]


_PARAMETER = re.compile(r"([A-Z][A-Z0-9_]*)\(([a-z-]+)(?:\{([^}]*)\})?\)")
_CARDINALITIES: dict[str, tuple[int, int | None]] = {
    "1": (1, 1),
    "0|1": (0, 1),
    ">0": (1, None),
    ">=1": (1, None),
    ">=0": (0, None),
}


def parse(text: str) -> Signature:
    """Read one signature; ValueError says what is malformed, because a signature is part of the program."""
    parameters: list[Parameter] = []
    group: tuple[int, int] | None = None
    position, opened = 0, None
    while position < len(text):
        character = text[position]
        if character in " ,":
            position += 1
        elif character == "(":
            opened, position = len(parameters), position + 1
        elif text.startswith(")+", position) and opened is not None:
            group, opened, position = (opened, len(parameters)), None, position + 2
        else:
            match = _PARAMETER.match(text, position)
            if match is None or match[2] not in TYPES or (match[3] or "1") not in _CARDINALITIES:
                raise ValueError(f"malformed signature at {text[position:]!r} in {text!r}")
            parameters.append(Parameter(match[1], match[2], *_CARDINALITIES[match[3] or "1"]))
            position = match.end()
    return Signature(text, tuple(parameters), group)
