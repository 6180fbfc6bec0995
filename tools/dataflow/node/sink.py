"""The dataset sink: what it does to entities on their way into the dataset. Those that reach outside are in `dataflow.node.sinks`.

Rules: hub/documentation/service-configuration/pipes/configuration-sinks-dataset.rst; node-semantics, sections 1.2, 1.4, 1.6 and 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.values import as_list
from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from dataflow.dtl.values import Entity, Value
    from dataflow.node.breaker import Staged
    from dataflow.node.dataset import Dataset
    from dataflow.pipe import Pipe


class StaleEntities(PumpFailed):
    """Somebody else has changed an entity that was to be changed (`enable_optimistic_locking`); nothing is written.

    `given` is the first such entity, `existing` what is stored of it now, and `ancestor` the version it was made from; both may be
    None.
    """

    def __init__(self, given: Entity, existing: Entity | None, ancestor: Entity | None) -> None:
        self.given = given
        self.existing = existing
        self.ancestor = ancestor
        found = "there is none" if existing is None else f"the latest has {existing['_updated']}"
        super().__init__(f'entity "{given["_id"]}" comes from version {given.get("_updated")}, and {found}')


class DatasetSink:
    """`populates` is `set_initial_offset`: always, if-source-populated, initially, never or onload.

    `into` is what takes the writes, the `dataset` itself unless they are held back. `locks` is `enable_optimistic_locking`.
    """

    def __init__(self, pipe: Pipe, dataset: Dataset, *, makes_children: bool) -> None:
        config = pipe.sink
        self.dataset = dataset
        self.into: Dataset | Staged = dataset
        # A replica is what its source is, and knows no deletion tracking of its own (configuration-sinks-replicated-dataset.rst).
        self.tracks_deletions = config.get("deletion_tracking") is not False and config.get("type") == "dataset"
        self.locks = config.get("enable_optimistic_locking") is True
        self.populates = str(config.get("set_initial_offset", "if-source-populated"))
        self._marks = {"$deletion_tracked": True} if config.get("mark_deletion_tracked") is True else {}
        self._single = config.get("prevent_multiple_versions", False)
        self._suppresses_filtered = config.get("suppress_filtered") is True
        # Inferred from the use of `create-child` unless it is given.
        self._tracks_children = config.get("track_children", makes_children) is True

    def write(self, entity: Entity) -> bool:
        """Write one entity; says whether there is a new version. Raises PumpFailed."""
        if entity.get("_filtered") is True and self._suppresses_filtered:
            return False
        if (self._single or self._tracks_children) and type(entity.get("_id")) is str:
            before = self.into.newest(entity["_id"])
            if before is not None and self._single:
                return self._refuse(entity)
            if before is not None:
                entity = _with_lost_children(entity, before)
        return self.into.write(entity)

    def _refuse(self, entity: Entity) -> bool:
        if self._single == "ignore" or not self.into.differs(entity):
            return False
        raise PumpFailed(
            f'entity "{entity["_id"]}" would get a second version, which prevent_multiple_versions forbids'
        )

    def delete_unseen(self, seen: Collection[str]) -> int:
        """Deletion tracking after a full run; how many entities were deleted."""
        return self.into.delete_unseen(seen, **self._marks) if self.tracks_deletions else 0

    def check_versions(self, entities: Iterable[Entity]) -> None:
        """Raises StaleEntities for an entity whose `_updated` is not that of the latest version."""
        for entity in entities:
            if type(entity.get("_id")) is not str:
                continue
            existing, updated = self.dataset.newest(entity["_id"]), entity.get("_updated")
            if (None if existing is None else existing["_updated"]) != updated:
                raise StaleEntities(entity, existing, self._version(entity["_id"], updated))

    def _version(self, entity_id: str, offset: Value) -> Entity | None:
        if type(offset) is not int or not 0 <= offset <= self.dataset.offset:
            return None
        found = self.dataset.version(offset)
        return found if found["_id"] == entity_id else None


def _with_lost_children(entity: Entity, before: Entity) -> Entity:
    """The entity with the children of the version before that it has no more, as deleted ones.

    They stay from then on: to drop them again would be a change, and the next run would make the same change once more.
    """
    children = as_list(entity.get("$children"))
    present = {_id(child) for child in children}
    lost = [child for child in as_list(before.get("$children")) if type(child) is dict and _id(child) not in present]
    if not lost or entity.get("_filtered") is True:
        return entity
    return {**entity, "$children": [*children, *({**child, "_deleted": True} for child in lost)]}


def _id(child: Value) -> Value:
    return child.get("_id") if type(child) is dict else None
