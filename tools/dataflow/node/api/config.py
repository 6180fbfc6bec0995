"""`/config`: the whole configuration, as a zip archive or as JSON.

Rules: hub/swagger_public.yaml (`/config`); sesam-py 2.11.13, `upload`, `download` and `wipe`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from dataflow.node.api.answers import Refused, answer
from dataflow.node.api.requests import body_of, boolean, live_of, media_type, parts_of, text_of
from dataflow.node.bundle import from_json, from_zip, to_zip

if TYPE_CHECKING:
    from starlette.requests import Request

    from dataflow.source import Document

ZIP = "application/zip"


def get_config(request: Request) -> Response:
    components = live_of(request).configuration.components
    if ZIP in request.headers.get("accept", ""):
        return Response(to_zip(components), media_type=ZIP)
    return answer(components)


def put_config(request: Request) -> Response:
    documents = _documents(*_content(request))
    new = live_of(request).change(lambda old: old.with_documents(documents), force=boolean(request, "force", False))
    return answer({"validation_errors": new.validation_errors()})


def _content(request: Request) -> tuple[str, bytes]:
    """Media type and bytes: of the body, or of the only part of a multipart body."""
    if media_type(request) != "multipart/form-data":
        return media_type(request), body_of(request)
    parts = parts_of(request)
    if len(parts) != 1:
        raise Refused(HTTPStatus.BAD_REQUEST, f"one file is wanted, and there are {len(parts)} parts")
    return parts[0][1], parts[0][2]


def _documents(kind: str, content: bytes) -> list[Document]:
    if kind == ZIP or content.startswith(b"PK"):
        return from_zip(content)
    if kind in ("application/json", "application/octet-stream", "application/x-www-form-urlencoded", ""):
        return from_json(text_of(content))
    raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"a configuration is {ZIP} or application/json, not {kind}")


routes = [
    Route("/config", get_config, methods=["GET"]),
    Route("/config", put_config, methods=["PUT"]),
]
