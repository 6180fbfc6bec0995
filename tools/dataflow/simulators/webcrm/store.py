"""What a simulated webCRM holds: one SQLite database, in memory or in a file.

Each kind of row has a table. A row is kept as JSON of the members that are not empty, beside its id, the two times and what it
hangs on, which lists and queries ask for. What an opportunity had and a delivery has no place for, or the other way round, is kept
under `rest` (see `tenant.convert`).
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from typing import TYPE_CHECKING, Any

import orjson

from dataflow.errors import UsageError
from dataflow.simulators.webcrm import times
from dataflow.simulators.webcrm.resource import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Row = dict[str, Any]
LAYOUT = 1
_SERIES = "CREATE TABLE IF NOT EXISTS series (kind TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID;"
_TABLE = """
CREATE TABLE IF NOT EXISTS {0} (id INTEGER PRIMARY KEY, created INTEGER, updated INTEGER, owner INTEGER, data TEXT);
CREATE INDEX IF NOT EXISTS {0}_updated ON {0} (updated);
CREATE INDEX IF NOT EXISTS {0}_owner ON {0} (owner);
"""


class Store:
    """`lock` is held around whatever has to see one state from beginning to end."""

    def __init__(self, path: Path | None = None, kinds: Iterable[str] = tuple(RESOURCES)) -> None:
        """Without a path it is in memory. Raises UsageError when the file cannot be used, or is something else."""
        self.lock = threading.RLock()
        self._kinds = tuple(kinds)
        try:
            self._database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
            self._execute = self._database.execute
            # What the process has written stays when it dies; when the machine dies, nobody needs it.
            self._execute("PRAGMA journal_mode = WAL")
            self._execute("PRAGMA synchronous = OFF")
            (layout,) = self._execute("PRAGMA user_version").fetchone()
            if layout != LAYOUT and (layout or self._execute("SELECT 1 FROM sqlite_master").fetchone()):
                self._database.close()
                raise UsageError(f"{path} holds something else; choose another file")
            tables = "".join(_TABLE.format(kind) for kind in self._kinds)
            self._database.executescript(f"{_SERIES}{tables} PRAGMA user_version = {LAYOUT};")
        except sqlite3.Error as error:
            raise UsageError(f"{path} cannot be used: {error}") from None
        self._database.create_collation("CRM", _compare)
        self._database.create_function("instant", 1, _instant, deterministic=True)
        self._database.create_function("folded", 1, str.casefold, deterministic=True)

    def close(self) -> None:
        self._database.close()

    def get(self, kind: str, row_id: int) -> Row | None:
        with self.lock:
            found = self._execute(f"SELECT data FROM {kind} WHERE id = ?", (row_id,)).fetchone()
        return None if found is None else orjson.loads(found[0])

    def put(self, kind: str, row_id: int, *, created: int, updated: int, owner: int, row: Row) -> None:
        with self.lock:
            self._execute(_put(kind), (row_id, created, updated, owner, orjson.dumps(row).decode()))

    def put_many(self, kind: str, rows: Iterable[tuple[int, int, int, int, Row]]) -> None:
        """Rows as id, created, updated, owner, members; all or none."""
        with self.lock:
            self._execute("BEGIN")
            try:
                self._database.executemany(_put(kind), ((*row[:4], orjson.dumps(row[4]).decode()) for row in rows))
            except BaseException:
                self._execute("ROLLBACK")
                raise
            self._execute("COMMIT")

    def delete(self, kind: str, row_id: int) -> bool:
        """Whether there was such a row."""
        with self.lock:
            cursor = self._execute(f"DELETE FROM {kind} WHERE id = ?", (row_id,))
            return cursor.rowcount > 0

    def next_id(self, series: str) -> int:
        """A new id, which no row has ever had."""
        with self.lock:
            sql = "INSERT INTO series VALUES (?, 1) ON CONFLICT (kind) DO UPDATE SET last = last + 1 RETURNING last"
            (number,) = self._execute(sql, (series,)).fetchall()[0]
            return int(number)

    def used(self, series: str, row_id: int) -> None:
        """An id came from elsewhere; new ones are above it."""
        sql = "INSERT INTO series VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET last = max(last, excluded.last)"
        with self.lock:
            self._execute(sql, (series, row_id))

    def count(self, kind: str) -> int:
        with self.lock:
            return int(self._execute(f"SELECT count(*) FROM {kind}").fetchone()[0])

    def total(self) -> int:
        """Rows of all kinds."""
        return sum(self.count(kind) for kind in self._kinds)

    def index(self, kind: str, expression: str) -> None:
        """Make a search for a text fast, where `expression` is that of a column of this kind alone."""
        name = f"{kind}_{zlib.crc32(expression.encode()):08x}"
        with self.lock:
            self._execute(f"CREATE INDEX IF NOT EXISTS {name} ON {kind} ({expression} COLLATE CRM)")

    def select(
        self,
        kind: str,
        where: str = "1",
        values: Sequence[Any] = (),
        *,
        order: str = "r.id",
        limit: int = -1,
        offset: int = 0,
    ) -> list[tuple[int, Row]]:
        """Ids and members of the rows `r` for which the SQL condition holds."""
        sql = f"SELECT r.id, r.data FROM {kind} r WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
        with self.lock:
            found = self._execute(sql, (*values, limit, offset)).fetchall()
        return [(row_id, orjson.loads(data)) for row_id, data in found]

    def select_joined(
        self, kind: str, other: str, on: str, where: str, values: Sequence[Any], *, order: str, limit: int, offset: int
    ) -> list[tuple[int, Row, int, Row]]:
        """The same of pairs of rows `r` and `j`, of two kinds."""
        sql = (
            f"SELECT r.id, r.data, j.id, j.data FROM {kind} r JOIN {other} j ON {on} "
            f"WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
        )
        with self.lock:
            found = self._execute(sql, (*values, limit, offset)).fetchall()
        return [(one, orjson.loads(first), two, orjson.loads(second)) for one, first, two, second in found]


def _put(kind: str) -> str:
    return f"INSERT OR REPLACE INTO {kind} VALUES (?, ?, ?, ?, ?)"


def _compare(one: str, other: str) -> int:
    """As webCRM compares texts: upper and lower case are the same."""
    one, other = one.casefold(), other.casefold()
    return (one > other) - (one < other)


def _instant(text: str | None) -> float | None:
    return None if text is None else times.instant(text)
