"""What a rule can reach beyond its entity while it runs: datasets, parameters, secrets, clock, chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from dataflow.clock import Clock, Randomness
from dataflow.dtl.buckets import Buckets
from dataflow.dtl.joins import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from dataflow.dtl.joins import Joined
    from dataflow.dtl.values import Entity, Value

    # The keys under which an entity stands in an index: one per value of the indexed expression, none for null.
    Keys = Callable[[Entity], Sequence[Hashable]]


class Lookup(Protocol):
    """The part of a dataset that hops and look-ups need."""

    def latest(self, entity_id: str) -> Entity | None:
        """The latest version of an entity, or None when there is none or it is deleted."""

    def index(self, name: str, keys: Keys) -> Mapping[Hashable, Sequence[Entity]]:
        """An index kept up to date by writes: key to live entities ordered by `_id`. `name` identifies `keys`."""

    def live(self) -> Iterable[Entity]:
        """The latest versions that are not deleted, ordered by `_id`."""


class Table:
    """A fixed set of entities as a dataset: for evaluating rules alone, and for a dataset that nobody writes (empty)."""

    def __init__(self, entities: Iterable[Entity] = ()) -> None:
        self._latest: dict[str, Entity] = {entity["_id"]: entity for entity in entities}
        self._indexes: dict[str, Buckets] = {}

    def latest(self, entity_id: str) -> Entity | None:
        entity = self._latest.get(entity_id)
        return None if entity is None or entity.get("_deleted") is True else entity

    def live(self) -> Iterable[Entity]:
        return [entity for i in sorted(self._latest) if (entity := self._latest[i]).get("_deleted") is not True]

    def index(self, name: str, keys: Keys) -> Mapping[Hashable, Sequence[Entity]]:
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = Buckets(self._latest.values(), keys)
        return index


_EMPTY = Table()


class Context:
    """One run's surroundings; a node derives its own. All of it is optional, so that rules run alone."""

    def __init__(
        self,
        *,
        datasets: Mapping[str, Lookup] | None = None,
        parameters: Mapping[str, Value] | None = None,
        secrets: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        random: Randomness | None = None,
        previous: Callable[[Entity], Entity | None] | None = None,
        completeness: Callable[[str, str], Value] | None = None,
        prefixes: Mapping[str, str] | None = None,
        current_dataset: str | None = None,
    ) -> None:
        """`parameters` is `_B`; `previous` gives the version before the one a dataset source handed over, and is None when
        the source is not a dataset; `prefixes` are the RDF registry's, for deprecated functions."""
        self.datasets: Mapping[str, Lookup] = datasets or {}
        self.parameters: dict[str, Value] = dict(parameters or {})
        self.secrets: Mapping[str, str] = secrets or {}
        self.clock = clock or Clock()
        self.random = random or Randomness()
        self.previous = previous
        self.completeness = completeness
        self.prefixes: Mapping[str, str] = prefixes or {}
        self.current_dataset = current_dataset
        # Indexes in use, by the name compiled hops know them under; generated code looks here first.
        self.joined: dict[str, Joined] = {}

    def index(self, name: str, dataset_id: str, identity: str, keys: Keys) -> Joined:
        """The index of a dataset that `keys` describes; two with the same dataset and identity have the same name."""
        found = self.joined.get(name)
        if found is None:
            index = self.dataset(dataset_id).index(identity, keys)
            found = self.joined[name] = (index.ready, index.late) if type(index) is Buckets else (index, nothing)
        return found

    def dataset(self, dataset_id: str) -> Lookup:
        """The dataset of that id; one that nobody writes is empty."""
        return self.datasets.get(dataset_id, _EMPTY)
