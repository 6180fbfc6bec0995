"""Sources that hold their entities themselves, or get them from others: embedded, empty, http_endpoint.

Rules: configuration-sources-embedded.rst, configuration-sources-http-endpoint.rst; node-semantics, section 2.
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from dataflow.digits import number
from dataflow.dtl.transit import TransitError, decode
from dataflow.errors import FindingsError
from dataflow.node.dataset import NOTHING
from dataflow.node.packed import pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.dtl.values import Entity, Value
    from dataflow.node.sources.source import Surroundings
    from dataflow.pipe import Pipe


class Fixed:
    """A list of entities that never changes; every reading gives all of it."""

    datasets: tuple[str, ...] = ()
    continues = False
    in_order = False

    def __init__(self, entities: Sequence[Entity] = ()) -> None:
        self._entities = entities
        # Somebody may have edited them by the time a store is opened again.
        self._end = int.from_bytes(blake2b(pack(entities), digest_size=6).digest()) if entities else 0

    def end(self) -> int:
        return self._end

    def read(self, since: Value = NOTHING) -> Iterator[Entity]:
        return iter(self._entities)

    def again(self, until: Value) -> Iterator[Entity]:
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
    given = pipe.source.get("entities", [])
    if _has_floats(given):
        given = _exactly(given, pipe.document.exact(f"{pipe.source_at}/entities"))
    for position, entity in enumerate(given):
        try:
            entities.append(decode(entity))
        except TransitError as error:
            faults.append(pipe.document.diagnostic("DF201", str(error), f"{pipe.source_at}/entities/{position}"))
    if faults:
        raise FindingsError(faults)
    return Fixed(entities)


def _has_floats(value: Any) -> bool:
    if type(value) in (dict, list):
        return any(map(_has_floats, value.values() if type(value) is dict else value))
    return type(value) is float


def _exactly(value: Any, written: Any) -> Any:
    """Configuration has floats, entities have none: each becomes what the file says, and its shortest digits where that differs."""
    if type(value) is dict:
        there = written if type(written) is dict else {}
        return {name: _exactly(inner, there.get(name)) for name, inner in value.items()}
    if type(value) is list:
        beside = written if type(written) is list and len(written) == len(value) else [None] * len(value)
        return [_exactly(inner, other) for inner, other in zip(value, beside, strict=True)]
    if type(value) is not float:
        return value
    return written if type(written) in (int, Decimal) else number(repr(value))


def empty(pipe: Pipe, around: Surroundings) -> Fixed:
    return Fixed()


def receiver(pipe: Pipe, around: Surroundings) -> Fixed:
    """Entities arrive by `Node.post`; there is nothing to be read."""
    return Fixed()
