"""An explained entity as text and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import encode
from dataflow.node.explain import value_at
from dataflow.report.results import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.node.explain import Link


def lines(link: Link, depth: int = 0) -> Iterator[str]:
    """One line per entity, what it came from indented below it; with values and rules on lines of their own."""
    indent = "  " * depth
    how = "" if link.via == "result" else f"{link.via}: "
    note = f"  ({link.note})" if link.note else ""
    gone = "  deleted" if (link.value or {}).get("_deleted") is True else ""
    yield f'{indent}{how}{link.pipe or link.dataset} "{link.entity}"{gone}{note}'
    for name in link.properties:
        yield f"{indent}    {name} = {shown(value_at(link.value or {}, name))}"
    for rule in link.rules:
        yield f"{indent}    by {rule.file}:{rule.line}  {rule.text}"
    for inner in link.inputs:
        yield from lines(inner, depth + 1)


def as_json(link: Link) -> dict[str, Any]:
    """The same as JSON values; entities in transit form, cut down to the properties asked for where any were."""
    value = link.value or {}
    shown_value = {name: value_at(value, name) for name in link.properties} if link.properties else value
    return {
        "pipe": link.pipe,
        "entity": link.entity,
        "dataset": link.dataset,
        "via": link.via,
        "value": encode(shown_value),
        "rules": [asdict(rule) for rule in link.rules],
        "note": link.note,
        "inputs": [as_json(inner) for inner in link.inputs],
    }
