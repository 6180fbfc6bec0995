"""Which of the many forms of CSV a text is in.

Rules: configuration-sources-csv.rst (`dialect`, `auto_dialect`, `delimiter`); decision 0443 for how it is guessed.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DIALECTS: dict[str, type[csv.Dialect]] = {
    "excel": csv.excel,
    "excel_tab": csv.excel_tab,
    "unix_dialect": csv.unix_dialect,
}
# What is taken for a delimiter when it is guessed, and how much of a text is looked at.
DELIMITERS = ",;\t|"
SAMPLE = 16_384
# A field may be as long as an entity (hub/documentation/service-configuration/pipes/configuration-sinks-dataset.rst).
csv.field_size_limit(104_857_600)


def rows_of(text: str, source: Mapping[str, Any]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the number of its last line. Raises csv.Error."""
    options = _options(text, source)
    long = source.get("delimiter")
    if type(long) is not str or len(long) < 2:
        long = None
    if long is not None:
        # The library splits at single characters only: one that is not in the text stands in for the delimiter.
        options["delimiter"] = next(c for c in map(chr, range(0xE000, 0xF900)) if c not in text)
        text = text.replace(long, options["delimiter"])
    reader = csv.reader(io.StringIO(text, newline=""), **options)
    for row in reader:
        if row:
            yield reader.line_num, [cell.replace(options["delimiter"], long) for cell in row] if long else row


def _options(text: str, source: Mapping[str, Any]) -> dict[str, Any]:
    """What `csv.reader` is told."""
    named, delimiter = source.get("dialect"), source.get("delimiter")
    dialect = DIALECTS["excel"]
    if named in DIALECTS:
        dialect = DIALECTS[named]
    elif source.get("auto_dialect") is not False:
        dialect = _guessed(text, delimiter) or dialect
    options = {
        "delimiter": dialect.delimiter,
        "quotechar": dialect.quotechar,
        "skipinitialspace": dialect.skipinitialspace,
    }
    return {**options, "delimiter": delimiter} if type(delimiter) is str and delimiter else options


def _guessed(text: str, delimiter: Any) -> type[csv.Dialect] | None:
    try:
        return csv.Sniffer().sniff(text[:SAMPLE], delimiter if type(delimiter) is str and delimiter else DELIMITERS)
    except csv.Error:
        return None
