"""What a form says, in either of the two types that webCRM takes; names ignore case."""

from __future__ import annotations

from email import message_from_bytes
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from dataflow.simulators.exchange import Request


def form_of(request: Request) -> dict[str, str] | None:
    """Values by names in lower case; None when the body is no form."""
    if request.media_type == "application/x-www-form-urlencoded":
        return {name.lower(): value for name, value in parse_qsl(request.body.decode("utf-8", "replace"))}
    if request.media_type != "multipart/form-data":
        return None
    head = f"Content-Type: {request.headers.get('content-type')}\r\n\r\n".encode()
    found: dict[str, str] = {}
    for part in message_from_bytes(head + request.body).walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            content = part.get_payload(decode=True)
            found[name.lower()] = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return found
