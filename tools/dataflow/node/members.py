"""The entities that a merge source compares, and the values they are equal by.

Members that share a value of an equality rule are one group, transitively. Groups are found by walking from member to member
through the values they share, and only from members that have changed, so that a change costs what it touches.

Rules: configuration-sources-merge.rst, hub/dtl/joins.rst; node-semantics, section 2.1 (2).
"""

from __future__ import annotations

from array import array
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    # (number of a side of the equality rules, value) of everything that an entity can be equal by.
    Values = list[tuple[int, Hashable]]


class Members:
    """Members have numbers; all that is known of member n stands at n.

    `deleted` are those that are equal to nothing. The sides of a rule have the numbers 2n and 2n + 1.
    """

    def __init__(self, datasets: int, sides: int) -> None:
        self._positions = array("H")
        self._ids: list[str] = []
        self.deleted: set[int] = set()
        self._numbers: list[dict[str, int]] = [{} for _ in range(datasets)]
        # Sides and values in turn: a tuple for each pair would take more room than what is in it.
        self._values: list[tuple[Any, ...]] = []
        # Per side: value -> the members that have it; mostly that is one, and a set of one takes as much room as eight numbers.
        self._having: list[dict[Hashable, int | set[int]]] = [{} for _ in range(sides)]

    def __len__(self) -> int:
        return len(self._ids)

    def place(self, number: int) -> tuple[int, str]:
        """The position of the dataset, and the id of the entity."""
        return self._positions[number], self._ids[number]

    def put(self, position: int, entity_id: str, values: Values, *, deleted: bool) -> int:
        """Note what a member is equal by from now on; its number."""
        numbers = self._numbers[position]
        number = numbers.get(entity_id)
        values = [(side, _short(value)) for side, value in values]
        flat = tuple(chain.from_iterable(values))
        if number is None:
            number = numbers[entity_id] = len(self._ids)
            self._positions.append(position)
            self._ids.append(entity_id)
            self._values.append(flat)
        else:
            for side, value in _pairs(self._values[number]):
                self._drop(side, value, number)
            self._values[number] = flat
        for side, value in values:
            self._add(side, value, number)
        if deleted:
            self.deleted.add(number)
        else:
            self.deleted.discard(number)
        return number

    def _add(self, side: int, value: Hashable, number: int) -> None:
        having = self._having[side]
        before = having.setdefault(value, number)
        if isinstance(before, set):
            before.add(number)
        elif before != number:
            having[value] = {before, number}

    def _drop(self, side: int, value: Hashable, number: int) -> None:
        having = self._having[side]
        before = having[value]
        if isinstance(before, set):
            before.discard(number)
            if len(before) == 1:
                having[value] = before.pop()
        else:
            del having[value]

    def _with(self, side: int, value: Hashable) -> set[int]:
        """The members that have a value on a side."""
        having = self._having[side].get(value)
        return set() if having is None else having if isinstance(having, set) else {having}

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
                for side, value in _pairs(self._values[number]):
                    partners = self._with(side ^ 1, value)
                    if not partners or (side >> 1, value) in walked:
                        continue
                    walked.add((side >> 1, value))
                    new = (partners | self._with(side, value)) - visited
                    visited |= new
                    group += new
            if len(group) > 1:
                group.sort(key=self.place)
            yield group


def _short(value: Any) -> Any:
    """A value as equal to others as it was, that takes less room: of a typed text and its type only the text, which has a tag."""
    kind = type(value)
    if kind is str:
        return f"~{value}" if value[:1] == "~" else value
    if kind is tuple and type(value[0]) is type:
        return value[1]
    return value


def _pairs(flat: tuple[Any, ...]) -> Iterator[tuple[int, Hashable]]:
    return zip(flat[::2], flat[1::2], strict=True)
