from __future__ import annotations

import json

from dataflow.report.mermaid import dot, graph_json, mermaid
from dataflow.report.picture import Arrow, Item, Picture

PICTURE = Picture(
    (
        Item("system:crm", "crm", "system"),
        Item("pipe:a-b", 'say "a#b"', "pipe"),
        Item("pipe:a_b", "a\\b", "pipe"),
        Item("dataset:d", "d", "dataset"),
        Item("global:g", "g", "global"),
    ),
    (Arrow("system:crm", "pipe:a-b", "flow"), Arrow("dataset:d", "pipe:a_b", "hop")),
)


def test_mermaid() -> None:
    assert mermaid(PICTURE) == (
        "flowchart LR\n"
        '  system_crm[("crm")]\n'
        '  pipe_a_b["say #quot;a#35;b#quot;"]\n'
        '  pipe_a_b_["a\\b"]\n'
        '  dataset_d(["d"])\n'
        '  global_g{{"g"}}\n'
        "  system_crm --> pipe_a_b\n"
        "  dataset_d -.-> pipe_a_b_\n"
    )


def test_dot() -> None:
    assert dot(PICTURE) == (
        "digraph dataflow {\n"
        "  rankdir=LR\n"
        "  node [shape=box]\n"
        '  "system:crm" [label="crm", shape=cylinder]\n'
        '  "pipe:a-b" [label="say \\"a#b\\""]\n'
        '  "pipe:a_b" [label="a\\\\b"]\n'
        '  "dataset:d" [label="d", shape=ellipse]\n'
        '  "global:g" [label="g", shape=hexagon]\n'
        '  "system:crm" -> "pipe:a-b"\n'
        '  "dataset:d" -> "pipe:a_b" [style=dashed]\n'
        "}\n"
    )


def test_json() -> None:
    value = json.loads(graph_json(PICTURE))
    assert value["nodes"][0] == {"id": "system:crm", "label": "crm", "kind": "system"}
    assert value["edges"] == [
        {"from": "system:crm", "to": "pipe:a-b", "kind": "flow"},
        {"from": "dataset:d", "to": "pipe:a_b", "kind": "hop"},
    ]
