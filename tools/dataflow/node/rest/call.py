"""A request that is ready to be sent, and the answer to one."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dataflow.digits import number
from dataflow.errors import FindingsError
from dataflow.source import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

# What Python's parser lets pass and JSON does not, or what may be the beginning of it.
_DOUBTFUL = ("\\ud", "\\uD", "NaN", "Infinity")
_READER = json.JSONDecoder(parse_float=number)


@dataclass(frozen=True)
class Call:
    """`operation` names it in the trace. `body` is what is sent as it is. Those that are `confidential` leave no bodies behind."""

    operation: str
    method: str
    url: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    confidential: bool = False

    @property
    def address(self) -> str:
        """The URL with its parameters, as it is sent."""
        if not self.params:
            return self.url
        return self.url + ("&" if "?" in self.url else "?") + urlencode(self.params, doseq=True)


class NotJson(ValueError):
    """An answer that should be JSON is not; the message says where it goes wrong."""


@dataclass(frozen=True)
class Answer:
    """`headers` ignore case. `content` is the whole body, decompressed."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def title(self) -> str:
        """The status as people write it: 404 Not Found."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)

    @property
    def text(self) -> str:
        """The body, by the charset it names or as UTF-8; what cannot be read becomes a replacement character."""
        named = self.headers.get("Content-Type", "").lower().partition("charset=")[2].partition(";")[0].strip(' "')
        try:
            return self.content.decode(named or "utf-8", "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body with numbers as written: integers of any size, fractions as decimals (decision 0431). Raises NotJson."""
        text = self.text
        if not any(mark in text for mark in _DOUBTFUL):
            # Most answers are right, and who only has to find the others needs nobody to look at every object.
            with suppress(ValueError, RecursionError):
                return _READER.decode(text)
        try:
            return parse_json(text, exact=True, tolerant=True).value
        except FindingsError as error:
            fault = error.diagnostics[0]
            raise NotJson(f"line {fault.line}, column {fault.column}: {fault.message}") from None
