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
    from collections.abc import Callable, Iterable, Mapping

    from dataflow.diagnostics import Diagnostic
    from dataflow.node.transforms.action import Action
    from dataflow.pipe import Pipe, Step

    # What one transform of a pipe becomes: an action, or the several that a template stands for.
    Maker = Callable[[Step, Pipe], Action | list[Action]]

TRANSFORMS: dict[str, Callable[[Step, Pipe], Action]] = {
    "dtl": dtl,
    "emit_children": emit_children,
    "json_schema": json_schema,
    "xml": xml,
}


def make_actions(
    pipe: Pipe, more: Mapping[str, Maker] | None = None, steps: Iterable[Step] | None = None
) -> list[Action]:
    """The transforms of a pipe in their order; `more` holds makers for types that reach outside, which otherwise fail when used.

    `steps` are others than those of its configuration. Raises FindingsError with every fault of every transform.
    """
    actions: list[Action] = []
    faults: list[Diagnostic] = []
    for step in pipe.transforms if steps is None else steps:
        kind = str(step.config.get("type"))
        maker = (more or {}).get(kind) or TRANSFORMS.get(kind) or outside
        try:
            made = maker(step, pipe)
            actions += made if isinstance(made, list) else [triggered(made, step, pipe)]
        except FindingsError as error:
            faults += error.diagnostics
    if faults:
        raise FindingsError(faults)
    return actions
