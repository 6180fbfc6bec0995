"""The rules of `dataflow validate`, rendered for a screen, as JSON, and as tools/docs/rules.md."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import CODES, did_you_mean
from dataflow.report.text import print_diagnostics
from dataflow.rules import RULES
from dataflow.rules.examples import findings_of, shown
from dataflow.rules.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.rules.rule import Files, Rule

_FAMILIES = {
    "files": "Files",
    "shape": "Shape of components",
    "references": "References between files",
    "dtl": "DTL",
    "namespaces": "Namespaces",
    "flow": "Data flow",
    "settings": "Settings",
    "rest": "REST",
    "mappings": "Mappings",
    "expected": "Expected output",
    "security": "Security",
    "naming": "Names",
    "suppressions": "Suppressions",
}


_INTRODUCTION = """\
`dataflow validate` looks at all of them, but for those marked *when asked for*, which `--select` asks for. `--select` and
`--ignore` take ids, beginnings of ids (`DF80`) and families (`security`). A finding that you have decided to live with goes
into `.dataflow.json`, with the reason:

```json
{
  "suppress": [
    {"code": "DF805", "file": "systems/erp.conf.json", "reason": "Inside our own network.", "until": "2027-06-30"}
  ]
}
```
"""


def in_order() -> list[Rule]:
    """Every rule, family by family."""
    families = list(_FAMILIES)
    return sorted(RULES.values(), key=lambda rule: (families.index(rule.family), rule.code))


def hint(code: str) -> str | None:
    return did_you_mean(code, RULES)


def overview(rules: Sequence[Rule]) -> str:
    """One line a rule under its family."""
    lines = []
    for family, members in itertools.groupby(rules, key=lambda rule: rule.family):
        lines += ["", f"{_FAMILIES[family]} ({family})"]
        lines += [f"  {rule.code}  {rule.severity:<7}  {rule.title}{_asked(rule)}" for rule in members]
    return "\n".join([*lines[1:], "", "`dataflow rules ID` explains one, with a bad and a good example."])


def details(rule: Rule) -> str:
    """The explanation of one rule, with its examples and what they give."""
    lines = [f"{rule.code} {rule.title} ({rule.severity}, {rule.family}){_asked(rule)}", ""]
    lines += [f"  {line}".rstrip() for line in rule.text.splitlines()]
    if rule.page is not None:
        lines += ["", f"  Rests on hub/{rule.page}"]
    for heading, files in (("Bad:", rule.bad), ("Good:", rule.good)):
        lines += ["", f"  {heading}", "", *(f"    {line}".rstrip() for line in _files(rule, files))]
        lines += ["", *(f"    {line}" for line in _outcome(rule, files))]
    return "\n".join(lines)


def _files(rule: Rule, files: Files) -> Iterator[str]:
    """The files of an example that are not the same in the bad and the good package; the others by name."""
    same = [name for name, content in files.items() if rule.bad.get(name) == rule.good.get(name) == content]
    for name, content in files.items():
        if name not in same or len(same) == len(files):
            yield f"--- {name}"
            yield from shown(content).removeprefix("\ufeff").splitlines()
    if same and len(same) < len(files):
        yield f"--- and, the same in both: {', '.join(same)}"


def as_json(rule: Rule) -> dict[str, Any]:
    """One rule as data."""
    return {
        "code": rule.code,
        "title": rule.title,
        "family": rule.family,
        "severity": rule.severity,
        "usual": rule.usual,
        "text": rule.text,
        "page": None if rule.page is None else f"hub/{rule.page}",
        "bad": {name: shown(content) for name, content in rule.bad.items()},
        "good": {name: shown(content) for name, content in rule.good.items()},
    }


def markdown() -> str:
    """The page tools/docs/rules.md; every example on it is run as a test."""
    rules = in_order()
    lines = [
        "# Rules",
        "",
        "Made by `dataflow rules --markdown` from `tools/dataflow/rules`; do not edit by hand.",
        f"{len(rules)} rules. Every example is run as a test: a bad one gives what is printed below it, a good one nothing.",
        "",
        *_INTRODUCTION.splitlines(),
    ]
    for family, members in itertools.groupby(rules, key=lambda rule: rule.family):
        lines += ["", f"## {_FAMILIES[family]} (`{family}`)"]
        for rule in members:
            lines += ["", *_section(rule)]
    others = [f"| {code} | {title} |" for code, title in CODES.items() if code not in RULES]
    lines += ["", "## Ids that other commands report", "", "| Id | Meaning |", "|---|---|", *others]
    return "\n".join(lines) + "\n"


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.code} {rule.title}"
    yield ""
    yield f"{rule.severity.capitalize()}{', when asked for' if not rule.usual else ''}. {rule.text}"
    if rule.page is not None:
        yield ""
        yield f"Rests on `hub/{rule.page}`."
    for heading, files in (("Bad", rule.bad), ("Good", rule.good)):
        yield ""
        yield f"{heading}:"
        yield ""
        yield "```text"
        yield from _files(rule, files)
        yield "```"
        if heading == "Bad":
            yield ""
            yield "```text"
            yield from _outcome(rule, files)
            yield "```"


def _outcome(rule: Rule, files: Files) -> list[str]:
    screen = io.StringIO()
    print_diagnostics(findings_of(files, Selection(select=(rule.code,))), screen)
    return screen.getvalue().splitlines() or ["no findings"]


def _asked(rule: Rule) -> str:
    return "" if rule.usual else " (when asked for)"
