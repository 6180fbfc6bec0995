"""An index of entities that do not change: made in one pass, and put in order as far as it is used."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dataflow.dtl.joins import NOTHING, PropertyKeys

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity

_ID = operator.itemgetter("_id")


class Buckets(Mapping["Hashable", "Sequence[Entity]"]):
    """Key to live entities ordered by `_id`.

    `ready` has the keys that need no ordering any more; `late` finds the others. Whoever looks a key up goes on with its entities,
    which are far apart in memory: they are put in order then, and not fetched once more for it beforehand.
    """

    __slots__ = ("_unordered", "ready")

    def __init__(self, entities: Iterable[Entity], keys: Keys) -> None:
        index = _index(entities, keys)
        self.ready: dict[Hashable, list[Entity]] = {key: found for key, found in index.items() if len(found) == 1}
        self._unordered = {key: found for key, found in index.items() if len(found) > 1}

    def late(self, key: Hashable) -> list[Entity]:
        """The entities of a key that is not in `ready`, from now on."""
        found = self._unordered.pop(key, None)
        if found is None:
            return NOTHING
        found.sort(key=_ID)
        self.ready[key] = found
        return found

    def __getitem__(self, key: Hashable) -> list[Entity]:
        found = self.ready.get(key) or self.late(key)
        if not found:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[Hashable]:
        return iter([*self.ready, *self._unordered])

    def __len__(self) -> int:
        return len(self.ready) + len(self._unordered)


def _index(entities: Iterable[Entity], keys: Keys) -> dict[Hashable, list[Entity]]:
    index: dict[Hashable, list[Entity]] = {}
    name = keys.name if type(keys) is PropertyKeys else None
    for entity in entities:
        if "_deleted" in entity and entity["_deleted"] is True:
            continue
        if name is not None:
            # An index on a property full of strings, which most are, is built without a call per entity.
            value = entity.get(name)
            if type(value) is str:
                if value in index:
                    index[value].append(entity)
                else:
                    index[value] = [entity]
                continue
        found = keys(entity)
        for key in found if len(found) < 2 else dict.fromkeys(found):
            if key in index:
                index[key].append(entity)
            else:
                index[key] = [entity]
    return index
