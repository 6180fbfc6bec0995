"""The equality rules of a merge source: which expression of which dataset must share a value with which other.

Rules: configuration-sources-merge.rst (`equality`, `equality_sets`); hub/dtl/joins.rst; node-semantics, section 2.1 (2) and (8).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.dtl import compile_expression
from dataflow.dtl.joins import keys, plain_property
from dataflow.dtl.scope import renamed, variables_in
from dataflow.errors import FindingsError
from dataflow.node.places import placed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from dataflow.diagnostics import Diagnostic
    from dataflow.dtl import Context, Expression
    from dataflow.dtl.values import Entity
    from dataflow.pipe import Pipe


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a rule: an expression on the entities of the dataset at `position` in the source."""

    position: int
    alias: str
    expression: Expression
    # The property that the expression reads, when that is all it does.
    plain: str | None

    def keys(self, entity: Entity, context: Context) -> Iterable[Hashable]:
        """The values an entity can be equal by, each once; null gives none."""
        value = entity.get(self.plain) if self.plain is not None else self.expression(context, **{self.alias: entity})
        found = keys(value)
        return found if len(found) < 2 else dict.fromkeys(found)


def _rules(pipe: Pipe) -> Iterator[tuple[Any, str, Any, str]]:
    """(left, its pointer, right, its pointer) of every rule; a set is the chain of its neighbours."""
    for index, rule in enumerate(_listed(pipe, "equality")):
        at = f"{pipe.source_at}/equality/{index}"
        if type(rule) is not list or len(rule) != 3 or rule[0] != "eq":
            fault = "an equality rule must be an eq of two expressions"
            raise FindingsError([pipe.document.diagnostic("DF408", fault, at, expected='["eq", "a.x", "b.x"]')])
        yield rule[1], f"{at}/1", rule[2], f"{at}/2"
    for index, chain in enumerate(_listed(pipe, "equality_sets")):
        at = f"{pipe.source_at}/equality_sets/{index}"
        if type(chain) is not list:
            raise FindingsError(
                [pipe.document.diagnostic("DF408", "an equality set must be a list of expressions", at)]
            )
        for right in range(1, len(chain)):
            yield chain[right - 1], f"{at}/{right - 1}", chain[right], f"{at}/{right}"


def _listed(pipe: Pipe, name: str) -> list[Any]:
    rules = pipe.source.get(name) or []
    if type(rules) is not list:
        raise FindingsError([pipe.document.diagnostic("DF408", f"{name} must be a list", f"{pipe.source_at}/{name}")])
    return rules


def equality_sides(pipe: Pipe, aliases: Sequence[str]) -> list[Side]:
    """Two sides per rule, one behind the other. Raises FindingsError with every fault (DF405, DF408 and those of DTL)."""
    sides: list[Side] = []
    faults: list[Diagnostic] = []
    compiled: dict[str, Side] = {}
    for left, left_at, right, right_at in _rules(pipe):
        for expression, pointer in ((left, left_at), (right, right_at)):
            spelled = json.dumps(expression)
            try:
                side = compiled[spelled] = compiled.get(spelled) or _side(expression, pointer, pipe, aliases)
                sides.append(side)
            except FindingsError as error:
                faults += error.diagnostics
    if faults:
        raise FindingsError(faults)
    return sides


def _side(expression: Any, pointer: str, pipe: Pipe, aliases: Sequence[str]) -> Side:
    named = sorted(variables_in(expression, set(aliases)) & set(aliases))
    if len(named) != 1:
        fault = f"each side of an equality rule refers to one dataset; this one refers to {len(named)}"
        expected = f"an expression on one of {', '.join(aliases)}"
        raise FindingsError([pipe.document.diagnostic("DF405", fault, pointer, expected=expected)])
    alias = named[0]
    try:
        compiled = compile_expression(expression, aliases=[alias], namespaces=pipe.namespaces, pipe_id=pipe.id)
    except FindingsError as error:
        raise FindingsError(placed(error.diagnostics, pipe, pointer)) from None
    plain = plain_property(renamed(expression, alias, "_S"), pipe.namespaces)
    return Side(list(aliases).index(alias), alias, compiled, plain)
