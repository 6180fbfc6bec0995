"""`/datasets`: what the node holds.

Rules: hub/swagger_public.yaml (`/datasets`, whose `history` is true by default); hub/json-pull.rst (response headers);
hub/features/circuit-breakers.rst.
"""

from __future__ import annotations

from http import HTTPStatus
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from dataflow.clock import timestamp
from dataflow.dtl import transit
from dataflow.errors import UsageError
from dataflow.node.api.answers import Refused, answer, entities_answer, not_found
from dataflow.node.api.requests import boolean, form_of, integer, live_of
from dataflow.node.dataset import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from dataflow.dtl.values import Entity
    from dataflow.node.breaker import Breaker
    from dataflow.node.dataset import Dataset
    from dataflow.node.node import Node

# What can be decided about writes that are held back; true lets them through.
DECISIONS = {"commit-circuit-breaker": True, "rollback-circuit-breaker": False}


def list_datasets(request: Request) -> Response:
    node = live_of(request).state.node
    return answer([shown(dataset, _breaker(node, dataset.id)) for dataset in node.all_datasets()])


def get_dataset(request: Request) -> Response:
    node = live_of(request).state.node
    dataset = _dataset(request, node)
    return answer(shown(dataset, _breaker(node, dataset.id)))


def post_dataset(request: Request) -> Response:
    """Decide about what a tripped circuit breaker holds back."""
    operation = form_of(request).get("operation", "")
    if operation not in DECISIONS:
        raise Refused(HTTPStatus.NOT_IMPLEMENTED, f'this node knows no "{operation}"; it knows {", ".join(DECISIONS)}')
    live = live_of(request)
    with live.using() as node:
        dataset = _dataset(request, node)
        writer = node.writer(dataset.id)
        if writer is None or writer.breaker is None or writer.breaker.tripped is None:
            raise Refused(HTTPStatus.CONFLICT, f'no circuit breaker of dataset "{dataset.id}" has tripped')
        writer.decide(commit=DECISIONS[operation])
    live.wake()
    return get_dataset(request)


def get_entities(request: Request) -> Response:
    if "subset" in request.query_params:
        raise Refused(
            HTTPStatus.NOT_IMPLEMENTED, "subsets are not kept here; read the dataset, or a pipe with a subset"
        )
    since, limit = integer(request, "since", NOTHING), integer(request, "limit", least=0)
    history = boolean(request, "history", True)
    with live_of(request).using() as node:
        dataset = _dataset(request, node)
        if boolean(request, "populated", False) and not dataset.populated:
            raise Refused(HTTPStatus.NOT_FOUND, f'dataset "{dataset.id}" is not populated yet')
        start = NOTHING if since is None else since
        found: Iterable[Entity] = dataset.since(start, history=history)
        breaker = _breaker(node, dataset.id)
        if breaker is not None and boolean(request, "uncommitted", False):
            found = chain(found, (one for one in breaker.uncommitted() if one["_updated"] > start))
        if not history and not boolean(request, "deleted", True):
            found = (entity for entity in found if not entity["_deleted"])
        if boolean(request, "reverse", False):
            found = reversed(list(found))
        return entities_answer(islice(found, limit), _headers(dataset))


def get_entity(request: Request) -> Response:
    """One entity, as it is or as it was at an offset."""
    entity_id, offset = request.query_params.get("entity_id"), integer(request, "offset", least=0)
    if entity_id is None:
        raise Refused(HTTPStatus.BAD_REQUEST, '"entity_id" is missing')
    with live_of(request).using() as node:
        dataset = _dataset(request, node)
        versions = [one for one in dataset.since(history=True) if one["_id"] == entity_id]
        chosen = [one for one in versions if offset is None or one["_updated"] == offset]
        if not chosen:
            raise not_found("entity", entity_id)
    return answer(transit.encode(chosen[-1]))


def shown(dataset: Dataset, breaker: Breaker | None) -> dict[str, Any]:
    """A dataset as the API gives it."""
    return {
        "_id": dataset.id,
        "runtime": {
            "populated": dataset.populated,
            "max-updated": dataset.offset if dataset.offset >= 0 else None,
            "completeness": None if dataset.completeness is None else timestamp(dataset.completeness),
            "circuit-breaker-tripped": breaker is not None and breaker.tripped is not None,
        },
    }


def _headers(dataset: Dataset) -> dict[str, str]:
    headers = {"X-Dataset-Populated": "true" if dataset.populated else "false"}
    if dataset.offset >= 0:
        headers["X-Dataset-Max-Updated"] = str(dataset.offset)
    if dataset.completeness is not None:
        headers["X-Dataset-Completeness"] = str(dataset.completeness // 1000)
    return headers


def _dataset(request: Request, node: Node) -> Dataset:
    try:
        return node.dataset(request.path_params["dataset_id"])
    except UsageError as error:
        raise Refused(HTTPStatus.NOT_FOUND, str(error)) from None


def _breaker(node: Node, dataset_id: str) -> Breaker | None:
    writer = node.writer(dataset_id)
    return None if writer is None else writer.breaker


routes = [
    Route("/datasets", list_datasets, methods=["GET"]),
    Route("/datasets/{dataset_id}", get_dataset, methods=["GET"]),
    Route("/datasets/{dataset_id}", post_dataset, methods=["POST"]),
    Route("/datasets/{dataset_id}/entities", get_entities, methods=["GET"]),
    Route("/datasets/{dataset_id}/entity", get_entity, methods=["GET"]),
]
