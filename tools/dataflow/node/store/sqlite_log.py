"""One dataset in the store on disk: its versions one after the other, the newest of every id, and its indexes.

Rules: node-semantics, sections 1.1 to 1.4; tools/docs/decisions/0402-store.md.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from dataflow.dtl.joins import PropertyKeys
from dataflow.node.content import version_of
from dataflow.node.store.disk_index import DiskIndex
from dataflow.node.store.heads import Heads
from dataflow.node.store.ids import Ids
from dataflow.node.store.protocol import NOTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity
    from dataflow.node.content import Content
    from dataflow.node.store.sqlite import SqliteStore

_COLUMNS = """offset INTEGER PRIMARY KEY, id TEXT NOT NULL, deleted INTEGER NOT NULL, previous INTEGER, ts INTEGER NOT NULL,
    hash TEXT NOT NULL, packed BLOB NOT NULL"""
# What `version_of` makes a version of.
_PARTS = "v.packed, v.hash, v.offset, v.previous, v.ts"

# Rows that are read at once: a reading that stayed open would keep the write-ahead log from being emptied.
ROWS = 500


class SqliteLog:
    """Versions are read and decoded when somebody asks for them; those asked for lately stay at hand (`Recent`)."""

    def __init__(self, store: SqliteStore, name: str) -> None:
        self._store = store
        self._serial = next(store.serials)
        self._execute = store.database.execute
        find = "SELECT number, populated, completeness FROM dataset WHERE name = ?"
        row = self._execute(find, (name,)).fetchone()
        if row is None:
            store.begin()
            add = "INSERT INTO dataset (name, populated, upto, replaced) VALUES (?, 0, ?, 0)"
            self._execute(add, (name, NOTHING))
            row = self._execute(find, (name,)).fetchone()
            self._execute(f"CREATE TABLE log{row[0]} ({_COLUMNS})")
            columns = "id TEXT PRIMARY KEY, offset INTEGER, deleted INTEGER, hash TEXT"
            self._execute(f"CREATE TABLE latest{row[0]} ({columns}) WITHOUT ROWID")
        self.number: int = row[0]
        self._populated = bool(row[1])
        self._completeness: int | None = row[2]
        self._log, self._latest = f"log{self.number}", f"latest{self.number}"
        (last,) = self._execute(f"SELECT max(offset) FROM {self._log}").fetchone()
        self._offset: int = NOTHING if last is None else last
        self._indexes: dict[str, DiskIndex | Ids] = {}
        self._holders: dict[str, DiskIndex] = {}
        self._followers: list[DiskIndex] = []
        self.heads = Heads(store.database, self.number, store.begin)
        store.waiting += len(self.heads.waiting)
        self._add = f"INSERT INTO {self._log} VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._at = f"SELECT {_PARTS} FROM {self._log} v WHERE offset = ?"
        self._before = f"SELECT previous FROM {self._log} WHERE offset = ?"

    # --- marks --------------------------------------------------------------------------------------------------------

    @property
    def populated(self) -> bool:
        return self._populated

    @populated.setter
    def populated(self, value: bool) -> None:
        if value != self._populated:
            self._populated = value
            self._mark("populated", int(value))

    @property
    def completeness(self) -> int | None:
        return self._completeness

    @completeness.setter
    def completeness(self, value: int | None) -> None:
        if value != self._completeness:
            self._completeness = value
            self._mark("completeness", value)

    def _mark(self, column: str, value: int | None) -> None:
        self._store.begin()
        self._execute(f"UPDATE dataset SET {column} = ? WHERE number = ?", (value, self.number))

    # --- reading ------------------------------------------------------------------------------------------------------

    @property
    def offset(self) -> int:
        return self._offset

    @property
    def size(self) -> int:
        self.settle()
        (count,) = self._execute(f"SELECT count(*) FROM {self._latest}").fetchone()
        return int(count)

    @property
    def indexes(self) -> list[str]:
        return list(self._indexes)

    def head(self, entity_id: str) -> tuple[int, bool, str] | None:
        return self.heads.get(entity_id)

    def newest(self, entity_id: str) -> Entity | None:
        head = self.head(entity_id)
        return None if head is None else self.version(head[0])

    def version(self, offset: int) -> Entity:
        place = (self._serial, offset)
        version = self._store.recent.get(place)
        if version is None:
            row = self._execute(self._at, (offset,)).fetchone()
            if row is None:
                raise IndexError(offset)
            version = self._store.recent.put(place, version_of(*row), len(row[0]))
        return version

    def version_before(self, version: Entity, limit: int) -> Entity | None:
        """The version of the same entity that was the latest at an offset."""
        offset: int | None = version["_previous"]
        while offset is not None and offset > limit:
            (offset,) = self._execute(self._before, (offset,)).fetchone()
        return None if offset is None else self.version(offset)

    def since(self, offset: int = NOTHING, *, history: bool = False) -> Iterator[Entity]:
        end = self._offset
        chosen = f"SELECT v.id, {_PARTS} FROM {self._log} v"
        query = f"{chosen} WHERE v.offset > ? AND v.offset <= ? ORDER BY v.offset LIMIT {ROWS}"
        while offset < end:
            rows = self._execute(query, (offset, end)).fetchall()
            for entity_id, *parts in rows:
                offset = parts[2]
                # Asked for every row, as what has been written since they were read may have put another version in its place.
                if history or not self.heads.replaced or self._is_latest(entity_id, offset):
                    yield self._store.recent.get((self._serial, offset)) or version_of(*parts)
            if len(rows) < ROWS:
                return

    def _is_latest(self, entity_id: str, offset: int) -> bool:
        head = self.head(entity_id)
        return head is not None and head[0] == offset

    def live(self) -> Iterator[Entity]:
        chosen = f"SELECT l.id, {_PARTS} FROM {self._latest} l JOIN {self._log} v ON v.offset = l.offset"
        last, after = "", ">="
        while True:
            self.settle()
            query = f"{chosen} WHERE l.id {after} ? AND l.deleted = 0 ORDER BY l.id LIMIT {ROWS}"
            rows = self._execute(query, (last,)).fetchall()
            for _, *parts in rows:
                yield version_of(*parts)
            if len(rows) < ROWS:
                return
            last, after = rows[-1][0], ">"

    def living(self) -> list[str]:
        self.settle()
        rows = self._execute(f"SELECT id FROM {self._latest} WHERE deleted = 0 ORDER BY id")
        return [entity_id for (entity_id,) in rows]

    def index(self, name: str, keys: Keys) -> Mapping[Hashable, Sequence[Entity]]:
        index = self._indexes.get(name)
        if index is None:
            by_id = type(keys) is PropertyKeys and keys.name == "_id"
            index = self._indexes[name] = Ids(self) if by_id else self._followed_by(name, keys)
        return index

    def holders(self, name: str, keys: Keys, key: Hashable) -> Collection[str]:
        found = self._holders.get(name)
        if found is None:
            found = self._holders[name] = self._followed_by(f"holders {name}", keys, deleted=True)
        return found.ids(key)

    def _followed_by(self, name: str, keys: Keys, *, deleted: bool = False) -> DiskIndex:
        index = DiskIndex(self._store.database, self, name, keys, self._store.begin, deleted=deleted)
        self._followers.append(index)
        return index

    def follow(self, asked: DiskIndex) -> None:
        """Let an index take in what is newer than it, and those that stand where it stands: each version is read once for all.

        Raises DataflowError when its expression fails on an entity.
        """
        end, since = self._offset, asked.upto
        group = [index for index in self._followers if index.upto == since and (index is asked or not index.failed)]
        self._store.begin()
        with ExitStack() as broken_off:
            for index in group:
                broken_off.callback(index.start_anew)
            for version in self.since(since):
                before = self.version_before(version, since)
                for index in group:
                    index.take_in(before, version)
            for index in group:
                index.rest(end)
            broken_off.pop_all()
        if asked.failed is not None:
            raise asked.failed

    # --- writing ------------------------------------------------------------------------------------------------------

    def append(self, content: Content, previous: int | None, ts: int) -> None:
        self._store.begin()
        offset = self._offset + 1
        entity_id, deleted, packed, content_hash = content
        self._execute(self._add, (offset, entity_id, deleted, previous, ts, content_hash, packed))
        self.heads.waiting[entity_id] = (offset, deleted, content_hash)
        self._store.waiting += 1
        if previous is not None and not self.heads.replaced:
            self.heads.replace()
        self._offset = offset

    def settle(self) -> None:
        """Put the heads that wait into their table."""
        self.heads.settle(self._offset)
