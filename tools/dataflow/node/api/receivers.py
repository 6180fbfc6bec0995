"""`/receivers/{id}/entities`: entities come in, one by one or as a full sync in several requests.

Rules: hub/json-push.rst; hub/swagger_public.yaml (`/receivers/{pipe_id}/entities`). What cannot be taken in is the sender's fault,
and answered with 400: sesam-py sends again after 500 to 504.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.routing import Route

from dataflow.errors import DtlError, PumpFailed, TransformFailed
from dataflow.node.api.answers import Refused, answer
from dataflow.node.api.requests import boolean, document_of, live_of, pipe_of
from dataflow.node.sequence import Push
from dataflow.node.testdata import entities_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def post_entities(request: Request) -> Response:
    live, pipe = live_of(request), pipe_of(request)
    if pipe.id not in live.state.node.receivers and not live.state.node.is_broken(pipe.id):
        raise Refused(HTTPStatus.NOT_FOUND, f"pipe {pipe.id} is no receiver: its source is not an http_endpoint")
    parameters = request.query_params
    push = Push(
        is_full=boolean(request, "is_full", False),
        sequence_id=parameters.get("sequence_id"),
        request_id=parameters.get("request_id"),
        previous_request_id=parameters.get("previous_request_id"),
        is_first=boolean(request, "is_first", False),
        is_last=boolean(request, "is_last", False),
    )
    entities = entities_of(document_of(request, exact=True))
    try:
        live.receive(pipe.id, entities, push)
    except (DtlError, PumpFailed) as error:
        which = f'entity "{error.entity_id}": ' if isinstance(error, TransformFailed) else ""
        raise Refused(HTTPStatus.BAD_REQUEST, f"{pipe.id}: {which}{error}") from error
    return answer({})


routes = [Route("/receivers/{pipe_id}/entities", post_entities, methods=["POST"])]
