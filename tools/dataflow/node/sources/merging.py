"""The merge source: keeps a `Merge` up to date and reads what it gives.

Rules: configuration-sources-merge.rst; node-semantics, section 2.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.node.inputs import Inputs
from dataflow.node.merge import Merge
from dataflow.node.sources.source import LogSource, derived_name

if TYPE_CHECKING:
    from dataflow.node.sources.source import Surroundings
    from dataflow.pipe import Pipe


def merge(pipe: Pipe, around: Surroundings) -> LogSource:
    """Raises FindingsError with every fault of the equality rules."""
    pairs = [(text.split() if type(text) is str else [""]) for text in pipe.source.get("datasets", ())]
    inputs = [around.dataset(pair[0]) for pair in pairs]
    read = Inputs(pipe, around, inputs, derived_name(pipe))
    engine = Merge(pipe, [pair[-1] for pair in pairs], read, around.context, around.derived(pipe))
    return LogSource(pipe, engine.log, inputs, around, refresh=engine.refresh, members=engine.members)
