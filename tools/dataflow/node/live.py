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

from dataflow.clock import Clock
from dataflow.errors import FindingsError
from dataflow.node.configuration import Configuration
from dataflow.node.node import Node
from dataflow.node.runner import Runner
from dataflow.node.secrets import Secrets
from dataflow.node.sequence import Push, Sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dataflow.dtl.values import Entity
    from dataflow.node.dataset import Dataset


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
    """`options` are those of `Node`, for every node this one becomes; `disabled` are the pipes whose pump is switched off."""

    def __init__(self, *, clock: Clock | None = None, **options: Any) -> None:
        self.clock = clock or Clock()
        self.disabled: frozenset[str] = frozenset()
        self.secrets = Secrets()
        self.runner = Runner(self)
        self._options = options
        self._sequences = Sequences()
        self._changing = threading.RLock()
        self._using = threading.RLock()
        self._started = self.clock.now_ns()
        self.state = State(Configuration(), self._node(Configuration(), {}))

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
        forced, and then the pipes with errors are out of order; or not `strict`, as for a change of variables.
        """
        with self._changing:
            configuration = new(self.configuration)
            if strict and not force and not configuration.is_valid:
                raise InvalidConfiguration(configuration)
            self.runner.stop()
            with self._using:
                self._install(configuration, self.state.node.datasets)
            return configuration

    def set_env(self, env: Mapping[str, Any]) -> None:
        """Replace all variables. Pipes that cannot be without one that is gone are out of order from then on."""
        self.change(lambda old: old.with_env(env), strict=False)

    def set_secrets(self, change: Callable[[Secrets], object]) -> None:
        """Change the secrets; pipes see them from then on."""
        with self._changing:
            change(self.secrets)
            self.runner.stop()
            with self._using:
                self._install(self.configuration, self.state.node.datasets)

    def reset(self) -> None:
        """Forget everything: configuration, variables, secrets and data."""
        with self._changing:
            self.runner.stop()
            with self._using:
                self.secrets = Secrets()
                self.disabled = frozenset()
                self._install(Configuration(), {})
                self._restarted()

    def restart(self) -> None:
        """Stop what runs, and begin a new term; everything is kept."""
        with self._changing:
            self.runner.stop()
            self._restarted()

    def _restarted(self) -> None:
        self._started = max(self.clock.now_ns(), self._started + 1)

    def enable(self, pipe_id: str, *, enabled: bool) -> None:
        """Switch the pump of a pipe on or off. Nothing here runs on a schedule, so it is remembered and shown, and no more."""
        self.disabled = self.disabled - {pipe_id} if enabled else self.disabled | {pipe_id}

    # --- data ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def using(self) -> Iterator[Node]:
        """The node, for one user at a time; waits for a run that is under way."""
        with self._using:
            yield self.state.node

    def delete_datasets(self, *, received: bool = True) -> None:
        """Empty all datasets, those of receivers only if `received`, and let every pipe start from the beginning."""
        with self._using:
            node = self.state.node
            kept = {pipe.writes for pipe in node.pipes if pipe.id in node.receivers and not received}
            self._install(self.configuration, {i: d for i, d in node.datasets.items() if i in kept})

    def receive(self, pipe_id: str, entities: Sequence[Entity], push: Push) -> int:
        """Hand entities to a receiver, in a full sync if they belong to one. Raises SequenceConflict, and what `Node.post` does."""
        with self._using:
            sequence = self._sequences.admit(pipe_id, push)
            if sequence is None:
                return self.state.node.post(pipe_id, entities)
            written = self.state.node.post(pipe_id, entities, seen=sequence.seen, last=push.is_last)
            self._sequences.done(pipe_id, push, sequence)
            return written

    # --- inside -------------------------------------------------------------------------------------------------------

    def _install(self, configuration: Configuration, datasets: Mapping[str, Dataset]) -> None:
        self.state = State(configuration, self._node(configuration, datasets))
        self._sequences.forget()

    def _node(self, configuration: Configuration, datasets: Mapping[str, Dataset]) -> Node:
        return Node.from_project(
            configuration.project,
            clock=self.clock,
            secrets=self.secrets.values(),
            datasets=datasets,
            broken=configuration.broken,
            **self._options,
        )
