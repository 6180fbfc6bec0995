"""The outcome of a checklist: every row under a name that stays, what is waived, and whether all of it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dataflow.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from dataflow.checklist.runner import FlowReport
    from dataflow.checklist.waivers import Waiver
    from dataflow.results import Result


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the checklist. `name` is the same in every run; `waiver` is set on what fails and may."""

    name: str
    result: Result
    waiver: Waiver | None = None


@dataclass(frozen=True)
class Outcome:
    """`title` is the document's, `against` what was looked at ("live", "replay"), `at` when.

    `expected` are results beside the flows; `partial` when not every flow was asked for.
    """

    title: str
    against: str
    at: datetime
    flows: tuple[FlowReport, ...]
    waivers: tuple[Waiver, ...] = ()
    expected: tuple[Result, ...] = ()
    partial: bool = False

    @property
    def today(self) -> date:
        return self.at.date()

    def rows(self, flow: FlowReport) -> list[Row]:
        """The rows of a flow in its order."""
        return [self._row(flow, result) for result in flow.results]

    def every_row(self) -> Iterator[Row]:
        return (row for flow in self.flows for row in self.rows(flow))

    def holds(self, flow: FlowReport) -> bool:
        """Whether a flow holds but for what is waived."""
        return replace(flow, results=tuple(row.result for row in self.rows(flow) if row.waiver is None)).holds

    @property
    def expired(self) -> list[Waiver]:
        """Waivers whose last day is over; each counts as a failure, whatever its row says."""
        return [waiver for waiver in self.waivers if waiver.is_over(self.today)]

    @property
    def unused(self) -> list[Waiver]:
        """Waivers that still count and that nothing needs; of a part only those for its rows."""
        rows = list(self.every_row())
        used = {row.waiver for row in rows}
        return [
            waiver
            for waiver in self.waivers
            if waiver not in used and not waiver.is_over(self.today)
            if not self.partial or any(waiver.covers(row.name) for row in rows)
        ]

    @property
    def sound(self) -> bool:
        failed = any(result.verdict is Verdict.FAIL for result in self.expected)
        return all(map(self.holds, self.flows)) and not failed and not self.expired

    def _row(self, flow: FlowReport, result: Result) -> Row:
        name = row_name(flow, result)
        needs = result.verdict in (Verdict.FAIL, Verdict.UNPROVEN)
        valid: Sequence[Waiver] = [w for w in self.waivers if needs and not w.is_over(self.today) and w.covers(name)]
        return Row(name, result, valid[0] if valid else None)


def row_name(flow: FlowReport, result: Result) -> str:
    """`organisations-customer.website.to-webcrm`, or `organisations-customer.linked-once` for a statement."""
    row = result.properties.get("row")
    if row:
        return f"{flow.id}.{row}.{result.properties['direction']}"
    within = result.id.startswith(f"{flow.id}.")
    last = result.id.removeprefix(f"{flow.id}.") if within else result.id.rpartition(".")[2]
    return f"{flow.id}.{'-'.join(last.split())}"
