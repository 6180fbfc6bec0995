"""Where the entities of a pipe come from, by the `type` of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

# What a source cannot do without, whatever else it says: the property, and how it has to look.
NEEDED: dict[str, tuple[str, str]] = {
    "dataset": ("dataset", "a dataset id"),
    "embedded": ("entities", "a list of entities"),
    "merge": ("datasets", "a list of dataset ids"),
    "merge_datasets": ("datasets", "a list of dataset ids"),
    "union_datasets": ("datasets", "a list of dataset ids"),
}

_LOOKS: dict[str, Callable[[Any], bool]] = {
    "a dataset id": lambda value: type(value) is str and value != "",
    "a list of dataset ids": lambda value: type(value) is list and all(type(i) is str and i.split() for i in value),
    "a list of entities": lambda value: type(value) is list and all(type(entity) is dict for entity in value),
}


def make_source(pipe: Pipe, around: Surroundings, more: Mapping[str, Maker] | None = None) -> Source:
    """The source of a pipe; `more` holds makers for types that reach outside, which otherwise fail when they are read.

    Raises FindingsError (DF202 without a type or another property it needs, DF405 and other faults of expressions).
    """
    kind = pipe.source.get("type")
    if type(kind) is not str:
        raise FindingsError([pipe.document.diagnostic("DF202", "the source has no type", pipe.source_at)])
    maker = (more or {}).get(kind) or SOURCES.get(kind)
    if kind in NEEDED and not _LOOKS[NEEDED[kind][1]](pipe.source.get(NEEDED[kind][0])):
        name, look = NEEDED[kind]
        fault = f'a source of type "{kind}" needs "{name}"'
        raise FindingsError([pipe.document.diagnostic("DF202", fault, f"{pipe.source_at}/{name}", expected=look)])
    return maker(pipe, around) if maker else Outside(pipe)
