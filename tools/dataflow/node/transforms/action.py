"""One transform of a pipe, ready to be run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.dtl.passing import passes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from dataflow.dtl import Context, Transform
    from dataflow.dtl.facts import Hop
    from dataflow.dtl.values import Entity


def _always(entity: Entity, context: Context) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """`run` gives what one entity becomes, and `together`, where there is one, what several become at once.

    `hops` and `looked_up` are what it reads beside its source. One with `effects` changes something outside when it runs.
    `concerns` tells the entities it does anything to.

    `steady` says that what it makes of an entity depends on nothing but the entity and its `config`, at all times. `rules` are
    those of a dtl transform.
    """

    pointer: str
    run: Callable[[Entity, Context], Iterable[Entity]]
    hops: tuple[Hop, ...] = field(default=())
    looked_up: frozenset[str] = field(default=frozenset())
    makes_children: bool = False
    effects: bool = False
    concerns: Callable[[Entity, Context], bool] = _always
    steady: bool = False
    config: dict[str, Any] = field(default_factory=dict)
    rules: Transform | None = None
    together: Callable[[Sequence[Entity], Context], Iterable[Entity]] | None = None

    @property
    def reads(self) -> frozenset[str | None]:
        """The root properties it may read, as in `dataflow.dtl.facts.Facts`."""
        return frozenset({None}) if self.rules is None else frozenset(self.rules.reads)

    def passes(self, names: Collection[str | None]) -> bool:
        """Whether whatever comes out has these root properties as it went in with them."""
        return self.rules is not None and passes(self.rules.rules, names, self.rules.namespaces)
