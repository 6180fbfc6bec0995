"""What a sync did, step by step: which pipes wrote what, and which requests that led to.

A `Recorder` watches the pumps of a world. A journey can be asked for the part that is about certain records: a version belongs to a
record when its `_id` or its `$ids` name it, a request when it was made while such a version was written and its path ends in the
record's id, or makes a record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import encode
from dataflow.dtl.values import NI

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from dataflow.dtl.values import Entity
    from dataflow.node.dataset import Dataset
    from dataflow.node.pump import Pump
    from dataflow.scenario.world import World
    from dataflow.simulators.journal import Entry


@dataclass(frozen=True, slots=True)
class Change:
    """A property that is not what it was, in plain JSON; None for nothing."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Version:
    """One version that a pipe wrote. `names` are the records it is about, `webcrm-person:3`.

    `changes` go into objects, `payload.Name`; they leave out bookkeeping and lists of objects.
    """

    entity: str
    names: frozenset[str]
    made: bool
    deleted: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One write to a system and its answer. `body` is the text that was sent."""

    system: str
    method: str
    path: str
    body: str
    status: int | None

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status or 'no answer'}"

    @property
    def record_id(self) -> str:
        """The last part of the path that is a number; empty where a record is made."""
        last = self.path.rstrip("/").rpartition("/")[2]
        return last if last.isdecimal() else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One run of a pump that wrote something or failed, in the n-th round of the sync."""

    round: int
    pipe: str
    versions: tuple[Version, ...] = ()
    requests: tuple[Request, ...] = ()
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    steps: tuple[Step, ...] = ()

    @property
    def pipes(self) -> tuple[str, ...]:
        """The pipes in the order they were first passed."""
        return tuple(dict.fromkeys(step.pipe for step in self.steps))

    @property
    def requests(self) -> tuple[Request, ...]:
        return tuple(request for step in self.steps for request in step.requests)

    def of(self, names: Collection[str]) -> Journey:
        """The part that is about these records."""
        wanted = frozenset(names)
        ids = {name.rpartition(":")[2].partition("-")[0] for name in wanted}
        steps = []
        for step in self.steps:
            versions = tuple(one for one in step.versions if one.names & wanted)
            # A pump that wrote nothing of a record sent nothing for it either.
            requests = tuple(one for one in step.requests if versions and one.record_id in ids)
            made = tuple(one for one in step.requests if len(step.requests) == len(versions) == 1 and not one.record_id)
            if versions:
                steps.append(replace(step, versions=versions, requests=requests or made))
        return Journey(tuple(steps))


class Recorder:
    """Give `watch` to `World.sync`, then take the `journey`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._offsets = {name: dataset.offset for name, dataset in world.node.datasets.items()}
        self._marks = {name: len(system.journal) for name, system in world.systems.items()}
        self._rounds = len(world.reports)
        self._steps: list[Step] = []

    @property
    def journey(self) -> Journey:
        return Journey(tuple(self._steps))

    def watch(self, pump: Pump) -> None:
        """Note what the run of a pump has just done."""
        pipe = pump.pipeline.pipe
        versions: tuple[Version, ...] = ()
        if pipe.writes is not None:
            dataset = self._world.node.datasets[pipe.writes]
            fresh = dataset.since(self._offsets.get(dataset.id, -1), history=True)
            versions = tuple(_version(dataset, entity) for entity in fresh)
            self._offsets[dataset.id] = dataset.offset
        requests = tuple(self._requests())
        failure = pump.record.failure
        if versions or requests or failure:
            self._steps.append(
                Step(
                    len(self._world.reports) - self._rounds + 1,
                    pipe.id,
                    versions,
                    requests,
                    failure.message if failure else None,
                )
            )

    def _requests(self) -> Iterator[Request]:
        for name, system in self._world.systems.items():
            mark, self._marks[name] = self._marks[name], len(system.journal)
            for entry in system.journal.writes(since=mark):
                yield _request(name, entry)


def _request(system: str, entry: Entry) -> Request:
    return Request(system, entry.method, entry.path, entry.body.decode("utf-8", "replace"), entry.status)


def _version(dataset: Dataset, entity: Entity) -> Version:
    previous = entity["_previous"]
    before = {} if previous is None else dataset.version(previous)
    entity_id = str(entity["_id"])
    ids = entity.get("$ids")
    names = {one.name for one in (ids if type(ids) is list else [ids]) if type(one) is NI}
    # What has just been collected has the bare id of its system still.
    names.add(entity_id if ":" in entity_id else f"{dataset.id.rpartition('-')[0]}:{entity_id}")
    changes = tuple(_changes("", before, entity))
    return Version(entity_id, frozenset(names), previous is None, entity["_deleted"] is True, changes)


def _changes(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if old == new or key[:1] in ("_", "$"):
            continue
        name = path + key.rpartition(":")[2]
        if type(old) is dict or type(new) is dict:
            yield from _changes(f"{name}.", old if type(old) is dict else {}, new if type(new) is dict else {})
        elif not _holds_objects(old) and not _holds_objects(new):
            yield Change(name, encode(old), encode(new))


def _holds_objects(value: Any) -> bool:
    return type(value) is list and any(type(one) is dict for one in value)
