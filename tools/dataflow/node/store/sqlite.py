"""The store that outlives its node: one SQLite file, written ahead, in a folder of its own.

Tables: `dataset` (a number and the marks of every log), `state` (what pipes remember, JSON), per log `log<n>` (append-only, the
versions as JSON in transit form) and `latest<n>` (the newest version of every id), and those of `disk_index.py`.
Rules: node-semantics, sections 1.1 to 1.4 and 5.3; tools/docs/decisions/0402-store.md.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import count
from typing import TYPE_CHECKING, Any

from dataflow.dtl.joins import PropertyKeys
from dataflow.errors import UsageError
from dataflow.node.store.body import text_of, version_of
from dataflow.node.store.disk_index import DiskIndex
from dataflow.node.store.ids import Ids
from dataflow.node.store.protocol import NOTHING
from dataflow.node.store.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity

FILE = "node.sqlite"
# The layout of the file, kept in its `user_version`.
LAYOUT = 1
PAGE_CACHE_MB = 64
# Pages that the write-ahead log may have before they are brought to their places, which waits for the disk.
LOGGED_PAGES = 4_096
# Rows that are read at once: a reading that stayed open would keep the write-ahead log from being emptied.
ROWS = 500

_TABLES = """
CREATE TABLE IF NOT EXISTS dataset (number INTEGER PRIMARY KEY, name TEXT UNIQUE, populated INTEGER, completeness INTEGER);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lookup (number INTEGER PRIMARY KEY, dataset INTEGER, name TEXT, upto INTEGER, UNIQUE (dataset, name));
"""


class SqliteStore:
    """Everything is in one transaction from the first write after a commit to the next commit."""

    def __init__(self, folder: Path, *, synchronous: str = "NORMAL") -> None:
        """`synchronous` is SQLite's: NORMAL survives the death of the process, FULL that of the machine too.

        Raises UsageError when the folder cannot be used, another process uses it, or what is there is something else.
        """
        self.path = folder / FILE
        self.recent = Recent()
        # The number of a dataset is given to another one when it is forgotten; these are not.
        self.serials = count()
        self._logs: dict[str, SqliteLog] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.database = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, cached_statements=4096, timeout=0.5
            )
            self._open(synchronous)
        except (OSError, sqlite3.Error) as error:
            raise UsageError(f"{self.path} cannot be used as a store: {error}") from error

    def _open(self, synchronous: str) -> None:
        execute = self.database.execute
        # Before anything is read: with the lock held for good, no other process can write in between.
        execute("PRAGMA locking_mode = EXCLUSIVE")
        execute("PRAGMA journal_mode = WAL")
        execute(f"PRAGMA synchronous = {synchronous}")
        execute(f"PRAGMA cache_size = {-PAGE_CACHE_MB * 1024}")
        execute(f"PRAGMA wal_autocheckpoint = {LOGGED_PAGES}")
        execute("BEGIN EXCLUSIVE")
        (layout,) = execute("PRAGMA user_version").fetchone()
        if layout not in (0, LAYOUT):
            self.database.close()
            raise UsageError(f"{self.path} has layout {layout}, and this version reads layout {LAYOUT}")
        for statement in _TABLES.split(";"):
            execute(statement)
        execute(f"PRAGMA user_version = {LAYOUT}")
        execute("COMMIT")

    def log(self, name: str) -> SqliteLog:
        log = self._logs.get(name)
        if log is None:
            log = self._logs[name] = SqliteLog(self, name)
        return log

    def state(self, name: str) -> dict[str, Any] | None:
        row = self.database.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def keep(self, name: str, state: dict[str, Any]) -> None:
        self.begin()
        self.database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, json.dumps(state)))

    def forget(self, name: str) -> None:
        self.begin()
        execute = self.database.execute
        execute("DELETE FROM state WHERE name = ?", (name,))
        row = execute("SELECT number FROM dataset WHERE name = ?", (name,)).fetchone()
        if row is None:
            return
        for (index,) in execute("SELECT number FROM lookup WHERE dataset = ?", row).fetchall():
            execute(f"DROP TABLE entry{index}")
        execute("DELETE FROM lookup WHERE dataset = ?", row)
        execute("DELETE FROM dataset WHERE number = ?", row)
        execute(f"DROP TABLE log{row[0]}")
        execute(f"DROP TABLE latest{row[0]}")
        self._logs.pop(name, None)

    def begin(self) -> None:
        """Called before every write."""
        if not self.database.in_transaction:
            self.database.execute("BEGIN")

    def commit(self) -> None:
        if self.database.in_transaction:
            self.database.execute("COMMIT")

    def close(self) -> None:
        self.database.close()


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
            self._execute("INSERT INTO dataset (name, populated) VALUES (?, 0)", (name,))
            row = self._execute(find, (name,)).fetchone()
            self._execute(
                f"CREATE TABLE log{row[0]} (offset INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL)"
            )
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
        self._head = f"SELECT offset, deleted, hash FROM {self._latest} WHERE id = ?"
        self._add = f"INSERT INTO {self._log} VALUES (?, ?, ?)"
        self._replace = f"INSERT OR REPLACE INTO {self._latest} VALUES (?, ?, ?, ?)"
        self._body = f"SELECT body FROM {self._log} WHERE offset = ?"

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
        (count,) = self._execute(f"SELECT count(*) FROM {self._latest}").fetchone()
        return int(count)

    @property
    def indexes(self) -> list[str]:
        return list(self._indexes)

    def head(self, entity_id: str) -> tuple[int, bool, str] | None:
        try:
            row = self._execute(self._head, (entity_id,)).fetchone()
        except UnicodeEncodeError:
            # Half of a surrogate pair, which no stored id has.
            return None
        return None if row is None else (row[0], row[1] == 1, row[2])

    def newest(self, entity_id: str) -> Entity | None:
        head = self.head(entity_id)
        return None if head is None else self.version(head[0])

    def version(self, offset: int) -> Entity:
        place = (self._serial, offset)
        version = self._store.recent.get(place)
        if version is None:
            row = self._execute(self._body, (offset,)).fetchone()
            if row is None:
                raise IndexError(offset)
            version = self._store.recent.put(place, version_of(row[0]))
        return version

    def since(self, offset: int = NOTHING, *, history: bool = False) -> Iterator[Entity]:
        end = self._offset
        joined = "" if history else f"JOIN {self._latest} l ON l.id = v.id AND l.offset = v.offset"
        query = f"SELECT v.offset, v.id, v.body FROM {self._log} v {joined} WHERE v.offset > ? AND v.offset <= ?"
        while offset < end:
            before = self._offset
            rows = self._execute(f"{query} ORDER BY v.offset LIMIT {ROWS}", (offset, end)).fetchall()
            for offset, entity_id, body in rows:
                # What has been written since these rows were read may have put another version in the place of this one.
                if history or before == self._offset or self._is_latest(entity_id, offset):
                    # Most of what is read on end has just been written; what has not is not likely to be asked for again.
                    yield self._store.recent.get((self._serial, offset)) or version_of(body)
            if len(rows) < ROWS:
                return

    def _is_latest(self, entity_id: str, offset: int) -> bool:
        head = self.head(entity_id)
        return head is not None and head[0] == offset

    def live(self) -> Iterator[Entity]:
        chosen = f"SELECT l.id, v.body FROM {self._latest} l JOIN {self._log} v ON v.offset = l.offset"
        last, after = "", ">="
        while True:
            query = f"{chosen} WHERE l.id {after} ? AND l.deleted = 0 ORDER BY l.id LIMIT {ROWS}"
            rows = self._execute(query, (last,)).fetchall()
            for _, body in rows:
                yield version_of(body)
            if len(rows) < ROWS:
                return
            last, after = rows[-1][0], ">"

    def living(self) -> list[str]:
        rows = self._execute(f"SELECT id FROM {self._latest} WHERE deleted = 0 ORDER BY id")
        return [entity_id for (entity_id,) in rows]

    def index(self, name: str, keys: Keys) -> Mapping[Hashable, Sequence[Entity]]:
        index = self._indexes.get(name)
        if index is None:
            by_id = type(keys) is PropertyKeys and keys.name == "_id"
            index = Ids(self) if by_id else DiskIndex(self._store.database, self, name, keys, self._store.begin)
            self._indexes[name] = index
        return index

    def holders(self, name: str, keys: Keys, key: Hashable) -> Collection[str]:
        found = self._holders.get(name)
        if found is None:
            database, begin = self._store.database, self._store.begin
            found = self._holders[name] = DiskIndex(database, self, f"holders {name}", keys, begin, deleted=True)
        return found.ids(key)

    # --- writing ------------------------------------------------------------------------------------------------------

    def append(self, version: Entity) -> None:
        self._store.begin()
        offset, entity_id = version["_updated"], version["_id"]
        self._execute(self._add, (offset, entity_id, text_of(version)))
        self._execute(self._replace, (entity_id, offset, int(version["_deleted"]), version["_hash"]))
        self._store.recent.put((self._serial, offset), version)
        self._offset = offset
