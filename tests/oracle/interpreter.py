"""The tree walker: expressions, special forms and rules, as the semantics state them (hub/dtl/*.rst)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dataflow.dtl.functions  # noqa: F401 - importing it fills the registry
from dataflow.dtl.context import Context
from dataflow.dtl.namespaces import Namespaces
from dataflow.dtl.registry import lookup
from dataflow.dtl.transit import decode, text_value
from dataflow.dtl.values import as_list, same, true
from dataflow.errors import DtlError
from oracle import check, hops, paths, transforms
from oracle.scope import Scope, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.signature import Signature

_DEEPEST = 50


def evaluate(
    expression: Any,
    *,
    source: Any = None,
    target: Any = None,
    context: Context | None = None,
    rules: dict[str, Any] | None = None,
    namespaces: Namespaces | None = None,
) -> Any:
    """The value of one expression; DataflowError when it is malformed or fails."""
    interpreter = Interpreter(rules or {}, context, namespaces)
    check.expression(expression, interpreter.rules)
    return interpreter.value(expression, interpreter.scope(source, {} if target is None else target))


def run(
    rules: dict[str, Any],
    source: Any,
    target: dict[str, Any],
    *,
    context: Context | None = None,
    namespaces: Namespaces | None = None,
    id_required: bool = True,
) -> tuple[dict[str, Any] | None, list[dict[str, Any]], str]:
    """The `default` rule as it stands: (target or None, created entities, "kept", "filtered" or "discarded")."""
    check.rules(rules)
    interpreter = Interpreter(rules, context, namespaces, id_required=id_required)
    try:
        transforms.body(interpreter, rules["default"], interpreter.scope(source, target))
    except Stopped as stop:
        return None, interpreter.created, stop.state
    return target, interpreter.created, "kept"


def transform(
    rules: dict[str, Any],
    source: dict[str, Any],
    *,
    context: Context | None = None,
    namespaces: Namespaces | None = None,
    id_required: bool = True,
) -> list[dict[str, Any]]:
    """What a dtl transform emits for one source entity: created entities, then the target, filtered or not.

    The target starts with the source's `_id` and, when that is true, `_deleted` (node-semantics, section 3.1).
    """
    start: dict[str, Any] = {name: source[name] for name in ("_id", "_deleted") if name in source}
    if start.get("_deleted") is not True:
        start.pop("_deleted", None)
    target, created, state = run(rules, source, start, context=context, namespaces=namespaces, id_required=id_required)
    if type(start.get("_id")) is not str:
        if target is not None and id_required:
            raise DtlError("the result needs a string _id")
        return created
    if state == "filtered":
        return [*created, {"_id": start["_id"], "_filtered": True}]
    return created if target is None else [*created, target]


class Interpreter:
    """One run: the rules, the surroundings, and the entities created so far."""

    def __init__(
        self,
        rules: dict[str, Any],
        context: Context | None = None,
        namespaces: Namespaces | None = None,
        *,
        id_required: bool = True,
    ) -> None:
        self.rules = rules
        self.context = context or Context()
        self.namespaces = namespaces or Namespaces()
        self.id_required = id_required
        self.created: list[dict[str, Any]] = []
        self._depth = 0

    def scope(self, source: Any, target: Any) -> Scope:
        return Scope(source, target, self.context.parameters)

    def value(self, expression: Any, scope: Scope) -> Any:
        """A string is a path or itself, an array a call, an object data, everything else itself."""
        if type(expression) is str:
            return self._text(expression, scope)
        if type(expression) is list:
            return self._call(expression[0], expression[1:], scope)
        return decode(expression)

    def true(self, expression: Any, scope: Scope) -> bool:
        return true(self.value(expression, scope))

    def _text(self, text: str, scope: Scope) -> Any:
        path = paths.split(text, scope.aliases)
        if path is None:
            return text_value(text)
        variable, elements = path
        start = scope.variable(variable)
        if elements[:1] == ["$ids"] and (variable == "_S" or variable in scope.aliases):
            start = paths.with_ids(start, self.namespaces)
        return paths.follow(start, elements, self.namespaces)

    def _call(self, name: str, arguments: list[Any], scope: Scope) -> Any:
        form = _FORMS.get(name)
        if form is not None:
            return form(self, arguments, scope)
        function = lookup(name, "expression")
        if function is None or function.call is None:
            raise DtlError(f"unknown function {name}")
        signature = function.signature_for(len(arguments))
        if signature is None:
            raise DtlError(f"{name} does not take {len(arguments)} arguments")
        surroundings: list[Any] = [self.context] if function.context else []
        if "namespaces" in function.flags:
            surroundings.append(self.namespaces)
        return function.call(*surroundings, *self._arguments(signature, arguments, scope))

    def _arguments(self, signature: Signature, arguments: list[Any], scope: Scope) -> list[Any]:
        assigned = signature.assign(len(arguments))
        pairs = list(zip(assigned, arguments, strict=True))
        if signature.group is not None:
            return [self._argument(parameter.type, argument, scope) for parameter, argument in pairs]
        values: list[Any] = []
        for parameter in signature.parameters:
            mine = [self._argument(p.type, argument, scope) for p, argument in pairs if p is parameter]
            values += mine if mine or parameter.most is None else [None]
        return values

    def _argument(self, kind: str, argument: Any, scope: Scope) -> Any:
        if kind in ("function-expression", "default-value-expression"):
            return lambda value: self.value(argument, scope.with_current(value))
        return self.value(argument, scope)

    def apply(self, rule: str, value: Any, scope: Scope) -> list[Any]:
        """[target] of a rule applied to one value, [] when the rule filters or discards it."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise DtlError("rules apply each other without end")
        inner = scope.rule(value)
        try:
            transforms.body(self, self.rules[rule], inner)
        except Stopped:
            return []
        finally:
            self._depth -= 1
        return [inner.target]


def equal(a: Any, b: Any) -> bool:
    """`eq`: both sides as whole lists; null equals null only (hub/dtl/dtl-functions-comparisons.rst)."""
    if a is None or b is None:
        return a is None and b is None
    return same(as_list(a), as_list(b))


def _if(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    if self.true(arguments[0], scope):
        return self.value(arguments[1], scope)
    return self.value(arguments[2], scope) if len(arguments) == 3 else None


def _case(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    branch = chosen(arguments, lambda condition: self.true(condition, scope))
    return self.value(branch[0], scope) if branch else None


def _case_eq(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    value = self.value(arguments[0], scope)
    branch = chosen(arguments[1:], lambda candidate: equal(value, self.value(candidate, scope)))
    return self.value(branch[0], scope) if branch else None


def chosen(arguments: list[Any], holds: Callable[[Any], bool]) -> list[Any]:
    """[THEN] of the first pair that holds, else [ELSE] when there is one, else []."""
    for position in range(0, len(arguments) - 1, 2):
        if holds(arguments[position]):
            return [arguments[position + 1]]
    return arguments[-1:] if len(arguments) % 2 else []


def _and(self: Interpreter, arguments: list[Any], scope: Scope) -> bool:
    return all(self.true(argument, scope) for argument in arguments)


def _or(self: Interpreter, arguments: list[Any], scope: Scope) -> bool:
    return any(self.true(argument, scope) for argument in arguments)


def _not(self: Interpreter, arguments: list[Any], scope: Scope) -> bool:
    return not _and(self, arguments, scope)


def _coalesce_args(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    for argument in arguments:
        value = self.value(argument, scope)
        if value is not None:
            return value
    return None


def _literal(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    return decode(arguments[0])


def _path(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    names = [name for name in as_list(self.value(arguments[0], scope)) if type(name) is str]
    return paths.follow(self.value(arguments[1], scope), names, self.namespaces)


def _apply(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    values = self.value(arguments[1], scope)
    if type(values) is list:
        return [result for value in values for result in self.apply(arguments[0], value, scope)]
    if values is None:
        return None
    results = self.apply(arguments[0], values, scope)
    return results[0] if results else None


def _hops(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    return hops.chain(self, arguments, scope)


def _apply_hops(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    found = hops.chain(self, arguments[1:], scope)
    return [result for value in found for result in self.apply(arguments[0], value, scope)]


def _lookup_entity(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    dataset, entity = (self.value(argument, scope) for argument in arguments)
    if type(dataset) is not str or type(entity) is not str:
        return None
    return self.context.dataset(dataset).latest(entity)


def _is_changed(self: Interpreter, arguments: list[Any], scope: Scope) -> Any:
    if self.context.previous is None:
        return None
    before = self.context.previous(scope.source)
    if before is None:
        return None
    if any(type(version) is dict and version.get("_deleted") is True for version in (before, scope.source)):
        return True
    old, new = (self.value(arguments[0], scope.with_current(version)) for version in (before, scope.source))
    return not same(old, new)


_FORMS: dict[str, Callable[[Interpreter, list[Any], Scope], Any]] = {
    "if": _if,
    "case": _case,
    "case-eq": _case_eq,
    "and": _and,
    "or": _or,
    "not": _not,
    "coalesce-args": _coalesce_args,
    "literal": _literal,
    "path": _path,
    "apply": _apply,
    "apply-hops": _apply_hops,
    "hops": _hops,
    "lookup-entity": _lookup_entity,
    "is-changed": _is_changed,
}
