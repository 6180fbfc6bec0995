"""Runs the checklist in a world: records are made and linked, every row is edited on each side it may be edited on, nothing echoes.

Edits come in waves, one for each row: in webCRM, in Customerp, and on the side that does not own a property, where it is put back.
After each wave both systems come to rest, every edit is looked for where it has to arrive, and one more round must write nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dataflow.checklist.binding import Binding, Words
from dataflow.checklist.checks.direction import BACK, OUT, directions
from dataflow.checklist.document import Coverage, KeepInSync, LinkFirst
from dataflow.checklist.live import cast
from dataflow.checklist.live.conditions import Conditions
from dataflow.checklist.live.edits import Editor
from dataflow.checklist.live.keys import Keys
from dataflow.checklist.live.noise import Noise
from dataflow.checklist.live.passage import passage_of
from dataflow.checklist.live.rows import Rows
from dataflow.checklist.runner import FlowReport, beyond_titles, flow_id, flows_named, not_implemented, unbound_rows
from dataflow.results import Verdict
from dataflow.scenario.convergence import Comparison
from dataflow.scenario.journey import Journey
from dataflow.scenario.world import Restless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataflow.checklist.binding import BoundFlow
    from dataflow.checklist.document import Document
    from dataflow.checklist.document import Flow as Section
    from dataflow.checklist.live.ground import Ground
    from dataflow.results import Result
    from dataflow.scenario.reading import Reading


def run_live(
    document: Document,
    world: Ground,
    reading: Reading,
    *,
    only: str | None = None,
    words: Words | None = None,
    tell: Callable[[str], None] = lambda text: None,
    seen: Callable[[Result], None] = lambda result: None,
) -> list[FlowReport]:
    """Every flow of the document in its order, or the one that `only` names.

    `words` are what the package's binding says, `tell` hears what is going on, `seen` of results of rows at once.
    Raises UsageError for an unknown name, Restless when edits never come to rest.
    """
    sections = flows_named(document, only)
    binding = Binding(reading, words or Words())
    bound = {section.title: binding.bind(section) for section in sections}
    conditions = Conditions(world, binding, [flow for flow in bound.values() if flow is not None])
    run = _Run(world, reading, tell, seen, conditions)
    run.play()
    return [run.report(section, bound[section.title], binding) for section in sections]


class _Run:
    def __init__(
        self,
        world: Ground,
        reading: Reading,
        tell: Callable[[str], None],
        seen: Callable[[Result], None],
        conditions: Conditions,
    ) -> None:
        self._world = world
        self._reading = reading
        self._tell = tell
        self._rows = Rows(world, reading, seen)
        self._keys = Keys(world, reading)
        self._conditions = conditions
        self._noise = Noise(reading)

    # --- what happens -------------------------------------------------------------------------------------------------

    def play(self) -> None:
        cast.enter(self._world)
        self._tell("records made in webCRM; first sync")
        self._rest("the first sync")
        self._rows.made()
        editor = Editor(self._world, self._reading)
        for direction in (OUT, BACK):
            owned = [(f, r) for f in self._reading.flows for r in f.rows if direction in directions(r) and not r.once]
            before = self._world.records()
            edits = editor.edit(owned, direction)
            self._tell(f"{len(edits)} edits in {direction.source_name}")
            journey = self._rest(f"edits in {direction.source_name}")
            after = self._world.records()
            for edit in edits:
                self._rows.look(edit, passage_of(edit, self._reading, journey, before, after))
            before = after
            edits = editor.clear(owned, direction)
            self._tell(f"{len(edits)} values cleared in {direction.source_name}")
            journey = self._rest(f"values cleared in {direction.source_name}")
            after = self._world.records()
            for edit in edits:
                self._rows.look(edit, passage_of(edit, self._reading, journey, before, after))
        for direction in (OUT, BACK):
            foreign = [
                (f, r)
                for f in self._reading.flows
                for r in f.rows
                if direction not in directions(r) and r.kind != "compared"
            ]
            edits = editor.edit(foreign, direction)
            self._tell(f"{len(edits)} edits in {direction.source_name} of what the other side owns")
            self._rest(f"edits in {direction.source_name} of what the other side owns")
            for edit in edits:
                self._rows.put_back(edit)
        self._meet()
        for dataset_id, entities in self._world.versions():
            self._noise.look_for_secrets(dataset_id, entities)

    def _meet(self) -> None:
        """Records that nobody has linked yet, first on the one side, then on the other."""
        self._keys.strangers()
        self._tell("records made in Customerp that nothing in webCRM is like")
        self._rest("records made in Customerp")
        self._keys.unasked()
        self._keys.counterparts()
        self._tell("and their like in webCRM")
        self._rest("records that have a counterpart already")
        self._keys.look()
        if self._conditions:
            self._conditions.enter()
            self._tell("records made for the conditions of the document")
            self._rest("records made for conditions")
            self._conditions.fulfil()
            self._rest("conditions satisfied")
            self._conditions.look()

    def _rest(self, after: str) -> Journey:
        """Sync until nothing moves, and once more, which must write nothing; what the pipes did until then."""
        try:
            reports, journey = self._world.journey()
        except Restless as error:
            self._noise.restless(after, str(error))
            return Journey()
        for report in reports:
            for failure in report.failures:
                self._noise.failed(after, failure.pipe, failure.message)
        self._world.mark()
        self._world.sync(1)
        self._noise.at_rest()
        for write in self._world.writes(since_mark=True):
            self._noise.written(after, self._world.shown(*write))
        return journey

    # --- the report ---------------------------------------------------------------------------------------------------

    def report(self, section: Section, bound: BoundFlow | None, binding: Binding) -> FlowReport:
        """One section as it was played."""
        if bound is None:
            return not_implemented(section)
        results = tuple(self._statements(bound, flow_id(section)))
        return FlowReport(flow_id(section), section.title, results, beyond_titles(bound, binding))

    def _statements(self, bound: BoundFlow, group: str) -> Iterator[Result]:
        section, flow = bound.section, bound.flow
        comparison = Comparison(self._reading, self._world.records())
        if section.states(Coverage):
            yield _seen(comparison.covered(flow), f"{group}.covered", group)
        if section.states(KeepInSync):
            yield _seen(comparison.linked_once(flow), f"{group}.linked-once", group)
            yield from (self._rows.sync(flow, direction, group) for direction in (OUT, BACK))
            yield self._noise.quiet(flow, group)
            yield self._noise.secrets(flow, group)
        if section.states(LinkFirst):
            yield self._keys.first(flow, group)
        yield from self._conditions.results(bound, group)
        for key in bound.key_rows:
            yield self._keys.result(flow, key, group)
        yield from unbound_rows(bound)
        for row in flow.rows:
            for direction in directions(row):
                yield self._rows.row(flow, row, direction, group)


def _seen(result: Result, result_id: str, group: str) -> Result:
    """A result of the document's; where there was nothing to look at nothing is proven."""
    result = replace(result, id=result_id, group=group)
    if result.verdict is Verdict.PASS and not result.properties["looked_at"]:
        return replace(result, verdict=Verdict.UNPROVEN, reason="there was nothing to look at")
    return result
