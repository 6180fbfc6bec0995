"""YAML with positions, read strictly: a key given twice is a fault, and every value is traceable to its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from dataflow.diagnostics import Diagnostic
from dataflow.errors import FindingsError
from dataflow.json_text import Fault, escaped
from dataflow.source import Document, finding, read_text, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_yaml(path: Path) -> Document:
    """Read one YAML file into plain values. Raises FindingsError with DF101, DF103, DF104 or DF105."""
    text = read_text(path).removeprefix("\ufeff")
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        nodes = dict(_nodes(root))
        repeated = list(_repeated_keys(nodes))
        value = None if root is None else loader.construct_document(root)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FindingsError([_malformed_yaml(path, text, error)]) from None
    if repeated:
        raise FindingsError([finding(path, text, fault) for fault in repeated])
    places = [(pointer, node.start_mark.index) for pointer, node in nodes.items()]
    return Document(path, text, value, lambda _: places)


def _nodes(root: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """Pointer and node of every value; what stands behind an alias is laid out once, at its anchor."""
    waiting: list[tuple[str, yaml.Node]] = [] if root is None else [("", root)]
    visited: set[int] = set()
    while waiting:
        pointer, node = waiting.pop()
        yield pointer, node
        if id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, yaml.MappingNode):
            inner = [(f"{pointer}/{escaped(str(key.value))}", value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            inner = [(f"{pointer}/{index}", value) for index, value in enumerate(node.value)]
        else:
            continue
        waiting += reversed(inner)


def _repeated_keys(nodes: dict[str, yaml.Node]) -> Iterator[Fault]:
    for pointer, node in nodes.items():
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            name = str(key.value)
            if name in seen:
                hint = "the second value would win; keep one"
                message = f'"{name}" is given twice in one mapping'
                yield Fault(key.start_mark.index, "DF103", message, f"{pointer}/{escaped(name)}", hint=hint)
            seen.add(name)


def _malformed_yaml(path: Path, text: str, error: Exception) -> Diagnostic:
    mark = getattr(error, "problem_mark", None)
    offset = getattr(error, "position", None) if mark is None else mark.index
    said = (getattr(error, name, None) for name in ("problem", "context", "reason"))
    message = str(next(filter(None, said), error))
    if offset is None:
        return Diagnostic("DF104", message, file=shown(path))
    return finding(path, text, Fault(offset, "DF104", message))
