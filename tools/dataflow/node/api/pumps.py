"""`/pipes/{id}/pump`: how a pump is, and what one can have it do.

Rules: hub/swagger_public.yaml (`/pipes/{id}/pump`); sesam-py 2.11.13 (which fields it reads). While something runs the node tells
what it knows without waiting, so backlogs are those of before then.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from dataflow.clock import timestamp
from dataflow.dtl import transit
from dataflow.node.api.answers import Refused, answer
from dataflow.node.api.requests import form_of, live_of, pipe_of
from dataflow.node.kinds import absent, on_demand
from dataflow.node.runs import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from dataflow.dtl.values import Value
    from dataflow.node.live import LiveNode
    from dataflow.node.node import Node
    from dataflow.node.pump import Pump
    from dataflow.pipe import Pipe


def get_pump(request: Request) -> Response:
    return answer(pump_shown(live_of(request), pipe_of(request)))


def post_pump(request: Request) -> Response:
    live, pipe, form = live_of(request), pipe_of(request), form_of(request)
    operation = OPERATIONS.get(form.get("operation", ""))
    if operation is None:
        known = ", ".join(OPERATIONS)
        raise Refused(HTTPStatus.NOT_IMPLEMENTED, f'this node knows no "{form.get("operation")}"; it knows {known}')
    operation(live, pipe, form)
    live.wake()
    return answer(pump_shown(live, pipe))


# --- operations -------------------------------------------------------------------------------------------------------


def _start(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    _run(live, pipe, rescan=False)


def _start_rescan(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    _run(live, pipe, rescan=True)


def _run(live: LiveNode, pipe: Pipe, *, rescan: bool) -> None:
    with live.using() as node, live.running(pipe.id):
        pump = _pump_of(node, pipe)
        if pipe.pump.get("mode") == "off":
            raise Refused(HTTPStatus.CONFLICT, f"pipe {pipe.id} cannot be started: its pump.mode is off")
        if reason := pump.waits():
            raise Refused(HTTPStatus.CONFLICT, f"pipe {pipe.id} {reason}")
        pump.run(rescan=rescan)
        pump.settle()


def _stop(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    """A started pump has finished when its request is answered, so there is only the run of all pipes to stop."""
    live.runner.stop()


def _enable(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    live.enable(pipe.id, enabled=True)


def _disable(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    live.enable(pipe.id, enabled=False, comment=form.get("comment"))


def _update_last_seen(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    with live.using() as node:
        pump = _pump_of(node, pipe)
        _check_settable(pipe)
        pump.rewind(_marker(form.get("last-seen", ""), offset=bool(pump.pipeline.source.datasets)))


def _to_end(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    with live.using() as node:
        pump = _pump_of(node, pipe)
        _check_settable(pipe)
        if not pump.pipeline.source.datasets:
            raise Refused(
                HTTPStatus.BAD_REQUEST, f"nobody knows where the source of pipe {pipe.id} ends before it is read"
            )
        pump.skip()


def _discard_retries(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    with live.using() as node:
        _pump_of(node, pipe).discard_retries()


def _reset_rescan(live: LiveNode, pipe: Pipe, form: dict[str, str]) -> None:
    """Rescans start from the beginning anyway: none is ever interrupted in a way that the next one would resume."""
    with live.using() as node:
        _pump_of(node, pipe)


OPERATIONS: dict[str, Callable[[LiveNode, Pipe, dict[str, str]], None]] = {
    "start": _start,
    "start-rescan": _start_rescan,
    "stop": _stop,
    "enable": _enable,
    "disable": _disable,
    "update-last-seen": _update_last_seen,
    "set-last-seen-to-end": _to_end,
    "discard-retries": _discard_retries,
    "reset-rescan": _reset_rescan,
}


def _pump_of(node: Node, pipe: Pipe) -> Pump:
    pump = node.pump(pipe.id)
    if pump is None:
        why = (
            "entities are posted to it"
            if pipe.source.get("type") == "http_endpoint"
            else on_demand(pipe.sink.get("type"))
        )
        if node.is_broken(pipe.id):
            why = "its configuration has errors"
        raise Refused(HTTPStatus.BAD_REQUEST, f"pipe {pipe.id} has no pump: {why}")
    return pump


def _check_settable(pipe: Pipe) -> None:
    if pipe.config.get("disable_set_last_seen") is True:
        raise Refused(HTTPStatus.CONFLICT, f"last-seen of pipe {pipe.id} cannot be set: disable_set_last_seen is true")


def _marker(text: str, *, offset: bool) -> Value:
    """Where a source goes on: what is outside may count in any way. Raises Refused."""
    text = text.strip('"')
    if not text:
        return None
    if re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if not offset:
        return text
    raise Refused(HTTPStatus.BAD_REQUEST, "last-seen is an offset of the source, or empty")


# --- how it is --------------------------------------------------------------------------------------------------------


def pump_shown(live: LiveNode, pipe: Pipe) -> dict[str, Any]:
    """A pump as the API gives it; a pipe that is only read has one too, which does nothing."""
    pump = live.state.node.pump(pipe.id)
    last_seen = None if pump is None or pump.last_seen is None else str(transit.encode(pump.last_seen))
    due = live.timetable.next_run(pipe.id) if live.has_schedules and pipe.id not in live.disabled else None
    return {
        "_id": pipe.id,
        "config": pipe.pump,
        "runtime": {
            **activity(live, pipe),
            "last-seen": last_seen,
            "next-run": None if due is None else timestamp(due),
        },
    }


def activity(live: LiveNode, pipe: Pipe) -> dict[str, Any]:
    """What a pipe is doing, and what is still to be done."""
    node = live.state.node
    pump, mover = node.pump(pipe.id), node.pump(pipe.id) or node.receiver(pipe.id)
    running = pump is not None and (live.runner.running or live.busy_with == pipe.id)
    source, dependencies = live.queues(pipe.id)
    return {
        "is-disabled": pipe.id in live.disabled,
        "is-running": running,
        "success": mover is None or mover.record.status is not Status.FAILED,
        "queues": {"source": source, "dependencies": dependencies},
        "not-run-here": absent(pipe),
        "retryable": 0 if pump is None else pump.retries.waiting,
        "circuit-breaker-tripped": mover is not None
        and mover.breaker is not None
        and mover.breaker.tripped is not None,
    }


routes = [
    Route("/pipes/{pipe_id}/pump", get_pump, methods=["GET"]),
    Route("/pipes/{pipe_id}/pump", post_pump, methods=["POST"]),
]
