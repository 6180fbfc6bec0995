"""The checklist as people read it: flow by flow, one line per statement and per way of a property, and a last line that sums up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.checklist.outcome import Outcome
    from dataflow.checklist.runner import FlowReport
    from dataflow.report.history import Turn
    from dataflow.results import Result

_COLOURS = {Verdict.PASS: "32", Verdict.FAIL: "31", Verdict.UNPROVEN: "33", Verdict.SKIP: "36"}
_WIDTH = max(len(verdict) for verdict in Verdict)
_EVIDENCE_SHOWN = 3


def checklist_lines(reports: Sequence[FlowReport], *, colour: bool) -> Iterator[str]:
    """Every flow under its title."""
    for report in reports:
        yield _painted(report.title, "1", colour)
        width = max((len(result.title) for result in report.results if "row" in result.properties), default=0)
        for result in report.results:
            yield from _result_lines(result, width if "row" in result.properties else 0, colour)
        if report.beyond:
            yield f"  beyond the checklist, stated by no row of it: {', '.join(report.beyond)}"
        yield ""


def summary(outcome: Outcome) -> str:
    """`6 of 6 flows hold: 60 properties proven, 3 unproven`; what is waived keeps no flow from holding."""
    number = {verdict: sum(len(flow.rows(verdict)) for flow in outcome.flows) for verdict in Verdict}
    held = sum(map(outcome.holds, outcome.flows))
    waived = sum(row.waiver is not None for row in outcome.every_row())
    text = f"{held} of {len(outcome.flows)} flows hold: {number[Verdict.PASS]} properties proven"
    text += f", {number[Verdict.UNPROVEN]} unproven"
    text += f", {number[Verdict.FAIL]} failed" if number[Verdict.FAIL] else ""
    return text + (f", {waived} waived" if waived else "")


def failures(outcome: Outcome) -> list[str]:
    """What keeps a flow from holding, one line each; what is waived does not."""
    return [
        f"{flow.title}: {row.result.title}: {row.result.verdict}: {row.result.reason}"
        for flow in outcome.flows
        for row in outcome.rows(flow)
        if row.waiver is None and row.result.verdict is not Verdict.PASS
        if row.result.verdict is not Verdict.UNPROVEN or "row" not in row.result.properties
    ]


def remarks(outcome: Outcome, turn: Turn) -> list[str]:
    """What changed since the run before, and what is to be said of waivers."""
    lines = [f"broke since the run before: {name}" for name in turn.broke]
    lines += [f"mended since the run before: {name}" for name in turn.mended]
    lines += [f"waived: {row.name}: {row.waiver.reason}" for row in outcome.every_row() if row.waiver is not None]
    lines += [f"a waiver has expired: {waiver}" for waiver in outcome.expired]
    return lines + [f"a waiver is not needed any more: {waiver}" for waiver in outcome.unused]


def _result_lines(result: Result, width: int, colour: bool) -> Iterator[str]:
    verdict = _painted(f"{result.verdict:<{_WIDTH}}", _COLOURS[result.verdict], colour)
    if result.verdict is not Verdict.PASS:
        yield f"  {verdict}  {result.title:<{width}}  {result.reason}".rstrip()
        return
    first = result.evidence[0] if result.evidence else None
    if width and first:
        place = " ".join(filter(None, (first.pipe, first.entity)))
        yield f"  {verdict}  {result.title:<{width}}  {place}: {first.note}"
        return
    yield f"  {verdict}  {result.title}"
    for evidence in result.evidence[:_EVIDENCE_SHOWN]:
        if evidence.note:
            place = f"{evidence.entity}: " if evidence.entity else ""
            yield f"  {'':{_WIDTH}}    {place}{evidence.note}"
    if len(result.evidence) > _EVIDENCE_SHOWN:
        yield f"  {'':{_WIDTH}}    and {len(result.evidence) - _EVIDENCE_SHOWN} more"


def _painted(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
