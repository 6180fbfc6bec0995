"""What is known of a table before anything is read or written: its columns, their kinds, its primary key.

Rules: configuration-sources-sql.rst and configuration-sinks-sql.rst (metadata); decision 0441.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


class Kind(StrEnum):
    """What a column holds, as far as it matters to how a value travels."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    MOMENT = "moment"  # a datetime with a zone
    DATE = "date"
    TIME = "time"
    BYTES = "bytes"
    UUID = "uuid"
    JSON = "json"
    ARRAY = "array"
    SET = "set"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """`scale` is the number of digits after the point, where the table fixes one; `padded` columns fill up with blanks."""

    name: str
    kind: Kind
    scale: int | None = None
    padded: bool = False
    identity: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` in the order of the table; `key` are those of its primary key, and may be none."""

    name: str
    schema: str | None
    columns: Mapping[str, Column]
    key: tuple[str, ...]


def reflected(connection: Connection, name: str, schema: str | None) -> Table | None:
    """A table or view as the database describes it; None when there is none of that name."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import NoSuchTableError

    inspector = inspect(connection)
    with warnings.catch_warnings():
        # A type that is not recognized counts only when a value of it comes.
        warnings.simplefilter("ignore")
        try:
            columns = inspector.get_columns(name, schema=schema)
            key = inspector.get_pk_constraint(name, schema=schema)["constrained_columns"]
        except NoSuchTableError:
            return None
    return Table(name, schema, {column["name"]: _column(column) for column in columns}, tuple(key))


def _column(given: Any) -> Column:
    from sqlalchemy import types

    kind = given["type"]
    return Column(
        given["name"],
        _kind(kind),
        scale=getattr(kind, "scale", None),
        padded=isinstance(kind, (types.CHAR, types.NCHAR)),
        identity=given.get("identity") is not None or given.get("autoincrement") is True,
    )


def _kind(kind: Any) -> Kind:
    from sqlalchemy import types
    from sqlalchemy.dialects import mysql

    # The first that fits: types of one dialect are also types of a general kind.
    for sort, result in (
        (mysql.SET, Kind.SET),
        (mysql.BIT, Kind.INTEGER),
        (mysql.YEAR, Kind.INTEGER),
        (types.Boolean, Kind.BOOLEAN),
        (types.Integer, Kind.INTEGER),
        (types.Float, Kind.FLOAT),
        (types.Numeric, Kind.DECIMAL),
        (types.Date, Kind.DATE),
        (types.Time, Kind.TIME),
        (types.Uuid, Kind.UUID),
        (types.JSON, Kind.JSON),
        (types.ARRAY, Kind.ARRAY),
        (types.LargeBinary, Kind.BYTES),
        (types.BINARY, Kind.BYTES),
        (types.VARBINARY, Kind.BYTES),
        (types.String, Kind.TEXT),
    ):
        if isinstance(kind, sort):
            return result
    if isinstance(kind, types.DateTime):
        return Kind.MOMENT if kind.timezone else Kind.DATETIME
    return Kind.OTHER
