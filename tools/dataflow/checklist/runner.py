"""Runs the checklist: every flow of a document, bound to the mapping that implements it, statement by statement and row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.checklist.binding import Binding, Words
from dataflow.checklist.checks import coverage, keys, link, properties, sync
from dataflow.checklist.checks.direction import BACK, OUT
from dataflow.checklist.document import Condition, Coverage, CreateIfConnected, KeepInSync, LinkFirst
from dataflow.checklist.wording import row_title
from dataflow.diagnostics import did_you_mean
from dataflow.errors import UsageError
from dataflow.results import Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.checklist.binding import BoundFlow
    from dataflow.checklist.document import Document, Flow
    from dataflow.checklist.view import View


@dataclass(frozen=True)
class FlowReport:
    """One flow with a result per statement and per row and way. `beyond` are rows that the document does not claim."""

    id: str
    title: str
    results: tuple[Result, ...]
    beyond: tuple[str, ...] = ()

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


def run(document: Document, view: View, *, only: str | None = None, words: Words | None = None) -> list[FlowReport]:
    """Every flow of the document in its order, or the one that `only` names; `words` are what the package's binding says.

    Raises UsageError for an unknown name.
    """
    binding = Binding(view, words or Words())
    return [_report(flow, view, binding) for flow in flows_named(document, only)]


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


def not_implemented(flow: Flow) -> FlowReport:
    """The report of a section that binds to nothing."""
    group = flow_id(flow)
    reason = "no mapping in pipes/mappings has a flow of this title"
    missing = Result(f"{group}.implemented", "the flow exists", Verdict.FAIL, reason, group=group)
    return FlowReport(group, flow.title, (missing,))


def unbound_rows(bound: BoundFlow) -> Iterator[Result]:
    """A failure for each row of the document that is none of the mapping, or none of the kind stated."""
    group = flow_id(bound.section)
    for one in (*bound.rows, *bound.keys):
        if one.fault is not None:
            source, target = str(one.stated.source), str(one.stated.target)
            title = f"the mapping has {source or '–'} → {target or '–'}"
            about = {"line": one.stated.line}
            result_id = f"{group}.stated.{source}-{target}"
            yield Result(result_id, title, Verdict.FAIL, one.fault, group=group, properties=about)


def only_told_live(section: Flow, group: str) -> Iterator[Result]:
    """Statements that no fixture tells of."""
    for condition in section.of(Condition):
        reason = "only records made for it tell: dataflow checklist --against live"
        yield Result(
            f"{group}.condition", f"only what satisfies it: {condition.text}", Verdict.UNPROVEN, reason, group=group
        )
    for created in section.of(CreateIfConnected):
        reason = "only records made for it tell: dataflow checklist --against live"
        yield Result(f"{group}.connected", connected_title(created), Verdict.UNPROVEN, reason, group=group)


def connected_title(created: CreateIfConnected) -> str:
    return f"made when a {created.system} {' or '.join(created.datatypes)} refers to it"


def _report(flow: Flow, view: View, binding: Binding) -> FlowReport:
    bound = binding.bind(flow)
    if bound is None:
        return not_implemented(flow)
    group = flow_id(flow)
    return FlowReport(group, flow.title, tuple(_results(bound, view, group)), beyond_titles(bound, binding))


def beyond_titles(bound: BoundFlow, binding: Binding) -> tuple[str, ...]:
    """What the mapping has this way and the document does not claim."""
    return tuple(row_title(binding.reading, row, bound.direction) for row in bound.beyond)


def _results(bound: BoundFlow, view: View, group: str) -> Iterator[Result]:
    section, flow = bound.section, bound.flow
    if section.states(Coverage):
        yield coverage.check(view, flow, group)
    if section.states(KeepInSync):
        yield link.check(view, flow, group)
        yield sync.check(view, flow, OUT, group)
        yield sync.check(view, flow, BACK, group)
    if section.states(LinkFirst):
        yield keys.first(view, flow, bound.direction, group)
    for row in bound.key_rows:
        yield keys.check(view, flow, row, group)
    yield from only_told_live(section, group)
    yield from unbound_rows(bound)
    for row in flow.rows:
        yield from properties.check(view, row, group)


def _is_property(result: Result) -> bool:
    return "row" in result.properties


def _worst(verdicts: set[Verdict]) -> Verdict:
    return next(one for one in (Verdict.FAIL, Verdict.UNPROVEN, Verdict.PASS) if one in verdicts)


def _datatype(label: str) -> str:
    return label.partition(" ")[2].casefold().replace(" ", "-")


def _names(flow: Flow) -> set[str]:
    return {flow_id(flow), flow.title.casefold(), flow.source.casefold(), _datatype(flow.source)}
