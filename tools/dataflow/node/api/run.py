"""Running all pipes: what `sesam run` asks for.

Rules: sesam-py 2.11.13, `run` (parameters, answers, log); nothing of it is in the public description of the API.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.routing import Route

from dataflow.node.api.answers import Refused, answer
from dataflow.node.api.requests import boolean, integer, live_of
from dataflow.node.runner import MAX_SECONDS, RunOptions, outcome
from dataflow.node.scheduler import MAX_PASSES

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def post_run(request: Request) -> Response:
    """`extra_zero_runs` is not needed: a run here ends when nothing is left to do, and knows it."""
    options = RunOptions(
        max_passes=integer(request, "max_runs", MAX_PASSES, least=1) or MAX_PASSES,
        max_seconds=float(integer(request, "max_run_time", int(MAX_SECONDS), least=0) or 0),
        reset=boolean(request, "reset_pipes_and_delete_sink_datasets", True),
        delete_received=boolean(request, "delete_input_datasets", True),
        check_inputs=boolean(request, "check_input_pipes", False),
    )
    mode = request.query_params.get("request_mode", "sync")
    if mode == "async":
        return answer({"token": live_of(request).runner.start(options)})
    if mode != "sync":
        raise Refused(HTTPStatus.BAD_REQUEST, f'"request_mode" is sync or async, not "{mode}"')
    statistics = boolean(request, "output_run_statistics", False)
    return answer(outcome(live_of(request).runner.run(options), statistics=statistics))


def stop_run(request: Request) -> Response:
    seconds = integer(request, "terminate_timeout", 30, least=0) or 0
    if not live_of(request).runner.stop(float(seconds)):
        raise Refused(HTTPStatus.CONFLICT, f"the run has not stopped within {seconds} seconds")
    return answer({})


def get_log(request: Request) -> Response:
    parameters = request.query_params
    lines = live_of(request).runner.log(parameters.get("since", ""), parameters.get("token"))
    return answer([{"timestamp": one.timestamp, "loglevel": one.level, "logdata": one.text} for one in lines])


def get_status(request: Request) -> Response:
    return answer({"status": live_of(request).runner.state(request.query_params.get("token", "")).value})


def delete_datasets(request: Request) -> Response:
    live = live_of(request)
    live.runner.stop()
    live.delete_datasets()
    return answer({})


# Before those of `pipes`, where the second part of the path is any id.
routes = [
    Route("/pipes/run-all-pipes", post_run, methods=["POST"]),
    Route("/pipes/stop-run-all-pipes", stop_run, methods=["POST"]),
    Route("/pipes/get-run-all-pipes-log", get_log, methods=["GET"]),
    Route("/pipes/get-pipe-runner-status", get_status, methods=["GET"]),
    Route("/pipes/delete-all-sink-datasets", delete_datasets, methods=["POST"]),
]
