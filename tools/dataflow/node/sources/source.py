"""What every source can be asked, and the plain one: a log that is read from an offset on.

Rules: hub/documentation/service-configuration/pipes/configuration-sources.rst (continuation); node-semantics, sections 1.3 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from dataflow.errors import NotRunHere
from dataflow.node.dataset import NOTHING, Dataset
from dataflow.node.kinds import absence
from dataflow.node.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterator, Mapping

    from dataflow.dtl import Context
    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.store import Store
    from dataflow.pipe import Pipe


@dataclass(frozen=True)
class Surroundings:
    """What a source may reach: the datasets some pipe writes, the context of expressions, and where to keep what it derives."""

    datasets: Mapping[str, Dataset]
    context: Context
    store: Store = field(default_factory=MemoryStore)

    def dataset(self, dataset_id: str) -> Dataset:
        """A dataset; one that nobody writes is empty, and populated only when the node itself keeps it (`system:...`)."""
        found = self.datasets.get(dataset_id)
        return Dataset(dataset_id, populated=dataset_id.startswith("system:")) if found is None else found

    def derived(self, pipe: Pipe) -> Dataset:
        """The log that the source of a pipe makes out of several datasets."""
        return Dataset(f"{pipe.id} source", self.context.clock, log=self.store.log(derived_name(pipe)))


def derived_name(pipe: Pipe) -> str:
    """What a source keeps stands under this name in the store; ids of datasets have no slash."""
    return f"{pipe.id}/source"


class Source(Protocol):
    """`datasets` are those read, none for a source outside; `continues` says that reading can go on from a marker, or else every
    run is a full one.

    A marker is the `_updated` of an entity: an offset where datasets are read, any value elsewhere. `in_order` says of the latest
    reading that markers only grow, so that one that breaks off can be gone on with.
    """

    datasets: tuple[str, ...]
    continues: bool
    in_order: bool

    def end(self) -> Value:
        """How far there is anything to read; changes with every change. Outside, how far the latest reading came that was whole."""

    def read(self, since: Value = NOTHING) -> Iterator[Entity]:
        """The entities after a marker; all of them without one. Those of a source that continues have `_updated`."""

    def again(self, until: Value) -> Iterator[Entity]:
        """The latest versions up to a marker, once more: their surroundings have changed. Only asked of sources that continue."""

    def previous(self, entity: Entity) -> Entity | None:
        """The version before one that was read."""

    def populated(self) -> bool:
        """Whether everything of an initial load is there."""

    def waits(self) -> str | None:
        """Why reading has to wait, or None."""


class LogSource:
    """Reads a log: that of a dataset, or one that `refresh` derives from several."""

    continues = True
    in_order = True

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
        until: Callable[[], int] | None = None,
        members: Callable[[str], list[tuple[str, str]]] | None = None,
    ) -> None:
        """`history` reads every version; `select` gives what is handed on of a version read after an offset, or None.

        `until` gives the offset up to which anything is handed on at all; what comes after it is not there yet for the pipe.
        `members` are the (dataset, entity id) that an entity with an id was merged of.
        """
        self.datasets = tuple(dataset.id for dataset in inputs)
        self._config = pipe.source
        self._log = log
        self._inputs = inputs
        self._around = around
        self._refresh = refresh
        self._history = history
        self._select = select
        self._until = until
        self._members = members

    def origins(self, entity_id: str) -> list[tuple[str, str]]:
        """The (dataset, entity id) that the entity with an id comes from."""
        if self._members is not None:
            return self._members(entity_id)
        named = [
            (dataset, i) for dataset in self._inputs for i in {entity_id, entity_id.removeprefix(f"{dataset.id}:")}
        ]
        return [(dataset.id, i) for dataset, i in named if dataset.newest(i) is not None]

    @property
    def length(self) -> int:
        """How many versions there are to read."""
        return self._log.offset + 1

    def end(self) -> int:
        if self._refresh is not None:
            self._refresh()
        return self._log.offset if self._until is None else self._until()

    def read(self, since: int = NOTHING) -> Iterator[Entity]:
        if self._refresh is not None:
            self._refresh()
        end = None if self._until is None else self._until()
        for entity in self._log.since(since, history=self._history):
            if end is not None and entity["_updated"] > end:
                return
            chosen = entity if self._select is None else self._select(entity, since)
            if chosen is not None:
                yield chosen

    def again(self, until: int) -> Iterator[Entity]:
        for entity in self._log.since():
            if entity["_updated"] <= until:
                yield from self._once_more(entity)

    def some(self, ids: Collection[str], until: int) -> Iterator[Entity]:
        """What `again` gives, of these entities only."""
        found = (self._log.newest_offset(entity_id) for entity_id in ids)
        for offset in sorted(offset for offset in found if offset is not None and offset <= until):
            yield from self._once_more(self._log.version(offset))

    def _once_more(self, entity: Entity) -> Iterator[Entity]:
        chosen = entity if self._select is None else self._select(entity, NOTHING)
        if chosen is not None:
            yield chosen

    def holders(self, name: str, keys: Keys, key: Hashable) -> Collection[str]:
        """The ids that stand under a key, as `Dataset.holders` of what is read."""
        return self._log.holders(name, keys, key)

    def previous(self, entity: Entity) -> Entity | None:
        offset = entity.get("_previous")
        return None if offset is None else self._log.version(offset)

    def populated(self) -> bool:
        """All of `initial_datasets`, else all datasets; of several, those that nobody writes do not count.

        What is held back has not been consumed either.
        """
        if self._until is not None and self._until() < self._log.offset:
            return False
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
    """A source that reaches outside, or of a kind the node does not know: reading it raises NotRunHere."""

    datasets: tuple[str, ...] = ()
    continues = False
    in_order = False

    def __init__(self, pipe: Pipe) -> None:
        self._type = pipe.source.get("type")
        self._where = pipe.source_at

    def end(self) -> int:
        return 0

    def read(self, since: Value = NOTHING) -> Iterator[Entity]:
        raise NotRunHere(
            f'a source of type "{self._type}" {absence("source", self._type)}; '
            "give the pipe a conditional source whose alternative for this profile is http_endpoint or embedded",
            where=self._where,
        )

    def again(self, until: Value) -> Iterator[Entity]:
        return self.read()

    def previous(self, entity: Entity) -> Entity | None:
        return None

    def populated(self) -> bool:
        return True

    def waits(self) -> str | None:
        return None
