"""What requests say: parameters, forms, bodies, and the node they are for."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

from dataflow.node.api.answers import Refused, not_found
from dataflow.source import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from dataflow.node.live import LiveNode
    from dataflow.pipe import Pipe
    from dataflow.source import Document

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def live_of(request: Request) -> LiveNode:
    return cast("LiveNode", request.app.state.live)


def pipe_of(request: Request) -> Pipe:
    """The pipe that the path names. Raises Refused (404)."""
    pipe_id = request.path_params["pipe_id"]
    pipe = live_of(request).configuration.project.pipes.get(pipe_id)
    if pipe is None:
        raise not_found("pipe", pipe_id)
    return pipe


def body_of(request: Request) -> bytes:
    """The body, which the guard has read before anything else happens."""
    return cast("bytes", request.scope["state"]["body"])


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def text_of(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"byte {error.start} of the body is not UTF-8") from None


def document_of(request: Request, *, exact: bool = False) -> Document:
    """The JSON body. Raises Refused, and FindingsError with the place of the fault."""
    return parse_json(text_of(body_of(request)), exact=exact)


def object_of(request: Request) -> dict[str, Any]:
    """The JSON object that is the body. Raises as `document_of` does."""
    value = document_of(request).value
    if type(value) is not dict:
        raise Refused(HTTPStatus.BAD_REQUEST, "the body must be a JSON object")
    return value


def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, the last one of each name."""
    if media_type(request) == "multipart/form-data":
        return {name: text_of(content) for name, _, content in parts_of(request)}
    fields = parse_qs(text_of(body_of(request)), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


def parts_of(request: Request) -> list[tuple[str, str, bytes]]:
    """Name, media type and content of each part of a multipart body (RFC 7578). Raises Refused."""
    boundary = re.search(r'boundary="?([^";]+)"?', request.headers.get("content-type", ""))
    if boundary is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "the multipart body has no boundary")
    marker = b"--" + boundary[1].strip().encode("latin-1")
    pieces = (b"\r\n" + body_of(request)).split(b"\r\n" + marker)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Refused(HTTPStatus.BAD_REQUEST, "the multipart body is not complete")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> tuple[str, str, bytes]:
    head, _, content = piece.partition(b"\r\n\r\n")
    headers = head.decode("utf-8", "replace")
    name = re.search(r'(?im)^content-disposition:.*?\bname="([^"]*)"', headers)
    kind = re.search(r"(?im)^content-type:\s*([^;\s]+)", headers)
    return (name[1] if name else "", kind[1].lower() if kind else "", content)


def boolean(request: Request, name: str, default: bool) -> bool:
    """A query parameter that is true or false; Python's spelling too, which is what sesam-py sends."""
    return cast("bool", _parameter(request, name, default, lambda text: _BOOLEANS[text.lower()], "true or false"))


def integer(request: Request, name: str, default: int | None = None, *, least: int | None = None) -> int | None:
    def read(text: str) -> int:
        # Python would take "1_000" and the digits of every script.
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or (least is not None and int(text) < least):
            raise ValueError(text)
        return int(text)

    wanted = "an integer" if least is None else f"an integer from {least} on"
    return cast("int | None", _parameter(request, name, default, read, wanted))


def _parameter(request: Request, name: str, default: Any, read: Callable[[str], Any], wanted: str) -> Any:
    text = request.query_params.get(name)
    if text is None or text == "":
        return default
    try:
        return read(text)
    except (KeyError, ValueError):
        raise Refused(HTTPStatus.BAD_REQUEST, f'"{name}" is {wanted}, not "{text}"') from None
