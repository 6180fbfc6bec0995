"""JSON as text: where its values stand, and what is wrong with it in words that help. Rules: RFC 8259."""

from __future__ import annotations

import itertools
import math
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # it is documented nowhere, and typed nowhere
from typing import TYPE_CHECKING, NamedTuple

from dataflow.digits import decimal

if TYPE_CHECKING:
    import json
    from collections.abc import Iterator

_GAP = re.compile(r"[ \t\r\n,:]*")
_ATOM = re.compile(r"[^ \t\r\n,\]}]*")

# Strings are matched too, so that nothing is looked for inside them; one that never ends goes to the end of its line.
_STRING = r'"(?:[^"\\\n]|\\.)*"?'
_COMMENT = re.compile(_STRING + r"|//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*", re.DOTALL)
_LAST_COMMA = re.compile(_STRING + r"|,(?=\s*[}\]])", re.DOTALL)
_NOT_BREAK = re.compile(r"[^\r\n]")


class Fault(NamedTuple):
    """Something wrong at `offset`; what a diagnostic says, without the file."""

    offset: int
    code: str
    message: str
    pointer: str | None = None
    expected: str | None = None
    hint: str | None = None


def escaped(key: str | int) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def values(text: str) -> Iterator[tuple[str, int]]:
    """Pointer and offset of every value of a valid JSON text, in the order they stand there."""
    containers: list[tuple[str, Iterator[int] | None]] = []
    key: str | None = None
    at = 0
    while (at := _end(_GAP, text, at)) < len(text):
        first = text[at]
        if first in "}]":
            containers.pop()
            at += 1
            continue
        pointer = ""
        if containers:
            parent, counter = containers[-1]
            if counter is None and key is None:
                name, at = scanstring(text, at + 1)
                key = escaped(name)
                continue
            pointer = f"{parent}/{key if counter is None else next(counter)}"
            key = None
        yield pointer, at
        if first == '"':
            at = scanstring(text, at + 1)[1]
        elif first in "{[":
            containers.append((pointer, None if first == "{" else itertools.count()))
            at += 1
        else:
            at = _end(_ATOM, text, at)


def faults(text: str, *, exact: bool) -> Iterator[Fault]:
    """What Python's parser lets pass in a text and JSON, or a node, does not; `exact` numbers have no upper limit."""
    seen: set[str] = set()
    repeated: list[str] = []
    for pointer, at in values(text):
        if pointer in seen and not any(pointer.startswith(outer + "/") for outer in repeated):
            repeated.append(pointer)
            key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
            hint = "the second value would win; keep one"
            yield Fault(at, "DF103", f'"{key}" is given twice in one object', pointer, hint=hint)
        seen.add(pointer)
        if text[at] == '"':
            if any("\ud800" <= character <= "\udfff" for character in scanstring(text, at + 1)[0]):
                expected = r"a pair such as \uD83D\uDE00"
                yield Fault(at, "DF102", "half of a surrogate pair, which is no character", pointer, expected)
        elif text[at] in "NI-0123456789":
            digits = text[at : _end(_ATOM, text, at)]
            unlimited = digits.lstrip("-").isdecimal() or (exact and digits[-1].isdecimal())
            if not unlimited and not math.isfinite(float(digits)):
                expected = "a finite number, or null"
                yield Fault(at, "DF106", f"{digits} is not a number that JSON knows", pointer, expected)


def too_long(text: str) -> Fault:
    """The first number that has more digits than are read."""
    for pointer, at in values(text):
        digits = text[at : _end(_ATOM, text, at)]
        if text[at] in "-0123456789" and not _is_read(digits):
            return Fault(at, "DF102", f"{digits[:20]}{'…' * (len(digits) > 20)} has too many digits", pointer)
    return Fault(0, "DF102", "holds a number of too many digits")


def _is_read(digits: str) -> bool:
    try:
        decimal(digits)
    except ValueError:
        return False
    return True


def extras(text: str) -> tuple[list[Fault], str]:
    """The comments and the commas after a last element, which other notations allow, and the text with blanks in their place."""
    found: list[Fault] = []

    def comment(match: re.Match[str]) -> str:
        if match[0][0] == '"':
            return match[0]
        hint = 'say it in a "comment" or "description" property'
        found.append(Fault(match.start(), "DF109", "comments are not allowed in JSON", hint=hint))
        return _NOT_BREAK.sub(" ", match[0])

    def comma(match: re.Match[str]) -> str:
        if match[0][0] == '"':
            return match[0]
        found.append(Fault(match.start(), "DF108", "comma after the last element", hint="remove the comma"))
        return " " + match[0][1:]

    text = _LAST_COMMA.sub(comma, _COMMENT.sub(comment, text))
    return sorted(found, key=lambda fault: fault.offset), text


def malformed(text: str, error: json.JSONDecodeError) -> Fault:
    """A parser's complaint in terms of what people do wrong."""
    at = error.pos
    if not text.strip():
        return Fault(0, "DF102", "the file is empty", expected="one JSON value")
    if at >= len(text):
        return Fault(at, "DF102", "the file ends in the middle", hint="a closing bracket or brace is missing")
    if text[at] == "'":
        return Fault(at, "DF102", "single quotes", hint='strings stand in double quotes: "..."')
    for beginning, message, hint in _COMPLAINTS:
        if error.msg.startswith(beginning):
            return Fault(at, "DF102", message, hint=hint)
    return Fault(at, "DF102", error.msg[0].lower() + error.msg[1:])


_COMPLAINTS = (
    ("Expecting property name", "a key is missing here, or its quotes", 'members look like "key": value'),
    ("Expecting ',' delimiter", "a comma is missing before this", "separate elements with a comma"),
    ("Expecting value", "a value is missing here, or its quotes", "strings stand in double quotes"),
    ("Extra data", "there is more text after the end of the value", "a file holds one JSON value"),
    ("Unterminated string", "the string that starts here never ends", 'a closing " is missing'),
    ("Invalid control character", "line break or control character in a string", r"write it as \n, \t or \uXXXX"),
)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()
