"""The dataset sink: what it does to entities on their way into the dataset. Other sinks take nothing in a node that runs offline.

Rules: hub/documentation/service-configuration/pipes/configuration-sinks-dataset.rst; node-semantics, sections 1.2, 1.4, 1.6 and 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.values import as_list
from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Collection

    from dataflow.dtl.values import Entity, Value
    from dataflow.node.dataset import Dataset
    from dataflow.pipe import Pipe


class DatasetSink:
    """`populates` is `set_initial_offset`: always, if-source-populated, initially, never or onload."""

    def __init__(self, pipe: Pipe, dataset: Dataset, *, makes_children: bool) -> None:
        config = pipe.sink
        self.dataset = dataset
        self.tracks_deletions = config.get("deletion_tracking") is not False
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
            before = self.dataset.newest(entity["_id"])
            if before is not None and self._single:
                return self._refuse(entity)
            if before is not None:
                entity = _with_lost_children(entity, before)
        return self.dataset.write(entity)

    def _refuse(self, entity: Entity) -> bool:
        if self._single == "ignore" or not self.dataset.differs(entity):
            return False
        raise PumpFailed(
            f'entity "{entity["_id"]}" would get a second version, which prevent_multiple_versions forbids'
        )

    def delete_unseen(self, seen: Collection[str]) -> int:
        """Deletion tracking after a full run; how many entities were deleted."""
        return self.dataset.delete_unseen(seen, **self._marks) if self.tracks_deletions else 0


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
