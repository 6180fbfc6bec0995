"""One transform of a pipe, ready to be run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dataflow.dtl import Context
    from dataflow.dtl.facts import Hop
    from dataflow.dtl.values import Entity


def _always(entity: Entity, context: Context) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """`run` gives what one entity becomes; `hops` and `looked_up` are what it reads beside its source.

    One with `effects` changes something outside when it runs. `concerns` tells the entities it does anything to.
    """

    pointer: str
    run: Callable[[Entity, Context], Iterable[Entity]]
    hops: tuple[Hop, ...] = field(default=())
    looked_up: frozenset[str] = field(default=frozenset())
    makes_children: bool = False
    effects: bool = False
    concerns: Callable[[Entity, Context], bool] = _always
