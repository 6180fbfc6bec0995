"""Hops by brute force: every combination of entities, every condition (hub/dtl/dtl-functions-hops.rst, joins.rst)."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from dataflow.dtl.values import as_list, key, same, true
from oracle import shape

if TYPE_CHECKING:
    from oracle.interpreter import Interpreter
    from oracle.scope import Scope


def chain(interpreter: Interpreter, specs: list[dict[str, Any]], scope: Scope) -> list[Any]:
    """Several specs: what one finds are the sources of the next. Entities come out once, computed values as often as found."""
    sources = [scope.source]
    for spec in specs:
        found = [
            result
            for source in sources
            for result in (_recurse if spec.get("recurse") is True else _once)(
                interpreter, spec, scope.with_source(source)
            )
        ]
        sources = found if _computed(spec, scope) else _distinct(found)
    return sources


def _computed(spec: dict[str, Any], scope: Scope) -> bool:
    wanted = spec.get("return")
    return wanted is not None and shape.returned(spec) is None


def _distinct(entities: list[Any]) -> list[Any]:
    found: dict[Any, Any] = {}
    for entity in entities:
        found.setdefault(_identity(entity), entity)
    return list(found.values())


def _identity(entity: Any) -> Any:
    """Entities are told apart by `_id`; anything else a hops starts from is itself."""
    return key(entity["_id"] if type(entity) is dict and "_id" in entity else entity)


def _recurse(interpreter: Interpreter, spec: dict[str, Any], scope: Scope) -> list[Any]:
    """Breadth first: the root, then level after level, each entity once (max_depth: 10 unless given, null unlimited)."""
    depth = spec.get("max_depth", 10)
    seen = {_identity(scope.source)}
    results = [] if spec.get("exclude_root") is True else [scope.source]
    level = [scope.source]
    while level and (depth is None or depth > 0):
        below = _distinct([e for source in level for e in _once(interpreter, spec, scope.with_source(source))])
        level = [entity for entity in below if _identity(entity) not in seen]
        seen.update(map(_identity, level))
        results += level
        depth = None if depth is None else depth - 1
    return results


def _once(interpreter: Interpreter, spec: dict[str, Any], scope: Scope) -> list[Any]:
    aliases = shape.aliases(spec)
    tables = [_entities(interpreter, spec, alias, dataset, scope) for alias, dataset in aliases.items()]
    rows = [dict(zip(aliases, row, strict=True)) for row in product(*tables)]
    conditions = shape.conditions(spec)
    joins = shape.joins(conditions, aliases, scope.aliases)
    kept = [row for row in rows if _holds(interpreter, conditions, joins, scope.with_aliases(row))]
    wanted = shape.returned(spec)
    if wanted is not None:
        return _distinct([row[alias] for row in kept for alias in wanted])
    values = [interpreter.value(spec["return"], scope.with_aliases(row)) for row in kept]
    return [value for value in values if value is not None]


def _entities(interpreter: Interpreter, spec: dict[str, Any], alias: str, dataset: str, scope: Scope) -> list[Any]:
    entities = sorted(interpreter.context.dataset(dataset).live(), key=lambda entity: str(entity["_id"]))
    subset = spec.get("subsets", {}).get(alias)
    if subset is None:
        return entities
    return [
        entity
        for entity in entities
        if _overlap(*(interpreter.value(side, scope.with_source(entity)) for side in subset[1:]))
    ]


def _holds(interpreter: Interpreter, conditions: list[Any], joins: list[bool], scope: Scope) -> bool:
    return all(
        _joined(interpreter, condition, scope) if join else true(interpreter.value(condition, scope))
        for condition, join in zip(conditions, joins, strict=True)
    )


def _joined(interpreter: Interpreter, condition: list[Any], scope: Scope) -> bool:
    """A join holds when the value lists overlap; an `or` of joins when one of them does."""
    if condition[0] == "or":
        return any(_joined(interpreter, branch, scope) for branch in condition[1:])
    return _overlap(*(interpreter.value(side, scope) for side in condition[1:]))


def _overlap(left: Any, right: Any) -> bool:
    return any(same(a, b) for a in as_list(left) for b in as_list(right) if a is not None)
