"""Merging: entities of several datasets that are the same thing become one entity.

Members that share a value of an equality rule are one group, transitively. Groups are found by walking from member to member
through the values they share, and only from members that have changed, so that a change costs what it touches.

Rules: hub/documentation/service-configuration/pipes/configuration-sources-merge.rst; node-semantics, section 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.dtl.values import NI, as_list
from dataflow.errors import FindingsError, PumpFailed
from dataflow.node.combine import STRATEGIES
from dataflow.node.dataset import NOTHING, Dataset
from dataflow.node.equality import equality_sides

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity, Value
    from dataflow.pipe import Pipe

MAX_MERGED = 50_000
IDENTITIES = ("composite", "first")


@dataclass(eq=False, slots=True)
class Group:
    """Numbers of members in the order of datasets and ids, and the id they have together; a deleted member is on its own."""

    members: list[int]
    result: str
    deleted: bool


class Merge:
    """Keeps `log` equal to the merge of the inputs: every group once, deleted members on their own.

    An id that no longer stands for a group gets a last version `{_id, _deleted: true, $replaced: true}`.
    """

    def __init__(
        self, pipe: Pipe, aliases: Sequence[str], inputs: Sequence[Dataset], context: Context, log: Dataset
    ) -> None:
        """Raises FindingsError with the faults of the equality rules, or DF205 for an unknown identity or strategy."""
        source = pipe.source
        self.log = log
        # What an earlier process has left there may stand for groups that are no more.
        self._resumes = log.offset != NOTHING
        self._inputs = inputs
        self._context = context
        self._namespaces = pipe.namespaces
        self._config = source
        self._composite = _choice(pipe, "identity", IDENTITIES, "composite") == "composite"
        self._combine = STRATEGIES[_choice(pipe, "strategy", STRATEGIES, "default")]
        self._max_merged = source.get("max_merged", MAX_MERGED)
        self._sides = equality_sides(pipe, aliases)
        self._sides_of: list[list[int]] = [
            [number for number, side in enumerate(self._sides) if side.position == position]
            for position in range(len(inputs))
        ]
        self._read = [NOTHING] * len(inputs)
        # Members have numbers; all that is known of member n stands at n.
        self._numbers: list[dict[str, int]] = [{} for _ in inputs]
        self._places: list[tuple[int, str]] = []
        self._entities: list[Entity] = []
        self._values: list[list[tuple[int, Hashable]]] = []
        self._group_of: list[Group | None] = []
        # Per side: value -> the members that have it.
        self._having: list[dict[Hashable, set[int]]] = [{} for _ in self._sides]
        # Result id -> the groups that have it: one, unless ids of different datasets clash.
        self._standing: dict[str, list[Group]] = {}
        self._oversized: dict[str, list[int]] = {}

    def refresh(self) -> None:
        """Take in what has changed since the last time.

        Raises DtlError when an equality rule fails on an entity, before anything is taken in; PumpFailed as long as there is a
        group of more than `max_merged` members, which is left out.
        """
        touched = self._take_in()
        changed = self._retire(touched)
        for members in self._regroup(touched):
            # A changed member may have joined a group that was not touched so far.
            changed |= self._retire(members)
            changed.add(self._settle(members, deleted=False))
        for number in touched:
            if self._entities[number]["_deleted"]:
                changed.add(self._settle([number], deleted=True))
        if self._resumes:
            changed |= {entity["_id"] for entity in self.log.since() if not self._standing.get(entity["_id"])}
            self._resumes = False
        for result in sorted(changed):
            self._write(result)
        for members in self._oversized.values():
            first = self._places[members[0]][1]
            raise PumpFailed(
                f'{len(members)} entities would become one, the first of them "{first}", and max_merged is {self._max_merged}'
            )

    def members(self, result: str) -> list[tuple[str, str]]:
        """The (dataset, entity id) of everything that an id stands for."""
        places = [self._places[number] for group in self._standing.get(result, ()) for number in group.members]
        return [(self._inputs[position].id, entity_id) for position, entity_id in sorted(places)]

    # --- members ------------------------------------------------------------------------------------------------------

    def _take_in(self) -> dict[int, None]:
        """The members that have changed, and all that were in a group with one of those."""
        fresh = [
            (position, entity, self._values_of(position, entity))
            for position, dataset in enumerate(self._inputs)
            for entity in dataset.since(self._read[position])
        ]
        self._read = [dataset.offset for dataset in self._inputs]
        changed: dict[int, None] = {}
        for position, entity, values in fresh:
            numbers = self._numbers[position]
            number = numbers.get(entity["_id"])
            if number is None:
                number = numbers[entity["_id"]] = len(self._places)
                self._places.append((position, entity["_id"]))
                self._entities.append(entity)
                self._values.append([])
                self._group_of.append(None)
            else:
                self._entities[number] = entity
            changed[number] = None
            self._index(number, values)
        touched = dict(changed)
        for number in changed:
            group = self._group_of[number]
            if group is not None:
                touched.update(dict.fromkeys(group.members))
        return touched

    def _values_of(self, position: int, entity: Entity) -> list[tuple[int, Hashable]]:
        """(side, value) of everything an entity can be equal by; a deleted one is equal to nothing."""
        if entity["_deleted"]:
            return []
        return [
            (side, value)
            for side in self._sides_of[position]
            for value in dict.fromkeys(self._sides[side].keys(entity, self._context))
        ]

    def _index(self, number: int, values: list[tuple[int, Hashable]]) -> None:
        for side, value in self._values[number]:
            having = self._having[side][value]
            having.discard(number)
            if not having:
                del self._having[side][value]
        for side, value in values:
            self._having[side].setdefault(value, set()).add(number)
        self._values[number] = values

    # --- groups -------------------------------------------------------------------------------------------------------

    def _retire(self, numbers: Iterable[int]) -> set[str]:
        """Dissolve the groups of these members; the ids those groups had."""
        stale: set[str] = set()
        for number in numbers:
            group = self._group_of[number]
            if group is not None:
                stale.add(group.result)
                self._standing[group.result].remove(group)
                for member in group.members:
                    self._group_of[member] = None
        return stale

    def _regroup(self, touched: Iterable[int]) -> Iterable[list[int]]:
        """The groups that the touched members are in now, each ordered by dataset and id."""
        visited: set[int] = set()
        walked: set[tuple[int, Hashable]] = set()
        for start in touched:
            if start in visited or self._entities[start]["_deleted"]:
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
                group.sort(key=self._places.__getitem__)
            yield group

    def _settle(self, members: list[int], *, deleted: bool) -> str:
        """Note a group, or a deleted member, under its id."""
        group = Group(members, self._result_id(members), deleted)
        for number in members:
            self._group_of[number] = group
        self._standing.setdefault(group.result, []).append(group)
        return group.result

    def _result_id(self, group: list[int]) -> str:
        if not self._composite:
            return self._places[group[0]][1]
        return "|".join(f"{position}|{entity_id}" for position, entity_id in map(self._places.__getitem__, group))

    # --- results ------------------------------------------------------------------------------------------------------

    def _write(self, result: str) -> None:
        """One version of what an id stands for. Where several groups have one id, living ones and earlier datasets count first."""
        self._oversized.pop(result, None)
        standing = self._standing.get(result)
        if standing:
            group = min(standing, key=lambda g: (g.deleted, self._places[g.members[0]]))
            if len(group.members) > self._max_merged:
                self._oversized[result] = group.members
                return
            self.log.write({**self._merged(group.members), "_id": result, "_deleted": group.deleted})
        elif self.log.newest(result) is not None:
            self.log.write({"_id": result, "_deleted": True, "$replaced": True})

    def _merged(self, group: list[int]) -> Entity:
        members = [self._entities[number] for number in group]
        ids: dict[Value, None] = {}
        for member in members:
            ids.update(dict.fromkeys(self._ids(member)))
        return {**self._combine(members, self._config), "$ids": list(ids)}

    def _ids(self, member: Entity) -> list[Value]:
        if "$ids" in member:
            return as_list(member["$ids"])
        return [NI.of(self._namespaces.entity_id(member["_id"]))]


def _choice(pipe: Pipe, name: str, allowed: Iterable[str], default: str) -> str:
    value = pipe.source.get(name, default)
    if type(value) is not str or value not in allowed:
        fault, at = f'the merge source knows no {name} "{value}"', f"{pipe.source_at}/{name}"
        raise FindingsError([pipe.document.diagnostic("DF205", fault, at, expected=" or ".join(allowed))])
    return str(value)
