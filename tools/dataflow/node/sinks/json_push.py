"""The json sink: entities pushed to whoever speaks the JSON push protocol, in sequences.

Rules: configuration-sinks-json.rst; hub/json-push.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl import transit
from dataflow.node.content import exported
from dataflow.node.rest.call import Call
from dataflow.node.rest.places import calling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataflow.dtl.values import Entity
    from dataflow.node.rest.client import Clients
    from dataflow.pipe import Pipe

BATCH = 100


class JsonSink:
    """A `dataflow.node.sinks.sink.Sink`. `new_id` gives ids of sequences, never the same twice."""

    def __init__(self, pipe: Pipe, clients: Clients, new_id: Callable[[], str]) -> None:
        self._config = pipe.sink
        self._where = pipe.sink_at
        self._clients = clients
        self._new_id = new_id
        self._full = False
        self._sequence = ""
        self._sent = 0

    def begin(self, *, full: bool) -> None:
        self._full, self._sequence, self._sent = full, self._new_id(), 0

    def write(self, batch: Sequence[Entity]) -> None:
        """Raises PumpFailed, CallFailed; a conflict (409) means that the whole sync has to begin again."""
        size = self._config.get("batch_size", BATCH)
        for start in range(0, len(batch), size):
            self._push(batch[start : start + size])

    def end(self) -> None:
        """What was sent is all there is: the other side is told, so that it can delete the rest."""
        if self._full:
            self._push([], last=True)

    def abort(self) -> None:
        """A sequence that has no end changes nothing more."""

    def _push(self, entities: Sequence[Entity], *, last: bool = False) -> None:
        params = {
            "sequence_id": self._sequence,
            "is_full": "true" if self._full else "false",
            "request_id": str(self._sent),
        }
        if self._sent:
            params["previous_request_id"] = str(self._sent - 1)
        elif self._full:
            params["is_first"] = "true"
        if last:
            params["is_last"] = "true"
        with calling(self._where):
            client = self._clients.of(self._config.get("system"))
            connection = client.connection
            headers = client.plain_headers(self._config.get("headers"))
            headers.setdefault("Content-Type", "application/json")
            body = transit.dumps([exported(entity) for entity in entities]).encode("utf-8")
            call = Call("json sink", "POST", connection.address(str(self._config.get("url"))), params, headers, body)
            connection.exchange(lambda: call)
        self._sent += 1
