"""Sources that read datasets as they are: dataset, union_datasets, merge_datasets.

Rules: configuration-sources-dataset.rst, -union-datasets.rst, -merge-datasets.rst; node-semantics, sections 1.3, 1.5 and 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl import compile_expression, transit
from dataflow.dtl.joins import overlap
from dataflow.dtl.values import Datetime
from dataflow.errors import FindingsError
from dataflow.node.completeness import Completeness, complete_until, least
from dataflow.node.content import exported
from dataflow.node.inputs import Inputs
from dataflow.node.places import placed
from dataflow.node.sources.source import LogSource, derived_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Entity
    from dataflow.node.dataset import Dataset
    from dataflow.node.sources.source import Surroundings
    from dataflow.pipe import Pipe


def single_dataset(pipe: Pipe, around: Surroundings) -> LogSource:
    dataset = around.dataset(pipe.source.get("dataset", ""))
    return LogSource(
        pipe,
        dataset,
        [dataset],
        around,
        history=pipe.source.get("include_previous_versions") is True,
        select=_selection(pipe, around, dataset),
        until=_until(pipe, around, dataset),
    )


def _until(pipe: Pipe, around: Surroundings, dataset: Dataset) -> Callable[[], int] | None:
    """The offset up to which entities are handed on, where `completeness` holds back those that may still change."""
    wanted, known = pipe.source.get("completeness"), Completeness(around.datasets, around.store)
    if wanted is True:
        return lambda: complete_until(dataset, dataset.completeness)
    if type(wanted) is list and wanted:
        return lambda: complete_until(dataset, least(known.via(dataset.id, str(i)) for i in wanted))
    if type(wanted) is not dict or "expression" not in wanted:
        return None
    try:
        expression = compile_expression(wanted["expression"], namespaces=pipe.namespaces, pipe_id=pipe.id)
    except FindingsError as error:
        raise FindingsError(placed(error.diagnostics, pipe, f"{pipe.source_at}/completeness/expression")) from None

    def moment() -> int:
        value = expression(around.context)
        return value.ns if isinstance(value, Datetime) else 0

    return lambda: complete_until(dataset, moment())


def _selection(pipe: Pipe, around: Surroundings, dataset: Dataset) -> Callable[[Entity, int], Entity | None] | None:
    member = _subset(pipe, around)
    replaced = pipe.source.get("include_replaced") is not False
    if member is None and replaced:
        return None

    def select(entity: Entity, since: int) -> Entity | None:
        if not replaced and entity.get("$replaced") is True:
            return None
        if member is None or member(entity):
            return entity
        # An entity that has left the subset is deleted for whoever has seen it there.
        before: Entity | None = entity
        while before is not None and before["_updated"] > since:
            offset = before["_previous"]
            before = None if offset is None else dataset.version(offset)
        return {**entity, "_deleted": True} if before is not None and member(before) else None

    return select


def _subset(pipe: Pipe, around: Surroundings) -> Callable[[Entity], bool] | None:
    """Whether an entity is in the subset: `eq` as in joins, its right side a literal."""
    subset = pipe.source.get("subset")
    if subset is None:
        return None
    if type(subset) is not list or len(subset) != 3 or subset[0] != "eq":
        fault = "a subset must be an eq of an expression and a literal"
        at = f"{pipe.source_at}/subset"
        raise FindingsError([pipe.document.diagnostic("DF408", fault, at, expected='["eq", "_S.kind", "x"]')])
    value = transit.decode(subset[2])
    try:
        expression = compile_expression(subset[1], namespaces=pipe.namespaces, pipe_id=pipe.id)
    except FindingsError as error:
        raise FindingsError(placed(error.diagnostics, pipe, f"{pipe.source_at}/subset/1")) from None
    return lambda entity: overlap(expression(around.context, S=entity), value)


def union_datasets(pipe: Pipe, around: Surroundings) -> LogSource:
    """Datasets one after the other; ids get the dataset's id in front unless `prefix_ids` is false."""
    inputs = [around.dataset(i) for i in pipe.source.get("datasets", ())]
    history = pipe.source.get("include_previous_versions") is True
    prefixed = pipe.source.get("prefix_ids") is not False
    log = around.derived(pipe)
    read = Inputs(pipe, around, inputs, derived_name(pipe))

    def refresh() -> None:
        for dataset, since in read.due:
            for entity in dataset.since(since, history=history):
                log.write({**entity, "_id": f"{dataset.id}:{entity['_id']}"} if prefixed else entity)
        read.done()

    return LogSource(pipe, log, inputs, around, refresh=refresh, history=history)


def merge_datasets(pipe: Pipe, around: Surroundings) -> LogSource:
    """One entity per id: the newest of all datasets, or with strategy `all` each of them under its dataset's id."""
    inputs = [around.dataset(i) for i in pipe.source.get("datasets", ())]
    everything = pipe.source.get("strategy") == "all"
    log = around.derived(pipe)
    read = Inputs(pipe, around, inputs, derived_name(pipe))

    def combined(entity_id: str) -> Entity:
        found = [(d, e) for d in inputs if (e := d.newest(entity_id)) is not None]
        if not everything:
            return max((e for _, e in found), key=lambda e: int(e["_ts"]))
        merged: Entity = {d.id: exported(e) for d, e in found}
        return {**merged, "_id": entity_id, "_deleted": all(e["_deleted"] for _, e in found)}

    def refresh() -> None:
        changed: dict[str, int] = {}
        for dataset, since in read.due:
            for entity in dataset.since(since):
                changed[entity["_id"]] = max(entity["_ts"], changed.get(entity["_id"], 0))
        for entity_id in sorted(changed, key=lambda i: (changed[i], i)):
            log.write(combined(entity_id))
        read.done()

    return LogSource(pipe, log, inputs, around, refresh=refresh)
