"""The sql source: the rows of a table or of a query as entities.

Rules: configuration-sources-sql.rst; hub/source-datatype-mapping.rst; decision 0441 for ids of compound keys and what is not said
there about types.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

from dataflow.dtl import plain
from dataflow.dtl.mapping import IGNORED
from dataflow.errors import FindingsError, PumpFailed
from dataflow.node.dataset import NOTHING
from dataflow.node.sources.continuation import Strategy, strategy_of
from dataflow.node.sources.pulled import Pulled
from dataflow.node.sql.reading import bound, marker_of, readers_of
from dataflow.node.sql.table import Table, reflected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnClause, Connection, CursorResult

    from dataflow.diagnostics import Diagnostic
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.sql.database import Database, Databases
    from dataflow.pipe import Pipe

FETCH_SIZE = 1000
# Every other colon in a query of the user's is only text.
_COLON = re.compile(r"(?<!:):(?=\w)(?!since\b)")
_SINCE = re.compile(r"(?<!:):since\b")


class SqlSource(Pulled):
    """Reads when it is asked to, in a transaction that can change nothing; rows come as the server sends them."""

    def __init__(self, pipe: Pipe, databases: Databases) -> None:
        """Raises FindingsError (DF202, DF205) for a source that cannot be read whatever the database holds."""
        faults = list(_faults(pipe))
        if faults:
            raise FindingsError(faults)
        self._databases = databases
        self._table: str | None = pipe.source.get("table") or None
        self._query = _joined(pipe.source.get("query"))
        self._updated_query = _joined(pipe.source.get("updated_query"))
        self._column: str | None = pipe.source.get("updated_column") or None
        super().__init__(pipe, self._strategy(pipe.source))

    def _strategy(self, config: Mapping[str, Any]) -> Strategy:
        if self._column is None or not (self._table or self._updated_query):
            # Nothing could say what is new.
            return Strategy.NONE
        return strategy_of(config, supports_since=True, chronological=self._table is not None)

    def read(self, since: Value = NOTHING) -> Iterator[Entity]:
        full = since == NOTHING or not self.continues
        chronological = self._continuation.strategy is Strategy.CHRONOLOGICAL
        self.in_order = chronological and not (full and self._config.get("is_chronological_full") is False)
        return super().read(since)

    # --- reading ------------------------------------------------------------------------------------------------------

    def entities(self, since: Value) -> Iterator[Entity]:
        database = self._databases.of(str(self._config.get("system")), self._where)
        size = self._config.get("fetch_size", FETCH_SIZE)
        with database.reading() as connection:
            table = reflected(connection, self._table, self._config.get("schema")) if self._table else None
            if self._table and table is None:
                raise PumpFailed(f'system "{database.id}" has no table "{self._table}"')
            connection = connection.execution_options(yield_per=max(1, size))
            if table is not None:
                result = self._of_table(connection, database, table, since)
            else:
                result = self._of_query(connection, database, since)
            # A cursor that is not at its end has to be closed before its connection.
            with closing(result):
                yield from self._rows(result, database, table)

    def _of_table(self, connection: Connection, database: Database, table: Table, since: Value) -> CursorResult[Any]:
        from sqlalchemy import bindparam, column, select
        from sqlalchemy import table as named

        wanted = [name for name in table.columns if self._is_needed(name, table)]
        # Columns without a type: the values stay as the driver gives them, and comparisons are the server's own.
        statement: Any = select(*(column(name) for name in wanted)).select_from(named(table.name, schema=table.schema))
        if self._column is not None:
            updated: ColumnClause[Any] = column(_named(table.columns, self._column, table.name))
            if since is not None:
                statement = statement.where(updated >= bindparam("since"))
            if self.in_order:
                statement = statement.order_by(updated)
        return connection.execute(statement, {} if since is None else {"since": bound(since, database.server)})

    def _of_query(self, connection: Connection, database: Database, since: Value) -> CursorResult[Any]:
        from sqlalchemy import text

        if since is None:
            # As it stands: nothing in it is a variable.
            return connection.execution_options(no_parameters=True).exec_driver_sql(self._query)
        query = text(_COLON.sub(r"\\:", self._updated_query))
        return connection.execute(query, {"since": bound(since, database.server)})

    def _rows(self, result: CursorResult[Any], database: Database, table: Table | None) -> Iterator[Entity]:
        names = list(result.keys())
        readers = readers_of(database, result.cursor.description, table, names)
        keys = [names.index(_named(names, key, self._what())) for key in self._key(table)]
        updated = None if self._column is None else names.index(_named(names, self._column, self._what()))
        shown = [(i, name, readers[i]) for i, name in enumerate(names) if self._is_shown(name)]
        nulls = self._config.get("preserve_null_values") is True
        key_readers = [(names[i], i, readers[i]) for i in keys]
        for row in result:
            entity: Entity = {}
            for position, name, read in shown:
                raw = row[position]
                if raw is not None or nulls:
                    entity[name] = None if raw is None else read(raw)
            if updated is not None and self.continues:
                entity["_updated"] = None if row[updated] is None else marker_of(row[updated])
            entity["_id"] = "_".join(self._part(name, row[i], read) for name, i, read in key_readers)
            yield entity

    def _part(self, name: str, raw: Any, read: Any) -> str:
        if raw is None:
            raise PumpFailed(f'{self._what()} has a row without a value of "{name}", which is part of its primary key')
        value = read(raw)
        text = plain.text(value)
        return value.hex() if text is IGNORED else str(text)

    def _key(self, table: Table | None) -> Sequence[str]:
        given = self._config.get("primary_key")
        if given:
            return [given] if type(given) is str else given
        if table is not None and table.key:
            return table.key
        raise PumpFailed(f"{self._what()} has no primary key; name the columns that identify a row in primary_key")

    def _is_shown(self, name: str) -> bool:
        whitelist = self._config.get("whitelist")
        return (whitelist is None or name in whitelist) and name not in self._config.get("blacklist", ())

    def _is_needed(self, name: str, table: Table) -> bool:
        used = {_named(table.columns, one, table.name) for one in [*self._key(table), *filter(None, [self._column])]}
        return name in used or self._is_shown(name)

    def _what(self) -> str:
        return f'table "{self._table}"' if self._table else "the query"


def _named(names: Any, wanted: str, where: str) -> str:
    """A column by name; by name in another case where there is one such only. Raises PumpFailed."""
    if wanted in names:
        return wanted
    alike = [name for name in names if name.lower() == wanted.lower()]
    if len(alike) == 1:
        return str(alike[0])
    raise PumpFailed(f'{where} has no column "{wanted}"; there is {", ".join(names)}')


def _joined(query: Any) -> str:
    return "\n".join(query) if type(query) is list else query or ""


def _faults(pipe: Pipe) -> Iterator[Diagnostic]:
    config, at = pipe.source, pipe.source_at

    def fault(code: str, message: str, name: str, expected: str | None = None) -> Diagnostic:
        return pipe.document.diagnostic(code, message, f"{at}/{name}", expected=expected)

    if not config.get("system"):
        yield fault("DF202", 'a source of type "sql" needs "system"', "system", "the id of an SQL system")
    if not config.get("table") and not config.get("query"):
        yield fault("DF202", 'a source of type "sql" needs "table" or "query"', "table", "the name of a table")
    elif not config.get("table") and not config.get("primary_key"):
        message = 'a source with a "query" needs "primary_key"'
        yield fault("DF202", message, "primary_key", "the name of a column, or a list of them")
    if config.get("updated_query") and not _SINCE.search(_joined(config["updated_query"])):
        yield fault("DF205", '"updated_query" has no variable :since', "updated_query", "... >= :since")
