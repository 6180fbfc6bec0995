"""The sql sink: entities as the rows of a table, written by their primary key.

Rules: configuration-sinks-sql.rst; decision 0442 for what is not said there. Bulk operations are those of Microsoft SQL Server,
which does not run here, so `use_bulk_operations` and what belongs to it change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl.values import Datetime
from dataflow.errors import FindingsError, PumpFailed
from dataflow.node.rest.places import calling
from dataflow.node.sql.definition import TYPES, create, definitions_of, drop
from dataflow.node.sql.rows import Field, Rows
from dataflow.node.sql.table import Table, reflected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.diagnostics import Diagnostic
    from dataflow.dtl.values import Entity
    from dataflow.node.sql.database import Database, Databases
    from dataflow.pipe import Pipe

TIMESTAMP = "sesam-timestamp"


class SqlSink:
    """Every batch is one transaction; between batches nothing is held open."""

    def __init__(self, pipe: Pipe, databases: Databases) -> None:
        """Raises FindingsError (DF202, DF205) for a sink that cannot write whatever the database holds."""
        faults = list(_faults(pipe))
        if faults:
            raise FindingsError(faults)
        self._config = pipe.sink
        self._where = pipe.sink_at
        self._databases = databases
        self._name = str(self._config["table"])
        self._schema: str | None = self._config.get("schema") or None
        self._definitions = definitions_of(self._config.get("schema_definition") or ())
        self._target: tuple[Database, Rows] | None = None

    def begin(self, *, full: bool) -> None:
        with calling(self._where):
            self._begin(full=full)

    def _begin(self, *, full: bool) -> None:
        database = self._databases.of(str(self._config["system"]), self._where)
        table = self._prepared(database, full=full)
        rows = Rows(table, self._key(table), self._fields(table), database.server)
        # In a transaction of its own: what fails after it does not bring the rows back.
        if full and self._config.get("truncate_table_on_first_run") is True:
            with database.writing() as connection:
                rows.clear(connection)
        self._target = database, rows

    def write(self, batch: Sequence[Entity]) -> None:
        if self._target is None:
            raise PumpFailed("the sink has not begun")
        database, rows = self._target
        now = Datetime(self._databases.reach.clock.now_ns())
        with calling(self._where, batch[0].get("_id") if len(batch) == 1 else None):
            prepared = [(entity.get("_deleted") is True, rows.row(entity, now)) for entity in batch]
            with database.writing() as connection:
                for deleted, row in prepared:
                    if deleted:
                        rows.delete(connection, row)
                    else:
                        rows.put(connection, row)

    def end(self) -> None:
        self._target = None

    def abort(self) -> None:
        self._target = None

    def _prepared(self, database: Database, *, full: bool) -> Table:
        """The table to write to. A full run may make it, or make it anew."""
        makes = full and self._config.get("create_table_if_missing") is True
        anew = makes and self._config.get("recreate_table_on_first_run") is True
        with database.writing() as connection:
            table = reflected(connection, self._name, self._schema)
            if makes and (anew or table is None):
                drop(connection, self._name, self._schema)
                create(connection, self._name, self._schema, self._definitions, self._made_key(), database.server)
                table = reflected(connection, self._name, self._schema)
        if table is None:
            hint = "create_table_if_missing lets a full run make it"
            raise PumpFailed(f'system "{database.id}" has no table "{self._name}"; {hint}')
        return table

    def _given_key(self) -> list[str]:
        given = self._config.get("primary_key") or []
        return [given] if type(given) is str else list(given)

    def _made_key(self) -> list[str]:
        return [one.name for one in self._definitions if one.in_key] or self._given_key()

    def _key(self, table: Table) -> list[str]:
        key = self._given_key() or list(table.key)
        unknown = [name for name in key if name not in table.columns]
        if unknown:
            columns = ", ".join(table.columns)
            raise PumpFailed(f'table "{table.name}" has no column {", ".join(unknown)}; there is {columns}')
        if not key:
            raise PumpFailed(
                f'table "{table.name}" has no primary key; name the columns that identify a row in primary_key'
            )
        return key

    def _fields(self, table: Table) -> list[Field]:
        """The columns that are written, and where their values come from."""
        key = self._key(table)
        defined = {one.name: one for one in self._definitions}
        unknown = [name for name in defined if name not in table.columns]
        if unknown:
            raise PumpFailed(f'table "{table.name}" lacks {", ".join(unknown)}, which schema_definition lists')
        trims = self._config.get("remove_pk_char_trailing_spaces") is not False
        stamp = self._config.get("timestamp", TIMESTAMP)
        fields = []
        for name, column in table.columns.items():
            one = defined.get(name)
            source, default = (one.source, one.default) if one is not None else (name, None)
            if name in key:
                fields.append(Field(column, source, default, trimmed=trims and column.padded))
            elif name == stamp:
                fields.append(Field(column, source, default, stamp=True))
            elif self._is_wanted(source) and not (column.identity and self._skips_identity()):
                fields.append(Field(column, source, default))
        return fields

    def _skips_identity(self) -> bool:
        return self._config.get("skip_identity_columns") is True

    def _is_wanted(self, name: str) -> bool:
        whitelist = self._config.get("whitelist")
        return (not whitelist or name in whitelist) and name not in (self._config.get("blacklist") or ())


def _faults(pipe: Pipe) -> Iterator[Diagnostic]:
    config, at = pipe.sink, pipe.sink_at
    for name, expected in (("system", "the id of an SQL system"), ("table", "the name of a table")):
        if not config.get(name):
            message = f'a sink of type "sql" needs "{name}"'
            yield pipe.document.diagnostic("DF202", message, f"{at}/{name}", expected=expected)
    makes = config.get("create_table_if_missing") is True
    definitions = config.get("schema_definition") or []
    here = f"{at}/schema_definition"
    for position, one in enumerate(definitions):
        if type(one) is not dict or not (one.get("name") or one.get("source_property")):
            message = "a column needs a name"
            yield pipe.document.diagnostic("DF202", message, f"{here}/{position}", expected="name, source_property")
        elif one.get("type") not in TYPES:
            message = f'"{one.get("type")}" is not a type of a column'
            yield pipe.document.diagnostic("DF205", message, f"{here}/{position}/type", expected=", ".join(TYPES))
    if makes and not definitions:
        message = '"create_table_if_missing" needs "schema_definition"'
        yield pipe.document.diagnostic("DF202", message, here, expected="a list of columns")
    elif makes and not config.get("primary_key") and not any(_is_key(one) for one in definitions):
        message = "no column of the table to be made is its primary key"
        yield pipe.document.diagnostic("DF202", message, here, expected='"primary_key": true in at least one of them')


def _is_key(one: Any) -> bool:
    return type(one) is dict and one.get("primary_key") is True
