"""The rest transform: what a REST system answers to an operation, for each entity.

Rules: configuration-transforms-rest.rst; decisions 0431, 0433.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.errors import FindingsError, PumpFailed
from dataflow.node.rest.operation import Operation, Use
from dataflow.node.rest.pages import Asking, Pages
from dataflow.node.rest.places import calling
from dataflow.node.transforms.action import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.rest.client import Clients
    from dataflow.node.rest.page import Page
    from dataflow.pipe import Pipe, Step


def rest(step: Step, pipe: Pipe, clients: Clients) -> Action:
    """Raises FindingsError (DF205) for an `if_transform_empty` that is not known."""
    empty = step.config.get("if_transform_empty", "accept")
    # "allow" stands in the documentation's own prototype.
    if empty not in ("accept", "allow", "fail"):
        fault, at = f'"if_transform_empty" is not "{empty}"', f"{step.pointer}/if_transform_empty"
        raise FindingsError([pipe.document.diagnostic("DF205", fault, at, expected='"accept" or "fail"')])
    transform = RestTransform(step, clients)
    return Action(step.pointer, transform, effects=step.config.get("side_effects", True) is not False)


class RestTransform:
    def __init__(self, step: Step, clients: Clients) -> None:
        self._config = step.config
        self._where = step.pointer
        self._clients = clients
        self._operations: dict[str, Operation] = {}

    def __call__(self, entity: Entity, context: Context) -> Iterable[Entity]:
        """Raises PumpFailed, and CallFailed when an answer is not what it has to be."""
        with calling(self._where, entity.get("_id")):
            operation = self._operation(entity)
            pages = list(Pages(operation, asking_for(entity)))
            results = list(self._results(entity, operation, pages))
            if not results and self._config.get("if_transform_empty") == "fail":
                raise PumpFailed(f'operation "{operation.name}" gave no entities, and if_transform_empty is fail')
            return results

    def _operation(self, entity: Entity) -> Operation:
        name = operation_name(entity, self._config)
        if name not in self._operations:
            client = self._clients.of(self._config.get("system"))
            self._operations[name] = Operation(client, name, self._config, Use.TRANSFORM)
        return self._operations[name]

    def _results(self, entity: Entity, operation: Operation, pages: Sequence[Page]) -> Iterable[Entity]:
        if not pages:
            return
        last = pages[-1]
        name = str(operation.setting("response_property", "response"))
        extras: dict[str, Any] = {}
        if self._config.get("response_include_content_type") is True:
            extras["content-type"] = last.answer.headers.get("Content-Type")
        if self._config.get("replace_entity") is True:
            if not last.is_json:
                yield {"_id": entity.get("_id"), name: last.body, **extras}
                return
            for one in _together([page.result for page in pages], always_list=True):
                if type(one) is not dict:
                    problem = "the answer has no entities where they should be: each has to be an object"
                    raise operation.client.connection.failure(last.call, problem, last.answer)
                yield one
            return
        if operation.setting("response_status_property") is not None:
            extras[str(operation.setting("response_status_property"))] = last.answer.status
        if operation.setting("response_headers_property") is not None:
            extras[str(operation.setting("response_headers_property"))] = dict(last.answer.headers)
        found = [_identified(operation, page) for page in pages]
        yield {**entity, name: _together(found), **extras}


def _identified(operation: Operation, page: Page) -> Value:
    """The part of an answer that counts, its objects with the `_id` and `_updated` that the operation gives them."""
    expressions = {"_id": operation.id_expression, "_updated": operation.updated_expression}
    wanted = {name: template for name, template in expressions.items() if template is not None}
    if not wanted or not page.is_json or not page.answer.ok:
        return page.result

    def whole(row: Value) -> Value:
        if type(row) is not dict:
            return row
        values = {
            name: template.value(page.variables(row)) for name, template in wanted.items() if row.get(name) is None
        }
        return {**row, **{name: value for name, value in values.items() if value is not None}}

    return [whole(row) for row in page.result] if type(page.result) is list else whole(page.result)


def _together(results: Sequence[Value], *, always_list: bool = False) -> Any:
    """What one page gave as it is, and the entities of several in one list."""
    if len(results) == 1 and not always_list:
        return results[0]
    return [row for one in results if one is not None for row in (one if type(one) is list else [one])]


def operation_name(entity: Entity, config: dict[str, Any]) -> str:
    """The operation an entity asks for, or else the one that is configured. Raises PumpFailed without either."""
    name = entity.get("operation")
    name = config.get("operation") if name is None else name
    if type(name) is not str:
        raise PumpFailed("no operation is given: neither by the entity, nor by the configuration")
    return name


def asking_for(entity: Entity) -> Asking:
    """What an entity brings along for the operation."""
    properties = entity.get("properties")
    return Asking(entity, entity.get("payload"), properties if type(properties) is dict else None)
