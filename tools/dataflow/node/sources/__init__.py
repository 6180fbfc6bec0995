"""Where the entities of a pipe come from, by the `type` of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import FindingsError
from dataflow.node.sources.datasets import merge_datasets, single_dataset, union_datasets
from dataflow.node.sources.fixed import embedded, empty, receiver
from dataflow.node.sources.merging import merge
from dataflow.node.sources.source import Outside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataflow.node.sources.source import Source, Surroundings
    from dataflow.pipe import Pipe

    Maker = Callable[[Pipe, Surroundings], Source]

SOURCES: dict[str, Maker] = {
    "dataset": single_dataset,
    "embedded": embedded,
    "empty": empty,
    "http_endpoint": receiver,
    "merge": merge,
    "merge_datasets": merge_datasets,
    "union_datasets": union_datasets,
}


def make_source(pipe: Pipe, around: Surroundings, more: Mapping[str, Maker] | None = None) -> Source:
    """The source of a pipe; `more` holds makers for types that reach outside, which otherwise fail when they are read.

    Raises FindingsError (DF202 without a type, DF405 and other faults of expressions).
    """
    kind = pipe.source.get("type")
    if type(kind) is not str:
        raise FindingsError([pipe.document.diagnostic("DF202", "the source has no type", pipe.source_at)])
    maker = (more or {}).get(kind) or SOURCES.get(kind)
    return maker(pipe, around) if maker else Outside(pipe)
