"""What stands at a place in the text of a component, also while somebody types and it is no JSON yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[\[\]{},:]|[^\s\[\]{},:"]+')


@dataclass
class _Open:
    """An array or object that is not closed yet: the number of the element, or the key; and the first element."""

    array: bool
    index: int = 0
    key: str | None = None
    head: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    after_colon: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """`text` is the string at the place, `typed` what of it stands before the place; `start` and `end` are its offsets.

    `path` are the keys and numbers that lead there, `is_key` says that it is a key. `heads` are the first elements of the arrays
    around it, the innermost last; `types` are the values of "type" seen so far in the objects around it.
    """

    text: str
    typed: str
    start: int
    end: int
    path: tuple[str | int, ...]
    is_key: bool
    heads: tuple[str | None, ...]
    types: tuple[str | None, ...]

    @property
    def in_rules(self) -> bool:
        return "rules" in self.path


def at(text: str, offset: int) -> Cursor | None:
    """The string at an offset; None when there is none."""
    stack: list[_Open] = []
    for match in _TOKEN.finditer(text):
        token, start, end = match.group(), match.start(), match.end()
        if start > offset:
            break
        closed = len(token) > 1 and token.endswith('"')
        if token.startswith('"') and start < offset and (offset < end or (offset == end and not closed)):
            return _cursor(token, start, end, offset, stack)
        _take(token, stack)
    return None


def _take(token: str, stack: list[_Open]) -> None:
    top = stack[-1] if stack else None
    if token in ("[", "{"):
        stack.append(_Open(array=token == "["))
    elif token in ("]", "}"):
        if stack:
            stack.pop()
    elif top is None:
        return
    elif token == ",":
        top.index += 1
        top.after_colon = False
    elif token == ":":
        top.after_colon = True
    elif top.array:
        if top.index == 0:
            top.head = token.strip('"')
    elif top.after_colon:
        top.values[str(top.key)] = token.strip('"')
    else:
        top.key = token.strip('"')


def _cursor(token: str, start: int, end: int, offset: int, stack: list[_Open]) -> Cursor:
    is_key = bool(stack) and not stack[-1].array and not stack[-1].after_colon
    around = stack[:-1] if is_key else stack
    path = tuple(one.index if one.array else str(one.key) for one in around)
    return Cursor(
        token.strip('"'),
        text_before(token, offset - start),
        start + 1,
        end - 1 if token.endswith('"') and len(token) > 1 else end,
        path,
        is_key,
        tuple(one.head for one in stack if one.array),
        tuple(one.values.get("type") for one in stack if not one.array),
    )


def text_before(token: str, length: int) -> str:
    """What of a string token stands before a place in it."""
    return token[1:length]
