from __future__ import annotations

import io
from typing import TYPE_CHECKING

from dataflow.diagnostics import Diagnostic, Severity
from dataflow.report.text import diagnostics_json, print_diagnostics, summary

if TYPE_CHECKING:
    import pytest

FINDINGS = [
    Diagnostic("DF301", "no such dataset", file="b.json", pointer="/source/dataset", line=10, column=3, hint="think"),
    Diagnostic(
        "DF203", "odd", file="b.json", pointer="", line=9, column=1, severity=Severity.WARNING, expected="a or b"
    ),
    Diagnostic("DF101", "cannot be read", file="a.json"),
    Diagnostic("DF703", "never ends"),
]

TEXT = """\
error DF703: never ends
a.json: error DF101: cannot be read
b.json:9:1: warning DF203: odd
  expected: a or b
b.json:10:3: error DF301: no such dataset
  at /source/dataset
  hint: think
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_findings_are_sorted_and_say_all_they_know() -> None:
    stream = io.StringIO()
    print_diagnostics(FINDINGS, stream)
    assert stream.getvalue() == TEXT


def test_colours_only_on_a_terminal_that_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = Terminal()
    print_diagnostics(FINDINGS[:1], coloured)
    assert coloured.getvalue() == (
        "\x1b[1mb.json:10:3: \x1b[0m\x1b[31merror\x1b[0m DF301: no such dataset\n"
        "\x1b[2m  at /source/dataset\x1b[0m\n  hint: think\n"
    )
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    print_diagnostics(FINDINGS, plain)
    assert plain.getvalue() == TEXT


def test_json_has_every_field() -> None:
    assert diagnostics_json(FINDINGS)[-1] == {
        "code": "DF301",
        "message": "no such dataset",
        "file": "b.json",
        "pointer": "/source/dataset",
        "line": 10,
        "column": 3,
        "severity": "error",
        "expected": None,
        "hint": "think",
        "trace": None,
    }


def test_summary() -> None:
    assert summary([]) == "no findings"
    assert summary(FINDINGS) == "3 errors, 1 warning"
    assert summary(FINDINGS[:1]) == "1 error"
