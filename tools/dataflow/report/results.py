"""Renderings of results: lines for people, JSON for programs, JUnit XML for CI."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from dataflow.dtl.transit import encode, extension
from dataflow.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataflow.results import Evidence, Result

_LONGEST_VALUE = 160

# What XML 1.0 cannot hold; a report must be readable whatever the data held.
_NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)], "\ufffd")


def evidence_lines(evidence: Evidence) -> list[str]:
    """Where one difference is, and both values; a note of `missing` or `unexpected` says that one side has none."""
    place = " ".join(part for part in (evidence.entity, evidence.pointer) if part)
    if evidence.note == "missing":
        return [f"{place}  missing", f"  expected  {shown(evidence.expected)}"]
    if evidence.note == "unexpected":
        return [f"{place}  unexpected", f"  actual    {shown(evidence.actual)}"]
    return [place, f"  expected  {shown(evidence.expected)}", f"  actual    {shown(evidence.actual)}"]


def shown(value: Any) -> str:
    """A value as one line of JSON, cut in the middle of nothing but its end when it is long."""
    text = json.dumps(encode(value), ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 4] + " ..."


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many results have each verdict; every verdict has an entry."""
    numbers = {verdict.value: 0 for verdict in Verdict}
    for result in results:
        numbers[result.verdict.value] += 1
    return numbers


def as_json(results: Sequence[Result], **about: Any) -> str:
    """`{"results": [...], "counts": {...}}` and whatever else is given about the run."""
    document = {**about, "counts": counts(results), "results": [_plain(result) for result in results]}
    return json.dumps(document, indent=2, ensure_ascii=False, default=extension)


def as_list(results: Sequence[Result]) -> str:
    """`[{"id", "pipe", "verdict", "detail"}, ...]`: `detail` is the reason in words, `differences` what was met where."""
    items = [
        {
            "id": result.id,
            "pipe": result.group,
            "verdict": result.verdict.value,
            "detail": result.reason or "",
            "differences": _plain(result)["evidence"],
            **result.properties,
        }
        for result in results
    ]
    return json.dumps(items, indent=2, ensure_ascii=False, default=extension)


def _plain(result: Result) -> dict[str, Any]:
    """A result as plain values; only the evidence of an edit tells of a passage."""
    plain = asdict(result)
    for evidence in plain["evidence"]:
        if evidence["passage"] is None:
            del evidence["passage"]
    return plain


def as_junit(results: Sequence[Result], suite: str) -> str:
    """JUnit XML as CI servers read it: one test case per result, its group as the class name."""
    number = counts(results)
    root = ElementTree.Element(
        "testsuite",
        name=suite,
        tests=str(len(results)),
        failures=str(number[Verdict.FAIL.value]),
        errors="0",
        skipped=str(number[Verdict.SKIP.value] + number[Verdict.UNPROVEN.value]),
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    for result in results:
        case = ElementTree.SubElement(
            root,
            "testcase",
            classname=xml_text(result.group or suite),
            name=xml_text(result.title),
            time=f"{result.seconds:.3f}",
        )
        if result.verdict is Verdict.PASS:
            continue
        tag = "failure" if result.verdict is Verdict.FAIL else "skipped"
        child = ElementTree.SubElement(case, tag, message=xml_text(result.reason or ""))
        lines = [line for evidence in result.evidence for line in evidence_lines(evidence)]
        child.text = xml_text("\n".join(lines)) if lines else None
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def xml_text(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return text.translate(_NOT_XML)
