"""Where the entities of a pipe go outside the node, by the `type` of its sink. The dataset sink is in `dataflow.node.sink`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.node.sinks.null import NullSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.node.sinks.sink import Sink
    from dataflow.pipe import Pipe

    Maker = Callable[[Pipe], Sink]

# Sinks that are no dataset and reach nowhere; a node has them whatever else it may reach.
SINKS: dict[str, Maker] = {"null": NullSink}
