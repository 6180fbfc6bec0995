"""From what a database driver gives to the values of entities, and from a marker back to what a query compares with.

Rules: hub/source-datatype-mapping.rst; configuration-systems-sql.rst (timezone); decision 0441.
"""

from __future__ import annotations

import datetime
import math
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.dtl import instant
from dataflow.dtl.values import Datetime
from dataflow.errors import PumpFailed
from dataflow.node.sql.table import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataflow.dtl.values import Value
    from dataflow.node.sql.database import Database, Server
    from dataflow.node.sql.table import Column, Table

    Reader = Callable[[Any], Value]

# Type codes of the MySQL protocol (FIELD_TYPE), for what the driver's own value does not tell.
_MYSQL_DOUBLE, _MYSQL_BIT = 5, 16
# How the protocol says that a number has no fixed scale.
_NO_SCALE = 31
_UTC = datetime.UTC


def readers_of(
    database: Database, description: Sequence[Any], table: Table | None, names: Sequence[str]
) -> list[Reader]:
    """One reader per column of a result: it takes what the driver gave, never None. It raises PumpFailed for unsupported types."""
    columns = [table.columns.get(name) if table is not None else None for name in names]
    return [
        _reader(database, described, column, name)
        for described, column, name in zip(description, columns, names, strict=True)
    ]


def _reader(database: Database, described: Sequence[Any], column: Column | None, name: str) -> Reader:
    zone = database.zone

    def general(raw: Any) -> Value:
        return _value(raw, zone, name)

    if database.server == "postgresql":
        return lambda raw: raw.isoformat() if type(raw) is datetime.date else general(raw)
    if database.server == "sqlite":
        return _sqlite(column, zone, general)
    if described[1] == _MYSQL_DOUBLE:
        return lambda raw: _fixed(raw, described[5])
    if described[1] == _MYSQL_BIT:
        return lambda raw: int.from_bytes(raw, "big")
    if column is not None and column.kind is Kind.SET:
        return lambda raw: raw.split(",") if raw else []
    return lambda raw: _midnight(raw) if type(raw) is datetime.date else general(raw)


def _value(raw: Any, zone: datetime.tzinfo, name: str) -> Value:
    kind = type(raw)
    if kind in (str, int, bool, bytes, float):
        return raw
    if kind is Decimal:
        return raw if raw.is_finite() else None
    if kind is datetime.datetime:
        return _shifted(raw, zone)
    if kind is datetime.time:
        return raw.isoformat()
    if kind is datetime.timedelta:
        return _clock_time(raw)
    if kind is uuid.UUID:
        return str(raw)
    if kind in (bytearray, memoryview):
        return bytes(raw)
    raise PumpFailed(
        f'column "{name}" is of a type that no entity can hold ({kind.__name__}): put it in the blacklist, '
        "or write a query that casts it"
    )


def _sqlite(column: Column | None, zone: datetime.tzinfo, general: Reader) -> Reader:
    """SQLite has no types but those of values: what a column is declared as counts where the value fits."""
    kind = None if column is None else column.kind
    if kind is Kind.BOOLEAN:
        return lambda raw: bool(raw) if raw in (0, 1) else general(raw)
    if column is not None and kind is Kind.DECIMAL:
        return lambda raw: general(raw) if type(raw) not in (int, float) else _with_scale(raw, column.scale)
    if kind in (Kind.DATETIME, Kind.MOMENT):
        return lambda raw: _parsed(raw, zone) if type(raw) is str else general(raw)
    return general


def _with_scale(raw: float, scale: int | None) -> Decimal:
    """A decimal with at least as many digits after the point as the column declares; more where there are more."""
    number = Decimal(repr(raw))
    exponent = number.as_tuple().exponent
    if scale is None or type(exponent) is not int or -exponent >= scale:
        return number
    return number.quantize(Decimal(1).scaleb(-scale))


def _parsed(text: str, zone: datetime.tzinfo) -> Value:
    try:
        return _shifted(datetime.datetime.fromisoformat(text), zone)
    except ValueError:
        return text


def _fixed(raw: float, scale: int) -> Decimal:
    """A double as a decimal: with the digits of a fixed scale, else with as few as tell it apart."""
    return Decimal(repr(raw)) if scale >= _NO_SCALE else Decimal(f"{raw:.{scale}f}")


def _shifted(raw: datetime.datetime, zone: datetime.tzinfo) -> Datetime:
    """In UTC, from the zone of the database where the value has none of its own."""
    aware = raw.replace(tzinfo=zone) if raw.tzinfo is None else raw
    return _moment(aware.astimezone(_UTC))


def _moment(raw: datetime.datetime) -> Datetime:
    parts = (raw.year, raw.month, raw.day, raw.hour, raw.minute, raw.second, raw.microsecond * 1000)
    return Datetime(instant.from_parts(*parts))


def _midnight(raw: datetime.date) -> Datetime:
    return Datetime(instant.from_parts(raw.year, raw.month, raw.day))


def _clock_time(raw: datetime.timedelta) -> str:
    """`hh:mm:ss`, with a fraction where there is one; MySQL's times may be negative and longer than a day."""
    sign = "-" if raw < datetime.timedelta() else ""
    seconds, rest = divmod(abs(raw), datetime.timedelta(seconds=1))
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    fraction = f".{rest.microseconds:06}" if rest.microseconds else ""
    return f"{sign}{hour:02}:{minute:02}:{second:02}{fraction}"


# --- markers --------------------------------------------------------------------------------------------------------------


def marker_of(raw: Any) -> Value:
    """What a row says of its last change, as it stands in the database: not shifted to UTC."""
    kind = type(raw)
    if kind is datetime.datetime:
        return _moment(raw if raw.tzinfo is None else raw.astimezone(_UTC))
    if kind in (datetime.date, datetime.time):
        return raw.isoformat()
    if kind in (bytearray, memoryview):
        return bytes(raw)
    if kind is float and not math.isfinite(raw):
        return None
    return raw if kind in (str, int, bool, float, Decimal, bytes) else str(raw)


def bound(marker: Value, server: Server) -> Any:
    """What a query compares with."""
    if not isinstance(marker, Datetime):
        return marker
    year, month, day, hour, minute, second, ns = instant.to_parts(marker.ns)
    text = f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ns // 1000:06}"
    # PostgreSQL leaves the zone out of account where the column has none.
    return f"{text}+00" if server == "postgresql" else text
