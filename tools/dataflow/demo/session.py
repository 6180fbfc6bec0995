"""What the pages show and do: two simulated systems and a node between them, one request at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from dataflow.clock import Clock, FixedClock
from dataflow.demo import beginning
from dataflow.demo.fields import value_of
from dataflow.demo.pairing import Pairing
from dataflow.demo.why import why
from dataflow.errors import DataflowError, UsageError
from dataflow.generate.mapping_file import read_mappings
from dataflow.graph import build
from dataflow.report.picture import flows as flows_picture
from dataflow.scenario.journey import Journey, Recorder
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables
from dataflow.scenario.world import World
from dataflow.simulators.webcrm.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.demo.pairing import Pair
    from dataflow.demo.why import Why
    from dataflow.generate.mapping import Flow
    from dataflow.report.picture import Picture
    from dataflow.scenario.world import Stage

NAMES = {"webcrm": "webCRM", "customerp": "Customerp"}


class Session:
    """One demo. `picture` is of the flows, `pending` are the edits that no sync has seen, `journey` is what the last one did."""

    def __init__(self, stage: Stage) -> None:
        """Both systems are in step when it begins. Raises FindingsError when the package has errors."""
        self.stage = stage
        self.lock = threading.RLock()
        self._world: World | None = None
        self.begin()

    def begin(self) -> None:
        """Forget everything, and begin again."""
        with self.lock:
            if self._world is not None:
                self._world.close()
            seconds = Clock().now_ns() // 1_000_000_000
            self._world = World(self.stage, clock=FixedClock(seconds * 1_000_000_000))
            mappings = self.stage.root / "pipes" / "mappings"
            environment = self.world.project.env
            self.reading = Reading(read_mappings(mappings), environment, read_tables(mappings, environment))
            self.picture: Picture = flows_picture(build(self.world.project))
            beginning.enter(self.world)
            self.world.sync()
            self.world.mark()
            self.pending: list[str] = []
            self.journey: Journey | None = None
            self.syncs = 0

    def close(self) -> None:
        with self.lock:
            self.world.close()

    @property
    def world(self) -> World:
        assert self._world is not None
        return self._world

    # --- what is shown ------------------------------------------------------------------------------------------------

    @property
    def flows(self) -> dict[str, Flow]:
        """By a short name, `persons-contact`."""
        return {_short(flow.title): flow for flow in self.reading.flows}

    def flow(self, name: str) -> Flow:
        """Raises UsageError for an unknown one."""
        if name not in self.flows:
            raise UsageError(f"there is no flow {name!r}; there are {', '.join(self.flows)}")
        return self.flows[name]

    def pairing(self) -> Pairing:
        return Pairing(self.reading, self.world.records())

    def counts(self) -> dict[str, int]:
        """How many records are behind each item of the picture; the vendor's own organisation is one of them."""
        records = {f"datatype:{member}": len(found) for member, found in self.world.records().items()}
        joined = {concept.dataset for concept in self.reading.concepts.values()}
        return records | {f"global:{dataset}": len(self.world.entities(dataset)) for dataset in joined}

    def why(self, member: str, record_id: str, name: str) -> Why:
        """Raises UsageError for what is not there."""
        if member not in self.reading.members:
            raise UsageError(f"there is no {member}")
        return why(self.world, self.reading, member, record_id, name)

    # --- what is done -------------------------------------------------------------------------------------------------

    def edit(self, pair: Pair, system: str, typed: Mapping[str, str]) -> list[str]:
        """Somebody changes a record; the names of the properties that are not what they were.

        Raises UsageError for a value that cannot be, and for one that the system refuses.
        """
        place = pair.place(system)
        if place is None:
            raise UsageError(f"{NAMES[system]} has no such record yet; press Sync first")
        member, _, record_id = place.partition(":")
        now = self.world.records()[member][record_id]
        changes: dict[str, Any] = {}
        for line in self.pairing().lines(pair):
            for one in line.fields[system]:
                text = typed.get(one.name, one.text).replace("\r\n", "\n")
                if one.form != "fixed" and text != one.text:
                    changes[one.name] = value_of(one, text, system, now.get(one.name))
        if not changes:
            return []
        self.world.wait(60)
        try:
            self.world.systems[system].edit(member, record_id, changes)
        except (Refused, DataflowError) as error:
            raise UsageError(f"{NAMES[system]} refuses that: {error}") from None
        self.pending += [f"{place} {name}" for name in changes]
        return list(changes)

    def sync(self) -> Journey:
        """Let the node work until both systems are in step, and remember what it did. Raises Restless when they never are."""
        recorder = Recorder(self.world)
        self.world.mark()
        self.world.sync(watch=recorder.watch)
        self.pending = []
        self.syncs += 1
        self.journey = recorder.journey
        return recorder.journey


def _short(title: str) -> str:
    """`Webcrm Persons to Customerp Contact` as `persons-contact`."""
    source, _, target = title.partition(" to ")
    return "-".join(side.partition(" ")[2].lower().replace(" ", "-") for side in (source, target))
