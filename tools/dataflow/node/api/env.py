"""`/env`: the variables that `$ENV(...)` stands for.

Rules: hub/swagger_public.yaml (`/env`), whose text says that PUT adds; sesam-py's `wipe` needs it to replace, so it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from dataflow.node.api.answers import answer, not_found
from dataflow.node.api.requests import live_of, object_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def get_env(request: Request) -> Response:
    return answer(live_of(request).configuration.env or {})


def put_env(request: Request) -> Response:
    live_of(request).set_env(object_of(request))
    return get_env(request)


def add_env(request: Request) -> Response:
    added, live = object_of(request), live_of(request)
    live.change(lambda old: old.with_env({**(old.env or {}), **added}), strict=False)
    return get_env(request)


def delete_variable(request: Request) -> Response:
    name, live = request.path_params["name"], live_of(request)
    if name not in (live.configuration.env or {}):
        raise not_found("variable", name)
    live.change(lambda old: old.with_env({k: v for k, v in (old.env or {}).items() if k != name}), strict=False)
    return get_env(request)


routes = [
    Route("/env", get_env, methods=["GET"]),
    Route("/env", put_env, methods=["PUT"]),
    Route("/env", add_env, methods=["POST", "PATCH"]),
    Route("/env/{name}", delete_variable, methods=["DELETE"]),
]
