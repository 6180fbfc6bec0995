"""`/pipes`: what pipes are and how they are. Their pumps are in `pumps`.

Rules: hub/swagger_public.yaml (`/pipes`); sesam-py 2.11.13 (which fields it reads).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from dataflow.node.api.answers import Refused, answer
from dataflow.node.api.pumps import activity
from dataflow.node.api.requests import boolean, document_of, live_of, object_of, pipe_of
from dataflow.node.configuration import config_errors
from dataflow.project import component_noun

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from dataflow.node.live import LiveNode
    from dataflow.pipe import Pipe


def list_pipes(request: Request) -> Response:
    live = live_of(request)
    return answer([shown(live, pipe) for pipe in live.configuration.project.pipes.values()])


def get_pipe(request: Request) -> Response:
    return answer(shown(live_of(request), pipe_of(request)))


def add_pipes(request: Request) -> Response:
    """New pipes beside those that are there; one with an id that is taken replaces it."""
    live, value = live_of(request), document_of(request).value
    if type(value) is not list or any(type(one) is not dict or component_noun(one) != "pipe" for one in value):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body must be an array of pipe configurations")
    configuration = live.configuration
    for one in value:
        configuration = configuration.with_component(one)
    live.change(lambda old: configuration, force=boolean(request, "force", False))
    ids = [one.get("_id") for one in value]
    return answer([shown(live, pipe) for pipe in live.configuration.project.pipes.values() if pipe.id in ids])


def get_config(request: Request) -> Response:
    return answer(pipe_of(request).original)


def put_config(request: Request) -> Response:
    live, pipe_id, new = live_of(request), pipe_of(request).id, object_of(request)
    if new.get("_id") != pipe_id or component_noun(new) != "pipe":
        raise Refused(HTTPStatus.BAD_REQUEST, f'the body must be a pipe whose _id is "{pipe_id}"')
    live.change(lambda old: old.with_component(new), force=boolean(request, "force", False))
    return get_pipe(request)


def delete_pipe(request: Request) -> Response:
    pipe_id = pipe_of(request).id
    live_of(request).change(
        lambda old: old.without(lambda one: component_noun(one) == "pipe" and one.get("_id") == pipe_id), strict=False
    )
    return answer({})


def shown(live: LiveNode, pipe: Pipe) -> dict[str, Any]:
    """A pipe as the API gives it."""
    found = live.configuration.findings_of(pipe.document)
    return {
        "_id": pipe.id,
        "type": "pipe",
        "config": {"original": pipe.original, "effective": {**pipe.config, "type": "pipe"}},
        "runtime": {
            "state": "Ready",
            "is-valid-config": not live.state.node.is_broken(pipe.id),
            "config-errors": config_errors(found),
            "dependencies": sorted({*pipe.reads, *pipe.hops}),
            **activity(live, pipe),
        },
    }


routes = [
    Route("/pipes", list_pipes, methods=["GET"]),
    Route("/pipes", add_pipes, methods=["POST"]),
    Route("/pipes/{pipe_id}", get_pipe, methods=["GET"]),
    Route("/pipes/{pipe_id}", delete_pipe, methods=["DELETE"]),
    Route("/pipes/{pipe_id}/config", get_config, methods=["GET"]),
    Route("/pipes/{pipe_id}/config", put_config, methods=["PUT"]),
]
