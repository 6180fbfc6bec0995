"""The store that lives as long as its node: lists and dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.node.content import version_of
from dataflow.node.index import Holders, Index
from dataflow.node.store.protocol import NOTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity
    from dataflow.node.content import Content


class MemoryLog:
    """Hands out the very versions that were appended, so that the same version is the same object."""

    def __init__(self) -> None:
        self.populated = False
        self.completeness: int | None = None
        self._versions: list[Entity] = []
        self._latest: dict[str, Entity] = {}
        self._indexes: dict[str, Index] = {}
        self._holders: dict[str, Holders] = {}
        self._live: list[Entity] | None = None

    @property
    def offset(self) -> int:
        return len(self._versions) - 1

    @property
    def size(self) -> int:
        return len(self._latest)

    @property
    def indexes(self) -> list[str]:
        return list(self._indexes)

    def head(self, entity_id: str) -> tuple[int, bool, str] | None:
        version = self._latest.get(entity_id)
        return None if version is None else (version["_updated"], version["_deleted"], version["_hash"])

    def newest(self, entity_id: str) -> Entity | None:
        return self._latest.get(entity_id)

    def version(self, offset: int) -> Entity:
        if offset < 0:
            raise IndexError(offset)
        return self._versions[offset]

    def since(self, offset: int = NOTHING, *, history: bool = False) -> Iterator[Entity]:
        for position in range(offset + 1, len(self._versions)):
            version = self._versions[position]
            if history or self._latest[version["_id"]] is version:
                yield version

    def live(self) -> Sequence[Entity]:
        if self._live is None:
            self._live = [self._latest[i] for i in sorted(self._latest) if not self._latest[i]["_deleted"]]
        return self._live

    def living(self) -> list[str]:
        return [version["_id"] for version in self.live()]

    def index(self, name: str, keys: Keys) -> Mapping[Hashable, Sequence[Entity]]:
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = Index(keys, self.live())
        return index.buckets

    def holders(self, name: str, keys: Keys, key: Hashable) -> Collection[str]:
        found = self._holders.get(name)
        if found is None:
            found = self._holders[name] = Holders(keys, self._latest.values())
        return found.of(key)

    def append(self, content: Content, previous: int | None, ts: int) -> None:
        version = version_of(content.packed, content.hash, len(self._versions), previous, ts)
        entity_id = content.id
        before = self._latest.get(entity_id)
        self._versions.append(version)
        self._latest[entity_id] = version
        self._live = None
        for index in self._indexes.values():
            if before is not None and not before["_deleted"]:
                index.remove(before)
            if not version["_deleted"]:
                index.add(version)
        for holders in self._holders.values():
            if before is not None:
                holders.remove(before)
            holders.add(version)


class MemoryStore:
    """Nothing outlives the process, so there is nothing to commit."""

    def __init__(self) -> None:
        self._logs: dict[str, MemoryLog] = {}
        self._states: dict[str, dict[str, Any]] = {}

    def log(self, name: str) -> MemoryLog:
        log = self._logs.get(name)
        if log is None:
            log = self._logs[name] = MemoryLog()
        return log

    def state(self, name: str) -> dict[str, Any] | None:
        return self._states.get(name)

    def keep(self, name: str, state: dict[str, Any]) -> None:
        self._states[name] = state

    def forget(self, name: str) -> None:
        self._logs.pop(name, None)
        self._states.pop(name, None)

    def commit(self) -> None:
        pass

    def close(self) -> None:
        self._logs.clear()
        self._states.clear()
