"""From the values of entities to what a database driver takes, by the kind of the column.

Rules: configuration-sinks-sql.rst (translation table, coercions); decision 0442.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.dtl import instant, plain
from dataflow.dtl.mapping import IGNORED
from dataflow.dtl.values import NUMBERS, Datetime
from dataflow.errors import PumpFailed
from dataflow.node.sql.table import Column, Kind

if TYPE_CHECKING:
    from dataflow.dtl.values import Value
    from dataflow.node.sql.database import Server

# What is in an array has no column of its own.
_ELEMENT = Column("element of an array", Kind.OTHER)


def parameter(value: Value, column: Column, server: Server) -> Any:
    """What is sent for a value. Raises PumpFailed for bytes that are no text where a text is wanted."""
    if value is None:
        return None
    return _portable(_coerced(value, column), server)


def _coerced(value: Value, column: Column) -> Any:
    """The value in the nearest type of its column; what does not fit goes as it is, and the database has its say."""
    kind, given = column.kind, type(value)
    if kind is Kind.BOOLEAN:
        return bool(value) if given in NUMBERS and value in (0, 1) else value
    if given in NUMBERS or given is bool:
        return _number(value, kind)
    if isinstance(value, Datetime):
        return _moment(value, kind)
    if given is bytes and kind in (Kind.BYTES, Kind.OTHER):
        return value
    if given is str and kind is Kind.BYTES:
        return value.encode("utf-8")
    if given is list and kind is Kind.ARRAY:
        return [_coerced(one, _ELEMENT) for one in value]
    if given is list and kind is Kind.SET:
        return ",".join(_text(one, column) for one in value)
    return _text(value, column)


def _number(value: Any, kind: Kind) -> Any:
    if kind is Kind.FLOAT:
        return float(value)
    if kind is Kind.DECIMAL:
        return Decimal(repr(value)) if type(value) is float else Decimal(value)
    if kind is Kind.INTEGER:
        return int(value) if value == int(value) else value
    if kind in (Kind.TEXT, Kind.JSON):
        return plain.json_text(value)
    return value


def _moment(value: Datetime, kind: Kind) -> Any:
    year, month, day, hour, minute, second, ns = instant.to_parts(value.ns)
    moment = datetime.datetime(year, month, day, hour, minute, second, ns // 1000)
    if kind is Kind.DATE:
        return moment.date()
    if kind is Kind.TIME:
        return moment.time()
    if kind is Kind.MOMENT:
        return moment.replace(tzinfo=datetime.UTC)
    return moment if kind in (Kind.DATETIME, Kind.OTHER) else plain.text(value)


def _text(value: Value, column: Column) -> str:
    if type(value) in (list, dict, tuple):
        return plain.json_text(value)
    text = plain.text(value)
    if text is IGNORED:
        raise PumpFailed(f'column "{column.name}" holds texts, and the bytes for it are none')
    return str(text)


def _portable(value: Any, server: Server) -> Any:
    if server != "sqlite":
        return value
    # SQLite's own way to write moments, which its date functions read and which sorts as time does.
    if type(value) is datetime.datetime:
        return value.replace(tzinfo=None).isoformat(sep=" ")
    if type(value) in (datetime.date, datetime.time):
        return value.isoformat()
    return str(value) if type(value) is Decimal else value
