"""What a node holds: the datasets its pipes write, and those it writes about them itself.

Rules: hub/documentation/operations/pump-execution.rst; configuration-pump.rst (dead letters); features/completeness-feature.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.diagnostics import did_you_mean
from dataflow.dtl.values import Datetime
from dataflow.errors import UsageError
from dataflow.node.breaker import uncommitted_name
from dataflow.node.completeness import Completeness, heard_name
from dataflow.node.dataset import Dataset
from dataflow.node.execution_log import log_name
from dataflow.node.retries import letters_name
from dataflow.node.schedule import schedule_name
from dataflow.node.sources.source import derived_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataflow.clock import Clock
    from dataflow.dtl.values import Value
    from dataflow.node.store import Store
    from dataflow.pipe import Pipe


class Holdings:
    """`written` are the datasets of pipes, `known` those of the node itself too; both by id, and never other objects."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.written: dict[str, Dataset] = {}
        self.known: dict[str, Dataset] = {}
        self._store = store
        self._clock = clock
        self._completeness = Completeness(self.known, store)

    def add(self, pipe: Pipe, kept: Mapping[str, Dataset] | None, *, resume: bool) -> None:
        """The dataset that a pipe writes, the very one that is `kept` from a node before. With None this is the same node again.

        A pipe that has lost its dataset runs from the start, and so does every one unless it can `resume`.
        """
        own = None if pipe.writes is None else (kept or {}).get(pipe.writes)
        lost = pipe.writes is not None and own is None
        if kept is not None and (lost or not resume):
            forget(self._store, pipe, dataset=lost)
        if pipe.writes is not None:
            dataset = self._opened(pipe.writes) if own is None else own
            self.written[pipe.writes] = self.known[pipe.writes] = dataset

    def add_named(self, pipes: Iterable[Pipe]) -> None:
        """The datasets of dead letters, which are there from the start, and the logs that some pipe reads."""
        known = {pipe.id: pipe for pipe in pipes}
        logs = {log_name(pipe_id) for pipe_id in known}
        for pipe in known.values():
            letters = letters_name(pipe)
            if letters is not None:
                self.internal(letters)
            for reference in pipe.datasets:
                if reference.name in logs:
                    self.internal(reference.name)

    def internal(self, dataset_id: str) -> Dataset:
        """A dataset that the node writes itself. It is there from the first time somebody asks for it, and populated."""
        found = self.known.get(dataset_id)
        if found is None:
            found = self.known[dataset_id] = self._opened(dataset_id, populated=True)
        return found

    def find(self, dataset_id: str, pumps: Iterable[str]) -> Dataset:
        """A dataset by id, the logs of these `pumps` included. Raises UsageError when there is none."""
        if dataset_id in self.known:
            return self.known[dataset_id]
        if any(dataset_id == log_name(pipe_id) for pipe_id in pumps):
            return self.internal(dataset_id)
        hint = did_you_mean(dataset_id, self.written)
        raise UsageError(f'no pipe writes dataset "{dataset_id}"' + (f"; {hint}" if hint else ""))

    def offsets(self, dataset_ids: Iterable[str]) -> tuple[int, ...]:
        """How far those of some datasets have come that there are."""
        return tuple(self.known[i].offset for i in dataset_ids if i in self.known)

    def completeness(self, via: Value, dataset_id: Value) -> Value:
        """What DTL's function of that name gives: a moment, or null."""
        known = type(via) is str and type(dataset_id) is str
        moment = self._completeness.via(via, dataset_id) if known else None
        return None if moment is None else Datetime(moment)

    def _opened(self, dataset_id: str, *, populated: bool = False) -> Dataset:
        return Dataset(dataset_id, self._clock, log=self._store.log(dataset_id), populated=populated)


def forget(store: Store, pipe: Pipe, *, dataset: bool = False, history: bool = False) -> None:
    """Let a pipe run from the start; without what is in its `dataset`, and without the `history` of its runs."""
    store.keep(pipe.id, {})
    store.forget(derived_name(pipe))
    if dataset and pipe.writes is not None:
        for name in (pipe.writes, uncommitted_name(pipe.writes), heard_name(pipe.writes)):
            store.forget(name)
    if history:
        letters = letters_name(pipe)
        for name in (log_name(pipe.id), schedule_name(pipe.id), *((letters,) if letters else ())):
            store.forget(name)
