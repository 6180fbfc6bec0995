"""An index of a dataset: join values to live entities, kept up to date one write at a time.

Rules: hub/dtl/joins.rst (null and deleted entities are not indexed; a list stands under each of its values).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity


def _id(entity: Entity) -> str:
    entity_id: str = entity["_id"]
    return entity_id


class Index:
    """`buckets` is the same object for ever, so that whoever holds it sees every write; buckets are ordered by `_id`."""

    def __init__(self, keys: Keys, live: Iterable[Entity]) -> None:
        """`live` are the dataset's entities that are not deleted, ordered by `_id`."""
        self.buckets: dict[Hashable, list[Entity]] = {}
        self._keys = keys
        for entity in live:
            for key in self._distinct(entity):
                self.buckets.setdefault(key, []).append(entity)

    def _distinct(self, entity: Entity) -> Iterable[Hashable]:
        found = self._keys(entity)
        return found if type(found) is tuple and len(found) < 2 else dict.fromkeys(found)

    def remove(self, entity: Entity) -> None:
        for key in self._distinct(entity):
            bucket = self.buckets[key]
            del bucket[bisect_left(bucket, entity["_id"], key=_id)]
            if not bucket:
                del self.buckets[key]

    def add(self, entity: Entity) -> None:
        entity_id = entity["_id"]
        for key in self._distinct(entity):
            bucket = self.buckets.setdefault(key, [])
            if not bucket or bucket[-1]["_id"] < entity_id:
                bucket.append(entity)
            else:
                bucket.insert(bisect_left(bucket, entity_id, key=_id), entity)
