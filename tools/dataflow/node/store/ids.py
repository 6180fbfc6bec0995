"""The index on `_id`: a log on disk has the latest version of every id at hand anyway, so nothing has to follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from dataflow.dtl.values import Entity
    from dataflow.node.store.sqlite import SqliteLog


class Ids(Mapping["Hashable", "Sequence[Entity]"]):
    """A bucket has the one live entity with the id."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log

    def __getitem__(self, key: Hashable) -> Sequence[Entity]:
        found: Sequence[Entity] | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: Hashable, default: Any = None) -> Any:
        """The same without an exception where there is nothing."""
        # Texts of other kinds, such as namespaced identifiers, are no ids.
        head = self._log.head(key) if type(key) is str else None
        return default if head is None or head[1] else [self._log.version(head[0])]

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._log.living())

    def __len__(self) -> int:
        return len(self._log.living())
