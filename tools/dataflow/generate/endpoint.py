"""`-endpoint`: pipes that publish a dataset as it is, so that expected output can be compared with it."""

from __future__ import annotations

from typing import Any


def endpoint_pipe(dataset: str) -> dict[str, Any]:
    return {
        "_id": f"{dataset}-endpoint",
        "type": "pipe",
        "description": f"Shows {dataset}, with its namespaces.",
        "source": {"type": "dataset", "dataset": dataset},
        "sink": {"type": "http_endpoint"},
        "namespaced_identifiers": False,
        "remove_namespaces": False,
    }
