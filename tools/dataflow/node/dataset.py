"""A dataset: an append-only log of versions of entities, with the latest of each at hand and indexes that follow every write.

Rules: hub/features/change-tracking.rst, hub/features/deletion-tracking.rst, entity-data-model.rst; node-semantics, section 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.clock import Clock
from dataflow.dtl.values import kind_name
from dataflow.errors import PumpFailed
from dataflow.node.content import digest, properties
from dataflow.node.index import Index

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity

NOTHING = -1


class Dataset:
    """Every stored version is a dict with `_id`, `_deleted`, `_updated`, `_previous`, `_ts` and `_hash`, sorted by key.

    A version never changes once it is stored, and shares no list or dict with what was written. `populated` says that an initial
    load is complete; `completeness` is the moment, in nanoseconds, up to which the content is known to be whole, or None.
    """

    def __init__(self, dataset_id: str, clock: Clock | None = None, *, populated: bool = False) -> None:
        self.id = dataset_id
        self.populated = populated
        self.completeness: int | None = None
        self._clock = clock or Clock()
        self._log: list[Entity] = []
        self._latest: dict[str, Entity] = {}
        self._indexes: dict[str, Index] = {}
        self._live: list[Entity] | None = None

    # --- reading ------------------------------------------------------------------------------------------------------

    @property
    def offset(self) -> int:
        """`_updated` of the newest version; -1 when there is none."""
        return len(self._log) - 1

    @property
    def indexes(self) -> list[str]:
        return list(self._indexes)

    def newest(self, entity_id: str) -> Entity | None:
        """The latest version of an entity, deleted or not."""
        return self._latest.get(entity_id)

    def latest(self, entity_id: str) -> Entity | None:
        """The latest version of an entity, or None when there is none or it is deleted."""
        entity = self._latest.get(entity_id)
        return None if entity is None or entity["_deleted"] else entity

    def version(self, offset: int) -> Entity:
        return self._log[offset]

    def since(self, offset: int = NOTHING, *, history: bool = False) -> Iterator[Entity]:
        """Latest versions with `_updated` above `offset` in that order, deleted ones too; with `history` every version.

        What is written while this goes on is left to the next reading.
        """
        for position in range(offset + 1, len(self._log)):
            version = self._log[position]
            if history or self._latest[version["_id"]] is version:
                yield version

    def live(self) -> Sequence[Entity]:
        """The latest versions that are not deleted, ordered by `_id`."""
        return self._sorted()

    def _sorted(self) -> list[Entity]:
        if self._live is None:
            self._live = [self._latest[i] for i in sorted(self._latest) if not self._latest[i]["_deleted"]]
        return self._live

    def index(self, name: str, keys: Keys) -> Mapping[Hashable, Sequence[Entity]]:
        """An index that writes keep up to date: key to live entities ordered by `_id`. `name` identifies `keys`."""
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = Index(keys, self._sorted())
        return index.buckets

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, entity: Entity) -> bool:
        """Append a version when the content differs from the latest one; says whether it did.

        Root properties that start with `_` are dropped, except `_id` and `_deleted`; only a literal `true` deletes.
        `_filtered: true` deletes what is there, and writes nothing when nothing is. Raises PumpFailed without a string `_id`.
        """
        entity_id = entity.get("_id")
        if type(entity_id) is not str:
            found = "none" if entity_id is None else kind_name(entity_id)
            raise PumpFailed(f'an entity for dataset "{self.id}" needs a string _id, and has {found}')
        if entity.get("_filtered") is True:
            return self.delete(entity_id)
        return self._append(entity_id, entity.get("_deleted") is True, properties(entity))

    def differs(self, entity: Entity) -> bool:
        """Whether writing the entity would append a version."""
        latest = self._latest.get(entity["_id"])
        if entity.get("_filtered") is True:
            return latest is not None and not latest["_deleted"]
        deleted = entity.get("_deleted") is True
        return latest is None or latest["_hash"] != digest(entity["_id"], deleted, properties(entity))

    def delete(self, entity_id: str, **marks: Any) -> bool:
        """Append a tombstone that keeps the properties of the latest version, unless that is one; `marks` are added to it."""
        latest = self.latest(entity_id)
        if latest is None:
            return False
        return self._append(entity_id, True, properties({**latest, **marks}))

    def delete_unseen(self, seen: Collection[str], **marks: Any) -> int:
        """Deletion tracking: delete every entity that a full run has not produced; how many those were."""
        unseen = [entity["_id"] for entity in self._sorted() if entity["_id"] not in seen]
        return sum(self.delete(entity_id, **marks) for entity_id in unseen)

    def _append(self, entity_id: str, deleted: bool, stored: Entity) -> bool:
        content_hash = digest(entity_id, deleted, stored)
        previous = self._latest.get(entity_id)
        if previous is not None and previous["_hash"] == content_hash:
            return False
        stored["_id"] = entity_id
        stored["_deleted"] = deleted
        stored["_updated"] = len(self._log)
        stored["_previous"] = None if previous is None else previous["_updated"]
        stored["_ts"] = self._clock.now_ns() // 1000
        stored["_hash"] = content_hash
        version = {name: stored[name] for name in sorted(stored)}
        self._log.append(version)
        self._latest[entity_id] = version
        self._live = None
        for index in self._indexes.values():
            if previous is not None and not previous["_deleted"]:
                index.remove(previous)
            if not deleted:
                index.add(version)
        return True
