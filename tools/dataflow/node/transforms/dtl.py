"""The dtl transform.

Rules: hub/documentation/service-configuration/pipes/configuration-transforms-dtl.rst; node-semantics, section 3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl import compile_rules
from dataflow.dtl.inverse import STEADY
from dataflow.errors import FindingsError
from dataflow.node.places import placed
from dataflow.node.transforms.action import Action

if TYPE_CHECKING:
    from dataflow.dtl import Transform
    from dataflow.pipe import Pipe, Step


def dtl(step: Step, pipe: Pipe) -> Action:
    """Raises FindingsError with the faults of the rules, at their place in the pipe."""
    transform = step.compiled or _compile(step, pipe)
    return Action(
        step.pointer,
        transform,
        hops=tuple(transform.hops),
        looked_up=frozenset(transform.facts.looked_up),
        makes_children=_calls(transform.rules, "create-child"),
        steady=not transform.facts.flags - STEADY,
        config=step.config,
        rules=transform,
    )


def _compile(step: Step, pipe: Pipe) -> Transform:
    """What the package could not be loaded with is compiled once more, for its faults."""
    required = step.config.get("id_required") is not False
    try:
        return compile_rules(
            step.config.get("rules"), pipe_id=pipe.id, namespaces=pipe.namespaces, id_required=required
        )
    except FindingsError as error:
        raise FindingsError(placed(error.diagnostics, pipe, f"{step.pointer}/rules")) from None


def _calls(rules: Any, function: str) -> bool:
    if type(rules) is list:
        return rules[:1] == [function] or any(_calls(element, function) for element in rules)
    return type(rules) is dict and any(_calls(element, function) for element in rules.values())
