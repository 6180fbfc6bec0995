"""The emit_children transform.

Rules: configuration-transforms-emit-children.rst; node-semantics, section 3.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.values import as_list
from dataflow.node.transforms.action import Action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.pipe import Pipe, Step


def emit_children(step: Step, pipe: Pipe) -> Action:
    return Action(step.pointer, _children, steady=True, config=step.config)


def _children(entity: Entity, context: Context) -> Iterator[Entity]:
    """The entities under `$children` that have an `_id`, instead of their parent; those of a deleted parent are deleted."""
    gone = entity.get("_deleted") is True
    for child in as_list(entity.get("$children")):
        if type(child) is dict and child.get("_id") is not None:
            yield {**child, "_deleted": True} if gone else child
