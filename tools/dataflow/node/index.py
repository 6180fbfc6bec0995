"""Indexes of a dataset: join values to live entities, or to the ids of all, kept up to date one write at a time.

Rules: hub/dtl/joins.rst (null and deleted entities are not indexed; a list stands under each of its values).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity


def _id(entity: Entity) -> str:
    entity_id: str = entity["_id"]
    return entity_id


def _distinct(keys: Keys, entity: Entity) -> Iterable[Hashable]:
    found = keys(entity)
    return found if type(found) is tuple and len(found) < 2 else dict.fromkeys(found)


class Index:
    """`buckets` is the same object for ever, so that whoever holds it sees every write; buckets are ordered by `_id`."""

    def __init__(self, keys: Keys, live: Iterable[Entity]) -> None:
        """`live` are the dataset's entities that are not deleted, ordered by `_id`."""
        self.buckets: dict[Hashable, list[Entity]] = {}
        self._keys = keys
        for entity in live:
            for key in _distinct(keys, entity):
                self.buckets.setdefault(key, []).append(entity)

    def remove(self, entity: Entity) -> None:
        for key in _distinct(self._keys, entity):
            bucket = self.buckets[key]
            del bucket[bisect_left(bucket, entity["_id"], key=_id)]
            if not bucket:
                del self.buckets[key]

    def add(self, entity: Entity) -> None:
        entity_id = entity["_id"]
        for key in _distinct(self._keys, entity):
            bucket = self.buckets.setdefault(key, [])
            if not bucket or bucket[-1]["_id"] < entity_id:
                bucket.append(entity)
            else:
                bucket.insert(bisect_left(bucket, entity_id, key=_id), entity)


class Holders:
    """The ids that stand under a key, those of deleted entities too: nothing is read in it but who has a value."""

    def __init__(self, keys: Keys, latest: Iterable[Entity]) -> None:
        self._keys = keys
        # Most keys have one holder, which needs no set of its own.
        self._ids: dict[Hashable, str | set[str]] = {}
        for entity in latest:
            self.add(entity)

    def of(self, key: Hashable) -> Collection[str]:
        found = self._ids.get(key, ())
        return (found,) if isinstance(found, str) else found

    def remove(self, entity: Entity) -> None:
        for key in _distinct(self._keys, entity):
            found = self._ids[key]
            if isinstance(found, set) and len(found) > 1:
                found.remove(entity["_id"])
            else:
                del self._ids[key]

    def add(self, entity: Entity) -> None:
        entity_id = entity["_id"]
        for key in _distinct(self._keys, entity):
            found = self._ids.setdefault(key, entity_id)
            if isinstance(found, set):
                found.add(entity_id)
            elif found != entity_id:
                self._ids[key] = {found, entity_id}
