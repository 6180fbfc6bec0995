"""A dataset: an append-only log of versions of entities, with the latest of each at hand and indexes that follow every write.

Rules: hub/features/change-tracking.rst, hub/features/deletion-tracking.rst, entity-data-model.rst; node-semantics, section 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.clock import Clock
from dataflow.dtl.joins import PropertyKeys
from dataflow.dtl.values import kind_name
from dataflow.errors import PumpFailed
from dataflow.node.content import Content, content_of
from dataflow.node.store.memory import MemoryLog
from dataflow.node.store.protocol import NOTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity
    from dataflow.node.store.protocol import Log

__all__ = ["NOTHING", "Dataset"]


class Dataset:
    """Every stored version is a dict with `_id`, `_deleted`, `_updated`, `_previous`, `_ts` and `_hash`, sorted by key.

    A version never changes once it is stored, and shares no list or dict with what was written. `populated` says that an initial
    load is complete; `completeness` is the moment, in nanoseconds, up to which the content is known to be whole, or None.
    """

    def __init__(
        self, dataset_id: str, clock: Clock | None = None, *, log: Log | None = None, populated: bool = False
    ) -> None:
        """`log` is where the versions are, that of a new `MemoryStore` when None."""
        self.id = dataset_id
        self._clock = clock or Clock()
        self._log: Log = log or MemoryLog()
        if populated:
            self._log.populated = True

    # --- reading ------------------------------------------------------------------------------------------------------

    @property
    def populated(self) -> bool:
        return self._log.populated

    @populated.setter
    def populated(self, value: bool) -> None:
        self._log.populated = value

    @property
    def completeness(self) -> int | None:
        return self._log.completeness

    @completeness.setter
    def completeness(self, value: int | None) -> None:
        self._log.completeness = value

    @property
    def offset(self) -> int:
        """`_updated` of the newest version; -1 when there is none."""
        return self._log.offset

    @property
    def size(self) -> int:
        """How many entities there are, deleted ones included."""
        return self._log.size

    @property
    def indexes(self) -> list[str]:
        return self._log.indexes

    def newest(self, entity_id: str) -> Entity | None:
        """The latest version of an entity, deleted or not."""
        return self._log.newest(entity_id)

    def latest(self, entity_id: str) -> Entity | None:
        """The latest version of an entity, or None when there is none or it is deleted."""
        entity = self._log.newest(entity_id)
        return None if entity is None or entity["_deleted"] else entity

    def version(self, offset: int) -> Entity:
        return self._log.version(offset)

    def newest_offset(self, entity_id: str) -> int | None:
        """`_updated` of the latest version of an entity, or None when there is none."""
        head = self._log.head(entity_id)
        return None if head is None else head[0]

    def since(self, offset: int = NOTHING, *, history: bool = False) -> Iterator[Entity]:
        """Latest versions with `_updated` above `offset` in that order, deleted ones too; with `history` every version.

        What is written while this goes on is left to the next reading.
        """
        return self._log.since(offset, history=history)

    def live(self) -> Iterable[Entity]:
        """The latest versions that are not deleted, ordered by `_id`."""
        return self._log.live()

    def living(self) -> Iterable[str]:
        """The ids of those, in the same order."""
        return self._log.living()

    def index(self, name: str, keys: Keys) -> Mapping[Hashable, Sequence[Entity]]:
        """An index that is true at every moment: key to live entities ordered by `_id`. `name` identifies `keys`."""
        return self._log.index(name, keys)

    def holders(self, name: str, keys: Keys, key: Hashable) -> Collection[str]:
        """The ids whose latest version stands under a key, deleted or not; `name` identifies `keys`, apart from `index`."""
        if type(keys) is PropertyKeys and keys.name == "_id":
            return (key,) if type(key) is str and self._log.head(key) is not None else ()
        return self._log.holders(name, keys, key)

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, entity: Entity) -> bool:
        """Append a version when the content differs from the latest one; says whether it did.

        Root properties that start with `_` are dropped, except `_id` and `_deleted`; only a literal `true` deletes.
        `_filtered: true` deletes what is there, and writes nothing when nothing is. Raises PumpFailed without a string `_id`.
        """
        if entity.get("_filtered") is True and type(entity.get("_id")) is str:
            return self.delete(entity["_id"])
        return self.put(self.content(entity))

    def content(self, entity: Entity) -> Content:
        """What would be stored of an entity. Raises PumpFailed without a string `_id`."""
        entity_id = entity.get("_id")
        if type(entity_id) is not str:
            found = "none" if entity_id is None else kind_name(entity_id)
            raise PumpFailed(f'an entity for dataset "{self.id}" needs a string _id, and has {found}')
        if not entity_id.isascii():
            try:
                entity_id.encode()
            except UnicodeEncodeError:
                fault = f'an entity for dataset "{self.id}" has an _id that is no text: {entity_id!a}'
                raise PumpFailed(fault) from None
        return content_of(entity_id, entity.get("_deleted") is True, entity)

    def put(self, content: Content) -> bool:
        """Append a version with that content when it differs from the latest one; says whether it did."""
        head = self._log.head(content.id)
        if head is not None and head[2] == content.hash:
            return False
        self._log.append(content, None if head is None else head[0], self._clock.now_ns() // 1000)
        return True

    def differs(self, entity: Entity) -> bool:
        """Whether writing the entity would append a version."""
        if entity.get("_filtered") is True:
            head = self._log.head(entity["_id"])
            return head is not None and not head[1]
        return not self.has(self.content(entity))

    def has(self, content: Content) -> bool:
        """Whether the latest version of the entity has that content."""
        head = self._log.head(content.id)
        return head is not None and head[2] == content.hash

    def delete(self, entity_id: str, **marks: Any) -> bool:
        """Append a tombstone that keeps the properties of the latest version, unless that is one; `marks` are added to it."""
        latest = self.latest(entity_id)
        if latest is None:
            return False
        return self.put(content_of(entity_id, True, {**latest, **marks}))

    def delete_unseen(self, seen: Collection[str], **marks: Any) -> int:
        """Deletion tracking: delete every entity that a full run has not produced; how many those were."""
        unseen = [entity_id for entity_id in self.living() if entity_id not in seen]
        return sum(self.delete(entity_id, **marks) for entity_id in unseen)
