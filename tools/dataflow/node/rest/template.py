"""Jinja as configuration may use it: sandboxed, strict about names that are missing, and without a way to the secrets of others.

A text is compiled once and rendered per request. Missing names may be looked into and tested with `is defined`, because the
platform's own examples do that on first pages; to use what is missing is an error. Rules: configuration-systems-rest.rst ("Notes on
Jinja templates"), jinja_filters.rst; decision 0432.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import jinja2
import jinja2.meta
from jinja2.ext import Extension
from jinja2.lexer import Token
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from dataflow.dtl.plain import json_text, text
from dataflow.dtl.values import NI, URI, UUID, Datetime
from dataflow.errors import PumpFailed
from dataflow.node.rest.filters import filters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import CodeType

    from jinja2.lexer import TokenStream

    from dataflow.clock import Clock

_SECRET = re.compile(r"\$SECRET\(([^()]*)\)")
# What every template may name beside its variables.
_GLOBALS = ("secret", "now", "timedelta")
_TYPED = (Decimal, NI, URI, UUID, Datetime)


class NameMissing(jinja2.UndefinedError):
    """A variable that is not there at all: a slip of the pen."""


class PropertyMissing(jinja2.UndefinedError):
    """A property that the data at hand does not have."""


class Missing(jinja2.StrictUndefined):
    """May be looked into and tested; everything else is an error."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[jinja2.TemplateRuntimeError] = jinja2.UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, NameMissing if obj is missing else PropertyMissing)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> Any:
        return self


class _Secrets(Extension):
    """`$SECRET(name)` in a template becomes a call of `secret(name)`.

    So it is filled in where the template itself has it, and never where data that is rendered happens to have the same text.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type not in ("data", "string") or "$SECRET(" not in str(token.value):
                yield token
            elif token.type == "data":
                yield from self._within_text(token)
            else:
                yield from self._within_expression(token)

    def _within_text(self, token: Token) -> Iterator[Token]:
        for index, part in enumerate(_SECRET.split(token.value)):
            if index % 2:
                yield Token(token.lineno, "variable_begin", "{{")
                yield from _call(token.lineno, part)
                yield Token(token.lineno, "variable_end", "}}")
            elif part:
                yield Token(token.lineno, "data", part)

    def _within_expression(self, token: Token) -> Iterator[Token]:
        yield Token(token.lineno, "lparen", "(")
        for index, part in enumerate(_SECRET.split(token.value)):
            if index:
                yield Token(token.lineno, "tilde", "~")
            if index % 2:
                yield from _call(token.lineno, part)
            else:
                yield Token(token.lineno, "string", part)
        yield Token(token.lineno, "rparen", ")")


def _call(line: int, name: str) -> Iterator[Token]:
    yield Token(line, "name", "secret")
    yield Token(line, "lparen", "(")
    yield Token(line, "string", name)
    yield Token(line, "rparen", ")")


class Templates:
    """Makes templates; `secret` gives a secret by name, `fetch` the JSON at an address; both may raise PumpFailed."""

    def __init__(self, secret: Callable[[str], str], clock: Clock, fetch: Callable[[str], Any]) -> None:
        self._environment = _environment(fetch)
        self._environment.policies["json.dumps_function"] = lambda value, **_: json_text(value)
        # In UTC, without saying so, as a node's clock.
        now = lambda: datetime.fromtimestamp(clock.now_ns() / 1_000_000_000, UTC).replace(tzinfo=None)  # noqa: E731
        self._environment.globals.update(secret=secret, now=now, timedelta=timedelta)

    def compile(self, source: str, what: str) -> Template:
        """`what` is how messages call it. Raises PumpFailed when it is no template."""
        try:
            return Template(self._environment, source, what)
        except jinja2.TemplateSyntaxError as error:
            raise PumpFailed(f"{what} is no valid Jinja: {error.message}") from None


def _environment(fetch: Callable[[str], Any]) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        undefined=Missing, finalize=_shown, extensions=[_Secrets], keep_trailing_newline=True
    )
    made.filters.update(filters(fetch))
    return made


@lru_cache(maxsize=4096)
def _compiled(source: str) -> tuple[CodeType, frozenset[str]]:
    """The code of a template and the variables it uses. What it reaches is looked up when it runs, so one code serves everybody."""
    environment = _compiling()
    names = frozenset(jinja2.meta.find_undeclared_variables(environment.parse(source)))
    return environment.compile(source), names


@cache
def _compiling() -> ImmutableSandboxedEnvironment:
    made = _environment(_unreachable)
    made.globals.update(dict.fromkeys(_GLOBALS))
    return made


def _unreachable(url: str) -> Any:
    raise PumpFailed(f"{url} is not fetched while a template is compiled")


# Names that are no variables, or not only those of a row.
_OTHER = frozenset({"true", "false", "none", "True", "False", "None", "self", "not", "entity", *_GLOBALS})
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
# What is written the same way with and without a template.
_WRITTEN = frozenset({str, int})


class Template:
    """One text; `names` are the variables it uses."""

    def __init__(self, environment: jinja2.Environment, source: str, what: str) -> None:
        self.what = what
        self.names: frozenset[str] = frozenset()
        self._constant = source if not any(mark in source for mark in ("{{", "{%", "{#", "$SECRET(")) else None
        found = _VARIABLE.fullmatch(source)
        # Most templates are one variable: they need no more than a look at it.
        self._variable = found[1] if found and found[1] not in _OTHER else None
        if self._constant is None:
            code, self.names = _compiled(source)
            self._template = jinja2.Template.from_code(environment, code, environment.make_globals(None))

    def render(self, variables: Mapping[str, Any]) -> str:
        """Raises PumpFailed, saying which name is missing or what went wrong."""
        try:
            return self.attempt(variables)
        except jinja2.UndefinedError as error:
            raise PumpFailed(f"{self.what}: {error.message}") from None

    def attempt(self, variables: Mapping[str, Any]) -> str:
        """The same, but raises NameMissing and PropertyMissing as they are."""
        if self._constant is not None:
            return self._constant
        if self._variable is not None:
            value = variables.get(self._variable)
            if type(value) in _WRITTEN:
                return str(value)
        try:
            return self._template.render(variables)
        except (jinja2.UndefinedError, PumpFailed):
            raise
        except jinja2.TemplateError as error:
            raise PumpFailed(f"{self.what}: {error.message}") from None
        except Exception as error:
            # An expression of the user's can raise anything; the text of it may quote a value, which may be secret.
            raise PumpFailed(f"{self.what} fails with {type(error).__name__}") from None

    def value(self, variables: Mapping[str, Any]) -> str | None:
        """What is rendered; None when that is nothing: an empty text, or the null of the data."""
        return _something(self.render(variables))

    def value_in(self, row: Mapping[str, Any]) -> str | None:
        """The value that a row alone gives, without a look at any other variables; None when that cannot be told so."""
        found = None if self._variable is None else row.get(self._variable)
        return _something(str(found)) if type(found) in _WRITTEN else None

    def value_if_there(self, variables: Mapping[str, Any]) -> str | None:
        """The same, where a property that the data does not have is nothing, too. A variable that does not exist is an error."""
        try:
            return _something(self.attempt(variables))
        except PropertyMissing:
            return None
        except jinja2.UndefinedError as error:
            raise PumpFailed(f"{self.what}: {error.message}") from None


def _something(rendered: str) -> str | None:
    return None if rendered.strip() in ("", "None") else rendered


def _shown(value: Any) -> Any:
    """Values that only DTL has, as its `string` writes them."""
    return text(value) if isinstance(value, _TYPED) else value
