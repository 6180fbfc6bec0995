"""A sieve of ids: says of most ids that a large table does not have them, without a look at it (a Bloom filter of two probes)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# A megabyte. A million ids leave one look in twenty that was for nothing.
BITS = 1 << 23
_MASK = BITS - 1


class Sieve:
    """Good for one process: where an id lies depends on the hashes of texts there."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._bits = bytearray(BITS >> 3)
        self.add(ids)

    def add(self, ids: Iterable[str]) -> None:
        bits = self._bits
        for entity_id in ids:
            number = hash(entity_id)
            first, second = number & _MASK, (number >> 23) & _MASK
            bits[first >> 3] |= 1 << (first & 7)
            bits[second >> 3] |= 1 << (second & 7)

    def lacks(self, entity_id: str) -> bool:
        """Whether an id was surely never added."""
        number = hash(entity_id)
        first = number & _MASK
        if not self._bits[first >> 3] >> (first & 7) & 1:
            return True
        second = (number >> 23) & _MASK
        return not self._bits[second >> 3] >> (second & 7) & 1
