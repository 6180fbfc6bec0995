"""The application: the routes of all nouns under `/api`, behind the guard, with one shape for every error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from dataflow.errors import DataflowError
from dataflow.node.api import (
    admin,
    config,
    datasets,
    entities,
    env,
    health,
    metadata,
    pipes,
    publishers,
    pumps,
    receivers,
    run,
    secrets,
    systems,
)
from dataflow.node.api.answers import Refused, on_failure, on_fault, on_http, on_refused
from dataflow.node.api.guard import MAX_BODY, Guard

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from dataflow.node.live import LiveNode

NOUNS = (
    admin,
    config,
    env,
    run,
    pipes,
    pumps,
    entities,
    publishers,
    receivers,
    datasets,
    systems,
    secrets,
    metadata,
    health,
)


def routes() -> list[Route]:
    """Every route, its path complete."""
    return [
        Route("/api" + route.path.rstrip("/"), route.endpoint, methods=sorted(route.methods or ()))
        for noun in NOUNS
        for route in noun.routes
    ]


def make_app(live: LiveNode, *, token: str | None = None, max_body: int = MAX_BODY) -> ASGIApp:
    """The ASGI application of a node; with a `token` every request has to bring it."""
    handlers = {Refused: on_refused, HTTPException: on_http, DataflowError: on_failure, Exception: on_fault}
    app = Starlette(routes=routes(), exception_handlers=handlers)
    app.router.redirect_slashes = False
    app.state.live = live
    return Guard(app, token=token, max_body=max_body)
