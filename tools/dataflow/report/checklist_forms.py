"""The checklist for others than people at a terminal: JSON for programs, JUnit for CI, Markdown for a pull request."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.report.checklist import summary
from dataflow.report.checklist_page import WORDS, checklist_page, headline, tally
from dataflow.report.history import Turn
from dataflow.report.results import as_json, as_junit
from dataflow.results import Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataflow.checklist.outcome import Outcome, Row
    from dataflow.report.picture import Picture

FORMS = ("json", "junit", "markdown", "html")
PAGE = "index.html"
HISTORY = "history.jsonl"
_FILES = {"html": PAGE, "junit": "junit.xml", "json": "checklist.json", "markdown": "checklist.md"}
_MARKS = {"pass": "✅", "fail": "❌", "unproven": "❔", "skip": "➖", "waived": "⏸️"}


def rendered(form: str, outcome: Outcome, turn: Turn | None = None, picture: Picture | None = None) -> str:
    """The outcome in one of the `FORMS`. `turn` is what changed since the run before, `picture` the flows for the page."""
    turn = turn or Turn()
    if form == "html":
        return checklist_page(outcome, turn, picture)
    return {"json": _json, "junit": _junit, "markdown": _markdown}[form](outcome, turn)


def write_report(folder: Path, outcome: Outcome, turn: Turn, picture: Picture) -> None:
    """Every form as a file of the folder. Raises UsageError when it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for form, name in _FILES.items():
            text = rendered(form, outcome, turn, picture).removesuffix("\n")
            (folder / name).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to: {error}") from None


def _json(outcome: Outcome, turn: Turn) -> str:
    flows = [
        {
            "id": flow.id,
            "title": flow.title,
            "holds": outcome.holds(flow),
            "beyond": flow.beyond,
            **{verdict.value: flow.rows(verdict) for verdict in (Verdict.PASS, Verdict.UNPROVEN, Verdict.FAIL)},
        }
        for flow in outcome.flows
    ]
    results = [result for flow in outcome.flows for result in flow.results]
    waivers = [
        {
            **asdict(waiver),
            "until": waiver.until.isoformat(),
            "state": "expired" if waiver in outcome.expired else "unused" if waiver in outcome.unused else "used",
        }
        for waiver in outcome.waivers
    ]
    passed = sum(result.verdict is Verdict.PASS for result in outcome.expected)
    return as_json(
        [*results, *outcome.expected],
        document=outcome.title,
        against=outcome.against,
        at=outcome.at.isoformat(),
        flows=flows,
        summary=summary(outcome),
        expected=f"{passed} of {len(outcome.expected)} endpoints as expected",
        waivers=waivers,
        since=asdict(turn),
        rows={row.name: _kind(row) for row in outcome.every_row()},
    )


def _junit(outcome: Outcome, turn: Turn) -> str:
    results = [
        replace(
            row.result,
            title=f"{row.result.title} ({row.name})",
            group=flow.title,
            verdict=Verdict.SKIP if row.waiver else row.result.verdict,
            reason=f"waived: {row.waiver}" if row.waiver else row.result.reason,
        )
        for flow in outcome.flows
        for row in outcome.rows(flow)
    ]
    expired = [
        Result(
            f"waiver.{waiver.row}", f"waiver of {waiver.row}", Verdict.FAIL, f"has expired: {waiver}", group="Waivers"
        )
        for waiver in outcome.expired
    ]
    return as_junit([*results, *expired, *outcome.expected], outcome.title)


def _markdown(outcome: Outcome, turn: Turn) -> str:
    return "\n".join(_markdown_lines(outcome, turn)) + "\n"


def _markdown_lines(outcome: Outcome, turn: Turn) -> Iterator[str]:
    mark = _MARKS["pass" if outcome.sound else "fail"]
    yield f"### {mark} {outcome.title}: {headline(outcome)}"
    yield ""
    yield ", ".join(f"{number} {WORDS[kind]}" for kind, number in tally(outcome).items() if number)
    for what, names in (("Broke", turn.broke), ("Mended", turn.mended)):
        if names:
            yield ""
            yield f"{what} since the run before: " + ", ".join(f"`{name}`" for name in names)
    for waiver in outcome.expired:
        yield ""
        yield f"{_MARKS['fail']} Expired: {_cell(str(waiver))}"
    for waiver in outcome.unused:
        yield ""
        yield f"Not needed any more: {_cell(str(waiver))}"
    for flow in outcome.flows:
        rows = outcome.rows(flow)
        amiss = any(row.result.verdict is not Verdict.PASS for row in rows)
        kind = "pass" if outcome.holds(flow) else "fail"
        yield ""
        yield f"<details{' open' if amiss else ''}><summary>{_MARKS[kind]} {_cell(flow.title)}</summary>"
        yield ""
        yield "| | Row | |"
        yield "| --- | --- | --- |"
        yield from map(_markdown_row, rows)
        yield ""
        if flow.beyond:
            yield f"Beyond the checklist: {_cell(', '.join(flow.beyond))}"
            yield ""
        yield "</details>"


def _markdown_row(row: Row) -> str:
    first = row.result.evidence[0] if row.result.evidence else None
    told = f"{first.entity or ''} {first.note or ''}".strip() if first else ""
    reason = f"waived: {row.waiver.reason}" if row.waiver else row.result.reason or told
    return f"| {_MARKS[_kind(row)]} | {_cell(row.result.title)} | {_cell(reason)} |"


def _kind(row: Row) -> str:
    return "waived" if row.waiver else row.result.verdict.value


def _cell(text: str) -> str:
    """A text in a cell of a table, none of which is taken for Markdown or HTML."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")
    return "".join(f"\\{char}" if char in "\\`*_[]|~" else char for char in safe)
