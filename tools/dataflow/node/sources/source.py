"""What every source can be asked, and the plain one: a log that is read from an offset on.

Rules: hub/documentation/service-configuration/pipes/configuration-sources.rst (continuation); node-semantics, sections 1.3 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from dataflow.errors import NotRunHere
from dataflow.node.dataset import NOTHING, Dataset
from dataflow.node.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.node.store import Store
    from dataflow.pipe import Pipe

# How far a source was read: the offset in a log, or what the outside has in `_updated`.
Marker = int | str


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
    """`datasets` are those read; `continues` says that reading can go on from an offset, or else every run is a full one.

    `outside`: only reading tells whether there is anything new, so it is read once in every run of the node. `chronological`:
    entities come in the order of `_updated`, or else only the greatest of a whole run says where to go on. `start` is where the
    first run begins, None for the beginning.
    """

    datasets: tuple[str, ...]
    continues: bool
    outside: bool
    chronological: bool
    start: Marker | None

    def end(self) -> Marker:
        """How far there is anything to read; grows with every change. Nobody knows of what is outside."""

    def read(self, since: Marker = NOTHING) -> Iterator[Entity]:
        """The entities after an offset; all of them without one. Those of a source that continues have `_updated`."""

    def again(self, until: Marker) -> Iterator[Entity]:
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
    outside = False
    chronological = True
    start: Marker | None = None

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
        members: Callable[[str], list[tuple[str, str]]] | None = None,
    ) -> None:
        """`history` reads every version; `select` gives what is handed on of a version read after an offset, or None.

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
        self._members = members

    def origins(self, entity_id: str) -> list[tuple[str, str]]:
        """The (dataset, entity id) that the entity with an id comes from."""
        if self._members is not None:
            return self._members(entity_id)
        named = [
            (dataset, i) for dataset in self._inputs for i in {entity_id, entity_id.removeprefix(f"{dataset.id}:")}
        ]
        return [(dataset.id, i) for dataset, i in named if dataset.newest(i) is not None]

    def end(self) -> int:
        if self._refresh is not None:
            self._refresh()
        return self._log.offset

    def read(self, since: Marker = NOTHING) -> Iterator[Entity]:
        if self._refresh is not None:
            self._refresh()
        offset = int(since)
        for entity in self._log.since(offset, history=self._history):
            chosen = entity if self._select is None else self._select(entity, offset)
            if chosen is not None:
                yield chosen

    def again(self, until: Marker) -> Iterator[Entity]:
        for entity in self._log.since():
            if entity["_updated"] <= int(until):
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


class Reaching:
    """What all sources that reach outside have in common; `read` is their own."""

    datasets: tuple[str, ...] = ()
    continues = False
    outside = True
    chronological = False
    start: Marker | None = None

    def end(self) -> Marker:
        return 0

    def again(self, until: Marker) -> Iterator[Entity]:
        """Nothing: changes of what rules hop to are only tracked for datasets (features/dependency-tracking.rst)."""
        return iter(())

    def previous(self, entity: Entity) -> Entity | None:
        return None

    def populated(self) -> bool:
        return True

    def waits(self) -> str | None:
        return None


class Outside(Reaching):
    """A source that reaches outside, or of a kind the node does not know: reading it raises NotRunHere."""

    outside = False

    def __init__(self, pipe: Pipe) -> None:
        self._type = pipe.source.get("type")
        self._where = pipe.source_at

    def read(self, since: Marker = NOTHING) -> Iterator[Entity]:
        raise NotRunHere(
            f'a source of type "{self._type}" is not run offline; '
            "give the pipe a conditional source whose alternative for this profile is http_endpoint or embedded",
            where=self._where,
        )

    def again(self, until: Marker) -> Iterator[Entity]:
        return self.read()


def later(one: Marker | None, other: Marker | None) -> Marker | None:
    """The greater of two markers: integers by value, everything else byte by byte as text (configuration-sources.rst)."""
    if one is None or other is None:
        return other if one is None else one
    if type(one) is int and type(other) is int:
        return max(one, other)
    return max(one, other, key=lambda marker: str(marker).encode("utf-8", "surrogatepass"))
