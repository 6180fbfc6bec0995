"""`/publishers/{id}`: what a pipe with an endpoint sink publishes, computed when it is asked for.

Rules: configuration-sinks-http-endpoint.rst, -csv.rst, -xml.rst; hub/swagger_public.yaml (`/publishers`). DTL sees the
parameters of the request.
"""

from __future__ import annotations

from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dataflow.dtl import transit
from dataflow.node.api.answers import Refused
from dataflow.node.api.requests import integer, live_of, pipe_of
from dataflow.node.csv_text import csv_bytes
from dataflow.node.dataset import NOTHING
from dataflow.node.excel_book import excel_bytes
from dataflow.node.xml_text import xml_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request

    from dataflow.dtl.values import Entity


def _json_bytes(entities: Iterable[Entity], sink: Mapping[str, Any]) -> bytes:
    return ("[" + ",\n".join(transit.dumps(entity) for entity in entities) + "]").encode("utf-8")


_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The last part of the path -> the sink it belongs to, what it is, and who writes it.
FORMATS: dict[str, tuple[str, str, Callable[[Iterable[Entity], Mapping[str, Any]], bytes]]] = {
    "entities": ("http_endpoint", "application/json", _json_bytes),
    "csv": ("csv_endpoint", "text/csv", csv_bytes),
    "excel": ("excel_endpoint", _EXCEL, excel_bytes),
    "xml": ("xml_endpoint", "application/xml", xml_bytes),
}
# Those that are bytes in a form of their own, or in UTF-8 whatever the sink says.
UNENCODED = frozenset({"entities", "excel"})
ELSEWHERE = frozenset({"sdshare-collection", "sdshare-fragments", "shareable-links"})


def get_published(request: Request) -> Response:
    pipe, name = pipe_of(request), request.path_params["format"]
    if name in ELSEWHERE:
        raise Refused(HTTPStatus.NOT_IMPLEMENTED, f"this node does not publish {name}; it has {', '.join(FORMATS)}")
    if name not in FORMATS:
        raise Refused(HTTPStatus.NOT_FOUND, f'nothing is published as "{name}"; there is {", ".join(FORMATS)}')
    sink, kind, write = FORMATS[name]
    if pipe.sink.get("type") != sink:
        raise Refused(HTTPStatus.NOT_FOUND, f"pipe {pipe.id} does not publish {name}: its sink is no {sink}")
    if "linked_excel_file" in request.query_params:
        raise Refused(HTTPStatus.NOT_IMPLEMENTED, "this node makes no Excel file that is linked to another")
    since, limit = integer(request, "since", NOTHING), integer(request, "limit", least=0)
    parameters = dict(request.query_params)
    with live_of(request).using() as node:
        start = NOTHING if since is None else since
        stream = node.stream(pipe.id, since=start, parameters=parameters, preview=False)
        content = write(islice(stream, limit), pipe.sink)
    charset = str(pipe.sink.get("encoding", "utf-8"))
    media = kind if name in UNENCODED else f"{kind}; charset={charset}"
    headers = {"content-type": media, **_disposition(request, pipe.sink)}
    return Response(content, headers=headers)


def get_options(request: Request) -> Response:
    """What office programs ask before they open a file."""
    pipe_of(request)
    return PlainTextResponse("", headers={"allow": "GET, HEAD, OPTIONS"})


def _disposition(request: Request, sink: Mapping[str, Any]) -> dict[str, str]:
    """A file name, from the path or the sink, makes the answer a download (RFC 6266)."""
    name = request.path_params.get("filename") or sink.get("filename")
    if not name:
        return {}
    how = "inline" if sink.get("content_disposition") == "inline" else "attachment"
    return {"content-disposition": f"{how}; filename*=utf-8''{quote(str(name), safe='')}"}


routes = [
    Route("/publishers/{pipe_id}/{format}", get_options, methods=["OPTIONS"]),
    Route("/publishers/{pipe_id}/{format}", get_published, methods=["GET"]),
    Route("/publishers/{pipe_id}/{format}/{filename}", get_published, methods=["GET"]),
]
