"""`/pipes/{id}/entities`: what a pipe gives, at any of its stages.

Rules: hub/swagger_public.yaml (`/pipes/{pipe_id}/entities`); hub/json-pull.rst (`since`, `limit`).
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from starlette.routing import Route

from dataflow.node.api.answers import entities_answer
from dataflow.node.api.requests import integer, live_of, pipe_of
from dataflow.node.dataset import NOTHING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def get_entities(request: Request) -> Response:
    pipe, stage = pipe_of(request), request.query_params.get("stage") or None
    since, limit = integer(request, "since", NOTHING), integer(request, "limit", least=0)
    with live_of(request).using() as node:
        stream = node.stream(pipe.id, stage, since=NOTHING if since is None else since)
        return entities_answer(islice(stream, limit))


routes = [Route("/pipes/{pipe_id}/entities", get_entities, methods=["GET"])]
