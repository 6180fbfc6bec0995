"""The csv source: the rows of a CSV file as entities, every value a string.

Rules: configuration-sources-csv.rst; decision 0443 for what is not said there.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from dataflow.dtl import plain
from dataflow.errors import FindingsError, PumpFailed
from dataflow.node.csv_dialect import DIALECTS, rows_of
from dataflow.node.rest.call import Call
from dataflow.node.rest.patience import Patience
from dataflow.node.sources.pulled import Pulled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.diagnostics import Diagnostic
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.rest.client import Clients
    from dataflow.pipe import Pipe

_BYTE_ORDER_MARK = "\ufeff"


class CsvSource(Pulled):
    """Gets the file and takes it apart whenever it is read."""

    def __init__(self, pipe: Pipe, clients: Clients) -> None:
        """Raises FindingsError (DF202, DF205) for a source that could not be read whatever the file holds."""
        super().__init__(pipe)
        faults = list(_faults(pipe))
        if faults:
            raise FindingsError(faults)
        self._clients = clients
        key = self._config["primary_key"]
        self._key: Sequence[str] = [key] if type(key) is str else key

    def entities(self, since: Value) -> Iterator[Entity]:
        rows = self._rows(self._text(self._fetched(since)))
        names = self._names(rows)
        missing = [name for name in self._key if name not in names]
        if missing:
            there = ", ".join(names)
            raise PumpFailed(f"the file has no column {', '.join(missing)}, which primary_key names; there is {there}")
        whitelist, blacklist = self._config.get("whitelist"), self._config.get("blacklist") or ()
        shown = {name for name in names if (whitelist is None or name in whitelist) and name not in blacklist}
        keeps = self._config.get("preserve_empty_strings") is True
        for line, row in rows:
            if any(row[len(names) :]):
                raise PumpFailed(f"line {line} has {len(row)} cells, and there are {len(names)} columns")
            cells = dict(zip(names, row, strict=False))
            entity: Entity = {name: cell for name, cell in cells.items() if name in shown and (cell or keeps)}
            parts = [cells.get(name, "") for name in self._key]
            if not all(parts):
                raise PumpFailed(f"line {line} has nothing in {', '.join(self._key)}, which primary_key names")
            yield {**entity, "_id": "_".join(parts)}

    def _fetched(self, since: Value) -> bytes:
        client = self._clients.of(self._config.get("system"))
        connection = client.connection
        params = {} if since is None else {"since": str(plain.text(since))}
        call = Call(
            "csv source", "GET", connection.address(str(self._config["url"])), params, client.plain_headers(None)
        )
        _, answer = connection.exchange(lambda: call, patience=Patience.of(connection.config))
        return answer.content

    def _names(self, rows: Iterator[tuple[int, list[str]]]) -> list[str]:
        given: list[str] | None = self._config.get("field_names")
        header = next(rows, (0, []))[1] if self._config.get("has_header") is not False else []
        return given or header or list(self._key)

    def _rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        try:
            yield from rows_of(text, self._config)
        except csv.Error as error:
            raise PumpFailed(f"the file is no CSV: {error}") from None

    def _text(self, content: bytes) -> str:
        encoding = str(self._config.get("encoding", "utf-8"))
        try:
            text = content.decode(encoding, self._config.get("decode_error_strategy", "strict"))
        except UnicodeError as error:
            raise PumpFailed(f"the file is not in {encoding}: {error}") from None
        if "\0" in text:
            if self._config.get("escape_null_bytes") is not True:
                raise PumpFailed("the file has null characters; escape_null_bytes lets them pass")
            text = text.replace("\0", "\\0")
        return text.removeprefix(_BYTE_ORDER_MARK)


def _faults(pipe: Pipe) -> Iterator[Diagnostic]:
    config, at = pipe.source, pipe.source_at

    def fault(code: str, message: str, name: str, expected: str) -> Diagnostic:
        return pipe.document.diagnostic(code, message, f"{at}/{name}", expected=expected)

    for name, expected in (
        ("system", "the id of a URL system"),
        ("url", "the URL of the file"),
        ("primary_key", "the name of a column, or a list of them"),
    ):
        if not config.get(name):
            yield fault("DF202", f'a source of type "csv" needs "{name}"', name, expected)
    if config.get("has_header") is False and not config.get("field_names"):
        yield fault(
            "DF202", 'without a header the columns are named by "field_names"', "field_names", "a list of names"
        )
    if config.get("dialect") is not None and config["dialect"] not in DIALECTS:
        yield fault("DF205", f'there is no dialect "{config["dialect"]}"', "dialect", ", ".join(DIALECTS))
    if config.get("decode_error_strategy", "strict") not in ("strict", "replace"):
        yield fault(
            "DF205", "illegal characters are dealt with in two ways", "decode_error_strategy", "strict, replace"
        )
    if not _is_encoding(config.get("encoding", "utf-8")):
        yield fault("DF205", f'there is no encoding "{config["encoding"]}"', "encoding", "such as utf-8, iso-8859-1")


def _is_encoding(name: Any) -> bool:
    try:
        b"?".decode(str(name), "replace")
    except LookupError:
        return False
    except UnicodeError:
        # There is one of that name, and no text of one character in it.
        return True
    return True
