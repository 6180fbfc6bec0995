"""Suppressions: findings that somebody has looked at and decided to live with, each with the reason, in one file of the package.

`.dataflow.json` holds `{"suppress": [{"code": ..., "file": ..., "pointer": ..., "reason": ..., "until": ...}, ...]}`. `code` is an
id or the beginning of one; `file` a path from the root of the package, in which `*` stands for anything; `pointer`, when it is
given, the part of the file, and everything in it. `until` is the last day on which it counts.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity, did_you_mean
from dataflow.errors import FindingsError
from dataflow.rules.rule import RULES, Family, Files, pipe
from dataflow.source import escaped, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.diagnostics import Diagnostic
    from dataflow.rules.selection import Selection
    from dataflow.source import Document

FILE = ".dataflow.json"

family = Family("suppressions")


def _suppress(**entry: Any) -> Files:
    return {FILE: {"suppress": [entry]}}


_NAMED = pipe("erp_order")
_REASON = "The name is in the contract with the ERP."

family.found_elsewhere(
    "DF901",
    """A suppression that suppresses nothing: what it was for has been put right, or stands somewhere else now.""",
    severity=Severity.WARNING,
    bad=pipe("erp-order") | _suppress(code="DF861", file="pipes/erp-order.conf.json", reason=_REASON),
    good=_NAMED | _suppress(code="DF861", file="pipes/erp_order.conf.json", reason=_REASON),
)
family.found_elsewhere(
    "DF902",
    """A suppression whose last day is over. It does not count any more; look at the finding again.""",
    severity=Severity.WARNING,
    bad=pipe("erp-order")
    | _suppress(code="DF861", file="pipes/erp-order.conf.json", reason=_REASON, until="2020-01-31"),
    good=_NAMED | _suppress(code="DF861", file="pipes/erp_order.conf.json", reason=_REASON, until="2999-12-31"),
)
family.found_elsewhere(
    "DF903",
    """A list of suppressions that cannot be used: an entry without a reason, an id nobody knows, a date that is none.""",
    bad=pipe("erp-order") | _suppress(code="DF861", file="pipes/erp-order.conf.json"),
    good=_NAMED | _suppress(code="DF861", file="pipes/erp_order.conf.json", reason=_REASON),
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry; `at` is its place in the file."""

    code: str
    file: str
    pointer: str
    until: date | None
    at: str

    def covers(self, finding: Diagnostic, file: str) -> bool:
        """Whether it is about a finding in this file, given from the root."""
        if not finding.code.startswith(self.code) or not fnmatch.fnmatchcase(file, self.file):
            return False
        pointer = finding.pointer or ""
        return self.pointer == "" or pointer == self.pointer or pointer.startswith(self.pointer + "/")


def suppressed(
    findings: Sequence[Diagnostic], root: Path, today: date, chosen: Selection
) -> tuple[list[Diagnostic], int]:
    """The findings that are left, with those about the list itself (DF901 to DF903), and how many are not told."""
    path = root / FILE
    if not path.is_file():
        return list(findings), 0
    try:
        document = read_json(path)
    except FindingsError as error:
        return [*findings, *error.diagnostics], 0
    faults: list[Diagnostic] = []
    entries = list(_entries(document, faults))
    valid = [entry for entry in entries if entry.until is None or today <= entry.until]
    used: set[str] = set()
    left = []
    for finding in findings:
        covering = [entry for entry in valid if entry.covers(finding, _from_root(finding, root))]
        used.update(entry.at for entry in covering)
        if not covering:
            left.append(finding)
    hidden = len(findings) - len(left)
    for entry in entries:
        if entry not in valid:
            message = f"this suppression counts no more since {entry.until}"
            faults.append(document.diagnostic("DF902", message, f"{entry.at}/until", severity=Severity.WARNING))
        elif entry.at not in used and any(code.startswith(entry.code) and chosen.counts(code) for code in RULES):
            message = f"there is no {entry.code} in {entry.file} that this would suppress"
            faults.append(document.diagnostic("DF901", message, entry.at, severity=Severity.WARNING, hint="remove it"))
    return [*left, *(fault for fault in faults if chosen.counts(fault.code))], hidden


def _from_root(finding: Diagnostic, root: Path) -> str:
    path = (Path.cwd() / (finding.file or "")).resolve()
    return path.relative_to(root.resolve()).as_posix() if path.is_relative_to(root.resolve()) else path.as_posix()


def _entries(document: Document, faults: list[Diagnostic]) -> Iterator[Suppression]:
    top = document.value
    listed = top.get("suppress") if type(top) is dict else None
    strange = [key for key in top if key != "suppress"] if type(top) is dict else []
    faults += (_fault(document, f"/{escaped(key)}", f'"{key}" means nothing here', '"suppress"') for key in strange)
    if type(listed) is not list:
        faults.append(_fault(document, "", "there is no list of suppressions", '{"suppress": [...]}'))
        return
    for index, entry in enumerate(listed):
        at = f"/suppress/{index}"
        found = list(_malformed(document, entry, at))
        faults += found
        if not found:
            until = date.fromisoformat(entry["until"]) if "until" in entry else None
            yield Suppression(entry["code"], entry["file"], entry.get("pointer", ""), until, at)


_REQUIRED = ("code", "file", "reason")
_KEYS = (*_REQUIRED, "pointer", "until")


def _malformed(document: Document, entry: Any, at: str) -> Iterator[Diagnostic]:
    if type(entry) is not dict:
        yield _fault(document, at, "a suppression is an object", ", ".join(_REQUIRED))
        return
    for key in _REQUIRED:
        if key not in entry:
            why = "; say why the finding is accepted" if key == "reason" else ""
            yield _fault(document, at, f'a suppression needs "{key}"{why}', ", ".join(_REQUIRED))
    for key, value in entry.items():
        if key not in _KEYS:
            yield _fault(document, f"{at}/{escaped(key)}", f'a suppression has no "{key}"', ", ".join(_KEYS))
        elif type(value) is not str or not value.strip():
            yield _fault(document, f"{at}/{key}", f'"{key}" is no text', "a string")
    code = entry.get("code")
    if type(code) is str and not any(known.startswith(code) for known in RULES):
        yield _fault(document, f"{at}/code", f'there is no rule "{code}"', did_you_mean(code, RULES) or "such as DF803")
    if type(entry.get("until")) is str and not _is_day(entry["until"]):
        yield _fault(document, f"{at}/until", f'"{entry["until"]}" is no day', "such as 2027-01-31")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2027-01-31")


def _fault(document: Document, pointer: str, message: str, expected: str) -> Diagnostic:
    return document.diagnostic("DF903", message, pointer, expected=expected)
