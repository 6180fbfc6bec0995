"""Rules: what a package should not have, each with a stable id, an explanation, and an example of it that is run as a test.

The ids are those of the diagnostics (`diagnostics.CODES`). Some findings come from reading files, from the schemas or from the DTL
compiler; the rest is looked for here, in the package as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from dataflow.clock import Clock
from dataflow.rules import (
    elsewhere,
    expected,
    flow,
    joins,
    language,
    mappings,
    namespaces,
    naming,
    properties,
    references,
    requests,
    security,
    sending,
    settings,
    shares,
    suppressions,
    triggers,
)
from dataflow.rules.package import Package
from dataflow.rules.rule import RULES, Rule
from dataflow.rules.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.diagnostics import Diagnostic
    from dataflow.pipe import Pipe
    from dataflow.project import Project

__all__ = ["FAMILIES", "RULES", "Outcome", "Package", "Rule", "Selection", "by_itself", "validate"]

# Importing them registers their rules.
FAMILIES = (
    elsewhere,
    references,
    language,
    triggers,
    joins,
    properties,
    namespaces,
    flow,
    shares,
    sending,
    settings,
    requests,
    expected,
    mappings,
    security,
    naming,
    suppressions,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is wrong with a package, and how many findings are suppressed besides."""

    findings: list[Diagnostic]
    suppressed: int


def validate(project: Project, chosen: Selection | None = None, *, today: date | None = None) -> Outcome:
    """Everything that is wrong with a package, as far as it is chosen and not suppressed."""
    chosen = chosen or Selection()
    package = Package(project)
    told = (*_once_without_a_profile(project), *package.spec_findings)
    found = [one for one in told if chosen.counts(one.code)]
    if chosen.counts("DF107"):
        from dataflow.formatting import unformatted

        found += unformatted(project.root)
    wanted = [rule for rule in RULES.values() if rule.check is not None and chosen.counts(rule.code)]
    for rule in wanted:
        if not rule.alone:
            found += _told(rule, package)
    if any(rule.alone for rule in wanted):
        found += (one for pipe in package.pipes for one in by_itself(pipe, package) if chosen.counts(one.code))
    return Outcome(*suppressions.suppressed(found, project.root, today or _today(), chosen))


def _once_without_a_profile(project: Project) -> list[Diagnostic]:
    """The findings of reading; without a file for the profile, no variable has a value, which is one fault and not many."""
    found = project.diagnostics
    without = [one for one in found if one.code == "DF303"]
    if len(without) < 2 or project.env or (project.root / f"{project.profile}-env.json").is_file():
        return found
    message = f"{len(without)} variables have no value: there is no {project.profile}-env.json"
    first = replace(min(without, key=lambda one: (one.file or "", one.line or 0)), message=message)
    return [*(one for one in found if one.code != "DF303"), first]


def _told(rule: Rule, package: Package) -> Iterator[Diagnostic]:
    for one in rule.check(package) if rule.check is not None else ():
        yield one.document.diagnostic(
            rule.code, one.message, one.pointer, severity=rule.severity, expected=one.expected, hint=one.hint
        )


def by_itself(pipe: Pipe, package: Package) -> list[Diagnostic]:
    """What the rules that look at pipes one by one say of one, whether they are chosen or not."""

    def look() -> list[Diagnostic]:
        alone = Package(package.project, [pipe])
        return [one for rule in RULES.values() if rule.alone for one in _told(rule, alone)]

    found = package.remembered(look, f"rules {pipe.digest}")
    return [pipe.document.placed(one) for one in found]


def _today() -> date:
    return datetime.fromtimestamp(Clock().now_ns() // 1_000_000_000, UTC).date()
