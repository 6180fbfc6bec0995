"""What an entity becomes in a table, and the statements that put it there or take it away.

Rules: configuration-sinks-sql.rst; decision 0442.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.errors import PumpFailed
from dataflow.node.sql.writing import parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from dataflow.dtl.values import Datetime, Entity, Value
    from dataflow.node.sql.database import Server
    from dataflow.node.sql.table import Column, Table

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is written, from the property `source` of the entity: with `default` when the entity lacks it.

    `trimmed` values lose the blanks at their end; a `stamp` is the time of writing.
    """

    column: Column
    source: str
    default: Value = None
    trimmed: bool = False
    stamp: bool = False


class Rows:
    """The rows of one table, each known by the columns of `key`.

    Columns have no types here: what `parameter` gives goes to the driver as it is.
    """

    def __init__(self, table: Table, key: Sequence[str], fields: Sequence[Field], server: Server) -> None:
        from sqlalchemy import column
        from sqlalchemy import table as named

        self._table = table
        self._fields = fields
        self._server: Server = server
        self._key = {name: f"k{position}" for position, name in enumerate(key)}
        self._target = named(table.name, *(column(name) for name in table.columns), schema=table.schema)
        self._statements: dict[tuple[str, ...], Any] = {}

    def row(self, entity: Entity, now: Datetime) -> Row:
        """Column to parameter. Raises PumpFailed when a part of the key is missing, or a value cannot be sent."""
        row: Row = {}
        for field in self._fields:
            name = field.column.name
            value = now if field.stamp else entity.get(field.source, field.default)
            if value is None and field.source not in entity:
                continue
            if field.trimmed and type(value) is str:
                value = value.rstrip(" ")
            row[name] = parameter(value, field.column, self._server)
        missing = [name for name in self._key if row.get(name) is None]
        if missing:
            raise PumpFailed(
                f'entity "{entity.get("_id")}" has no value for {", ".join(missing)}, the primary key of "{self._table.name}"'
            )
        return row

    def clear(self, connection: Connection) -> None:
        from sqlalchemy import delete

        connection.execute(delete(self._target))

    def put(self, connection: Connection, row: Row) -> None:
        """Update the row with that key, or insert it; columns that the entity says nothing of stay as they are."""
        if not self._update(connection, row):
            names = tuple(row)
            connection.execute(self._statement("insert", names), {f"v{i}": row[n] for i, n in enumerate(names)})

    def delete(self, connection: Connection, row: Row) -> None:
        connection.execute(self._statement("delete", ()), self._of_key(row))

    def _update(self, connection: Connection, row: Row) -> bool:
        names = tuple(name for name in row if name not in self._key)
        if not names:
            return connection.execute(self._statement("select", ()), self._of_key(row)).first() is not None
        values = {f"v{i}": row[name] for i, name in enumerate(names)}
        found = connection.execute(self._statement("update", names), {**values, **self._of_key(row)}).rowcount
        if found > 1:
            shown = ", ".join(f"{name} = {row[name]}" for name in self._key)
            raise PumpFailed(f'{found} rows of "{self._table.name}" have {shown}: its primary_key tells rows not apart')
        return found == 1

    def _of_key(self, row: Row) -> dict[str, Any]:
        return {parameter_name: row[name] for name, parameter_name in self._key.items()}

    def _statement(self, what: str, names: tuple[str, ...]) -> Any:
        found = self._statements.get((what, *names))
        if found is None:
            found = self._statements[(what, *names)] = self._built(what, names)
        return found

    def _built(self, what: str, names: tuple[str, ...]) -> Any:
        from sqlalchemy import and_, bindparam, delete, insert, literal_column, select, update

        values: dict[str, Any] = {name: bindparam(f"v{position}") for position, name in enumerate(names)}
        if what == "insert":
            return insert(self._target).values(values)
        these = and_(*(self._target.c[name] == bindparam(given) for name, given in self._key.items()))
        if what == "update":
            return update(self._target).where(these).values(values)
        if what == "delete":
            return delete(self._target).where(these)
        return select(literal_column("1")).select_from(self._target).where(these)
