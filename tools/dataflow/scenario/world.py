"""Both systems and a node between them, joined over HTTP on this machine.

A `Stage` has the addresses and the compiled package, which takes a moment and serves for any number of worlds, one after the other.
A `World` is one beginning and what comes of it: two systems with their own state, and a node that can be killed and started again.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from dataflow.clock import FixedClock, Randomness
from dataflow.dtl.transit import encode
from dataflow.errors import DataflowError
from dataflow.node.node import Node
from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
from dataflow.node.store import MemoryStore
from dataflow.project import load_project
from dataflow.scenario.deadly import DeadlyTrace, Killed
from dataflow.scenario.journey import Recorder
from dataflow.scenario.systems import SimulatedCustomerp, SimulatedWebcrm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from dataflow.clock import Clock
    from dataflow.node.pump import Pump
    from dataflow.node.runs import RunReport
    from dataflow.node.store import Store
    from dataflow.project import Project
    from dataflow.scenario.journey import Journey
    from dataflow.scenario.systems import System
    from dataflow.simulators.journal import Entry

PROFILE = "live"
# 2 November 2026, 09:00:00 UTC: winter, when London's time is UTC.
BEGIN_NS = 1_793_610_000_000_000_000
# Rounds of collecting and writing after which two systems that still move never come to rest.
MOST_ROUNDS = 12


class Restless(DataflowError):
    """Every round writes something: an echo, or two rules that undo each other."""


class Stage:
    """`servers` of both systems at addresses of their own; `project` is the package that knows them."""

    def __init__(self, root: Path, *, profile: str = PROFILE, variables: Mapping[str, Any] | None = None) -> None:
        """Raises FindingsError when the package has errors."""
        self.root = root
        self._profile = profile
        self._variables = dict(variables or {})
        self._open = ExitStack()
        self.systems: dict[str, System] = {"webcrm": SimulatedWebcrm(), "customerp": SimulatedCustomerp(root)}
        self._projects: dict[tuple[tuple[str, Any], ...], Project] = {}

    def __enter__(self) -> Stage:
        for system in self.systems.values():
            self._open.enter_context(system)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def project(self, **variables: Any) -> Project:
        """The package, with the addresses and some variables of its own; read and compiled once for each set of them."""
        own = {name: value for system in self.systems.values() for name, value in system.variables.items()}
        wanted = {**self._variables, **own, **{name.replace("_", "-"): value for name, value in variables.items()}}
        key = tuple(sorted(wanted.items()))
        if key not in self._projects:
            self._projects[key] = load_project(self.root, self._profile, wanted)
        return self._projects[key]


class World:
    """`clock` is everybody's time and stands still but for `wait`; every round of a sync takes a second."""

    # Where the numbers of new records begin: every world is empty at first. What is sent stands in the journals.
    first = 0
    sees_bodies = True

    def __init__(
        self,
        stage: Stage,
        *,
        clock: Clock | None = None,
        open_store: Callable[[], Store] = MemoryStore,
        switches: Mapping[str, Mapping[str, Any]] | None = None,
        **variables: Any,
    ) -> None:
        """`open_store` opens what the node keeps; a node that is killed goes on with what the next call gives.

        `switches` are settings of the simulated systems, by system.
        """
        self.stage = stage
        self.clock = clock or FixedClock(BEGIN_NS)
        self.project = stage.project(**variables)
        self.systems = stage.systems
        for system_id, system in self.systems.items():
            system.begin(self.clock, (switches or {}).get(system_id, {}))
        self.reports: list[RunReport] = []
        self._open_store = open_store
        self._marks = dict.fromkeys(self.systems, 0)
        self._store = open_store()
        self.trace = DeadlyTrace()
        self._start()

    def _start(self) -> None:
        secrets = {system_id: system.secrets for system_id, system in self.systems.items()}
        reach = Reach(
            self.project.systems,
            secrets=lambda system_id: secrets.get(system_id, {}),
            clock=self.clock,
            metadata=self.project.metadata,
            trace=self.trace,
        )
        makers = reaching(reach)
        self.node = Node.from_project(
            self.project,
            clock=self.clock,
            random=Randomness(7),
            source_makers=makers.sources,
            transform_makers=makers.transforms,
            store=self._store,
        )

    # --- what happens -------------------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Time passes for both systems and the node."""
        self.clock.sleep(seconds)

    def round(self, watch: Callable[[Pump], None] | None = None) -> RunReport | None:
        """Collect what both systems hold, and do everything that follows from it.

        None when the node was killed in the middle of it; it is up again then. Raises FindingsError (DF703).
        """
        self.clock.sleep(1)
        try:
            report = self.node.run(watch=watch)
        except Killed:
            self.kill()
            return None
        self.reports.append(report)
        return report

    def sync(self, rounds: int | None = None, *, watch: Callable[[Pump], None] | None = None) -> list[RunReport]:
        """Rounds until one writes nothing to either system and no pipe fails, or as many as given. Raises Restless."""
        done: list[RunReport] = []
        for _ in range(MOST_ROUNDS if rounds is None else rounds):
            before = len(self.writes())
            report = self.round(watch)
            done += [] if report is None else [report]
            if rounds is None and report is not None and not report.failures and len(self.writes()) == before:
                return done
        if rounds is None and not (done and done[-1].failures):
            last = ", ".join(sorted({self.shown(*write) for write in self.writes()[-5:]}))
            raise Restless(f"after {MOST_ROUNDS} rounds there is still something to write: {last}")
        return done

    def journey(self) -> tuple[list[RunReport], Journey]:
        """`sync()`, and what the pipes did until then. Raises Restless."""
        recorder = Recorder(self)
        return self.sync(watch=recorder.watch), recorder.journey

    def kill(self) -> None:
        """The node dies and is started again from what it has stored; what was not made to last is lost."""
        self._store.close()
        self._store = self._open_store()
        self._start()

    def close(self) -> None:
        self._store.close()

    # --- what can be seen ---------------------------------------------------------------------------------------------

    def records(self) -> dict[str, dict[str, dict[str, Any]]]:
        """All records of both systems as their APIs give them, by member of the mappings and id."""
        return {member: records for system in self.systems.values() for member, records in system.records().items()}

    def writes(self, *, since_mark: bool = False) -> list[tuple[str, Entry]]:
        """The requests that may have changed something, by system, in the order of each; since the last `mark`."""
        return [
            (system_id, entry)
            for system_id, system in self.systems.items()
            for entry in system.journal.writes(since=self._marks[system_id] if since_mark else 0)
        ]

    def requests(self, shown: str) -> int:
        """How many requests of a form, `GET customerp /customers/*`, there have been since the last `mark`."""
        return sum(
            self.shown(system_id, entry) == shown
            for system_id, system in self.systems.items()
            for entry in system.journal.since(self._marks[system_id])
        )

    def mark(self) -> None:
        """From here on `writes(since_mark=True)` and `requests` count."""
        self._marks = {system_id: len(system.journal) for system_id, system in self.systems.items()}

    def shown(self, system_id: str, entry: Entry) -> str:
        """A request as scenarios write it: `PATCH customerp /customers/*`."""
        path = entry.path.removeprefix(self.systems[system_id].base)
        return f"{entry.method} {system_id} " + "/".join("*" if part.isdecimal() else part for part in path.split("/"))

    def log(self, dataset: str) -> Iterator[Mapping[str, Any]]:
        """Every version that a dataset of the node holds, oldest first."""
        return self.node.dataset(dataset).since(history=True)

    def versions(self) -> Iterator[tuple[str, Iterator[Mapping[str, Any]]]]:
        """Every dataset of the node with all versions of its entities."""
        for dataset_id, dataset in self.node.datasets.items():
            yield dataset_id, dataset.since(history=True)

    def entities(self, dataset: str) -> dict[str, dict[str, Any]]:
        """What a dataset of the node holds, in plain JSON, by id; deleted ones are left out."""
        found = (encode(entity) for entity in self.node.entities(dataset))
        return {entity["_id"]: entity for entity in found if not entity.get("_deleted")}
