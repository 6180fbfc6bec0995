"""In which order pipes run: along the flow of data.

Rules: node-semantics, section 5.8; sesam-py 2.11, `run`; hub/dtl/dtl-functions-hops.rst: a dataset that is populated on load is
where a package says that a cycle may be entered, so a hop to it does not hold back whoever hops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.graph import DATASET, PIPE, Edge, Graph, Node

if TYPE_CHECKING:
    from collections.abc import Collection

    from dataflow.node.pipeline import Pipeline


def run_order(pipelines: Collection[Pipeline]) -> tuple[tuple[str, ...], ...]:
    """Pipe ids, those that depend on one another in a circle standing together, in the order they run in."""
    open_on_load = {p.sink.dataset.id for p in pipelines if p.sink is not None and p.sink.populates == "onload"}
    edges: set[Edge] = set()
    for pipeline in pipelines:
        own = Node(PIPE, pipeline.id)
        beside = pipeline.hopped | pipeline.looked_up
        edges |= {Edge(Node(DATASET, name), own, "hop") for name in beside & open_on_load}
        edges |= {Edge(Node(DATASET, i), own, "source") for i in {*pipeline.source.datasets, *(beside - open_on_load)}}
        if pipeline.sink is not None:
            edges.add(Edge(own, Node(DATASET, pipeline.sink.dataset.id), "sink"))
    nodes = {Node(PIPE, pipeline.id) for pipeline in pipelines} | {node for edge in edges for node in edge[:2]}
    return Graph(tuple(sorted(nodes)), tuple(sorted(edges))).components()
