"""Transforms that reach outside, or that the node does not know: an entity that gets that far ends the run of the pipe.

Rules: configuration-transforms-template.rst (what the built-in templates need); node-semantics, section 3.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.errors import NotRunHere
from dataflow.node.kinds import absence
from dataflow.node.transforms.action import Action
from dataflow.node.transforms.builtin import NAMES, builtin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.pipe import Pipe, Step


def outside(step: Step, pipe: Pipe) -> Action:
    """An action that raises NotRunHere for every entity."""
    kind = step.config.get("type")
    needs = _template(step.config) if kind == "template" else ""

    def refuse(entity: Entity, context: Context) -> Iterable[Entity]:
        raise NotRunHere(
            f'a transform of type "{kind}" {absence("transform", kind)}{needs}; '
            "give it a conditional transform whose alternative for this profile is a stub",
            where=step.pointer,
            entity=entity.get("_id"),
        )

    return Action(step.pointer, refuse)


def _template(config: dict[str, Any]) -> str:
    """What a template would call and look into, as far as its configuration tells."""
    name, given = config.get("template"), config.get("properties")
    if type(name) is not str:
        return ""
    if name not in NAMES:
        return f" (template {name!r} is none of {', '.join(NAMES)})"
    given = given if type(given) is dict else {}
    template = builtin(name)
    called = [str(given.get(key, default)) for key, default in template.operations.items() if given.get(key, default)]
    needs = f'{name} calls {", ".join(called) or "no operation"} of REST system "{given.get("rest_system")}"'
    if "share_dataset" in template.required:
        needs += f' and hops to dataset "{given.get("share_dataset")}"'
    missing = template.missing(given)
    return f" ({needs}" + (f"; it lacks {', '.join(missing)})" if missing else ")")
