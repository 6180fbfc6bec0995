"""The checklist as one page: summary, flows in the document's order, and behind every row what its verdict rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.report.drawing import flows_svg
from dataflow.report.page import page
from dataflow.results import Verdict

if TYPE_CHECKING:
    from dataflow.checklist.outcome import Outcome
    from dataflow.report.history import Turn
    from dataflow.report.picture import Picture

SYSTEMS = {"webcrm": "webCRM", "customerp": "Customerp", "": "the node"}
WAIVED = "waived"
WORDS = {
    Verdict.PASS.value: "proven",
    Verdict.FAIL.value: "failed",
    Verdict.UNPROVEN.value: "unproven",
    Verdict.SKIP.value: "left out",
    WAIVED: "waived",
}


def tally(outcome: Outcome) -> dict[str, int]:
    """How many rows have each verdict; those that are waived are counted as such."""
    kinds = [WAIVED if row.waiver else row.result.verdict.value for row in outcome.every_row()]
    return {kind: kinds.count(kind) for kind in WORDS}


def headline(outcome: Outcome) -> str:
    """`6 of 6 flows hold`, and what fails beside them."""
    parts = [f"{sum(map(outcome.holds, outcome.flows))} of {len(outcome.flows)} flows hold"]
    failed = sum(one.verdict is Verdict.FAIL for one in outcome.expected)
    parts += [_number(failed, "endpoint is", "endpoints are") + " not as expected"] if failed else []
    expired = len(outcome.expired)
    parts += [_number(expired, "waiver has", "waivers have") + " expired"] if expired else []
    return ", ".join(parts)


def checklist_page(outcome: Outcome, turn: Turn, picture: Picture | None = None) -> str:
    """HTML that needs nothing else, and works without its script."""
    drawing = "" if picture is None else flows_svg(picture, title="The flows between both systems", names=SYSTEMS)
    return page(
        "checklist.html.j2",
        outcome=outcome,
        turn=turn,
        tally=tally(outcome),
        headline=headline(outcome),
        words=WORDS,
        drawing=drawing,
    )


def _number(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
