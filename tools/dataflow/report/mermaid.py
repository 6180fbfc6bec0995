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
}
_DOT = {"dataset": "ellipse", "system": "cylinder", "global": "hexagon"}


def mermaid(picture: Picture) -> str:
    """A flowchart for Markdown; data that is only looked up comes along dotted lines."""
    names = _names(picture)
    lines = ["flowchart LR"]
    lines += [f"  {names[id_]}{_MERMAID[kind].format(_entities(label))}" for id_, label, kind in picture.items]
    lines += [
        f"  {names[tail]} {'-.->' if kind == 'hop' else '-->'} {names[head]}" for tail, head, kind in picture.arrows
    ]
    return "\n".join(lines) + "\n"


def dot(picture: Picture) -> str:
    """The same for `dot -Tsvg`."""
    lines = ["digraph dataflow {", "  rankdir=LR", "  node [shape=box]"]
    for id_, label, kind in picture.items:
        shape = f", shape={_DOT[kind]}" if kind in _DOT else ""
        lines.append(f"  {_quoted(id_)} [label={_quoted(label)}{shape}]")
    for tail, head, kind in picture.arrows:
        lines.append(f"  {_quoted(tail)} -> {_quoted(head)}" + (" [style=dashed]" if kind == "hop" else ""))
    return "\n".join([*lines, "}"]) + "\n"


def graph_json(picture: Picture) -> str:
    """The same for programs: `nodes` of `id, label, kind` and `edges` of `from, to, kind`."""
    nodes = [item._asdict() for item in picture.items]
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
