"""Findings as JUnit XML, which CI servers show: one test case a file, which fails when there is an error in it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from dataflow.diagnostics import Severity
from dataflow.report.results import xml_text
from dataflow.report.text import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.diagnostics import Diagnostic

_SUITE = "dataflow validate"


def as_junit(diagnostics: Iterable[Diagnostic], files: Iterable[str]) -> str:
    """`files` are those that were looked at; a file with findings has a case whether it is among them or not."""
    by_file: dict[str, list[Diagnostic]] = {file: [] for file in files}
    for one in in_order(diagnostics):
        by_file.setdefault(one.file or "", []).append(one)
    failing = [file for file, found in by_file.items() if any(one.severity is Severity.ERROR for one in found)]
    root = ElementTree.Element(
        "testsuite",
        name=_SUITE,
        tests=str(len(by_file)),
        failures=str(len(failing)),
        errors="0",
        skipped="0",
    )
    for file, found in sorted(by_file.items()):
        case = ElementTree.SubElement(root, "testcase", classname=_SUITE, name=xml_text(file or "package"))
        for one in found:
            if one.severity is Severity.ERROR:
                failure = ElementTree.SubElement(case, "failure", type=one.code, message=xml_text(one.message))
                failure.text = xml_text(_told(one))
        rest = [_told(one) for one in found if one.severity is not Severity.ERROR]
        if rest:
            ElementTree.SubElement(case, "system-out").text = xml_text("\n".join(rest))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def _told(one: Diagnostic) -> str:
    lines = [f"{one.place}: {one.severity} {one.code}: {one.message}"]
    lines += [f"  expected: {one.expected}"] if one.expected else []
    lines += [f"  hint: {one.hint}"] if one.hint else []
    return "\n".join(lines)
