"""A HOPS_SPEC as it stands in a rule: read, checked, and put in the order in which its aliases are bound.

Rules: hub/dtl/dtl-functions-hops.rst, hub/dtl/joins.rst; DTL semantics, section 18.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.dtl.facts import Role
from dataflow.dtl.scope import variables_in

if TYPE_CHECKING:
    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.place import Place

_KEYS = (
    "datasets",
    "where",
    "return",
    "recurse",
    "exclude_root",
    "max_depth",
    "track-dependencies",
    "subsets",
    "prefilters",
    "trace",
)


@dataclass(slots=True)
class Join:
    """Alternatives (one, unless an `or` of joins) of (expression on known values, expression on the alias joined)."""

    alias: str
    sides: list[tuple[Any, Any]]
    pointer: tuple[str | int, ...]


@dataclass(slots=True)
class Spec:
    """One HOPS_SPEC, read and checked: `order` binds each alias by a join, then tests the filters it makes possible."""

    raw: dict[str, Any]
    aliases: dict[str, str]
    pointer: str
    order: list[tuple[Join, list[tuple[Any, tuple[str | int, ...], bool]]]] = field(default_factory=list)

    @property
    def last(self) -> str:
        """The alias that is given on where nothing is returned."""
        return list(self.aliases)[-1]

    @property
    def recurses(self) -> bool:
        return bool(self.raw.get("recurse"))

    @property
    def returned(self) -> list[str] | None:
        """The aliases that are returned; None when an expression is."""
        returned = self.raw.get("return", self.last)
        wanted = [name.strip() for name in returned.split(",")] if type(returned) is str else []
        return wanted if wanted and all(name in self.aliases for name in wanted) else None

    @property
    def depth(self) -> int | None:
        """How far a recursion goes at most."""
        depth = self.raw.get("max_depth", 10)
        return depth if type(depth) is int else None

    def subset(self, alias: str) -> Any:
        """What the alias is restricted to, or None."""
        return (self.raw.get("subsets") or self.raw.get("prefilters") or {}).get(alias)

    def role(self, alias: str, rule: str) -> Role:
        return Role(rule, alias, self.pointer)


def read(compiler: Compiler, raw: Any, place: Place, *, last: bool) -> Spec | None:
    """The HOPS_SPEC at a place, the `last` of a chain or not; None when something in it is wrong, which is reported."""
    if type(raw) is not dict:
        compiler.fault(
            "DF408", "a hops specification must be an object", place, expected='{"datasets": [...], "where": [...]}'
        )
        return None
    before = len(compiler.diagnostics)
    for name in raw:
        if name not in _KEYS:
            compiler.fault("DF408", f'unknown key "{name}" in hops', place.at(name), hint=did_you_mean(name, _KEYS))
    aliases = _aliases(compiler, raw.get("datasets"), place)
    for name in ("subsets", "prefilters"):
        if type(raw.get(name) or {}) is not dict:
            compiler.fault(
                "DF408", f'"{name}" must be an object', place.at(name), expected='{"<alias>": ["eq", ..., ...]}'
            )
    if "return" in raw and (not last or raw.get("recurse")):
        compiler.fault(
            "DF408", '"return" can only stand in the last specification, and not beside "recurse"', place.at("return")
        )
    if aliases is None or len(compiler.diagnostics) > before:
        return None
    spec = Spec(raw, aliases, place.pointer)
    _plan(compiler, spec, place)
    return spec if len(compiler.diagnostics) == before else None


def _aliases(compiler: Compiler, datasets: Any, place: Place) -> dict[str, str] | None:
    """alias -> dataset id."""
    if type(datasets) is not list or not datasets:
        compiler.fault("DF408", 'hops need "datasets"', place, expected='a list such as ["orders o"]')
        return None
    aliases: dict[str, str] = {}
    for index, text in enumerate(datasets):
        parts = text.split() if type(text) is str else []
        if len(parts) != 2:
            compiler.fault(
                "DF408", "expected a dataset and its alias", place.at("datasets", index), expected='"<dataset> <alias>"'
            )
        elif parts[1] in aliases:
            compiler.fault("DF408", f'alias "{parts[1]}" is given twice', place.at("datasets", index))
        else:
            aliases[parts[1]] = parts[0]
    return aliases or None


def _conjuncts(where: Any, at: tuple[str | int, ...]) -> list[tuple[Any, tuple[str | int, ...]]]:
    """The conditions that must all hold: a list, an `and`, or a single expression."""
    if type(where) is list and where and where[0] == "and":
        return [c for i, w in enumerate(where[1:], start=1) for c in _conjuncts(w, (*at, i))]
    if type(where) is list and where and type(where[0]) is list:
        return [c for i, w in enumerate(where) for c in _conjuncts(w, (*at, i))]
    return [] if where is None or where == [] else [(where, at)]


def _sides(condition: Any, names: set[str]) -> tuple[str, Any, str, Any] | None:
    """(name, expression, name, expression) of an `eq` that can be a join; "" stands for everything outside the hops."""
    if type(condition) is not list or len(condition) != 3 or condition[0] != "eq":
        return None
    sides: list[Any] = []
    for expression in condition[1:]:
        found = {name if name in names else "" for name in variables_in(expression, names)}
        if len(found) != 1:
            return None
        sides += [found.pop(), expression]
    return None if sides[0] == sides[2] else (sides[0], sides[1], sides[2], sides[3])


def _plan(compiler: Compiler, spec: Spec, place: Place) -> None:
    """Bind aliases one by one, each through a join with what is bound already; the rest are filters."""
    names = set(spec.aliases)
    joins: list[tuple[frozenset[str], list[tuple[str, Any, str, Any]], tuple[str | int, ...]]] = []
    filters: list[tuple[Any, tuple[str | int, ...], bool]] = []
    pairs: set[frozenset[str]] = set()
    for condition, at in _conjuncts(spec.raw.get("where"), ("where",)):
        alternatives = condition[1:] if type(condition) is list and condition[:1] == ["or"] else [condition]
        sides = [_sides(alternative, names) for alternative in alternatives]
        ends = {frozenset((s[0], s[2])) for s in sides if s is not None}
        if None in sides or len(ends) != 1 or ends <= pairs:
            # Between the same two aliases only the first `eq` joins; the others compare exactly (changelog 2017-11-15).
            filters.append((condition, at, False))
            continue
        pairs |= ends
        joins.append((next(iter(ends)), [s for s in sides if s is not None], at))
    bound = {""}
    unbound = list(spec.aliases)
    while unbound:
        chosen = next(((a, j) for a in unbound for j in joins if a in j[0] and (j[0] - {a}) <= bound), None)
        if chosen is None:
            aliases = ", ".join(f'"{a}"' for a in unbound)
            compiler.fault(
                "DF405",
                f"{aliases} cannot be reached from the source through joins",
                place.at("where") if "where" in spec.raw else place,
                expected='an "eq" in "where" between the alias and _S, or an alias that is joined already',
                hint='an "eq" against a constant only filters',
            )
            return
        alias, join = chosen
        joins.remove(join)
        unbound.remove(alias)
        bound.add(alias)
        spec.order.append(
            (Join(alias, [(s[1], s[3]) if s[2] == alias else (s[3], s[1]) for s in join[1]], join[2]), [])
        )
        for other in [j for j in joins if j[0] <= bound]:
            joins.remove(other)
            spec.order[-1][1].append((["or", *(["eq", s[1], s[3]] for s in other[1])], other[2], True))
        for item in [f for f in filters if {n for n in variables_in(f[0], names) if n in names} <= bound]:
            filters.remove(item)
            spec.order[-1][1].append(item)
