"""Datasets that remember which of their entities rules have looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from dataflow.dtl.context import Keys, Lookup
    from dataflow.dtl.values import Entity


class Watched(Mapping[str, "Lookup"]):
    """The datasets themselves, seen through `WatchedDataset`; `met` gathers (dataset, entity id), each once."""

    def __init__(self, datasets: Mapping[str, Lookup]) -> None:
        self.met: dict[tuple[str, str], None] = {}
        self._datasets = datasets

    def __getitem__(self, dataset_id: str) -> Lookup:
        return WatchedDataset(dataset_id, self._datasets[dataset_id], self.met)

    def __iter__(self) -> Iterator[str]:
        return iter(self._datasets)

    def __len__(self) -> int:
        return len(self._datasets)


class WatchedDataset:
    """A `dataflow.dtl.context.Lookup` over another one."""

    def __init__(self, dataset_id: str, dataset: Lookup, met: dict[tuple[str, str], None]) -> None:
        self._id = dataset_id
        self._dataset = dataset
        self._met = met

    def latest(self, entity_id: str) -> Entity | None:
        found = self._dataset.latest(entity_id)
        if found is not None:
            self._met[self._id, entity_id] = None
        return found

    def live(self) -> Iterable[Entity]:
        for entity in self._dataset.live():
            self._met[self._id, entity["_id"]] = None
            yield entity

    def index(self, name: str, keys: Keys) -> Mapping[Hashable, Sequence[Entity]]:
        return _WatchedIndex(self._id, self._dataset.index(name, keys), self._met)


class _WatchedIndex(Mapping["Hashable", "Sequence[Entity]"]):
    def __init__(
        self, dataset_id: str, index: Mapping[Hashable, Sequence[Entity]], met: dict[tuple[str, str], None]
    ) -> None:
        self._id = dataset_id
        self._index = index
        self._met = met

    def __getitem__(self, key: Hashable) -> Sequence[Entity]:
        found = self._index[key]
        self._met.update(dict.fromkeys((self._id, entity["_id"]) for entity in found))
        return found

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)
