"""Rules applied to values at run time, and the effects a rule can have on its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl.targets import Patterns, Stop, patterns_of
from dataflow.dtl.values import as_list, kind_name, same
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataflow.dtl.context import Context
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Entity, Value

    Rule = Callable[[Value, Entity, Any, Any, Context, list[Entity]], Any]


class TripCircuitBreaker(DtlError):
    """`trip!`: the pump fails, and the sink's circuit breaker is tripped."""


def apply(rule: Rule, values: Value, parent: Any, root: Any, ctx: Context, out: list[Entity]) -> Value:
    """Run a rule on a value, or on each of a list, with a fresh target; given-up values are left out."""
    if type(values) is list:
        results = [rule(value, {}, parent, root, ctx, out) for value in values]
        return [result for result in results if type(result) is not Stop]
    if values is None:
        return None
    result = rule(values, {}, parent, root, ctx, out)
    return None if type(result) is Stop else result


def snapshot(value: Value) -> Value:
    """A target, or a context that holds targets, as it is now."""
    if type(value) is not dict:
        return value
    return {k: snapshot(v) if k in ("_T", "_P") else v for k, v in value.items()}


def is_changed(function: Callable[[Value], Value], entity: Value, ctx: Context) -> bool | None:
    """Whether a function gives something else for this version than for the one before it; null when there is none."""
    previous = ctx.previous(entity) if ctx.previous is not None else None
    if previous is None:
        return None
    # In an applied rule the source may be any value.
    if any(type(version) is dict and version.get("_deleted") is True for version in (previous, entity)):
        return True
    return not same(function(entity), function(previous))


def matching(value: Value, namespaces: Namespaces) -> Patterns:
    """Patterns that are known only at run time."""
    return Patterns(patterns_of(value), namespaces)


def spread(values: Value) -> list[Value]:
    """Names given as one string or a list."""
    return as_list(values)


def fail(message: Value) -> None:
    raise DtlError(_text(message))


def trip(message: Value) -> None:
    raise TripCircuitBreaker(_text(message))


def _text(message: Value) -> str:
    return message if type(message) is str else f"a message of type {kind_name(message)}: {message}"


def sleep(seconds: Value, ctx: Context) -> None:
    if type(seconds) is int and seconds > 0:
        ctx.clock.sleep(seconds)


def looped(rules: Any) -> set[str]:
    """Names of rules that nothing applies but hops: they are given all entities at once."""
    hopped: set[str] = set()
    single = {"default"}
    todo = [rules]
    while todo:
        node = todo.pop()
        if type(node) is dict:
            todo += node.values()
        elif type(node) is list:
            todo += node
            if len(node) > 1 and type(node[1]) is str:
                if node[0] == "apply-hops":
                    hopped.add(node[1])
                elif node[0] == "apply":
                    single.add(node[1])
    return hopped - single


def plainly_applied(rules: Any) -> Iterator[str]:
    """Names of rules that may be given something other than an entity: those of `apply`, and of hops that return values."""
    if type(rules) is dict:
        for value in rules.values():
            yield from plainly_applied(value)
    elif type(rules) is list:
        if len(rules) > 1 and rules[0] == "apply" and type(rules[1]) is str:
            yield rules[1]
        if len(rules) > 2 and rules[0] == "apply-hops" and type(rules[1]) is str:
            last = rules[-1]
            if type(last) is not dict or last.get("return") is not None:
                yield rules[1]
        for value in rules:
            yield from plainly_applied(value)
