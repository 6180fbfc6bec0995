"""The json source: entities from whoever speaks the JSON pull protocol.

Rules: configuration-sources-json.rst; hub/json-pull.rst.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import TransitError, decode
from dataflow.node.dataset import NOTHING
from dataflow.node.rest.call import Call, NotJson
from dataflow.node.rest.patience import Patience
from dataflow.node.rest.places import calling
from dataflow.node.sources.rest import continuation
from dataflow.node.sources.source import Marker, Reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.dtl.values import Entity
    from dataflow.node.rest.client import Clients
    from dataflow.pipe import Pipe


class JsonSource(Reaching):
    def __init__(self, pipe: Pipe, clients: Clients) -> None:
        config = pipe.source
        self.continues, self.chronological = continuation(config)
        self.start = config.get("initial_since_value") if self.continues else None
        comparable = config.get("is_since_comparable", True) is True
        size = config.get("page_size")
        # Paging goes on after the last entity of a page, which takes entities in order that can be compared.
        self._limit = size if type(size) is int and self.continues and self.chronological and comparable else None
        self._config = config
        self._pump = pipe.pump
        self._where = pipe.source_at
        self._clients = clients
        self._populated = True

    def populated(self) -> bool:
        """What the other side said of its dataset the last time, if it said anything."""
        return self._populated

    def read(self, since: Marker = NOTHING) -> Iterator[Entity]:
        """Raises PumpFailed, and CallFailed when an answer is not what it has to be."""
        known: Any = None if since == NOTHING or not self.continues else since
        with calling(self._where):
            while True:
                page = self._page(known)
                yield from page
                last = page[-1].get("_updated") if page else None
                if self._limit is None or last is None or last == known:
                    return
                known = last

    def _page(self, since: Any) -> list[Entity]:
        client = self._clients.of(self._config.get("system"))
        connection = client.connection
        params = {} if since is None else {"since": since if type(since) is str else json.dumps(since)}
        if self._limit is not None:
            params["limit"] = str(self._limit)
        if type(self._config.get("subset")) is list:
            params["subset"] = json.dumps(self._config["subset"])
        headers = client.plain_headers(self._config.get("headers"), accept="application/json")
        call = Call("json source", "GET", connection.address(str(self._config.get("url"))), params, headers)
        _, answer = connection.exchange(lambda: call, patience=Patience.of(connection.config, read=self._pump))
        self._populated = answer.headers.get("X-Dataset-Populated", "true").strip().lower() != "false"
        try:
            found = decode(answer.json())
        except (NotJson, TransitError) as error:
            raise connection.failure(call, f"the answer is no JSON array of entities: {error}", answer) from None
        entities = [found] if type(found) is dict else found
        if type(entities) is not list or not all(type(entity) is dict for entity in entities):
            raise connection.failure(call, "the answer is no JSON array of entities", answer)
        return entities
