"""Runs the checklist in a world: records are made and linked, every row is edited on each side it may be edited on, nothing echoes.

Edits come in waves, one for each row: in webCRM, in Customerp, and on the side that does not own a property, where it is put back.
After each wave both systems come to rest, every edit is looked for where it has to arrive, and one more round must write nothing.
"""

from __future__ import annotations

from collections import defaultdict
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
from dataflow.checklist.runner import FlowReport, beyond_titles, flow_id, flows_named, not_implemented, unbound_rows
from dataflow.checklist.types import is_of, type_of
from dataflow.checklist.wording import row_title, values_shown
from dataflow.results import Evidence, Result, Verdict
from dataflow.scenario.convergence import Comparison
from dataflow.scenario.journey import Recorder
from dataflow.scenario.world import Restless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataflow.checklist.binding import BoundFlow
    from dataflow.checklist.checks.direction import Direction
    from dataflow.checklist.document import Document
    from dataflow.checklist.document import Flow as Section
    from dataflow.checklist.live.edits import Edit
    from dataflow.generate.mapping import Flow, Row
    from dataflow.results import Passage
    from dataflow.scenario.journey import Journey
    from dataflow.scenario.reading import Reading
    from dataflow.scenario.world import World

# What shows when a record is made, because nobody edits it afterwards.
MADE = frozenset({"link", "parent", "contact-type"})


def run_live(
    document: Document,
    world: World,
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
        world: World,
        reading: Reading,
        tell: Callable[[str], None],
        seen: Callable[[Result], None],
        conditions: Conditions,
    ) -> None:
        self._world = world
        self._reading = reading
        self._tell = tell
        self._seen = seen
        self._results: dict[tuple[str, str, str], Result] = {}
        self._keys = Keys(world, reading)
        self._conditions = conditions
        self._noise = Noise(reading)
        self._arrived: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
        self._lost: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)

    # --- what happens -------------------------------------------------------------------------------------------------

    def play(self) -> None:
        cast.enter(self._world)
        self._tell("records made in webCRM; first sync")
        self._rest("the first sync")
        self._made()
        editor = Editor(self._world, self._reading)
        for direction in (OUT, BACK):
            owned = [(f, r) for f in self._reading.flows for r in f.rows if direction in directions(r) and not r.once]
            before = self._world.records()
            edits = editor.edit(owned, direction)
            self._tell(f"{len(edits)} edits in {direction.source_name}")
            journey = self._rest(f"edits in {direction.source_name}")
            after = self._world.records()
            for edit in edits:
                self._look(edit, passage_of(edit, self._reading, journey, before, after))
            before = after
            edits = editor.clear(owned, direction)
            self._tell(f"{len(edits)} values cleared in {direction.source_name}")
            journey = self._rest(f"values cleared in {direction.source_name}")
            after = self._world.records()
            for edit in edits:
                self._look(edit, passage_of(edit, self._reading, journey, before, after))
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
                self._put_back(edit)
        self._meet()
        for dataset_id, dataset in self._world.node.datasets.items():
            self._noise.look_for_secrets(dataset_id, dataset.since(-1, history=True))

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
        recorder = Recorder(self._world)
        try:
            reports = self._world.sync(watch=recorder.watch)
        except Restless as error:
            self._noise.restless(after, str(error))
            return recorder.journey
        for report in reports:
            for failure in report.failures:
                self._noise.failed(after, failure.pipe, failure.message)
        self._world.mark()
        self._world.sync(1)
        for write in self._world.writes(since_mark=True):
            self._noise.written(after, self._world.shown(*write))
        return recorder.journey

    # --- what became of it --------------------------------------------------------------------------------------------

    def _made(self) -> None:
        """Rows that nobody edits are proven by the records just made."""
        comparison = Comparison(self._reading, self._world.records())
        for flow in self._reading.flows:
            pairs = comparison.linked(flow)
            for row in flow.rows:
                faults = [fault for pair in pairs if (fault := comparison.difference(flow, row, pair)) is not None]
                faults += self._unnamed(flow, row, pairs)
                shows = row.kind in MADE or row.on_insert or row.once
                for direction in directions(row) if faults or (shows and pairs) else ():
                    self._keep(flow, row, direction, faults, self._shown(flow, row, direction, pairs[0], "made with"))

    def _unnamed(self, flow: Flow, row: Row, pairs: list[tuple[str, str]]) -> Iterator[Evidence]:
        """Records of Customerp that do not name the one they are linked with; of several, one is enough."""
        if row.kind != "link":
            return
        prefix = self._reading.members[flow.customerp].links[str(row.customerp)].prefix
        for counterpart in dict.fromkeys(other for _, other in pairs):
            value = self._world.records()[flow.customerp][counterpart].get(str(row.customerp))
            originals = [f"{prefix}{original}" for original, other in pairs if other == counterpart]
            if value not in originals:
                place = f"{flow.customerp}:{counterpart}"
                note = f"{place} has {row.customerp} {value!r}, and is linked with {' and '.join(originals)}"
                yield Evidence(entity=place, expected=originals, actual=value, note=note)

    def _look(self, edit: Edit, passage: Passage) -> None:
        comparison = Comparison(self._reading, self._world.records())
        pair = (edit.record, edit.counterpart) if edit.direction is OUT else (edit.counterpart, edit.record)
        fault = comparison.difference(edit.flow, edit.row, pair)
        kept = self._reading.normal(edit.row, edit.row.member(edit.direction.source), self._source(edit)) == edit.after
        if fault is None and not kept:
            note = f"{edit.place} was edited, and has been changed back"
            fault = Evidence(entity=edit.place, expected=edit.after, note=note)
        fault = fault or self._mistyped(edit)
        fault = None if fault is None else replace(fault, passage=passage)
        shown = self._shown(edit.flow, edit.row, edit.direction, pair, "now")
        done = "edited" if edit.after is not None else "cleared"
        evidence = Evidence(
            entity=edit.arrival,
            note=f"{shown.note} ({done} in {edit.place})",
            expected=edit.after,
            actual=edit.before,
            passage=passage,
        )
        self._keep(edit.flow, edit.row, edit.direction, [] if fault is None else [fault], evidence)
        (self._arrived if fault is None else self._lost)[edit.flow.title, edit.direction.id].append(fault or evidence)

    def _put_back(self, edit: Edit) -> None:
        """The owner's value stands again on the side that was edited."""
        now = self._reading.normal(edit.row, edit.row.member(edit.direction.source), self._source(edit))
        (owner,) = directions(edit.row)
        note = f"{edit.place} was edited although {owner.source_name} owns it, and has "
        note += "not been put back" if now == edit.after else "been put back"
        seen = Evidence(entity=edit.place, expected=edit.before, actual=now, note=note)
        self._keep(edit.flow, edit.row, owner, [seen] if now == edit.after else [], seen)

    def _mistyped(self, edit: Edit) -> Evidence | None:
        """What arrived must be of the type that the property has there."""
        member = edit.row.member(edit.direction.target)
        record = self._world.records()[member][edit.counterpart]
        for name in self._reading.properties(edit.row, edit.direction.target):
            kind = type_of(edit.row, edit.direction, name)
            if not is_of(kind, record.get(name)):
                note = f"{edit.arrival} has {name} {record.get(name)!r}, which is no {kind}"
                return Evidence(
                    entity=edit.arrival, pointer=f"/{name}", expected=kind, actual=record.get(name), note=note
                )
        return None

    def _source(self, edit: Edit) -> dict[str, object]:
        return self._world.records()[edit.row.member(edit.direction.source)][edit.record]

    def _shown(self, flow: Flow, row: Row, direction: Direction, pair: tuple[str, str], verb: str) -> Evidence:
        member = row.member(direction.target)
        record_id = pair[1] if direction is OUT else pair[0]
        values = values_shown(self._world.records()[member][record_id], self._reading.properties(row, direction.target))
        return Evidence(entity=f"{member}:{record_id}", note=f"{verb} {values}" if values else "in place")

    def _keep(self, flow: Flow, row: Row, direction: Direction, faults: list[Evidence], proof: Evidence) -> None:
        """A fault stays, whatever is seen later."""
        key = (flow.title, row.golden, direction.id)
        known = self._results.get(key)
        if known is not None and known.verdict is Verdict.FAIL:
            return
        title = row_title(self._reading, row, direction)
        about = {"row": row.golden, "way": row.way, "direction": direction.id}
        if faults:
            reason = str(faults[0].note)
            result = Result(".".join(key), title, Verdict.FAIL, reason, tuple(faults), properties=about)
        else:
            proofs = (*(known.evidence if known else ()), proof)
            result = Result(".".join(key), title, Verdict.PASS, None, proofs, properties=about)
        self._results[key] = result
        self._seen(result)

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
            yield replace(comparison.covered(flow), id=f"{group}.covered", group=group)
        if section.states(KeepInSync):
            yield replace(comparison.linked_once(flow), id=f"{group}.linked-once", group=group)
            yield from (self._sync(flow, direction, group) for direction in (OUT, BACK))
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
                yield self._row(flow, row, direction, group)

    def _sync(self, flow: Flow, direction: Direction, group: str) -> Result:
        arrived, lost = (found[flow.title, direction.id] for found in (self._arrived, self._lost))
        title = f"in sync, {direction.source_name} to {direction.target_name}: {len(arrived)} edits arrived"
        result_id = f"{group}.sync-{direction.id}"
        if lost:
            return Result(result_id, title, Verdict.FAIL, str(lost[0].note), tuple(lost), group=group)
        if not arrived:
            return Result(result_id, title, Verdict.UNPROVEN, "nothing could be edited", group=group)
        return Result(result_id, title, Verdict.PASS, group=group)

    def _row(self, flow: Flow, row: Row, direction: Direction, group: str) -> Result:
        found = self._results.get((flow.title, row.golden, direction.id))
        if found is None and row.kind == "compared":
            found = self._never_written(flow, row, direction)
        if found is None:
            title = row_title(self._reading, row, direction)
            about = {"row": row.golden, "way": row.way, "direction": direction.id}
            found = Result("", title, Verdict.UNPROVEN, "nobody could edit it", properties=about)
        return replace(found, id=f"{group}.{row.golden}.{direction.id}", group=group)

    def _never_written(self, flow: Flow, row: Row, direction: Direction) -> Result:
        """What is only compared may be in no request to either system."""
        names = {*self._reading.properties(row, "webcrm"), *self._reading.properties(row, "customerp")}
        written = [
            write for write in self._world.writes() if any(f'"{name}"'.encode() in write[1].body for name in names)
        ]
        title = row_title(self._reading, row, direction)
        about = {"row": row.golden, "way": row.way, "direction": direction.id}
        key = f"{flow.title}.{row.golden}.{direction.id}"
        if written:
            return Result(key, title, Verdict.FAIL, f"was written: {self._world.shown(*written[0])}", properties=about)
        count = len(self._world.writes())
        proof = Evidence(entity=" and ".join(sorted(names)), note=f"in none of {count} writes")
        return Result(key, title, Verdict.PASS, None, (proof,), properties=about)
