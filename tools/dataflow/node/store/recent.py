"""The versions that were asked for lately, decoded: many entities hop to the same few."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.dtl.values import Entity

MOST = 4_000


class Recent:
    """Two generations: a full young one becomes the old one, so that at least `most` and at most twice as many are held."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: dict[tuple[int, int], Entity] = {}
        self._old: dict[tuple[int, int], Entity] = {}

    def get(self, place: tuple[int, int]) -> Entity | None:
        found = self._young.get(place)
        if found is None:
            found = self._old.get(place)
            if found is not None:
                self.put(place, found)
        return found

    def clear(self) -> None:
        self._young, self._old = {}, {}

    def put(self, place: tuple[int, int], version: Entity) -> Entity:
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[place] = version
        return version
