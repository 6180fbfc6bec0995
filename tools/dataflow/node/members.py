"""The entities that a merge source compares, and the values they are equal by.

Members that share a value of an equality rule are one group, transitively. Groups are found by walking from member to member
through the values they share, and only from members that have changed, so that a change costs what it touches.

Rules: configuration-sources-merge.rst, hub/dtl/joins.rst; node-semantics, section 2.1 (2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    # (number of a side of the equality rules, value) of everything that an entity can be equal by.
    Values = list[tuple[int, Hashable]]


class Members:
    """Members have numbers; all that is known of member n stands at n. `places` are (position of the dataset, entity id).

    `deleted` are those that are equal to nothing. The sides of a rule have the numbers 2n and 2n + 1.
    """

    def __init__(self, datasets: int, sides: int) -> None:
        self.places: list[tuple[int, str]] = []
        self.deleted: set[int] = set()
        self._numbers: list[dict[str, int]] = [{} for _ in range(datasets)]
        self._values: list[Values] = []
        # Per side: value -> the members that have it.
        self._having: list[dict[Hashable, set[int]]] = [{} for _ in range(sides)]

    def put(self, position: int, entity_id: str, values: Values, *, deleted: bool) -> int:
        """Note what a member is equal by from now on; its number."""
        numbers = self._numbers[position]
        number = numbers.get(entity_id)
        if number is None:
            number = numbers[entity_id] = len(self.places)
            self.places.append((position, entity_id))
            self._values.append(values)
        else:
            for side, value in self._values[number]:
                having = self._having[side][value]
                having.discard(number)
                if not having:
                    del self._having[side][value]
            self._values[number] = values
        for side, value in values:
            self._having[side].setdefault(value, set()).add(number)
        if deleted:
            self.deleted.add(number)
        else:
            self.deleted.discard(number)
        return number

    def groups(self, touched: Iterable[int]) -> Iterator[list[int]]:
        """The groups that the touched members are in, each ordered by dataset and id; deleted ones are in none."""
        visited: set[int] = set()
        walked: set[tuple[int, Hashable]] = set()
        for start in touched:
            if start in visited or start in self.deleted:
                continue
            visited.add(start)
            group = [start]
            for number in group:
                for side, value in self._values[number]:
                    partners = self._having[side ^ 1].get(value)
                    if partners is None or (side >> 1, value) in walked:
                        continue
                    walked.add((side >> 1, value))
                    new = (partners | self._having[side][value]) - visited
                    visited |= new
                    group += new
            if len(group) > 1:
                group.sort(key=self.places.__getitem__)
            yield group
