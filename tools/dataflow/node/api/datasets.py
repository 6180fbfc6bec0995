"""`/datasets`: what the node holds.

Rules: hub/swagger_public.yaml (`/datasets`, whose `history` is true by default); hub/json-pull.rst (response headers).
"""

from __future__ import annotations

from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from dataflow.dtl import transit
from dataflow.node.api.answers import Refused, answer, entities_answer, not_found
from dataflow.node.api.requests import boolean, integer, live_of
from dataflow.node.dataset import NOTHING
from dataflow.node.runner import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from dataflow.dtl.values import Entity
    from dataflow.node.dataset import Dataset
    from dataflow.node.node import Node


def list_datasets(request: Request) -> Response:
    return answer([shown(dataset) for dataset in live_of(request).state.node.datasets.values()])


def get_dataset(request: Request) -> Response:
    return answer(shown(_dataset(request, live_of(request).state.node)))


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
        found: Iterable[Entity] = dataset.since(NOTHING if since is None else since, history=history)
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


def shown(dataset: Dataset) -> dict[str, Any]:
    """A dataset as the API gives it."""
    return {
        "_id": dataset.id,
        "runtime": {
            "populated": dataset.populated,
            "max-updated": dataset.offset if dataset.offset >= 0 else None,
            "completeness": None if dataset.completeness is None else timestamp(dataset.completeness),
        },
    }


def _headers(dataset: Dataset) -> dict[str, str]:
    headers = {"X-Dataset-Populated": "true" if dataset.populated else "false"}
    if dataset.offset >= 0:
        headers["X-Dataset-Max-Updated"] = str(dataset.offset)
    if dataset.completeness is not None:
        headers["X-Dataset-Completeness"] = timestamp(dataset.completeness)
    return headers


def _dataset(request: Request, node: Node) -> Dataset:
    dataset_id = request.path_params["dataset_id"]
    if dataset_id not in node.datasets:
        raise not_found("dataset", dataset_id)
    return node.datasets[dataset_id]


routes = [
    Route("/datasets", list_datasets, methods=["GET"]),
    Route("/datasets/{dataset_id}", get_dataset, methods=["GET"]),
    Route("/datasets/{dataset_id}/entities", get_entities, methods=["GET"]),
    Route("/datasets/{dataset_id}/entity", get_entity, methods=["GET"]),
]
