"""The logs of a node that runs elsewhere, over the platform's API.

Rules: hub/swagger_public.yaml (`/datasets/{dataset_id}/entities`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import decode
from dataflow.errors import PumpFailed, UsageError
from dataflow.node.reach import Reach
from dataflow.node.rest.call import Call
from dataflow.node.rest.client import Client
from dataflow.node.rest.patience import Patience
from dataflow.project import System
from dataflow.source import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

_NODE = "node"
_MISSING = 404


class RemoteLogs:
    """`url` is a node's address, with or without `/api`; `token` the JWT that opens it."""

    def __init__(self, url: str, token: str) -> None:
        base = url.rstrip("/").removesuffix("/api") + "/api"
        config: dict[str, Any] = {
            "_id": _NODE,
            "type": "system:rest",
            "url_pattern": f"{base}/%s",
            "verify_ssl": True,
            "authentication": "jwt",
            "jwt_token": "$SECRET(token)",
        }
        system = System(_NODE, Document(None, "", config), config, config)
        reach = Reach({_NODE: system}, lambda _: {"token": token})
        self._base = base
        self._connection = Client(system, reach).connection
        self._patience = Patience.of(config)

    def versions(self, dataset: str) -> list[Mapping[str, Any]]:
        """Every version of a dataset, oldest first; none where there is no such dataset. Raises UsageError without an answer."""
        call = Call("entities", "GET", f"{self._base}/datasets/{dataset}/entities", {"history": "true"})
        try:
            _, received = self._connection.exchange(lambda: call, patience=self._patience, accepts=lambda _: True)
        except PumpFailed as error:
            raise UsageError(f"the node does not answer: {error}") from None
        if received.status == _MISSING:
            return []
        if not received.ok:
            raise UsageError(f"the node answers {received.title} to GET {call.address}; is JWT the token of this node?")
        return [decode(entity) for entity in received.json()]
