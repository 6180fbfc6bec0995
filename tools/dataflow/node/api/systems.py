"""`/systems`: the systems the configuration names. Nothing here ever connects to one.

Rules: hub/swagger_public.yaml (`/systems`).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from dataflow.node.api.answers import Refused, answer, not_found
from dataflow.node.api.requests import boolean, live_of, object_of
from dataflow.node.configuration import config_errors
from dataflow.project import component_noun

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from dataflow.node.live import LiveNode
    from dataflow.project import System


def system_of(request: Request) -> System:
    """The system that the path names. Raises Refused (404)."""
    system_id = request.path_params["system_id"]
    system = live_of(request).configuration.project.systems.get(system_id)
    if system is None:
        raise not_found("system", system_id)
    return system


def list_systems(request: Request) -> Response:
    live = live_of(request)
    return answer([shown(live, system) for system in live.configuration.project.systems.values()])


def get_system(request: Request) -> Response:
    return answer(shown(live_of(request), system_of(request)))


def get_config(request: Request) -> Response:
    return answer(system_of(request).original)


def put_config(request: Request) -> Response:
    system_id, new = system_of(request).id, object_of(request)
    if new.get("_id") != system_id or component_noun(new) != "system":
        raise Refused(HTTPStatus.BAD_REQUEST, f'the body must be a system whose _id is "{system_id}"')
    live_of(request).change(lambda old: old.with_component(new), force=boolean(request, "force", False))
    return get_config(request)


def delete_system(request: Request) -> Response:
    system_id = system_of(request).id
    live_of(request).change(
        lambda old: old.without(lambda one: component_noun(one) == "system" and one.get("_id") == system_id),
        force=boolean(request, "force", False),
    )
    return answer({})


def shown(live: LiveNode, system: System) -> dict[str, Any]:
    """A system as the API gives it."""
    found = config_errors(live.configuration.findings_of(system.document))
    return {
        "_id": system.id,
        "type": system.original.get("type"),
        "config": {"original": system.original, "effective": system.config},
        "runtime": {"is-valid-config": not any(one["level"] == "error" for one in found), "config-errors": found},
    }


routes = [
    Route("/systems", list_systems, methods=["GET"]),
    Route("/systems/{system_id}", get_system, methods=["GET"]),
    Route("/systems/{system_id}", delete_system, methods=["DELETE"]),
    Route("/systems/{system_id}/config", get_config, methods=["GET"]),
    Route("/systems/{system_id}/config", put_config, methods=["PUT"]),
]
