"""The parts of pipes that speak HTTP, by `type`. What they need is imported when a pipe has one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dataflow.clock import Randomness
from dataflow.node.outer import Makers

if TYPE_CHECKING:
    from dataflow.node.reach import Reach
    from dataflow.node.rest.client import Clients
    from dataflow.node.sinks.sink import Sink
    from dataflow.node.sources.source import Source, Surroundings
    from dataflow.node.transforms.action import Action
    from dataflow.pipe import Pipe, Step


class _Kinds:
    """All parts of all pipes share the clients, and with them connections and tokens."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._random = Randomness()

    @cached_property
    def _clients(self) -> Clients:
        from dataflow.node.rest.client import Clients

        return Clients(self._reach)

    def rest_source(self, pipe: Pipe, around: Surroundings) -> Source:
        from dataflow.node.sources.rest import RestSource

        return RestSource(pipe, self._clients)

    def json_source(self, pipe: Pipe, around: Surroundings) -> Source:
        from dataflow.node.sources.json_pull import JsonSource

        return JsonSource(pipe, self._clients)

    def csv_source(self, pipe: Pipe, around: Surroundings) -> Source:
        from dataflow.node.sources.csv_pull import CsvSource

        return CsvSource(pipe, self._clients)

    def rest_transform(self, step: Step, pipe: Pipe) -> Action:
        from dataflow.node.transforms.rest import rest

        return rest(step, pipe, self._clients)

    def http_transform(self, step: Step, pipe: Pipe) -> Action:
        from dataflow.node.transforms.http import http

        return http(step, pipe, self._clients)

    def template(self, step: Step, pipe: Pipe) -> list[Action]:
        from dataflow.node.transforms import make_actions
        from dataflow.node.transforms.template import expanded

        return make_actions(pipe, self.makers.transforms, expanded(step, pipe))

    def rest_sink(self, pipe: Pipe) -> Sink:
        from dataflow.node.sinks.rest import RestSink

        return RestSink(pipe, self._clients)

    def json_sink(self, pipe: Pipe) -> Sink:
        from dataflow.node.sinks.json_push import JsonSink

        return JsonSink(pipe, self._clients, self._random.uuid4)

    @cached_property
    def makers(self) -> Makers:
        return Makers(
            sources={"rest": self.rest_source, "json": self.json_source, "csv": self.csv_source},
            transforms={"rest": self.rest_transform, "http": self.http_transform, "template": self.template},
            sinks={"rest": self.rest_sink, "json": self.json_sink},
        )


def makers(reach: Reach) -> Makers:
    return _Kinds(reach).makers
