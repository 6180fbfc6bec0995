"""The records of all lists, in one sqlite database: in memory, or in a file that outlives the simulator.

A record is kept as the JSON text that is answered, so that reading costs no parsing. Beside it stand its unique values, and what it
refers to.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS record (noun TEXT, id INTEGER, version INTEGER, updated TEXT, body TEXT, PRIMARY KEY (noun, id));
CREATE INDEX IF NOT EXISTS record_updated ON record (noun, updated, id);
CREATE TABLE IF NOT EXISTS taken (noun TEXT, property TEXT, value TEXT, id INTEGER, PRIMARY KEY (noun, property, value))
WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS taken_id ON taken (noun, id);
CREATE TABLE IF NOT EXISTS refers (noun TEXT, id INTEGER, place TEXT, target TEXT, target_id INTEGER,
PRIMARY KEY (noun, id, place)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refers_target ON refers (target, target_id);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """`body` is the record as JSON text; `version` counts its changes from 1."""

    id: int
    version: int
    body: str

    @property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Records:
    """Not safe for several threads at once; who uses it takes turns."""

    def __init__(self, path: Path | None = None) -> None:
        """In memory without a path."""
        self._database = sqlite3.connect(str(path or ":memory:"), isolation_level=None, check_same_thread=False)
        self._execute = self._database.execute
        if path is not None:
            # What a crash of this machine may cost is no concern of a simulator; a crash of the process costs nothing.
            self._execute("PRAGMA journal_mode = WAL")
            self._execute("PRAGMA synchronous = OFF")
        self._database.executescript(_TABLES)

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All that is written inside, or nothing of it."""
        self._execute("BEGIN")
        try:
            yield
        except BaseException:
            self._execute("ROLLBACK")
            raise
        self._execute("COMMIT")

    # --- reading ------------------------------------------------------------------------------------------------------

    def get(self, noun: str, record_id: int) -> Stored | None:
        query = "SELECT id, version, body FROM record WHERE noun = ? AND id = ?"
        row = self._execute(query, (noun, record_id)).fetchone()
        return None if row is None else Stored(*row)

    def page(
        self, noun: str, *, since: str | None, ids: Iterable[int] | None, skip: int, size: int
    ) -> tuple[list[str], bool]:
        """Bodies in the order of their ids, and whether there are more after them; `ids` leaves only those."""
        where, values = "noun = ?", [noun]
        if since is not None:
            where += " AND updated >= ?"
            values.append(since)
        if ids is not None:
            where += f" AND id IN ({','.join(str(int(one)) for one in ids)})"
        query = f"SELECT body FROM record WHERE {where} ORDER BY id LIMIT ? OFFSET ?"
        rows = self._execute(query, (*values, size + 1, skip)).fetchall()
        return [row[0] for row in rows[:size]], len(rows) > size

    def every(self, noun: str) -> list[dict[str, Any]]:
        rows = self._execute("SELECT body FROM record WHERE noun = ? ORDER BY id", (noun,))
        return [json.loads(row[0]) for row in rows.fetchall()]

    def count(self, noun: str) -> int:
        (number,) = self._execute("SELECT count(*) FROM record WHERE noun = ?", (noun,)).fetchone()
        return int(number)

    def exists(self, noun: str, record_id: int) -> bool:
        query = "SELECT 1 FROM record WHERE noun = ? AND id = ?"
        return self._execute(query, (noun, record_id)).fetchone() is not None

    def holder(self, noun: str, name: str, value: str) -> int | None:
        """The id of the record that has a unique value."""
        query = "SELECT id FROM taken WHERE noun = ? AND property = ? AND value = ?"
        row = self._execute(query, (noun, name, value)).fetchone()
        return None if row is None else int(row[0])

    def referring(self, noun: str, record_id: int) -> tuple[str, int] | None:
        """The noun and id of a record that refers to this one."""
        query = "SELECT noun, id FROM refers WHERE target = ? AND target_id = ? LIMIT 1"
        row = self._execute(query, (noun, record_id)).fetchone()
        return None if row is None else (str(row[0]), int(row[1]))

    # --- writing ------------------------------------------------------------------------------------------------------

    def put(
        self,
        noun: str,
        record: dict[str, Any],
        version: int,
        *,
        unique: dict[str, str],
        references: dict[str, tuple[str, int]],
    ) -> Stored:
        """Keep a record; `unique` by property, `references` by the place they stand at."""
        record_id = record["Id"]
        body = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        row = (noun, record_id, version, record["UpdatedAt"], body)
        self._execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?)", row)
        if version > 1:
            self._forget(noun, record_id)
        for name, value in unique.items():
            self._execute("INSERT INTO taken VALUES (?, ?, ?, ?)", (noun, name, value, record_id))
        for place, target in references.items():
            self._execute("INSERT INTO refers VALUES (?, ?, ?, ?, ?)", (noun, record_id, place, *target))
        return Stored(record_id, version, body)

    def remove(self, noun: str, record_id: int) -> None:
        self._execute("DELETE FROM record WHERE noun = ? AND id = ?", (noun, record_id))
        self._forget(noun, record_id)

    def _forget(self, noun: str, record_id: int) -> None:
        self._execute("DELETE FROM taken WHERE noun = ? AND id = ?", (noun, record_id))
        self._execute("DELETE FROM refers WHERE noun = ? AND id = ?", (noun, record_id))

    def next(self, counter: str, first: int) -> int:
        """The next number of a counter, which never gives one twice; it begins with `first`."""
        add = "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last"
        (number,) = self._execute(add, (counter, first)).fetchone()
        return int(number)

    def beyond(self, counter: str, number: int) -> None:
        """From now on the counter gives numbers after this one."""
        add = "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)"
        self._execute(add, (counter, number))
