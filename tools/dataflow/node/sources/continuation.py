"""How a source outside goes on where the run before it stopped.

Rules: hub/documentation/service-configuration/pipes/configuration-sources.rst (continuation support: strategies); node-semantics,
section 1.3.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dataflow.dtl.values import order_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dataflow.dtl.values import Entity, Value


class Strategy(StrEnum):
    CHRONOLOGICAL = "chronological"
    MAX = "max"
    NONE = "none"


def strategy_of(
    source: Mapping[str, Any], *, supports_since: bool, comparable: bool = True, chronological: bool = False
) -> Strategy:
    """The strategy of a source; the flags are the defaults of its type, for what its configuration leaves open."""
    if source.get("supports_since", supports_since) is not True:
        return Strategy.NONE
    if source.get("is_chronological", chronological) is True:
        return Strategy.CHRONOLOGICAL
    return Strategy.MAX if source.get("is_since_comparable", comparable) is True else Strategy.NONE


class Continuation:
    """Follows the `_updated` of the entities that are read; `reached` is where the next run goes on from, None before any."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self.reached: Value = None

    def following(self, entities: Iterable[Entity], since: Value, *, in_order: bool) -> Iterator[Entity]:
        """The entities as they come; read to their end, `reached` is the last `_updated` of those in order, else the highest."""
        last = since
        for entity in entities:
            updated = entity.get("_updated")
            if updated is not None and (in_order or last is None or order_key(updated) > order_key(last)):
                last = updated
            yield entity
        self.reached = last
