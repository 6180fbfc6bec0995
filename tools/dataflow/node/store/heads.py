"""The newest version of every id of a log on disk: a table that follows the log, and what is too new for it.

Ids come in no order, and a table by id would have as many of its pages written as there are ids in a transaction. So the newest
heads wait in memory until there are many, and then go into the table in its order. After a crash those that were waiting are read
from the log again, which has everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.node.store.protocol import NOTHING
from dataflow.node.store.sieve import Sieve

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

# Ids that a process puts into a table before it keeps a sieve of them: while much is new, most look-ups find nothing.
MANY = 50_000

# Offset, whether deleted, hash.
Head = tuple[int, bool, str]


class Heads:
    """`waiting` are the heads that are not in the table yet, for who appends to the log to add to; `replaced` says whether any id
    ever had two versions.
    """

    def __init__(self, database: sqlite3.Connection, number: int, begin: Callable[[], None]) -> None:
        """`begin` is called before every write."""
        self._execute = database.execute
        self._executemany = database.executemany
        self._number = number
        self._begin = begin
        self._table = f"latest{number}"
        self._find = f"SELECT offset, deleted, hash FROM {self._table} WHERE id = ?"
        row = self._execute("SELECT upto, replaced FROM dataset WHERE number = ?", (number,)).fetchone()
        self.replaced = bool(row[1])
        self.waiting: dict[str, Head] = {}
        self._empty: bool = row[0] == NOTHING
        self._settled = 0
        self._sieve: Sieve | None = None
        newer = f"SELECT id, offset, deleted, hash FROM log{number} WHERE offset > ? ORDER BY offset"
        for entity_id, offset, deleted, content_hash in self._execute(newer, (row[0],)):
            self.waiting[entity_id] = (offset, deleted == 1, content_hash)

    def get(self, entity_id: str) -> Head | None:
        head = self.waiting.get(entity_id)
        if head is not None:
            return head
        if self._empty:
            return None
        if self._sieve is not None and self._sieve.lacks(entity_id):
            return None
        try:
            row = self._execute(self._find, (entity_id,)).fetchone()
        except UnicodeEncodeError:
            # Half of a surrogate pair, which no stored id has.
            return None
        return None if row is None else (row[0], row[1] == 1, row[2])

    def replace(self) -> None:
        """Some id has a second version now."""
        self.replaced = True
        self._begin()
        self._execute("UPDATE dataset SET replaced = 1 WHERE number = ?", (self._number,))

    def settle(self, upto: int) -> None:
        """Put what waits into the table, in its order; `upto` is the offset of the newest version."""
        waiting = self.waiting
        if not waiting:
            return
        self._begin()
        rows = ((entity_id, *waiting[entity_id]) for entity_id in sorted(waiting))
        self._executemany(f"INSERT OR REPLACE INTO {self._table} VALUES (?, ?, ?, ?)", rows)
        self._execute("UPDATE dataset SET upto = ? WHERE number = ?", (upto, self._number))
        self._empty = False
        self._settled += len(waiting)
        if self._sieve is not None:
            self._sieve.add(waiting)
        elif self._settled > MANY:
            self._sieve = Sieve(entity_id for (entity_id,) in self._execute(f"SELECT id FROM {self._table}"))
        waiting.clear()
