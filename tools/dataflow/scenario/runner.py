"""Plays a scenario in a world, step by step, and says what was not as expected."""

from __future__ import annotations

import re
import time
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any

from dataflow.errors import DataflowError
from dataflow.results import Evidence, Result, Verdict
from dataflow.scenario.convergence import in_step
from dataflow.scenario.deadly import Death
from dataflow.scenario.drift import drift_of
from dataflow.scenario.pairs import Pairs
from dataflow.scenario.plan import plan_of
from dataflow.scenario.script import (
    Action,
    Advance,
    Create,
    Decide,
    Delete,
    Edit,
    Expect,
    Kill,
    Reset,
    Sync,
    Trouble,
    Wait,
)
from dataflow.scenario.world import Restless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.scenario.reading import Reading
    from dataflow.scenario.script import Ref, Scenario
    from dataflow.scenario.world import World
    from dataflow.simulators.exchange import Request

# Between two steps, so that edits one after the other have times of their own.
STEP_SECONDS = 60


class NotThere(DataflowError):
    """A scenario speaks of a record that there is not."""


def play(scenario: Scenario, world: World, reading: Reading) -> Result:
    """One result; its evidence has everything that was not as expected, with the line of the step. The world is used up."""
    player = _Player(world, reading)
    started = time.perf_counter()
    try:
        for member, records in scenario.given.items():
            world.systems[member.partition("-")[0]].load(member, records)
        for step in scenario.steps:
            player.line = step.line
            world.wait(STEP_SECONDS)
            player.act(step.action)
        player.line = 0
        if scenario.open is None:
            player.end()
    except DataflowError as error:
        player.fault(str(error))
    faults = player.faults
    seconds = time.perf_counter() - started
    reason = f"{faults[0].note}" + (f", and {len(faults) - 1} more" if len(faults) > 1 else "") if faults else None
    verdict = Verdict.FAIL if faults else Verdict.PASS
    about = {"about": list(scenario.about), "file": scenario.file}
    return Result(scenario.id, scenario.title, verdict, reason, tuple(faults), seconds, "scenario", about)


class _Player:
    def __init__(self, world: World, reading: Reading) -> None:
        self.line = 0
        self.faults: list[Evidence] = []
        self._world = world
        self._reading = reading
        self._failed: set[str] = set()
        self._began = world.clock.now_ns()

    def fault(self, text: str, **more: Any) -> None:
        place = f"line {self.line}: " if self.line else "in the end: "
        self.faults.append(Evidence(note=place + text, **more))

    # --- what happens -------------------------------------------------------------------------------------------------

    @singledispatchmethod
    def act(self, action: Action) -> None:
        raise TypeError(f"no step does {action}")

    @act.register
    def _(self, action: Sync) -> None:
        self._world.mark()
        self._began = self._world.clock.now_ns()
        try:
            reports = self._world.sync(action.rounds)
        except Restless as error:
            self.fault(str(error))
            return
        self._failed = {failure.pipe for report in reports for failure in report.failures}

    @act.register
    def _(self, action: Edit) -> None:
        member, record_id = self._found(action.record)
        system = self._world.systems[member.partition("-")[0]]
        if action.before is None:
            system.edit(member, record_id, action.changes)
            return
        other = self._world.systems[action.before.system]

        def edit(request: Request) -> None:
            system.edit(member, record_id, action.changes)

        path = "^" + re.escape(other.base + action.before.path)
        other.faults.add("call", call=edit, method=action.before.method, path=path)

    @act.register
    def _(self, action: Create) -> None:
        self._world.systems[action.member.partition("-")[0]].create(action.member, action.values)

    @act.register
    def _(self, action: Delete) -> None:
        member, record_id = self._found(action.record)
        self._world.systems[member.partition("-")[0]].delete(member, record_id)

    @act.register
    def _(self, action: Advance) -> None:
        member, record_id = self._found(action.record)
        self._world.systems[member.partition("-")[0]].advance(member, record_id)

    @act.register
    def _(self, action: Wait) -> None:
        self._world.wait(action.seconds)

    @act.register
    def _(self, action: Trouble) -> None:
        faults = self._world.systems[action.system].faults
        if action.fault is None:
            faults.clear()
        else:
            faults.add(action.fault)

    @act.register
    def _(self, action: Kill) -> None:
        system = self._world.systems[action.at.system]
        path = system.base + action.at.path
        if not action.answered:
            system.faults.add("reset", method=action.at.method, path="^" + re.escape(path))
        self._world.trace.deaths.append(Death(action.at.system, action.at.method, path))

    @act.register
    def _(self, action: Reset) -> None:
        for pipe in self._world.node.pipes:
            pump = self._world.node.pump(pipe.id)
            if pump is not None and re.fullmatch(action.pipes.replace("*", ".*"), pipe.id):
                pump.rewind()

    @act.register
    def _(self, action: Decide) -> None:
        pump = self._world.node.pump(action.pipe)
        if pump is None:
            raise NotThere(f"there is no pipe {action.pipe}")
        pump.decide(commit=True)

    # --- what must be -------------------------------------------------------------------------------------------------

    @act.register
    def _(self, action: Expect) -> None:
        records = self._world.records()
        for ref, wanted in action.records.items():
            self._record(ref, wanted)
        for member, count in action.counts.items():
            if len(records[member]) != count:
                self.fault(f"there are {len(records[member])} {member}, not {count}")
        if action.writes is not None:
            self._writes(action.writes)
        for request, times in action.requests.items():
            met = self._world.requests(request)
            if met != times:
                self.fault(f"{request}: {met} times, not {times}")
        for ref, wanted in action.logs.items():
            self._log(ref, wanted)
        seconds = (self._world.clock.now_ns() - self._began) / 1e9 - STEP_SECONDS
        if action.waited is not None and seconds < action.waited:
            self.fault(f"the sync took {seconds:g} seconds, not {action.waited:g} or more")
        if action.failed is not None and self._failed != set(action.failed):
            self.fault(f"failed: {', '.join(sorted(self._failed)) or 'none'}, not {', '.join(action.failed) or 'none'}")
        if action.plan is not None:
            found = plan_of(self._world.node, self._reading).counts()
            if found != dict(action.plan):
                self.fault(f"the plan is {found}, not {dict(action.plan)}")
        if action.drift is not None:
            found = drift_of(self._reading, self._world.log).counts()
            if found != dict(action.drift):
                self.fault(f"the drift is {found}, not {dict(action.drift)}")
        if action.in_step:
            self._in_step()

    def end(self) -> None:
        """Both systems in step, no pipe failing, and nothing more to be written."""
        self._world.wait(STEP_SECONDS)
        self._world.mark()
        reports = self._world.sync(1)
        failures = [failure for report in reports for failure in report.failures]
        for failure in failures:
            self.fault(f"{failure.pipe} fails: {failure.message}")
        self._writes(())
        self._in_step()

    def _in_step(self) -> None:
        for result in in_step(self._reading, self._world.records()):
            if result.verdict is Verdict.FAIL:
                self.fault(f"{result.group}: {result.title}: {result.reason}")

    def _writes(self, wanted: tuple[str, ...]) -> None:
        found = sorted(self._world.shown(system_id, entry) for system_id, entry in self._world.writes(since_mark=True))
        if found != sorted(wanted):
            self.fault(f"written: {', '.join(found) or 'nothing'}; expected: {', '.join(wanted) or 'nothing'}")

    def _record(self, ref: Ref, wanted: Mapping[str, Any] | None) -> None:
        records = self._world.records()
        try:
            member, record_id = self._found(ref)
            record = records[member][record_id]
        except (NotThere, KeyError):
            if wanted is not None:
                self.fault(f"there is no {ref}")
            return
        if wanted is None:
            self.fault(f"there is a {ref}: {member} {record_id}")
            return
        self._compare(str(ref), record, wanted)

    def _log(self, ref: Ref, wanted: Mapping[str, Any]) -> None:
        """What the share of a member says of an entity.

        `customerp-order of webcrm-opportunity 5` is the linked one, or, as long as nothing is said of that, the one to be made.
        """
        log, entity = None, f"{ref.member} of {ref.of}"
        logs = self._world.entities(f"{ref.member}-share")
        for entity in self._named(ref):
            log = log or logs.get(entity)
        if log is None:
            self.fault(f"{ref.member}-share has nothing of {entity}")
            return
        self._compare(f"log of {entity}", log, wanted)

    def _named(self, ref: Ref) -> list[str]:
        """The entities that a record may have in the share of its member, the best first."""
        if ref.of is None:
            return [f"{ref.member}:{ref.id}"]
        try:
            found = [":".join(self._found(ref))]
        except NotThere:
            found = []
        return [*found, f"{ref.of}:{ref.id}"]

    def _compare(self, what: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        for name, value in wanted.items():
            if not _fits(found.get(name), value):
                text = f"{what}: {name} is {found.get(name)!r}, not {value!r}"
                self.fault(text, entity=what, pointer=f"/{name}", expected=value, actual=found.get(name))

    def _found(self, ref: Ref) -> tuple[str, str]:
        if ref.of is None:
            return ref.member, ref.id
        records = self._world.records()
        pairs = Pairs(self._reading, records)
        if ref.of.startswith("webcrm"):
            found = pairs.counterpart(ref.of, ref.id)
        else:
            found = next((i for member, i in pairs.originals(ref.of, ref.id) if member == ref.member), None)
        if found is None:
            raise NotThere(f"there is no {ref}")
        return ref.member, found


def _fits(found: Any, wanted: Any) -> bool:
    """A wanted text between slashes is a regular expression; an object is looked at in what it names."""
    if type(wanted) is dict and isinstance(found, dict):
        return all(_fits(found.get(name), value) for name, value in wanted.items())
    if type(wanted) is str and len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return re.search(wanted[1:-1], str(found)) is not None
    return bool(found == wanted)
