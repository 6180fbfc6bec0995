"""Plain text: values written without transit tags, as `string` and `json` write them.

Rules: hub/dtl/dtl-functions-strings.rst (`string`), hub/dtl/dtl-functions-json.rst (`json`); DTL semantics, sections 9 and 13.
"""

from __future__ import annotations

import base64
import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING

from dataflow.dtl import instant
from dataflow.dtl.mapping import IGNORED
from dataflow.dtl.transit import plain as digits
from dataflow.dtl.values import NI, URI, UUID, Date, Datetime

if TYPE_CHECKING:
    from dataflow.dtl.values import Value


def text(value: Value) -> Value:
    """The string a value casts to; IGNORED for bytes that are not UTF-8 and for floats that are not numbers.

    Dicts, lists and tuples become their JSON; decimals are written without an exponent.
    """
    kind = type(value)
    if kind is str:
        return value
    if kind is NI or kind is URI or kind is UUID:
        return value.name
    if kind is bytes:
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return IGNORED
    if kind is float and not math.isfinite(value):
        return IGNORED
    if isinstance(value, Datetime):
        return _moment(value)
    return json_text(value)


def json_text(value: Value) -> str:
    """One JSON text: keys sorted at every level, separators `", "` and `": "`, no transit tags, no escaping of non-ASCII."""
    kind = type(value)
    if kind is str:
        return _quoted(value)
    if kind is int:
        return _integer(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        return repr(value) if math.isfinite(value) else "null"
    if kind is Decimal:
        return digits(value)
    if kind is dict:
        return "{" + ", ".join(f"{_quoted(k)}: {json_text(value[k])}" for k in sorted(value)) + "}"
    if kind is list or kind is tuple:
        return "[" + ", ".join(map(json_text, value)) + "]"
    if kind is bytes:
        return _quoted(base64.b64encode(value).decode("ascii"))
    return _quoted(_moment(value) if isinstance(value, Datetime) else value.name)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _integer(value: int) -> str:
    try:
        return str(value)
    except ValueError:
        # Python refuses to write integers of more than some thousand digits; Decimal does not.
        return digits(Decimal(value))


def _moment(value: Datetime) -> str:
    return instant.date_text(value.ns) if type(value) is Date else instant.text(value.ns)
