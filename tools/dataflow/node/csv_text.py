"""Entities as CSV, as a csv_endpoint sink publishes them.

Rules: hub/documentation/service-configuration/pipes/configuration-sinks-csv.rst; the vendor's own recorded output (sesam-py
2.11.13, tests/fair_weather_test): a header, lines that end in CR LF. How values other than strings and numbers look is not
documented: as the DTL function `string` writes them, and null as nothing. Decision 0445 for what is escaped.
"""

from __future__ import annotations

import codecs
import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from dataflow.dtl import plain
from dataflow.dtl.mapping import IGNORED
from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataflow.dtl.values import Entity, Value

_QUOTING: dict[str, Literal[0, 1, 2, 3]] = {
    "all": csv.QUOTE_ALL,
    "minimal": csv.QUOTE_MINIMAL,
    "non-numeric": csv.QUOTE_NONNUMERIC,
    "none": csv.QUOTE_NONE,
}


def csv_bytes(entities: Iterable[Entity], sink: Mapping[str, Any]) -> bytes:
    """The file; deleted entities are skipped unless the sink says otherwise. Raises PumpFailed when that cannot be written."""
    doubled = sink.get("doublequote") is not False
    quoting = sink.get("quoting", "minimal")
    escapes = quoting == "none" or not doubled
    stream = io.StringIO()
    try:
        writer = csv.writer(
            stream,
            delimiter=str(sink.get("delimiter", ",")),
            quotechar=str(sink.get("quotechar", '"')),
            escapechar=sink.get("escapechar") or ("\\" if escapes else None),
            doublequote=doubled,
            lineterminator=str(sink.get("lineterminator", "\r\n")),
            quoting=_QUOTING[quoting],
        )
        columns = list(sink.get("columns", ()))
        if sink.get("include_header") is not False:
            writer.writerow(columns)
        for entity in entities:
            if entity.get("_deleted") is not True or sink.get("skip-deleted-entities") is False:
                writer.writerow([_cell(entity.get(column)) for column in columns])
        content = stream.getvalue().encode(
            sink.get("encoding", "utf-8"), sink.get("encode_error_strategy", "backslashreplace")
        )
    except (csv.Error, KeyError, LookupError, TypeError, ValueError) as error:
        raise PumpFailed(f"cannot be written as CSV: {error}") from None
    return codecs.BOM_UTF8 + content if sink.get("byte_order_mark") is True else content


class _Digits(Decimal):
    """A number to the library, which writes what `str` gives: the digits, never an exponent."""

    def __str__(self) -> str:
        return plain.json_text(Decimal(self))


def _cell(value: Value) -> Any:
    if value is None:
        return ""
    # Numbers stay numbers, which is what quoting "non-numeric" looks at.
    if type(value) in (int, float):
        return value
    if type(value) is Decimal:
        return _Digits(value)
    text = plain.text(value)
    return "" if text is IGNORED else text
