"""`/secrets` and `/systems/{id}/secrets`: values go in, and only their names come out.

Rules: hub/swagger_public.yaml (`/secrets`, `/systems/{system_id}/secrets`).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.routing import Route

from dataflow.node.api.answers import Refused, answer, not_found
from dataflow.node.api.requests import live_of, object_of
from dataflow.node.api.systems import system_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def get_names(request: Request) -> Response:
    return answer(live_of(request).secrets.names(_system(request)))


def put_secrets(request: Request) -> Response:
    """PUT replaces those of a system, and adds to those of the node, as the description of the API has it."""
    values, system = object_of(request), _system(request)
    if any(type(value) is not str for value in values.values()):
        raise Refused(HTTPStatus.BAD_REQUEST, "a secret is a string")
    only = request.method == "PUT" and system is not None
    live_of(request).set_secrets(lambda secrets: secrets.put(values, system, only=only))
    return answer({})


def delete_secret(request: Request) -> Response:
    name, system, live = request.path_params["name"], _system(request), live_of(request)
    if name not in live.secrets.names(system):
        raise not_found("secret", name)
    live.set_secrets(lambda secrets: secrets.remove(name, system))
    return answer({})


def _system(request: Request) -> str | None:
    return system_of(request).id if "system_id" in request.path_params else None


routes = [
    route
    for base in ("/secrets", "/systems/{system_id}/secrets")
    for route in (
        Route(base, get_names, methods=["GET"]),
        Route(base, put_secrets, methods=["PUT", "POST"]),
        Route(f"{base}/{{name}}", delete_secret, methods=["DELETE"]),
    )
]
