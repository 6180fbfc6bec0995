"""Tables that the sql sink makes: the columns its `schema_definition` lists, in the types of the database.

Rules: configuration-sinks-sql.rst (schema definition format, translation table); decision 0442 for databases that the table there
does not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.dtl import transit
from dataflow.node.sql.table import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    from dataflow.node.sql.database import Server

# Type of the definition -> kind; "bytes" is what older documentation calls "binary".
TYPES: dict[str, Kind] = {
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "float": Kind.FLOAT,
    "binary": Kind.BYTES,
    "bytes": Kind.BYTES,
    "datetime": Kind.DATETIME,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "uuid": Kind.UUID,
    "boolean": Kind.BOOLEAN,
}
# The longest text that MySQL takes for an ordinary column, in characters of up to four bytes.
_MYSQL_LONGEST = 16_383
# The longest text that MySQL can make a key of.
_MYSQL_KEY = 255


@dataclass(frozen=True, slots=True)
class Definition:
    """One column to be: `source` is the property it takes its values from, `default` what it holds when an entity lacks that."""

    name: str
    source: str
    kind: Kind
    default: Any
    given: Mapping[str, Any]

    @property
    def in_key(self) -> bool:
        return self.given.get("primary_key") is True


def definitions_of(given: Iterable[Mapping[str, Any]]) -> list[Definition]:
    """The columns of a `schema_definition` whose entries have a name and a known type."""
    found = []
    for entry in given:
        name = str(entry.get("name", entry.get("source_property")))
        kind, default = TYPES[entry["type"]], transit.decode(entry.get("default"))
        # The empty text is how the platform's own tools write "no default", whatever the type.
        default = None if default == "" and kind is not Kind.TEXT else default
        found.append(Definition(name, str(entry.get("source_property", name)), kind, default, entry))
    return found


def create(
    connection: Connection,
    name: str,
    schema: str | None,
    definitions: Iterable[Definition],
    key: Iterable[str],
    server: Server,
) -> None:
    """Make a table with its indexes; `key` names the columns of its primary key."""
    import sqlalchemy

    keys = set(key)
    columns = [
        sqlalchemy.Column(
            one.name,
            _type(one, server, keyed=one.name in keys or one.given.get("index") is True),
            primary_key=one.name in keys,
            nullable=one.name not in keys and one.given.get("allow_null") is not False,
            index=one.given.get("index") is True and one.name not in keys,
            autoincrement=False,
        )
        for one in definitions
    ]
    sqlalchemy.Table(name, sqlalchemy.MetaData(), *columns, schema=schema).create(connection)


def drop(connection: Connection, name: str, schema: str | None) -> None:
    import sqlalchemy

    sqlalchemy.Table(name, sqlalchemy.MetaData(), schema=schema).drop(connection, checkfirst=True)


def _type(one: Definition, server: Server, *, keyed: bool) -> TypeEngine[Any]:
    from sqlalchemy import types
    from sqlalchemy.dialects import mysql

    given, kind = one.given, one.kind
    size = given.get("max_size")
    if kind is Kind.TEXT:
        if server == "mysql":
            size = _MYSQL_KEY if size is None and keyed else size
            return types.VARCHAR(size) if size is not None and size <= _MYSQL_LONGEST else mysql.LONGTEXT()
        return types.TEXT() if size is None else types.VARCHAR(size)
    if kind is Kind.BYTES:
        if server == "mysql" and keyed:
            return types.VARBINARY(size or _MYSQL_KEY)
        return mysql.LONGBLOB() if server == "mysql" else types.LargeBinary()
    if kind is Kind.INTEGER:
        return _integer(given.get("min_value"), given.get("max_value"), server)
    if kind is Kind.DECIMAL:
        precision, scale = given.get("precision"), given.get("scale")
        # Without a precision MySQL would keep no fraction at all.
        return types.DECIMAL(*((65, 30) if server == "mysql" and precision is None else (precision, scale)))
    if kind is Kind.FLOAT:
        return types.Double()
    if kind is Kind.DATETIME:
        return mysql.DATETIME(fsp=6) if server == "mysql" else types.DateTime()
    if kind is Kind.TIME:
        return mysql.TIME(fsp=6) if server == "mysql" else types.Time()
    if kind is Kind.UUID:
        return types.Uuid() if server == "postgresql" else types.CHAR(36)
    return types.Date() if kind is Kind.DATE else types.Boolean()


def _integer(least: Any, most: Any, server: Server) -> TypeEngine[Any]:
    """The smallest type that holds the range; 64 bits when an end is open, a decimal when even those are too few."""
    from sqlalchemy import types
    from sqlalchemy.dialects import mysql

    if type(least) is not int or type(most) is not int:
        return types.BIGINT()
    if server == "mysql" and least >= 0 and most <= 0xFF:
        return mysql.TINYINT(unsigned=True)
    for bits, fitting in ((16, types.SMALLINT), (32, types.INTEGER), (64, types.BIGINT)):
        if -(1 << (bits - 1)) <= least and most < 1 << (bits - 1):
            return fitting()
    return types.DECIMAL(max(len(str(abs(least))), len(str(most))), 0)
