"""`/metadata`: the settings of the node as a whole.

Rules: hub/swagger_public.yaml (`/metadata`); sesam-py 2.11.13 needs them back as it gave them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.routing import Route

from dataflow.node.api.answers import Refused, answer
from dataflow.node.api.requests import boolean, live_of, object_of
from dataflow.project import component_noun

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def get_metadata(request: Request) -> Response:
    found = [one for one in live_of(request).configuration.components if component_noun(one) == "metadata"]
    return answer(found[0] if found else {"_id": "node", "type": "metadata"})


def put_metadata(request: Request) -> Response:
    new = object_of(request)
    if component_noun(new) != "metadata":
        raise Refused(HTTPStatus.BAD_REQUEST, 'the type of metadata is "metadata"')
    live_of(request).change(lambda old: old.with_component(new), force=boolean(request, "force", False))
    return get_metadata(request)


def delete_metadata(request: Request) -> Response:
    live_of(request).change(lambda old: old.without(lambda one: component_noun(one) == "metadata"), strict=False)
    return get_metadata(request)


routes = [
    Route("/metadata", get_metadata, methods=["GET"]),
    Route("/metadata", put_metadata, methods=["PUT"]),
    Route("/metadata", delete_metadata, methods=["DELETE"]),
]
