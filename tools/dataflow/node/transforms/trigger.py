"""`trigger_on`: a transform that touches only the entities it is meant for.

Rules: configuration-transforms-dtl.rst (`trigger_on`), and the same on the other transforms; node-semantics, section 3.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dataflow.dtl import compile_expression, transit
from dataflow.dtl.joins import plain_property
from dataflow.dtl.values import as_list, same
from dataflow.errors import FindingsError
from dataflow.node.places import placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.transforms.action import Action
    from dataflow.pipe import Pipe, Step


def triggered(action: Action, step: Step, pipe: Pipe) -> Action:
    """The action, behind the condition its configuration has; entities that do not meet it pass as they are."""
    condition = step.config.get("trigger_on")
    if condition is None:
        return action
    at = f"{step.pointer}/trigger_on"
    if type(condition) is not dict or "value" not in condition:
        expected = '{"key": "_trigger", "value": "insert"}'
        raise FindingsError([pipe.document.diagnostic("DF202", "trigger_on needs a value", at, expected=expected)])
    expression = f"_S.{condition.get('key', '_trigger')}"
    try:
        path = compile_expression(expression, namespaces=pipe.namespaces, pipe_id=pipe.id)
    except FindingsError as error:
        raise FindingsError(placed(error.diagnostics, pipe, f"{at}/key")) from None
    matches = _matcher(transit.decode(condition["value"]))
    run = action.run

    # What most conditions look at, and every entity passes by one.
    name = plain_property(expression, pipe.namespaces)

    def concerns(entity: Entity, context: Context) -> bool:
        found = path(context, S=entity) if name is None else entity.get(name)
        return any(map(matches, as_list(found)))

    def maybe(entity: Entity, context: Context) -> Iterable[Entity]:
        return run(entity, context) if concerns(entity, context) else (entity,)

    return replace(action, run=maybe, concerns=concerns)


def _matcher(wanted: Value) -> Callable[[Value], bool]:
    """Texts match with `*` for any text; every other value must be the same."""
    if type(wanted) is not str or "*" not in wanted:
        return lambda value: same(value, wanted)
    pattern = re.compile(".*".join(map(re.escape, wanted.split("*"))), re.DOTALL)
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None
