from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.graph import Edge, Graph, Node, build, hop_datasets
from dataflow.project import load_project
from package_files import dtl, pipe, write_package

if TYPE_CHECKING:
    from pathlib import Path


def hop(dataset: str) -> list[Any]:
    return ["add", "x", ["hops", {"datasets": [f"{dataset} d"], "where": [["eq", "_S._id", "d._id"]]}]]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (None, []),
        ({"default": [["copy", "*"]]}, []),
        ({"default": [hop("a")]}, [("a", "/default/0/2/1/datasets/0")]),
        ({"default": [["add", "x", ["lookup-entity", "a", "_S.b"]]]}, [("a", "/default/0/2/1")]),
        (
            {"default": [["add", "x", ["apply-hops", "other", {"datasets": ["a x", "b y"]}, {"datasets": ["c z"]}]]]},
            [
                ("a", "/default/0/2/2/datasets/0"),
                ("b", "/default/0/2/2/datasets/1"),
                ("c", "/default/0/2/3/datasets/0"),
            ],
        ),
        (
            {"default": [["if", ["eq", 1, 1], [["merge", hop("a")[2]]]]], "a/b": [hop("b")]},
            [("a", "/default/0/2/0/1/1/datasets/0"), ("b", "/a~1b/0/2/1/datasets/0")],
        ),
        (
            {"default": [["add", "x", ["hops", {"datasets": ["a x"], "return": ["hops", {"datasets": ["b y"]}]}]]]},
            [("a", "/default/0/2/1/datasets/0"), ("b", "/default/0/2/1/return/1/datasets/0")],
        ),
        ({"default": [["comment", hop("a")], ["add", "x", ["literal", hop("a")]], [], 1, {"hops": ["a"]}]}, []),
        ({"default": [["hops", {"datasets": [1, "", " "]}], ["hops", {"datasets": "a"}], ["lookup-entity"]]}, []),
    ],
)
def test_datasets_that_rules_hop_to(rules: Any, expected: list[tuple[str, str]]) -> None:
    assert [(found.name, found.pointer) for found in hop_datasets(rules)] == expected


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """Two systems kept in step: collect, merge, transform, share, and a hop from the log back to what was collected."""
    rest = {"type": "rest", "system": "crm", "operation": "o"}
    system = {
        "_id": "crm",
        "type": "system:rest",
        "url_pattern": "x",
        "operations": {"o": {"url": "x", "method": "GET"}},
    }
    conditional = {
        "type": "conditional",
        "condition": "test",
        "alternatives": {"test": {"type": "empty"}, "prod": rest},
    }
    return build(
        load_project(
            write_package(
                tmp_path,
                system,
                pipe("crm-a-all", conditional),
                pipe("crm-a-collect", {"type": "dataset", "dataset": "crm-a-all"}, transform=dtl(hop("log"))),
                pipe("global-a", {"type": "merge", "datasets": ["crm-a-collect c"]}),
                pipe(
                    "crm-a-share",
                    {"type": "dataset", "dataset": "global-a"},
                    transform=[rest, {**rest, "side_effects": True}],
                    sink={"type": "dataset", "dataset": "log"},
                ),
                pipe("log-endpoint", {"type": "dataset", "dataset": "log"}, sink={"type": "http_endpoint"}),
            )
        )
    )


def test_who_reads_and_writes_what(graph: Graph) -> None:
    crm = Node("system", "crm")

    def own(name: str) -> Node:
        return Node("pipe", name)

    def dataset(name: str) -> Node:
        return Node("dataset", name)

    assert set(graph.edges) == {
        Edge(crm, own("crm-a-all"), "system"),
        Edge(own("crm-a-all"), dataset("crm-a-all"), "sink"),
        Edge(dataset("crm-a-all"), own("crm-a-collect"), "source"),
        Edge(dataset("log"), own("crm-a-collect"), "hop"),
        Edge(own("crm-a-collect"), dataset("crm-a-collect"), "sink"),
        Edge(dataset("crm-a-collect"), own("global-a"), "source"),
        Edge(own("global-a"), dataset("global-a"), "sink"),
        Edge(dataset("global-a"), own("crm-a-share"), "source"),
        Edge(crm, own("crm-a-share"), "system"),
        Edge(own("crm-a-share"), crm, "system"),
        Edge(own("crm-a-share"), dataset("log"), "sink"),
        Edge(dataset("log"), own("log-endpoint"), "source"),
    }
    assert {node.id for node in graph.nodes if node.kind == "dataset"} == {
        "crm-a-all",
        "crm-a-collect",
        "global-a",
        "log",
    }
    assert graph.readers("log") == ("crm-a-collect", "log-endpoint")
    assert graph.writers("log") == ("crm-a-share",)


def test_a_circle_stands_together_in_the_order_of_sources(graph: Graph) -> None:
    assert graph.components() == (
        ("crm-a-all",),
        ("crm-a-collect", "global-a", "crm-a-share"),
        ("log-endpoint",),
    )
    assert graph.order() == ("crm-a-all", "crm-a-collect", "global-a", "crm-a-share", "log-endpoint")


def test_neighbours_end_at_the_next_pipe(graph: Graph) -> None:
    near = graph.neighbours("global-a")
    assert [node.id for node in near.nodes if node.kind == "pipe"] == ["crm-a-collect", "crm-a-share", "global-a"]
    assert [node.id for node in near.nodes if node.kind == "dataset"] == ["crm-a-collect", "global-a"]
    assert len(near.edges) == 4


def test_a_pipe_that_hops_to_its_own_dataset_is_no_circle_with_others(tmp_path: Path) -> None:
    package = write_package(
        tmp_path, pipe("b", transform=dtl(hop("b"))), pipe("a", {"type": "dataset", "dataset": "b"})
    )
    assert build(load_project(package)).components() == (("b",), ("a",))


def test_long_chains_are_no_matter() -> None:
    def link(number: int) -> list[Edge]:
        own, dataset = Node("pipe", f"{number:05}"), Node("dataset", f"{number:05}")
        return [Edge(own, dataset, "sink"), Edge(dataset, Node("pipe", f"{number + 1:05}"), "source")]

    edges = [edge for number in range(3000) for edge in link(number)]
    nodes = {node for edge in edges for node in edge[:2]}
    assert Graph(tuple(sorted(nodes)), tuple(edges)).order() == tuple(f"{number:05}" for number in range(3001))


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7))))
def test_components_are_circles_and_nothing_else_and_come_in_order(links: set[tuple[int, int]]) -> None:
    edges = [Edge(Node("pipe", str(n)), Node("dataset", str(n)), "sink") for n in range(8)]
    edges += [Edge(Node("dataset", str(a)), Node("pipe", str(b)), "source") for a, b in sorted(links)]
    graph = Graph(tuple(Node("pipe", str(n)) for n in range(8)), tuple(edges))
    reach = {n: {n} for n in range(8)}
    for _ in range(8):
        for a, b in links:
            for n in range(8):
                if a in reach[n]:
                    reach[n].add(b)
    parts = graph.components()
    assert sorted(graph.order()) == [str(n) for n in range(8)]
    position = {int(pipe): index for index, part in enumerate(parts) for pipe in part}
    for a in range(8):
        for b in range(8):
            together = a in reach[b] and b in reach[a]
            assert (position[a] == position[b]) == together
            if b in reach[a] and not together:
                assert position[a] < position[b]
