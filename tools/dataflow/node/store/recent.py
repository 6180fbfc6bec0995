"""The versions that were asked for lately, decoded: many entities hop to the same few."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.dtl.values import Entity

# Bytes that the versions of one generation are packed in. In memory a version takes three to five times as much.
SIZE = 3_000_000


class Recent:
    """Two generations: a full young one becomes the old one, so that at least `size` and at most twice as much is held."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._room = size
        self._young: dict[tuple[int, int], tuple[Entity, int]] = {}
        self._old: dict[tuple[int, int], tuple[Entity, int]] = {}

    def get(self, place: tuple[int, int]) -> Entity | None:
        found = self._young.get(place)
        if found is None:
            found = self._old.get(place)
            if found is None:
                return None
            self.put(place, *found)
        return found[0]

    def clear(self) -> None:
        self._young, self._old = {}, {}

    def put(self, place: tuple[int, int], version: Entity, size: int) -> Entity:
        """Keep a version that is packed in so many bytes."""
        if self._room <= 0:
            self._old, self._young = self._young, {}
            self._room = self._size
        self._room -= size
        self._young[place] = version, size
        return version
