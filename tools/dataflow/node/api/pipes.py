"""`/pipes`: what pipes are, how they are, and their pumps.

Rules: hub/swagger_public.yaml (`/pipes`, `/pipes/{id}/pump`); sesam-py 2.11.13 (which fields it reads). During a run a
node tells what it knows without waiting, so backlogs are there only while it rests.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from dataflow.dtl import transit
from dataflow.node.api.answers import Refused, answer
from dataflow.node.api.requests import boolean, document_of, form_of, live_of, object_of, pipe_of
from dataflow.node.configuration import config_errors
from dataflow.node.runs import Status
from dataflow.project import component_noun

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from dataflow.dtl.values import Value
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


def get_pump(request: Request) -> Response:
    return answer(pump_shown(live_of(request), pipe_of(request)))


def post_pump(request: Request) -> Response:
    live, pipe, form = live_of(request), pipe_of(request), form_of(request)
    operation = OPERATIONS.get(form.get("operation", ""))
    if operation is None:
        known = ", ".join(OPERATIONS)
        raise Refused(HTTPStatus.NOT_IMPLEMENTED, f'this node knows no "{form.get("operation")}"; it knows {known}')
    operation(live, pipe, form)
    return answer(pump_shown(live, pipe))


def _start(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    with live.using() as node:
        pump = node.pump(pipe.id)
        if pump is None or pump.pipeline.is_receiver:
            raise Refused(HTTPStatus.BAD_REQUEST, f"pipe {pipe.id} has no pump that could run")
        if reason := pump.waits():
            raise Refused(HTTPStatus.CONFLICT, f"pipe {pipe.id} {reason}")
        pump.run()
        pump.settle()


def _stop(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    """A started pump has finished when its request is answered, so there is only the run of all pipes to stop."""
    live.runner.stop()


def _enable(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    live.enable(pipe.id, enabled=True)


def _disable(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    live.enable(pipe.id, enabled=False)


def _update_last_seen(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    text = form.get("last-seen", "").strip('"')
    with live.using() as node:
        pump = node.pump(pipe.id)
        if pump is None or pump.pipeline.is_receiver:
            raise Refused(HTTPStatus.BAD_REQUEST, f"pipe {pipe.id} has no pump that could go on from anywhere")
        pump.rewind(_marker(text, offset=bool(pump.pipeline.source.datasets)))


def _marker(text: str, *, offset: bool) -> Value:
    """Where a source goes on: what is outside may count in any way. Raises Refused."""
    if not text:
        return None
    if re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if not offset:
        return text
    raise Refused(HTTPStatus.BAD_REQUEST, "last-seen is an offset of the source, or empty")


OPERATIONS: dict[str, Callable[[LiveNode, Pipe, dict[str, str]], None]] = {
    "start": _start,
    "stop": _stop,
    "enable": _enable,
    "disable": _disable,
    "update-last-seen": _update_last_seen,
}


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
            **_activity(live, pipe),
        },
    }


def pump_shown(live: LiveNode, pipe: Pipe) -> dict[str, Any]:
    """A pump as the API gives it; a pipe that is only read has one too, which does nothing."""
    pump = live.state.node.pump(pipe.id)
    last_seen = None if pump is None or pump.last_seen is None else str(transit.encode(pump.last_seen))
    return {"_id": pipe.id, "config": pipe.pump, "runtime": {**_activity(live, pipe), "last-seen": last_seen}}


def _activity(live: LiveNode, pipe: Pipe) -> dict[str, Any]:
    pump = live.state.node.pump(pipe.id)
    running = live.runner.running
    source, dependencies = (0, {}) if pump is None or running or pump.pipeline.is_receiver else pump.backlog()
    return {
        "is-disabled": pipe.id in live.disabled,
        "is-running": running and pump is not None,
        "success": pump is None or pump.record.status is not Status.FAILED,
        "queues": {"source": source, "dependencies": dependencies},
    }


routes = [
    Route("/pipes", list_pipes, methods=["GET"]),
    Route("/pipes", add_pipes, methods=["POST"]),
    Route("/pipes/{pipe_id}", get_pipe, methods=["GET"]),
    Route("/pipes/{pipe_id}", delete_pipe, methods=["DELETE"]),
    Route("/pipes/{pipe_id}/config", get_config, methods=["GET"]),
    Route("/pipes/{pipe_id}/config", put_config, methods=["PUT"]),
    Route("/pipes/{pipe_id}/pump", get_pump, methods=["GET"]),
    Route("/pipes/{pipe_id}/pump", post_pump, methods=["POST"]),
]
