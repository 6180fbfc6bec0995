"""The node itself: what it is, when it was started, and starting it anew.

Rules: sesam-py 2.11.13 (`GET /api/` and its developer mode, `restart`, `reset`); hub/swagger_public.yaml (`/`).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.routing import Route

from dataflow import __version__
from dataflow.clock import timestamp
from dataflow.node.api.answers import Refused, answer
from dataflow.node.api.requests import form_of, live_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def get_node(request: Request) -> Response:
    return answer({"status": {"developer_mode": True, "version": f"dataflow {__version__}"}})


def get_status(request: Request) -> Response:
    return answer({"node_start_time": timestamp(live_of(request).started_ns)})


def post_admin(request: Request) -> Response:
    operations = {"restart": live_of(request).restart, "reset": live_of(request).reset}
    name = form_of(request).get("operation", "")
    if name not in operations:
        raise Refused(HTTPStatus.BAD_REQUEST, f'"operation" is {" or ".join(operations)}, not "{name}"')
    operations[name]()
    return answer({"message": "OK"})


routes = [
    Route("/", get_node, methods=["GET"]),
    Route("/status", get_status, methods=["GET"]),
    Route("/admin", post_admin, methods=["POST"]),
]
