"""The store that outlives its node: one SQLite file, written ahead, in a folder of its own.

Tables: `dataset` (a number and the marks of every log), `state` (what pipes remember, JSON), per log `log<n>` (append-only, the
versions, packed) and `latest<n>` (the newest version of every id, see `heads.py`), and those of `disk_index.py`.
Rules: node-semantics, sections 1.1 to 1.4 and 5.3; tools/docs/decisions/0402-store.md.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import count
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.node.store.recent import Recent
from dataflow.node.store.sqlite_log import SqliteLog

if TYPE_CHECKING:
    from pathlib import Path


FILE = "node.sqlite"
# The layout of the file, kept in its `user_version`.
LAYOUT = 3
PAGE_CACHE_MB = 96
# Pages that the write-ahead log may have before they are brought to their places, which waits for the disk.
LOGGED_PAGES = 4_096
# Heads of versions that wait in memory, of all logs together, before they go into their tables.
WAITING = 200_000

_TABLES = """
CREATE TABLE IF NOT EXISTS dataset (number INTEGER PRIMARY KEY, name TEXT UNIQUE, populated INTEGER, completeness INTEGER,
    upto INTEGER, replaced INTEGER);
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
        # How many heads may wait at most: counted by those who append.
        self.waiting = 0
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
            hint = "give another folder, or remove this one: the node makes again what was in it"
            raise UsageError(f"{self.path} has layout {layout}, and this version reads layout {LAYOUT}; {hint}")
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
            if self.waiting > WAITING:
                self._settle()
            self.database.execute("COMMIT")

    def close(self) -> None:
        if not self.database.in_transaction:
            self._settle()
            self.commit()
        self.database.close()

    def _settle(self) -> None:
        for log in self._logs.values():
            log.settle()
        self.waiting = 0
