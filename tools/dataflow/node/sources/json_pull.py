"""The json source: entities from whoever speaks the JSON pull protocol.

Rules: configuration-sources-json.rst; hub/json-pull.rst.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dataflow.dtl import plain
from dataflow.dtl.transit import TransitError, decode
from dataflow.node.rest.call import Call, NotJson
from dataflow.node.rest.patience import Patience
from dataflow.node.sources.pulled import Pulled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.dtl.values import Entity, Value
    from dataflow.node.rest.client import Clients
    from dataflow.pipe import Pipe


class JsonSource(Pulled):
    def __init__(self, pipe: Pipe, clients: Clients) -> None:
        super().__init__(pipe)
        comparable = self._config.get("is_since_comparable", True) is True
        size = self._config.get("page_size")
        # Paging goes on after the last entity of a page, which takes entities in order that can be compared.
        self._limit = size if type(size) is int and self.continues and self.in_order and comparable else None
        self._clients = clients
        self._populated = True

    def populated(self) -> bool:
        """What the other side said of its dataset the last time, if it said anything."""
        return self._populated

    def entities(self, since: Value) -> Iterator[Entity]:
        while True:
            page = self._page(since)
            yield from page
            last = page[-1].get("_updated") if page else None
            if self._limit is None or last is None or last == since:
                return
            since = last

    def _page(self, since: Value) -> list[Entity]:
        client = self._clients.of(self._config.get("system"))
        connection = client.connection
        params = {} if since is None else {"since": str(plain.text(since))}
        if self._limit is not None:
            params["limit"] = str(self._limit)
        if type(self._config.get("subset")) is list:
            params["subset"] = json.dumps(self._config["subset"])
        headers = client.plain_headers(self._config.get("headers"), accept="application/json")
        call = Call("json source", "GET", connection.address(str(self._config.get("url"))), params, headers)
        _, answer = connection.exchange(lambda: call, patience=Patience.of(connection.config))
        self._populated = answer.headers.get("X-Dataset-Populated", "true").strip().lower() != "false"
        try:
            found = decode(answer.json())
        except (NotJson, TransitError) as error:
            raise connection.failure(call, f"the answer is no JSON array of entities: {error}", answer) from None
        entities = [found] if type(found) is dict else found
        if type(entities) is not list or not all(type(entity) is dict for entity in entities):
            raise connection.failure(call, "the answer is no JSON array of entities", answer)
        return entities
