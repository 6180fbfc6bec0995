"""What every source can be asked, and the plain one: a log that is read from an offset on.

Rules: hub/documentation/service-configuration/pipes/configuration-sources.rst (continuation); node-semantics, sections 1.3 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dataflow.errors import PumpFailed
from dataflow.node.dataset import NOTHING, Dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.pipe import Pipe


@dataclass(frozen=True)
class Surroundings:
    """What a source may reach: the datasets that some pipe writes, and the context expressions are evaluated in."""

    datasets: Mapping[str, Dataset]
    context: Context

    def dataset(self, dataset_id: str) -> Dataset:
        """A dataset; one that nobody writes is empty, and populated only when the node itself keeps it (`system:...`)."""
        found = self.datasets.get(dataset_id)
        return Dataset(dataset_id, populated=dataset_id.startswith("system:")) if found is None else found


class Source(Protocol):
    """`datasets` are those read; `continues` says that reading can go on from an offset, or else every run is a full one."""

    datasets: tuple[str, ...]
    continues: bool

    def end(self) -> int:
        """How far there is anything to read; grows with every change."""

    def read(self, since: int = NOTHING) -> Iterator[Entity]:
        """The entities after an offset; all of them without one. Those of a source that continues have `_updated`."""

    def again(self, until: int) -> Iterator[Entity]:
        """The latest versions up to an offset, once more: their surroundings have changed."""

    def previous(self, entity: Entity) -> Entity | None:
        """The version before one that was read."""

    def populated(self) -> bool:
        """Whether everything of an initial load is there."""

    def waits(self) -> str | None:
        """Why reading has to wait, or None."""


class LogSource:
    """Reads a log: that of a dataset, or one that `refresh` derives from several."""

    continues = True

    def __init__(
        self,
        pipe: Pipe,
        log: Dataset,
        inputs: list[Dataset],
        around: Surroundings,
        *,
        refresh: Callable[[], None] | None = None,
        history: bool = False,
        select: Callable[[Entity, int], Entity | None] | None = None,
    ) -> None:
        """`history` reads every version; `select` gives what is handed on of a version read after an offset, or None."""
        self.datasets = tuple(dataset.id for dataset in inputs)
        self._config = pipe.source
        self._log = log
        self._inputs = inputs
        self._around = around
        self._refresh = refresh
        self._history = history
        self._select = select

    def end(self) -> int:
        if self._refresh is not None:
            self._refresh()
        return self._log.offset

    def read(self, since: int = NOTHING) -> Iterator[Entity]:
        if self._refresh is not None:
            self._refresh()
        for entity in self._log.since(since, history=self._history):
            chosen = entity if self._select is None else self._select(entity, since)
            if chosen is not None:
                yield chosen

    def again(self, until: int) -> Iterator[Entity]:
        for entity in self._log.since():
            if entity["_updated"] <= until:
                chosen = entity if self._select is None else self._select(entity, NOTHING)
                if chosen is not None:
                    yield chosen

    def previous(self, entity: Entity) -> Entity | None:
        offset = entity.get("_previous")
        return None if offset is None else self._log.version(offset)

    def populated(self) -> bool:
        """All of `initial_datasets`, else all datasets; of several, those that nobody writes do not count."""
        if "dataset" in self._config and "initial_datasets" not in self._config:
            return self._inputs[0].populated
        strict = self._config.get("ignore_non_existent_datasets") is False
        wanted = self._config.get("initial_datasets", self.datasets)
        return all(self._around.dataset(i).populated for i in wanted if strict or i in self._around.datasets)

    def waits(self) -> str | None:
        if self._config.get("require_populated_input") is True and not self.populated():
            return f"waits for {', '.join(self.datasets)} to be populated (require_populated_input)"
        for dataset_id in self._config.get("initial_completeness", ()):
            if self._around.dataset(dataset_id).completeness is None:
                return f"waits for {dataset_id} to be complete (initial_completeness)"
        return None


class Outside:
    """A source that reaches outside, which a replay never does: reading it fails."""

    datasets: tuple[str, ...] = ()
    continues = False

    def __init__(self, pipe: Pipe) -> None:
        self._type = pipe.source.get("type")

    def end(self) -> int:
        return 0

    def read(self, since: int = NOTHING) -> Iterator[Entity]:
        raise PumpFailed(
            f'a source of type "{self._type}" is not run offline; '
            "give the pipe a conditional source whose alternative for this profile is http_endpoint or embedded"
        )

    def again(self, until: int) -> Iterator[Entity]:
        return self.read()

    def previous(self, entity: Entity) -> Entity | None:
        return None

    def populated(self) -> bool:
        return True

    def waits(self) -> str | None:
        return None
