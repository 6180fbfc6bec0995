"""Entities as an Excel workbook, as an excel_endpoint sink publishes them.

Rules: hub/swagger_public.yaml (`/publishers/{pipe_id}/excel`). The sink itself is not documented: as far as that makes sense it is
as configuration-sinks-csv.rst has its own (decision 0444).
"""

from __future__ import annotations

import datetime
import io
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.dtl import instant, plain
from dataflow.dtl.mapping import IGNORED
from dataflow.dtl.values import Date, Datetime
from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataflow.dtl.values import Entity, Value

INSTALL = "install it with: pip install 'webcrm-customerp[excel]'"
# The same entities give the same bytes.
_CREATED = datetime.datetime(2000, 1, 1)
# What Excel holds: how many digits of a number, and the first day it counts right.
_DIGITS = 15
_FIRST_DAY = instant.from_parts(1900, 3, 1)


def excel_bytes(entities: Iterable[Entity], sink: Mapping[str, Any]) -> bytes:
    """The file; deleted entities are skipped unless the sink says otherwise. Raises PumpFailed when that cannot be written."""
    try:
        from xlsxwriter import Workbook
    except ImportError as error:
        raise PumpFailed(f"Excel files need {error.name}; {INSTALL}") from None
    stream = io.BytesIO()
    columns = list(sink.get("columns", ()))
    with Workbook(stream, {"constant_memory": True}) as book:
        book.set_properties({"created": _CREATED})
        page = _Page(book)
        if sink.get("include_header") is not False:
            page.add(columns)
        for entity in entities:
            if entity.get("_deleted") is not True or sink.get("skip-deleted-entities") is False:
                page.add([entity.get(column) for column in columns])
    return stream.getvalue()


class _Page:
    """The one sheet of the book, row by row."""

    def __init__(self, book: Any) -> None:
        self._sheet = book.add_worksheet()
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._rows = 0

    def add(self, cells: list[Value]) -> None:
        for column, value in enumerate(cells):
            if value is not None and self._write(column, value) != 0:
                raise PumpFailed(
                    f"row {self._rows + 1} does not fit into an Excel sheet, or a text in it not into a cell"
                )
        self._rows += 1

    def _write(self, column: int, value: Value) -> Any:
        """Zero when it went well. Texts are never taken for formulas or links."""
        kind, place = type(value), (self._rows, column)
        if kind is bool:
            return self._sheet.write_boolean(*place, value)
        if _is_number(value):
            return self._sheet.write_number(*place, float(value))
        if isinstance(value, Datetime) and value.ns >= _FIRST_DAY and value.ns % 1_000_000 == 0:
            style = self._day if kind is Date else self._moment
            return self._sheet.write_datetime(*place, _python(value), style)
        text = plain.text(value)
        return 0 if text is IGNORED else self._sheet.write_string(*place, text)


def _is_number(value: Value) -> bool:
    """Whether Excel holds it without rounding; every other number is written as a text."""
    if type(value) is int:
        return bool(abs(value) < 10**_DIGITS)
    if type(value) is Decimal:
        return value.is_finite() and len(value.as_tuple().digits) <= _DIGITS
    return type(value) is float and math.isfinite(value)


def _python(value: Datetime) -> datetime.datetime:
    year, month, day, hour, minute, second, ns = instant.to_parts(value.ns)
    return datetime.datetime(year, month, day, hour, minute, second, ns // 1000)
