"""Runs the checklist: every flow of a document, bound to the mapping that implements it, statement by statement and row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.checklist.checks import coverage, link, properties, sync
from dataflow.checklist.checks.direction import BACK, OUT
from dataflow.checklist.document import Coverage, KeepInSync, Property
from dataflow.diagnostics import did_you_mean
from dataflow.errors import UsageError
from dataflow.results import Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.checklist.document import Document, Flow
    from dataflow.checklist.view import View
    from dataflow.generate.mapping import Flow as Implementation


@dataclass(frozen=True)
class FlowReport:
    """One flow with a result per statement and per row and way."""

    id: str
    title: str
    results: tuple[Result, ...]

    @property
    def holds(self) -> bool:
        """Whether everything the document states is proven and no property is disproved; a property may be unproven."""
        return all(
            result.verdict is Verdict.PASS or (_is_property(result) and result.verdict is Verdict.UNPROVEN)
            for result in self.results
        )

    def rows(self, verdict: Verdict) -> list[str]:
        """The property rows with a verdict: failed if any way fails, proven only if every way is."""
        ways: dict[str, set[Verdict]] = {}
        for result in filter(_is_property, self.results):
            ways.setdefault(result.properties["row"], set()).add(result.verdict)
        return [row for row, verdicts in ways.items() if _worst(verdicts) is verdict]


def run(document: Document, view: View, *, only: str | None = None) -> list[FlowReport]:
    """Every flow of the document in its order, or the one that `only` names. Raises UsageError for an unknown name."""
    flows = flows_named(document, only)
    implementations = {flow.title.casefold(): flow for concept in view.concepts.values() for flow in concept.flows}
    return [_report(flow, implementations.get(flow.title.casefold()), view) for flow in flows]


def flows_named(document: Document, only: str | None) -> list[Flow]:
    """Every flow of the document, or the one that `only` names. Raises UsageError for an unknown name."""
    found = [flow for flow in document.flows if only is None or only.casefold() in _names(flow)]
    if only is not None and not found:
        known = [flow_id(flow) for flow in document.flows]
        hint = did_you_mean(only.casefold(), known)
        raise UsageError(f'no flow "{only}"; ' + (hint or "there are " + ", ".join(known)))
    return found


def flow_id(flow: Flow) -> str:
    """A short name: the two datatypes in lower case, `organisations-customer`."""
    return f"{_datatype(flow.source)}-{_datatype(flow.target)}"


def _report(flow: Flow, implementation: Implementation | None, view: View) -> FlowReport:
    group = flow_id(flow)
    if implementation is None:
        reason = "no mapping in pipes/mappings has a flow of this title"
        missing = Result(f"{group}.implemented", "the flow exists", Verdict.FAIL, reason, group=group)
        return FlowReport(group, flow.title, (missing,))
    return FlowReport(group, flow.title, tuple(_results(flow, implementation, view, group)))


def _results(flow: Flow, implementation: Implementation, view: View, group: str) -> Iterator[Result]:
    if flow.states(Coverage):
        yield coverage.check(view, implementation, group)
    if flow.states(KeepInSync):
        yield link.check(view, implementation, group)
        yield sync.check(view, implementation, OUT, group)
        yield sync.check(view, implementation, BACK, group)
    yield from _stated_rows(flow, implementation, view, group)
    for row in implementation.rows:
        yield from properties.check(view, row, group)


def _stated_rows(flow: Flow, implementation: Implementation, view: View, group: str) -> Iterator[Result]:
    """Rows of the document itself: each must be a row of the mapping."""
    ours = {
        (name, row.customerp): row for row in implementation.rows for name in view.properties(row, "webcrm") or (None,)
    }
    for stated in flow.of(Property):
        title = f"the mapping has {stated.source} → {stated.target}"
        found = ours.get((stated.source.name, stated.target.name))
        verdict, reason = Verdict.PASS, None
        if found is None or found.way == "erp":
            verdict = Verdict.FAIL
            reason = "no row of the mapping" if found is None else "the mapping has it the other way only"
        yield Result(f"{group}.stated.{stated.source}-{stated.target}", title, verdict, reason, group=group)


def _is_property(result: Result) -> bool:
    return "row" in result.properties


def _worst(verdicts: set[Verdict]) -> Verdict:
    return next(one for one in (Verdict.FAIL, Verdict.UNPROVEN, Verdict.PASS) if one in verdicts)


def _datatype(label: str) -> str:
    return label.partition(" ")[2].casefold().replace(" ", "-")


def _names(flow: Flow) -> set[str]:
    return {flow_id(flow), flow.title.casefold(), flow.source.casefold(), _datatype(flow.source)}
