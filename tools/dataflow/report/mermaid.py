"""Graphs as Mermaid and as Graphviz dot."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.report.picture import Picture

# What a label is put between.
_MERMAID = {
    "pipe": '["{}"]',
    "dataset": '(["{}"])',
    "system": '[("{}")]',
    "collected": '["{}"]',
    "global": '{{{{"{}"}}}}',
    "target": '["{}"]',
    "datatype": '["{}"]',
}
_ARROWS = {"flow": "-->", "hop": "-.->", "both": "<-->"}
_DOT_ARROWS = {"hop": " [style=dashed]", "both": " [dir=both]"}
_DOT = {"dataset": "ellipse", "system": "cylinder", "global": "hexagon"}


def mermaid(picture: Picture) -> str:
    """A flowchart for Markdown; data that is only looked up comes along dotted lines."""
    names = _names(picture)
    lines = ["flowchart LR"]
    for group in dict.fromkeys(item.group for item in picture.items):
        inner = "    " if group else "  "
        lines += [f"  subgraph {group}"] if group else []
        for id_, label, kind, its_group in picture.items:
            if its_group == group:
                lines.append(f"{inner}{names[id_]}{_MERMAID[kind].format(_entities(label))}")
        lines += ["  end"] if group else []
    lines += [f"  {names[tail]} {_ARROWS[kind]} {names[head]}" for tail, head, kind in picture.arrows]
    return "\n".join(lines) + "\n"


def dot(picture: Picture) -> str:
    """The same for `dot -Tsvg`."""
    lines = ["digraph dataflow {", "  rankdir=LR", "  node [shape=box]"]
    for id_, label, kind, _ in picture.items:
        shape = f", shape={_DOT[kind]}" if kind in _DOT else ""
        lines.append(f"  {_quoted(id_)} [label={_quoted(label)}{shape}]")
    for tail, head, kind in picture.arrows:
        lines.append(f"  {_quoted(tail)} -> {_quoted(head)}" + _DOT_ARROWS.get(kind, ""))
    return "\n".join([*lines, "}"]) + "\n"


def graph_json(picture: Picture) -> str:
    """The same for programs: `nodes` of `id, label, kind` and, within a system, `group`; `edges` of `from, to, kind`."""
    nodes = [{k: v for k, v in item._asdict().items() if v} for item in picture.items]
    edges = [{"from": tail, "to": head, "kind": kind} for tail, head, kind in picture.arrows]
    return json.dumps({"nodes": nodes, "edges": edges}, indent=2, ensure_ascii=False) + "\n"


def _names(picture: Picture) -> dict[str, str]:
    """Ids that Mermaid takes; two that would become the same are told apart."""
    names: dict[str, str] = {}
    for item in picture.items:
        name = re.sub(r"\W", "_", item.id, flags=re.ASCII)
        while name in names.values():
            name += "_"
        names[item.id] = name
    return names


def _entities(label: str) -> str:
    return label.replace("#", "#35;").replace('"', "#quot;")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
