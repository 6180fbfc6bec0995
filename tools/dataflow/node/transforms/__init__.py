"""What a pipe does to its entities, by the `type` of the transform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import FindingsError
from dataflow.node.transforms.children import emit_children
from dataflow.node.transforms.dtl import dtl
from dataflow.node.transforms.json_schema import json_schema
from dataflow.node.transforms.outside import outside
from dataflow.node.transforms.trigger import triggered
from dataflow.node.transforms.xml import xml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataflow.diagnostics import Diagnostic
    from dataflow.node.transforms.action import Action
    from dataflow.pipe import Pipe, Step

    Maker = Callable[[Step, Pipe], Action]

TRANSFORMS: dict[str, Maker] = {
    "dtl": dtl,
    "emit_children": emit_children,
    "json_schema": json_schema,
    "xml": xml,
}


def make_actions(pipe: Pipe, more: Mapping[str, Maker] | None = None) -> list[Action]:
    """The transforms of a pipe in their order; `more` holds makers for types that reach outside, which otherwise fail when used.

    Raises FindingsError with every fault of every transform.
    """
    actions: list[Action] = []
    faults: list[Diagnostic] = []
    for step in pipe.transforms:
        kind = str(step.config.get("type"))
        maker = (more or {}).get(kind) or TRANSFORMS.get(kind) or outside
        try:
            actions.append(triggered(maker(step, pipe), step, pipe))
        except FindingsError as error:
            faults += error.diagnostics
    if faults:
        raise FindingsError(faults)
    return actions
