"""Findings as workflow commands, which GitHub shows beside the lines of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.diagnostics import Severity
from dataflow.report.text import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.diagnostics import Diagnostic

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def as_commands(diagnostics: Iterable[Diagnostic]) -> str:
    """One command a finding, each on its line."""
    return "".join(f"{_command(one)}\n" for one in in_order(diagnostics))


def _command(one: Diagnostic) -> str:
    places = {"file": one.file, "line": one.line, "col": one.column, "title": one.code}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in places.items() if value is not None)
    notes = [one.message, f"expected: {one.expected}" if one.expected else "", f"hint: {one.hint}" if one.hint else ""]
    return f"::{_COMMANDS[one.severity]} {properties}::{_data(chr(10).join(note for note in notes if note))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
