"""What is sent as the body of a request, and as which type.

Rules: configuration-systems-rest.rst (`payload-type`), configuration-transforms-rest.rst and -sinks-rest.rst ("Expected entity
shape"); decision 0431.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dataflow.dtl import transit
from dataflow.dtl.plain import json_text
from dataflow.dtl.values import TEXTS
from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.dtl.values import Value

TYPES = ("json", "json-transit", "form", "multipart-form", "text")
FORM = "application/x-www-form-urlencoded"


def encoded(payload: Value, kind: str | None, headers: Mapping[str, str]) -> tuple[bytes | None, str | None]:
    """The body and the media type it goes with; neither when there is no payload.

    `headers` are those that the operation gives: without a payload type, a form is sent where they say so. Raises PumpFailed.
    """
    if payload is None:
        return None, None
    if kind is None:
        given = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        kind = "form" if type(payload) is not str and given.lower().startswith(FORM) else "json"
    if kind not in TYPES:
        raise PumpFailed(f'payload-type is "{kind}"; there is {", ".join(TYPES)}')
    if type(payload) is bytes:
        return payload, "application/octet-stream" if kind == "text" else "application/json"
    if kind in ("form", "multipart-form") and type(payload) is not str:
        fields = _fields(payload)
        if kind == "form":
            return urlencode(fields).encode("ascii"), FORM
        return _multipart(fields)
    if type(payload) in TEXTS:
        return _utf8(_text(payload)), {"form": FORM, "text": "text/plain"}.get(kind, "application/json")
    text = transit.dumps(payload) if kind == "json-transit" else json_text(payload)
    return _utf8(text), "text/plain" if kind == "text" else "application/json"


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise PumpFailed("the payload has half a character, which cannot be sent") from None


def _fields(payload: Value) -> list[tuple[str, str]]:
    """The fields of a form, from an object or a list of objects; a null is left out, a list is a field several times."""
    fields: list[tuple[str, str]] = []
    for one in payload if type(payload) is list else [payload]:
        if type(one) is not dict:
            raise PumpFailed("the payload of a form has to be an object, or a list of objects")
        for name, value in one.items():
            values = value if type(value) is list else [value]
            fields += [(name, _text(each)) for each in values if each is not None]
    return fields


def _text(value: Value) -> str:
    """A value in a form: in transit form, and what is no text then as JSON."""
    found: Any = transit.encode(value)
    return found if type(found) is str else json_text(found)


def _multipart(fields: list[tuple[str, str]]) -> tuple[bytes, str]:
    from urllib3.filepost import encode_multipart_formdata

    # The same fields give the same body, so that two requests can be told to be the same.
    boundary = blake2b(repr(fields).encode("utf-8", "replace"), digest_size=16).hexdigest()
    body, kind = encode_multipart_formdata(fields, boundary)
    return body, kind
