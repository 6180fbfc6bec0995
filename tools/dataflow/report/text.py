"""Diagnostics for people and for programs."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, TextIO

from dataflow.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataflow.diagnostics import Diagnostic

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_BOLD, _FAINT = "1", "2"


def print_diagnostics(diagnostics: Iterable[Diagnostic], stream: TextIO) -> None:
    """Each finding as `file:line:column: error DF301: message`, with what belongs to it on indented lines.

    Sorted by file and place. Coloured only on a terminal, and never when NO_COLOR is set (no-color.org).
    """
    coloured = stream.isatty() and not os.environ.get("NO_COLOR")

    def paint(text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if coloured else text

    for finding in in_order(diagnostics):
        place = paint(f"{finding.place}: ", _BOLD) if finding.place else ""
        severity = paint(finding.severity, _COLOURS[finding.severity])
        print(f"{place}{severity} {finding.code}: {finding.message}", file=stream)
        if finding.pointer:
            print(paint(f"  at {finding.pointer}", _FAINT), file=stream)
        if finding.expected:
            print(f"  expected: {finding.expected}", file=stream)
        if finding.hint:
            print(f"  hint: {finding.hint}", file=stream)
        if finding.trace:
            print("  trace, from the outermost expression to the one that failed:", file=stream)
            print("\n".join(f"    {line}" for line in finding.trace.splitlines()), file=stream)


def diagnostics_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """The findings as JSON values, in the same order; properties that are not known are null."""
    return [asdict(finding) for finding in in_order(diagnostics)]


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(diagnostics, key=lambda d: (d.file or "", d.line or 0, d.column or 0, d.code, d.message))


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """How much was found, such as "2 errors, 1 warning" or "no findings"."""
    counts = Counter(finding.severity for finding in diagnostics)
    words = [counted(counts[severity], str(severity)) for severity in Severity if counts[severity]]
    return ", ".join(words) or "no findings"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
