"""Merging: entities of several datasets that are the same thing become one entity.

Rules: hub/documentation/service-configuration/pipes/configuration-sources-merge.rst; node-semantics, section 2.1; decision 0411.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.dtl.values import NI, as_list
from dataflow.errors import FindingsError, PumpFailed
from dataflow.node.combine import STRATEGIES
from dataflow.node.dataset import NOTHING, Dataset
from dataflow.node.equality import equality_sides
from dataflow.node.members import Members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.inputs import Inputs
    from dataflow.node.members import Values
    from dataflow.pipe import Pipe

MAX_MERGED = 50_000
IDENTITIES = ("composite", "first")
# Entities that have just been read are kept until they are merged, as long as they have no more values than this together; a list
# or dict inside them takes the room of ten. The others are read once more.
KEPT = 1_200_000


@dataclass(eq=False, slots=True)
class Group:
    """Numbers of members in the order of datasets and ids, and the id they have together; a deleted member is on its own."""

    members: tuple[int, ...]
    result: str
    deleted: bool


class Merge:
    """Keeps `log` equal to the merge of the inputs: every group once, deleted members on their own.

    An id that no longer stands for a group gets a last version `{_id, _deleted: true, $replaced: true}`. What an earlier process
    has made is gone on from: nothing is read before something has changed.
    """

    def __init__(self, pipe: Pipe, aliases: Sequence[str], inputs: Inputs, context: Context, log: Dataset) -> None:
        """Raises FindingsError with the faults of the equality rules, or DF205 for an unknown identity or strategy."""
        source = pipe.source
        self.log = log
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
            for position in range(len(inputs.datasets))
        ]
        self._members = Members(len(inputs.datasets), len(self._sides))
        self._group_of: dict[int, Group] = {}
        # Result id -> the groups that have it: one, unless ids of different datasets clash.
        self._standing: dict[str, tuple[Group, ...]] = {}
        self._oversized: dict[str, tuple[int, ...]] = {}
        self._fresh: dict[int, Entity] = {}
        self._loaded = False

    def refresh(self) -> None:
        """Take in what has changed since the last time.

        Raises DtlError when an equality rule fails on an entity, before anything is taken in; PumpFailed as long as there is a
        group of more than `max_merged` members, which is left out.
        """
        if self._inputs.behind or self._inputs.failing:
            self._load()
            self._catch_up()
            self._inputs.done(failing=bool(self._oversized))
        for members in self._oversized.values():
            _, first = self._members.place(members[0])
            raise PumpFailed(
                f'{len(members)} entities would become one, the first of them "{first}", and max_merged is {self._max_merged}'
            )

    def members(self, result: str) -> list[tuple[str, str]]:
        """The (dataset, entity id) of everything that an id stands for."""
        self._load()
        places = [self._members.place(number) for group in self._standing.get(result, ()) for number in group.members]
        return [(self._inputs.datasets[position].id, entity_id) for position, entity_id in sorted(places)]

    # --- reading ------------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        """Know again what an earlier process has made, as the inputs were then."""
        if self._loaded:
            return
        numbers = [
            self._members.put(position, entity["_id"], self._values_of(position, entity), deleted=entity["_deleted"])
            for position, (dataset, until) in enumerate(self._inputs.due)
            if until != NOTHING
            for entity in _as_of(dataset, until)
        ]
        for group in self._settled(numbers):
            if len(group.members) > self._max_merged:
                self._oversized[group.result] = group.members
        self._loaded = True

    def _catch_up(self) -> None:
        # What stands in a log that nothing is known of may stand for nothing any more.
        forgotten = not self._members and self.log.offset != NOTHING
        touched = self._take_in()
        changed = self._retire(touched)
        changed |= {group.result for group in self._settled(touched, retired=changed)}
        if forgotten:
            changed |= {entity["_id"] for entity in self.log.since() if entity["_id"] not in self._standing}
        for result in sorted(changed):
            self._write(result)
        self._fresh.clear()

    def _take_in(self) -> dict[int, None]:
        """The members that have changed, and all that were in a group with one of those."""
        fresh: list[tuple[int, str, bool, Values, Entity | None]] = []
        room = KEPT
        for position, (dataset, since) in enumerate(self._inputs.due):
            for entity in dataset.since(since):
                values = self._values_of(position, entity)
                kept = entity if room > 0 else None
                if kept is not None:
                    room -= _size(kept)
                fresh.append((position, entity["_id"], entity["_deleted"], values, kept))
        changed: dict[int, None] = {}
        for position, entity_id, deleted, values, kept in fresh:
            number = self._members.put(position, entity_id, values, deleted=deleted)
            changed[number] = None
            if kept is not None:
                self._fresh[number] = kept
        touched = dict(changed)
        for number in changed:
            group = self._group_of.get(number)
            if group is not None:
                touched.update(dict.fromkeys(group.members))
        return touched

    def _values_of(self, position: int, entity: Entity) -> Values:
        """Everything an entity can be equal by; a deleted one is equal to nothing."""
        if entity["_deleted"]:
            return []
        return [
            (side, value)
            for side in self._sides_of[position]
            for value in self._sides[side].keys(entity, self._context)
        ]

    # --- groups -------------------------------------------------------------------------------------------------------

    def _retire(self, numbers: Iterable[int]) -> set[str]:
        """Dissolve the groups of these members; the ids those groups had."""
        stale: set[str] = set()
        for number in numbers:
            group = self._group_of.get(number)
            if group is not None:
                stale.add(group.result)
                left = tuple(other for other in self._standing.pop(group.result) if other is not group)
                if left:
                    self._standing[group.result] = left
                for member in group.members:
                    del self._group_of[member]
        return stale

    def _settled(self, numbers: Iterable[int], retired: set[str] | None = None) -> Iterator[Group]:
        """The groups that these members are in now; `retired` takes the ids of the ones they take members from."""
        for members in self._members.groups(numbers):
            stale = self._retire(members)
            if retired is not None:
                # A changed member has joined a group that was not touched so far.
                retired |= stale
            yield self._settle(tuple(members), deleted=False)
        for number in numbers:
            if number in self._members.deleted:
                yield self._settle((number,), deleted=True)

    def _settle(self, members: tuple[int, ...], *, deleted: bool) -> Group:
        """Note a group, or a deleted member, under its id."""
        group = Group(members, self._result_id(members), deleted)
        self._group_of.update(dict.fromkeys(members, group))
        self._standing[group.result] = (*self._standing.get(group.result, ()), group)
        return group

    def _result_id(self, group: tuple[int, ...]) -> str:
        places = [self._members.place(number) for number in group]
        return (
            "|".join(f"{position}|{entity_id}" for position, entity_id in places) if self._composite else places[0][1]
        )

    # --- results ------------------------------------------------------------------------------------------------------

    def _write(self, result: str) -> None:
        """One version of what an id stands for. Where several groups have one id, living ones and earlier datasets count first."""
        self._oversized.pop(result, None)
        standing = self._standing.get(result)
        if standing:
            group = min(standing, key=lambda g: (g.deleted, self._members.place(g.members[0])))
            if len(group.members) > self._max_merged:
                self._oversized[result] = group.members
                return
            self.log.write({**self._merged(group.members), "_id": result, "_deleted": group.deleted})
        elif self.log.newest(result) is not None:
            self.log.write({"_id": result, "_deleted": True, "$replaced": True})

    def _merged(self, group: tuple[int, ...]) -> Entity:
        members = [self._fresh.get(number) or self._read(number) for number in group]
        ids: dict[Value, None] = {}
        for member in members:
            ids.update(dict.fromkeys(self._ids(member)))
        return {**self._combine(members, self._config), "$ids": list(ids)}

    def _read(self, number: int) -> Entity:
        position, entity_id = self._members.place(number)
        entity = self._inputs.datasets[position].newest(entity_id)
        assert entity is not None
        return entity

    def _ids(self, member: Entity) -> list[Value]:
        if "$ids" in member:
            return as_list(member["$ids"])
        return [NI.of(self._namespaces.entity_id(member["_id"]))]


def _size(value: Value) -> int:
    """The room that a list or dict takes, in values."""
    inner = value.values() if type(value) is dict else value
    return len(value) + sum(10 + _size(one) for one in inner if type(one) is dict or type(one) is list)


def _as_of(dataset: Dataset, until: int) -> Iterator[Entity]:
    """What the latest versions were when the dataset ended at an offset."""
    for entity in dataset.since():
        offset: int | None = entity["_updated"]
        while offset is not None and offset > until:
            offset = dataset.version(offset)["_previous"]
        if offset is not None:
            yield entity if offset == entity["_updated"] else dataset.version(offset)


def _choice(pipe: Pipe, name: str, allowed: Iterable[str], default: str) -> str:
    value = pipe.source.get(name, default)
    if type(value) is not str or value not in allowed:
        fault, at = f'the merge source knows no {name} "{value}"', f"{pipe.source_at}/{name}"
        raise FindingsError([pipe.document.diagnostic("DF205", fault, at, expected=" or ".join(allowed))])
    return str(value)
