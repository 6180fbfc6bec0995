"""`/receivers/{id}/entities`: entities come in, one by one or as a full sync in several requests.

Rules: hub/json-push.rst; hub/swagger_public.yaml (`/receivers/{pipe_id}/entities`). What cannot be taken in is the sender's fault,
and answered with 400: sesam-py sends again after 500 to 504.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from dataflow.dtl import transit
from dataflow.errors import DtlError, PumpFailed, TransformFailed
from dataflow.node.api.answers import Refused, answer, problem
from dataflow.node.api.requests import boolean, document_of, live_of, pipe_of
from dataflow.node.breaker import BreakerTripped
from dataflow.node.sequence import Push
from dataflow.node.sink import StaleEntities
from dataflow.node.testdata import entities_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from dataflow.dtl.values import Entity
    from dataflow.node.live import LiveNode
    from dataflow.pipe import Pipe


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
        live.receive(pipe.id, entities, push, completeness=_completeness(request))
    except StaleEntities as error:
        return _stale(pipe, error)
    except BreakerTripped as error:
        raise Refused(HTTPStatus.CONFLICT, f"{pipe.id}: {error}") from error
    except (DtlError, PumpFailed) as error:
        which = f'entity "{error.entity_id}": ' if isinstance(error, TransformFailed) else ""
        raise Refused(HTTPStatus.BAD_REQUEST, f"{pipe.id}: {which}{error}") from error
    return answer(_updated(live, pipe, entities))


def _completeness(request: Request) -> int | None:
    """What the sender knows, in microseconds (configuration-sources-http.rst); in nanoseconds."""
    text = request.headers.get("x-dataset-completeness")
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,18}", text) or int(text) == 0:
        raise Refused(HTTPStatus.BAD_REQUEST, f'"X-Dataset-Completeness" is a positive integer, not "{text}"')
    return int(text) * 1000


def _updated(live: LiveNode, pipe: Pipe, entities: list[Entity]) -> dict[str, Any]:
    """Who changes single entities that others may change too is told what came of his (`enable_optimistic_locking`)."""
    if pipe.sink.get("enable_optimistic_locking") is not True or len(entities) != 1 or pipe.writes is None:
        return {}
    with live.using() as node:
        newest = node.dataset(pipe.writes).newest(str(entities[0].get("_id")))
    return {} if newest is None else {"updated_entity": transit.encode(newest)}


def _stale(pipe: Pipe, error: StaleEntities) -> Response:
    known = {
        "input_entity": error.given,
        "existing_entity": error.existing,
        "common_ancestor_entity": error.ancestor,
    }
    found = {name: transit.encode(entity) for name, entity in known.items() if entity is not None}
    return problem(HTTPStatus.CONFLICT, f"{pipe.id}: {error}", **found)


routes = [Route("/receivers/{pipe_id}/entities", post_entities, methods=["POST"])]
