"""Joins the other way round: what one side of a join makes of an entity, as a function that indexes are built with.

Rules: hub/dtl/joins.rst, hub/dtl/caveats.rst (dependency tracking inverts the hops).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.dtl import transit
from dataflow.dtl.expression import compile_expression
from dataflow.dtl.joins import PropertyKeys, index_name, keys, overlap, plain_property
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from dataflow.dtl.context import Context, Keys
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Entity

# What a function may need and still give the same for the same entity for ever.
STEADY = frozenset({"namespaces", "effect"})


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a join: `name` is that of an index of `keys`, `reads` are the root properties it reads (as `Facts.reads`)."""

    name: str
    keys: Keys
    reads: frozenset[str | None]


def side(expression: Any, context: Context, *, namespaces: Namespaces, pipe_id: str, subset: Any = None) -> Side | None:
    """The side of a join that an expression on `_S` is; None when it depends on more than the entity it is evaluated on."""
    compiled = compile_expression(expression, namespaces=namespaces, pipe_id=pipe_id)
    if compiled.facts.flags - STEADY:
        return None
    name, reads = index_name(expression, subset, namespaces), frozenset(compiled.facts.reads)
    plain = plain_property(expression, namespaces) if subset is None else None
    if plain is not None:
        return Side(name, PropertyKeys(plain), reads)
    if subset is not None:
        member = compile_expression(subset[1], namespaces=namespaces, pipe_id=pipe_id)
        value = transit.decode(subset[2])

    def of(entity: Entity) -> Sequence[Hashable]:
        # What fails on an entity joins it with nothing: a run fails on it in its own time.
        try:
            if subset is not None and not overlap(member(context, S=entity), value):
                return ()
            return keys(compiled(context, S=entity))
        except DtlError:
            return ()

    return Side(name, of, reads)
