"""An index on disk: join values to the ids of live entities, in a table that follows its log.

An index knows up to which offset it is true, and takes in what is newer when it is asked: writing costs nothing, and after a crash
or in a new process it goes on from where it stood. Rules: hub/dtl/joins.rst (null and deleted entities are not indexed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.dtl.values import Datetime
from dataflow.errors import DataflowError
from dataflow.node.store.protocol import NOTHING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Hashable, Iterator

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity
    from dataflow.node.store.sqlite_log import SqliteLog

AT_ONCE = 10_000


class DiskIndex(Mapping["Hashable", "Sequence[Entity]"]):
    """Buckets are lists made when they are asked for, ordered by `_id`."""

    def __init__(
        self,
        database: sqlite3.Connection,
        log: SqliteLog,
        name: str,
        keys: Keys,
        begin: Callable[[], None],
        *,
        deleted: bool = False,
    ) -> None:
        """`begin` is called before the index writes; with `deleted` it holds deleted entities too."""
        self._deleted = deleted
        self._database = database
        self._log = log
        self._keys = keys
        self._begin = begin
        find = "SELECT number, upto FROM lookup WHERE dataset = ? AND name = ?"
        row = database.execute(find, (log.number, name)).fetchone()
        if row is None:
            begin()
            database.execute("INSERT INTO lookup (dataset, name, upto) VALUES (?, ?, ?)", (log.number, name, NOTHING))
            row = database.execute(find, (log.number, name)).fetchone()
            columns = "key TEXT, id TEXT, PRIMARY KEY (key, id)"
            database.execute(f"CREATE TABLE entry{row[0]} ({columns}) WITHOUT ROWID")
        self._number, self.upto = row
        # What the expression failed with, when it was last asked about everything there is.
        self.failed: DataflowError | None = None
        self._gone: list[tuple[str, str]] = []
        self._come: list[tuple[str, str]] = []
        self._table = f"entry{self._number}"
        joined = f"{self._table} e LEFT JOIN latest{log.number} l ON l.id = e.id"
        self._find = f"SELECT e.id, l.offset FROM {joined} WHERE e.key = ? ORDER BY e.id"

    def __getitem__(self, key: Hashable) -> Sequence[Entity]:
        found: Sequence[Entity] | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: Hashable, default: Any = None) -> Any:
        """The same without an exception where there is nothing, which is what most look-ups find."""
        if self.upto != self._log.offset:
            self._follow()
        rows = self._database.execute(self._find, (spelled(key),)).fetchall()
        if not rows:
            return default
        waiting = self._log.heads.waiting
        return [self._log.version(waiting[i][0] if i in waiting else offset) for i, offset in rows]

    def ids(self, key: Hashable) -> list[str]:
        """The ids in a bucket, without a look at the entities."""
        if self.upto != self._log.offset:
            self._follow()
        rows = self._database.execute(f"SELECT id FROM {self._table} WHERE key = ?", (spelled(key),))
        return [entity_id for (entity_id,) in rows]

    def __iter__(self) -> Iterator[Hashable]:
        return iter(dict.fromkeys(key for entity in self._log.live() for key in self._keys(entity)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _follow(self) -> None:
        self.failed = None
        self._log.follow(self)

    # --- following the log --------------------------------------------------------------------------------------------

    def take_in(self, before: Entity | None, version: Entity) -> None:
        """Take in a version; `before` is the one of the same entity that is taken in already."""
        if self.failed is not None:
            return
        try:
            gone, come = self._entries(before), self._entries(version)
        except DataflowError as error:
            self.failed = error
            return
        if gone != come:
            self._gone += gone
            self._come += come
        if len(self._come) + len(self._gone) >= AT_ONCE:
            self._write()

    def rest(self, upto: int) -> None:
        """Everything up to an offset is taken in; where the expression has failed, nothing is."""
        if self.failed is not None:
            self.start_anew()
            return
        self._write()
        self._stand(upto)

    def start_anew(self) -> None:
        """What is half taken in is true for no offset."""
        self._gone.clear()
        self._come.clear()
        self._database.execute(f"DELETE FROM {self._table}")
        self._stand(NOTHING)

    def _stand(self, upto: int) -> None:
        self.upto = upto
        self._database.execute("UPDATE lookup SET upto = ? WHERE number = ?", (upto, self._number))

    def _write(self) -> None:
        # In the order of the table, so that its pages are touched one after the other.
        if self._gone:
            self._database.executemany(f"DELETE FROM {self._table} WHERE key = ? AND id = ?", sorted(self._gone))
        if self._come:
            self._database.executemany(f"INSERT OR IGNORE INTO {self._table} VALUES (?, ?)", sorted(self._come))
        self._gone.clear()
        self._come.clear()

    def _entries(self, entity: Entity | None) -> list[tuple[str, str]]:
        if entity is None or (entity["_deleted"] and not self._deleted):
            return []
        return [(spelled(key), entity["_id"]) for key in self._keys(entity)]


def spelled(key: Any) -> str:
    """A text that two keys share exactly when they are equal in Python, which is what the index in memory goes by."""
    kind = type(key)
    if kind is str:
        return _text(key)
    if kind is int:
        return f"#{key}"
    return _rarer(key)


def _text(text: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            # Half of a surrogate pair, which the file has no place for.
            return '"' + ascii(text)
    return "'" + text


def _rarer(key: Any) -> str:
    """What `dataflow.dtl.values.key` makes of other kinds; parts say how long they are."""
    kind = type(key)
    if kind is tuple or kind is frozenset:
        parts = [spelled(part) for part in key]
        if kind is frozenset:
            parts.sort()
        return ("(" if kind is tuple else "{") + "".join(f"{len(part)}:{part}" for part in parts)
    if kind is float or kind is Decimal:
        return _number(key)
    if isinstance(key, Datetime):
        return f"@{key.ns}"
    if kind is type:
        return f"!{key.__name__}"
    if kind is bytes:
        return f"b{key.hex()}"
    return f"?{key}"


def _number(value: float | Decimal) -> str:
    try:
        numerator, denominator = value.as_integer_ratio()
    except (OverflowError, ValueError):
        return f"#{value!r}"
    return f"#{numerator}" if denominator == 1 else f"#{numerator}/{denominator}"
