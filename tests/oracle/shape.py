"""The shape of a hops specification: its aliases, its conditions, which of them are joins, what it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.errors import DtlError
from oracle import paths
from oracle.scope import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

_PROPERTIES = {
    "datasets": list,
    "where": list,
    "return": (str, list),
    "recurse": bool,
    "max_depth": (int, type(None)),
    "exclude_root": bool,
    "subsets": dict,
    "track-dependencies": bool,
    "trace": bool,
}


def aliases(spec: dict[str, Any]) -> dict[str, str]:
    """alias -> dataset id, in the order given."""
    found: dict[str, str] = {}
    for text in spec["datasets"]:
        words = text.split() if type(text) is str else []
        if len(words) != 2 or words[1] in found or words[1] in VARIABLES:
            raise DtlError(f"hops needs a dataset and an alias of its own, not {text!r}")
        found[words[1]] = words[0]
    return found


def conditions(spec: dict[str, Any]) -> list[Any]:
    """The `where` expressions; `and` is flattened."""
    where = spec["where"]
    listed = [where] if type(where[0]) is str else where
    return [part for condition in listed for part in _flattened(condition)]


def _flattened(condition: Any) -> list[Any]:
    if type(condition) is list and condition[:1] == ["and"]:
        return [part for inner in condition[1:] for part in _flattened(inner)]
    return [condition]


def returned(spec: dict[str, Any]) -> list[str] | None:
    """The aliases whose entities are the result, or None when `return` is an expression."""
    known = aliases(spec)
    wanted = spec.get("return")
    if wanted is None:
        return list(known)[-1:]
    if type(wanted) is not str:
        return None
    names = [name.strip() for name in wanted.split(",")]
    return names if all(name in known for name in names) else None


def joins(listed: list[Any], own: dict[str, str], outer: Iterable[str]) -> list[bool]:
    """For each condition whether it is a join: the first `eq` between two aliases, or an `or` of such."""
    known = [*own, *outer]
    taken: set[frozenset[str]] = set()
    verdicts: list[bool] = []
    for condition in listed:
        pairs = _pairs(condition, own, known)
        verdicts.append(bool(pairs) and not any(pair in taken for pair in pairs))
        if verdicts[-1]:
            taken.update(pairs)
    return verdicts


def reachable(listed: list[Any], own: dict[str, str], outer: Iterable[str]) -> bool:
    """Whether joins lead from the source, or any other variable outside the hops, to every alias."""
    known = [*own, *outer]
    pairs = [pair for condition in listed for pair in _pairs(condition, own, known)]
    reached: set[str] = set()
    for _ in own:
        for pair in pairs:
            if any(name not in own or name in reached for name in pair):
                reached.update(name for name in pair if name in own)
    return len(reached) == len(own)


def _pairs(condition: Any, own: dict[str, str], known: list[str]) -> list[frozenset[str]]:
    """The two names each join in the condition connects; none when the condition is a filter."""
    if type(condition) is not list:
        return []
    if condition[0] == "or":
        branches = [_pairs(branch, own, known) for branch in condition[1:]]
        return [pair for branch in branches for pair in branch] if all(branches) else []
    if condition[0] != "eq" or len(condition) != 3:
        return []
    left, right = (_names(side, known) for side in condition[1:])
    if len(left) != 1 or len(right) != 1 or left == right or not (left | right) & set(own):
        return []
    return [frozenset(left | right)]


def _names(expression: Any, known: list[str]) -> set[str]:
    """The variables and aliases an expression refers to."""
    if type(expression) is str:
        path = paths.split(expression, known)
        return set() if path is None else {path[0]}
    if type(expression) is not list or expression[:1] == ["literal"]:
        return set()
    return {name for part in expression[1:] for name in _names(part, known)}


def check(spec: Any, *, last: bool, outer: Iterable[str]) -> None:
    """DtlError when the specification cannot be used."""
    if type(spec) is not dict:
        raise DtlError("a hops specification is an object")
    for name, value in spec.items():
        if name not in _PROPERTIES:
            raise DtlError(f"unknown hops property {name}")
        kinds = _PROPERTIES[name]
        if type(value) not in (kinds if type(kinds) is tuple else (kinds,)):
            raise DtlError(f"hops property {name} has the wrong type")
    if not spec.get("datasets") or not spec.get("where"):
        raise DtlError("hops needs datasets and where")
    if "return" in spec and (not last or spec.get("recurse") is True):
        raise DtlError("return belongs to the last hops specification and does not go with recurse")
    if not reachable(conditions(spec), aliases(spec), outer):
        raise DtlError("every alias must be joined, directly or through others, with the source")
