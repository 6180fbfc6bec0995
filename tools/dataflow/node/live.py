"""A node that stays up: its configuration, variables and secrets can be replaced while it holds data.

Rules: hub/swagger_public.yaml (`/config`, `/env`, `/secrets`, `/pipes/{id}/pump`); node-semantics, sections 4.4 and 5.8;
decision 0401.

Threads: what changes the configuration goes through one lock, what reads or writes entities through another. Whoever only wants to
know what is configured takes `state`, which is replaced as a whole and never changed.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.clock import Clock, Randomness
from dataflow.errors import FindingsError
from dataflow.node.configuration import Configuration, check_deletions
from dataflow.node.holdings import forget
from dataflow.node.node import Node
from dataflow.node.outer import Makers, reaching
from dataflow.node.reach import Reach
from dataflow.node.runner import Runner
from dataflow.node.secrets import Secrets
from dataflow.node.sequence import Push, Sequences
from dataflow.node.settings import Settings
from dataflow.node.store import MemoryStore
from dataflow.node.ticker import Ticker
from dataflow.node.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dataflow.dtl.values import Entity
    from dataflow.node.dataset import Dataset
    from dataflow.node.store import Store


class InvalidConfiguration(FindingsError):
    """A configuration with errors was refused; the one before it stays."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        super().__init__(configuration.findings)


@dataclass(frozen=True)
class State:
    """What the node is at one moment."""

    configuration: Configuration
    node: Node


class LiveNode:
    """`disabled` are the pipes whose pump no schedule runs, `busy_with` is the one that a schedule or a client runs right now."""

    def __init__(
        self, *, clock: Clock | None = None, reach: bool = False, folder: Path | None = None, **options: Any
    ) -> None:
        """With `reach` pipes contact the systems they name; without it nothing outside is contacted.

        In a `folder` everything is kept, and the node goes on there as what it was when it ended, in whatever way that was. Raises
        UsageError when that cannot be. `options` are those of `Node`, for every node this one becomes.
        """
        self.clock = clock or Clock()
        self.busy_with: str | None = None
        self.runner = Runner(self)
        self.store: Store = options.pop("store", None) or _store(folder)
        self._settings = Settings(self.store, folder)
        self.secrets = self._settings.secrets
        self.disabled = self._settings.disabled
        self.timetable = Timetable(self, options.get("random") or Randomness())
        self._ticker: Ticker | None = None
        self._queues: dict[str, tuple[int, dict[str, int]]] = {}
        self._reach = reach
        self._options = options
        self._sequences = Sequences()
        self._changing = threading.RLock()
        self._using = threading.RLock()
        self._started = self.clock.now_ns()
        known = self._settings.configuration() or Configuration()
        # Whatever is in the store belongs to this very configuration.
        self.state = State(known, self._node(known, None, resume=True))
        self.store.commit()

    # --- configuration ------------------------------------------------------------------------------------------------

    @property
    def configuration(self) -> Configuration:
        return self.state.configuration

    @property
    def started_ns(self) -> int:
        """When the node was last started, restarted or reset: never the same twice."""
        return self._started

    def change(
        self, new: Callable[[Configuration], Configuration], *, force: bool = False, strict: bool = True
    ) -> Configuration:
        """Replace the configuration by what `new` makes of it; datasets that still have a pipe keep their content.

        A run under way is stopped first. Raises InvalidConfiguration, with nothing changed, when there are errors: unless it is
        forced, and then the pipes with errors are out of order; or not `strict`, as for a change of variables. Raises
        TooManyDeletions when the metadata forbids as many, unless it is forced.
        """
        with self._changing:
            configuration = new(self.configuration)
            if not force:
                check_deletions(self.configuration, configuration)
            if strict and not force and not configuration.is_valid:
                raise InvalidConfiguration(configuration)
            self.runner.stop()
            with self._using:
                self._install(configuration, self.state.node.datasets, resume=self._goes_on)
            self.wake()
            return configuration

    def set_env(self, env: Mapping[str, Any]) -> None:
        """Replace all variables. Pipes that cannot be without one that is gone are out of order from then on."""
        self.change(lambda old: old.with_env(env), strict=False)

    def set_secrets(self, change: Callable[[Secrets], object]) -> None:
        """Change the secrets; pipes see them from then on."""
        with self._changing:
            change(self.secrets)
            self._settings.keep(self.secrets, self.disabled)
            self.runner.stop()
            with self._using:
                self._install(self.configuration, self.state.node.datasets, resume=self._goes_on)
            self.wake()

    def reset(self) -> None:
        """Forget everything: configuration, variables, secrets and data."""
        with self._changing:
            self.runner.stop()
            with self._using:
                self.secrets = Secrets()
                self.disabled = frozenset()
                self._settings.keep(self.secrets, self.disabled)
                self._install(Configuration(), {})
                self._restarted()

    def restart(self) -> None:
        """Stop what runs, and begin a new term; everything is kept."""
        with self._changing:
            self.runner.stop()
            self._restarted()

    def _restarted(self) -> None:
        self._started = max(self.clock.now_ns(), self._started + 1)

    def enable(self, pipe_id: str, *, enabled: bool, comment: str | None = None) -> None:
        """Let schedules run the pump of a pipe, or not; whoever starts it himself always can. The `comment` goes into its log."""
        with self._changing:
            self.disabled = self.disabled - {pipe_id} if enabled else self.disabled | {pipe_id}
            self._settings.keep(self.secrets, self.disabled)
        # Nobody has to wait for a run to end only because it is to be written down.
        with self.glimpse() as node:
            pump = None if node is None else node.pump(pipe_id)
            if pump is not None:
                more = {} if comment is None else {"comment": comment}
                pump.log.note("pump-enabled" if enabled else "pump-disabled", **more)
                self.store.commit()
        self.wake()

    # --- schedules ----------------------------------------------------------------------------------------------------

    def start_schedules(self) -> None:
        """Run pumps when they are due, in a thread of its own, until `stop`."""
        self._ticker = Ticker(self.timetable)
        self._ticker.start()

    @property
    def has_schedules(self) -> bool:
        """Whether pumps are run when they are due."""
        return self._ticker is not None

    def wake(self) -> None:
        """Tell the schedules that something has changed."""
        if self._ticker is not None:
            self._ticker.wake()

    def close(self) -> None:
        """Give the store back, for whoever uses it next; after `stop`."""
        with self._using:
            self.store.close()

    def stop(self) -> None:
        """End what runs, and let nothing start by itself any more."""
        self.runner.stop()
        ticker, self._ticker = self._ticker, None
        if ticker is not None:
            ticker.stop()

    @contextmanager
    def running(self, pipe_id: str) -> Iterator[None]:
        """Says which pump is run, while it is."""
        self.busy_with = pipe_id
        try:
            yield
        finally:
            self.busy_with = None

    # --- data ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def using(self) -> Iterator[Node]:
        """The node, for one user at a time; waits for a run that is under way."""
        with self._using:
            yield self.state.node

    @contextmanager
    def glimpse(self) -> Iterator[Node | None]:
        """The node for whoever just wants to look and not to wait; None while somebody uses it."""
        if not self._using.acquire(blocking=False):
            yield None
            return
        try:
            yield self.state.node
        finally:
            self._using.release()

    def queues(self, pipe_id: str) -> tuple[int, dict[str, int]]:
        """What a pump has not taken in yet, of its source and of datasets it hops to; while the node is in use, as of before."""
        with self.glimpse() as node:
            pump = None if node is None else node.pump(pipe_id)
            if pump is not None:
                self._queues[pipe_id] = pump.backlog()
            elif node is not None:
                self._queues.pop(pipe_id, None)
        return self._queues.get(pipe_id, (0, {}))

    def delete_datasets(self, *, received: bool = True) -> None:
        """Empty all datasets, those of receivers only if `received`, and let every pipe start from the beginning."""
        with self._using:
            node = self.state.node
            kept = {pipe.writes for pipe in node.pipes if pipe.id in node.receivers and not received}
            self._install(self.configuration, {i: d for i, d in node.datasets.items() if i in kept})

    def receive(self, pipe_id: str, entities: Sequence[Entity], push: Push, *, completeness: int | None = None) -> int:
        """Hand entities to a receiver, in a full sync if they belong to one. Raises SequenceConflict, and what `Node.post` does."""
        with self._using:
            node, sequence = self.state.node, self._sequences.admit(pipe_id, push)
            if sequence is None:
                written = node.post(pipe_id, entities, completeness=completeness)
            else:
                seen, last = sequence.seen, push.is_last
                written = node.post(pipe_id, entities, seen=seen, last=last, completeness=completeness)
                self._sequences.done(pipe_id, push, sequence)
        self.wake()
        return written

    # --- inside -------------------------------------------------------------------------------------------------------

    @property
    def _goes_on(self) -> bool:
        """Whether pumps go on where they were when something is changed: what went outside is not sent again for it."""
        return self._reach or "sink_makers" in self._options

    def _install(self, configuration: Configuration, datasets: Mapping[str, Dataset], *, resume: bool = False) -> None:
        kept = {pipe.writes for pipe in configuration.project.pipes.values()}
        for pipe in self.state.node.pipes:
            if pipe.id not in configuration.project.pipes:
                forget(self.store, pipe, dataset=pipe.writes not in kept, history=True)
        self.state = State(configuration, self._node(configuration, datasets, resume=resume))
        self._settings.keep_configuration(configuration)
        self.store.commit()
        self._sequences.forget()

    def _node(self, configuration: Configuration, datasets: Mapping[str, Dataset] | None, *, resume: bool) -> Node:
        project = configuration.project
        # Secrets are asked for when they are used, so that a change of them counts at once.
        reach = Reach(project.systems, self.secrets_of, self.clock, project.metadata)
        makers = reaching(reach) if self._reach else Makers()
        reached = {
            "source_makers": makers.sources,
            "transform_makers": makers.transforms,
            "sink_makers": makers.sinks,
        }
        return Node.from_project(
            project,
            clock=self.clock,
            secrets=self.secrets.values(),
            datasets=datasets,
            broken=configuration.broken,
            store=self.store,
            resume=resume,
            **{**reached, **self._options},
        )

    def secrets_of(self, system_id: str) -> Mapping[str, str]:
        """The secrets that a system can use, its own over those of the node."""
        return self.secrets.values(system_id)


def _store(folder: Path | None) -> Store:
    if folder is None:
        return MemoryStore()
    from dataflow.node.store.sqlite import SqliteStore

    return SqliteStore(folder)
