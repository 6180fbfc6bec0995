"""A rule: one thing that is wrong with a package, with its id, its explanation, and an example of it in a bad and a
good package.

A module of this package makes one `Family` and registers its rules with `@family.rule(code, ...)`; the docstring of a
check is what its users read. Rules of which others see to the finding (reading JSON, the schemas, the DTL compiler)
are registered with `family.found_elsewhere(code, text, ...)`.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.diagnostics import CODES, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dataflow.rules.package import Package
    from dataflow.source import Document

# The files of a package by path: a JSON value, or text for a file that is to stand there exactly so.
Files = dict[str, Any]


class Found(NamedTuple):
    """What a check found: in which file, at which pointer, and what to say of it. The rule knows the rest."""

    document: Document
    pointer: str
    message: str
    hint: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`page` is where the platform documents what the rule rests on, below hub/; None for what is plain.

    `check` is None when the finding comes from elsewhere. A rule that is not `usual` is only looked at when it is asked for.
    One that is `alone` looks at pipes one by one, whatever the others are, so what it found can be remembered.
    """

    code: str
    family: str
    severity: Severity
    text: str
    page: str | None
    bad: Files
    good: Files
    check: Callable[[Package], Iterator[Found]] | None
    usual: bool
    alone: bool

    @property
    def title(self) -> str:
        return CODES[self.code]


RULES: dict[str, Rule] = {}


class Family:
    """Rules that belong together; the name serves as their tag. `alone` holds for all of them, see `Rule`."""

    def __init__(self, name: str, *, alone: bool = False) -> None:
        self.name = name
        self._alone = alone

    def rule(
        self,
        code: str,
        *,
        bad: Files,
        good: Files,
        severity: Severity = Severity.WARNING,
        page: str | None = None,
        usual: bool = True,
        alone: bool = False,
    ) -> Callable[[Callable[[Package], Iterator[Found]]], Callable[[Package], Iterator[Found]]]:
        """Register a check; its docstring is the explanation."""

        def register(check: Callable[[Package], Iterator[Found]]) -> Callable[[Package], Iterator[Found]]:
            text = inspect.getdoc(check)
            if not text:
                raise ValueError(f"{code} needs an explanation")
            self._add(Rule(code, self.name, severity, text, page, bad, good, check, usual, alone or self._alone))
            return check

        return register

    def found_elsewhere(
        self,
        code: str,
        text: str,
        *,
        bad: Files,
        good: Files,
        severity: Severity = Severity.ERROR,
        page: str | None = None,
        usual: bool = True,
    ) -> None:
        self._add(Rule(code, self.name, severity, inspect.cleandoc(text), page, bad, good, None, usual, alone=False))

    def _add(self, rule: Rule) -> None:
        if rule.code in RULES:
            raise ValueError(f"{rule.code} is registered twice")
        RULES[rule.code] = rule


def pipe(name: str, source: Mapping[str, Any] | None = None, **properties: Any) -> Files:
    """The file of a small pipe, for examples; without a source it takes what is posted to it."""
    given = {"type": "http_endpoint"} if source is None else dict(source)
    return {f"pipes/{name.lower()}.conf.json": {"_id": name, "type": "pipe", "source": given, **properties}}


def inbound(name: str, system: str = "erp", **source: Any) -> Files:
    """A pipe that reads from a system outside, as it should."""
    given = {"type": "json", "system": system, "if_source_empty": "fail", "url": "orders", **source}
    if given["type"] in ("rest", "sql"):
        del given["url"]
    return pipe(name, given, pump={"cron_expression": "0 * * * *"})


def dtl(*transforms: Any, **rules: Any) -> dict[str, Any]:
    """A dtl transform with these transforms in its default rule, and further rules by name."""
    return {"type": "dtl", "rules": {"default": list(transforms), **rules}}


def system(name: str = "erp", kind: str = "system:url", **properties: Any) -> Files:
    """The file of a small system, for examples."""
    given = {"url_pattern": "https://erp.example.com/%s", "verify_ssl": True} if kind in _WEB else {}
    return {f"systems/{name.lower()}.conf.json": {"_id": name, "type": kind, **given, **properties}}


_WEB = ("system:rest", "system:url")
