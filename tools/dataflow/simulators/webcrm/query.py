"""The script of `/Queries`: a small SELECT, read into data.

    SELECT * | name, ...  FROM table [JOIN Organisation ON (a = b)] [WHERE conditions] [ORDER BY name [ASC | DESC]]

Conditions are `name = value` and `name >= value`, with AND, OR and parentheses; values are numbers, or texts in single quotes,
which are doubled inside. Names may have their table in front, and ignore case. Nothing else has been seen to work, so nothing else
is taken.
Rules: webCRM's API, queries; tools/docs/decisions/0513-webcrm-queries.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dataflow.simulators.webcrm.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)?)|(?P<sign>>=|[=(),*]))"
)
_KEYWORDS = frozenset({"select", "from", "join", "on", "where", "and", "or", "order", "by", "asc", "desc"})


@dataclass(frozen=True, slots=True)
class Comparison:
    name: str
    operator: Literal["=", ">="]
    value: str | float


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that hold all, or one of them."""

    joined: Literal["AND", "OR"]
    parts: tuple[Condition, ...]


Condition = Comparison | Group


@dataclass(frozen=True, slots=True)
class Select:
    """`columns` is empty for `*`; `join` is a table and the two names that are the same."""

    columns: tuple[str, ...]
    table: str
    join: tuple[str, str, str] | None = None
    where: Condition | None = None
    order: str | None = None
    descending: bool = False


def parse(script: str) -> Select:
    """Raises Refused (400) with the place of what is not understood."""
    return _Parser(script).select()


class _Parser:
    def __init__(self, script: str) -> None:
        self._script = script
        self._tokens = list(_tokens(script))
        self._at = 0

    def select(self) -> Select:
        self._keyword("select")
        columns: list[str] = []
        if not self._sign("*"):
            columns.append(self._name())
            while self._sign(","):
                columns.append(self._name())
        self._keyword("from")
        table, join, where, order, descending = self._name(), None, None, None, False
        if self._is("join"):
            join = self._join()
        if self._is("where"):
            where = self._any()
        if self._is("order"):
            self._keyword("by")
            order = self._name()
            descending = self._is("desc") or (self._is("asc") and False)
        if self._at < len(self._tokens):
            raise self._refused("the end")
        return Select(tuple(columns), table, join, where, order, descending)

    def _join(self) -> tuple[str, str, str]:
        table = self._name()
        self._keyword("on")
        inside = self._sign("(")
        one = self._name()
        self._wanted("=")
        other = self._name()
        if inside:
            self._wanted(")")
        return table, one, other

    def _any(self) -> Condition:
        parts = [self._every()]
        while self._is("or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Group("OR", tuple(parts))

    def _every(self) -> Condition:
        parts = [self._one()]
        while self._is("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Group("AND", tuple(parts))

    def _one(self) -> Condition:
        if self._sign("("):
            inside = self._any()
            self._wanted(")")
            return inside
        name = self._name()
        if self._sign(">="):
            return Comparison(name, ">=", self._value())
        self._wanted("=")
        return Comparison(name, "=", self._value())

    def _value(self) -> str | float:
        kind, text, _ = self._token()
        if kind not in ("text", "number"):
            raise self._refused("a value")
        self._at += 1
        return text[1:-1].replace("''", "'") if kind == "text" else float(text)

    def _name(self) -> str:
        kind, text, _ = self._token()
        if kind != "name" or text.lower() in _KEYWORDS:
            raise self._refused("a name")
        self._at += 1
        return text

    def _is(self, keyword: str) -> bool:
        kind, text, _ = self._token()
        found = kind == "name" and text.lower() == keyword
        self._at += found
        return found

    def _keyword(self, keyword: str) -> None:
        if not self._is(keyword):
            raise self._refused(keyword.upper())

    def _sign(self, sign: str) -> bool:
        kind, text, _ = self._token()
        found = kind == "sign" and text == sign
        self._at += found
        return found

    def _wanted(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._refused(f'"{sign}"')

    def _token(self) -> tuple[str, str, int]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "", len(self._script))

    def _refused(self, wanted: str) -> Refused:
        _, text, at = self._token()
        return Refused(f'At {at + 1} of the script {wanted} is wanted, not "{text}"', kind="QueryException")


def _tokens(script: str) -> Iterator[tuple[str, str, int]]:
    at, end = 0, len(script.rstrip())
    while at < end:
        at += len(script[at:]) - len(script[at:].lstrip())
        match = _TOKEN.match(script, at)
        if match is None:
            raise Refused(
                f"At {at + 1} the script cannot be read: {script[at : at + 20].strip()}", kind="QueryException"
            )
        kind = str(match.lastgroup)
        yield kind, match[kind], match.start(kind)
        at = match.end()
