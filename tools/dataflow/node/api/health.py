"""`/health` and `/ping`: whether anybody is there (hub/swagger_public.yaml)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from dataflow.node.api.answers import answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def get_health(request: Request) -> Response:
    return answer({"status": "ok"})


routes = [Route("/health", get_health, methods=["GET"]), Route("/ping", get_health, methods=["GET"])]
