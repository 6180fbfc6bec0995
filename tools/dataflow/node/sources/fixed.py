"""Sources that hold their entities themselves, or get them from others: embedded, empty, http_endpoint.

Rules: configuration-sources-embedded.rst, configuration-sources-http-endpoint.rst; node-semantics, section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.transit import TransitError, decode
from dataflow.errors import FindingsError
from dataflow.node.dataset import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.dtl.values import Entity
    from dataflow.node.sources.source import Surroundings
    from dataflow.pipe import Pipe


class Fixed:
    """A list of entities that never changes; every reading gives all of it."""

    datasets: tuple[str, ...] = ()
    continues = False

    def __init__(self, entities: Sequence[Entity] = ()) -> None:
        self._entities = entities

    def end(self) -> int:
        return 0

    def read(self, since: int = NOTHING) -> Iterator[Entity]:
        return iter(self._entities)

    def again(self, until: int) -> Iterator[Entity]:
        return iter(self._entities)

    def previous(self, entity: Entity) -> Entity | None:
        return None

    def populated(self) -> bool:
        return True

    def waits(self) -> str | None:
        return None


def embedded(pipe: Pipe, around: Surroundings) -> Fixed:
    """Entities in the order of the configuration, out of their transit form; `_id` may be missing."""
    entities = []
    faults = []
    for position, entity in enumerate(pipe.source.get("entities", ())):
        try:
            entities.append(decode(entity))
        except TransitError as error:
            faults.append(pipe.document.diagnostic("DF201", str(error), f"{pipe.source_at}/entities/{position}"))
    if faults:
        raise FindingsError(faults)
    return Fixed(entities)


def empty(pipe: Pipe, around: Surroundings) -> Fixed:
    return Fixed()


def receiver(pipe: Pipe, around: Surroundings) -> Fixed:
    """Entities arrive by `Node.post`; there is nothing to be read."""
    return Fixed()
