"""The rest sink: each entity is an operation of a REST system.

Rules: configuration-sinks-rest.rst; node-semantics, section 4.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.node.rest.operation import Operation, Use
from dataflow.node.rest.pages import Pages
from dataflow.node.rest.places import calling
from dataflow.node.transforms.rest import asking_for, operation_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow.dtl.values import Entity
    from dataflow.node.rest.client import Clients
    from dataflow.pipe import Pipe


class RestSink:
    """A `dataflow.node.sinks.sink.Sink`."""

    def __init__(self, pipe: Pipe, clients: Clients) -> None:
        self._config = pipe.sink
        self._where = pipe.sink_at
        self._clients = clients
        self._operations: dict[str, Operation] = {}

    def begin(self, *, full: bool) -> None:
        """There is nothing to prepare."""

    def write(self, batch: Sequence[Entity]) -> None:
        """One request per entity. Raises PumpFailed, CallFailed for the first that is refused; those before it are written."""
        for entity in batch:
            with calling(self._where, entity.get("_id")):
                for _ in Pages(self._operation(entity), asking_for(entity)):
                    pass

    def end(self) -> None:
        """Nothing is held back."""

    def abort(self) -> None:
        """Nothing is held open."""

    def _operation(self, entity: Entity) -> Operation:
        name = operation_name(entity, self._config)
        if name not in self._operations:
            client = self._clients.of(self._config.get("system"))
            self._operations[name] = Operation(client, name, self._config, Use.SINK)
        return self._operations[name]
