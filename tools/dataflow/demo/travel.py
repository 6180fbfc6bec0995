"""What a sync did, as people follow it: step by step, what each pipe is there for, and what of it is worth showing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.scenario.journey import Change, Journey, Request, Step

# What the ending of a pipe's id says of the part it plays (tools/docs/architecture.md, the package).
_PARTS = {
    "-all": "read from the system",
    "-all2": "lines taken out of their order",
    "-collect": "kept, and deletions looked up",
    "-enrich": "what the record claims, and since when",
    "-transform-split": "what is known of it, for each record that is to be",
    "-transform": "how the record shall be",
    "-share": "compared with the system, and written where it differs",
}
_JOINED = "joined: of each property the newest claim counts"
# Properties that systems keep for themselves.
_BOOKKEEPING = ("UpdatedAt", "UpdatedBy", "History", "CreatedAt", "CompareName")
_CHANGES = 4


@dataclass(frozen=True, slots=True)
class Told:
    """A property of an entity that changed."""

    entity: str
    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Stop:
    """One pipe on the way. `item` is what lights up in the picture of the flows, `more` counts changes that are not `told`."""

    pipe: str
    part: str
    item: str
    round: int
    entities: int
    told: tuple[Told, ...]
    more: int
    requests: tuple[Request, ...]
    failure: str | None


def stops(journey: Journey) -> list[Stop]:
    """Every step of a journey in its order."""
    return [_stop(step) for step in journey.steps]


def places(journey: Journey) -> dict[str, int]:
    """What of the picture the journey passed: item to the number of the stop at which it was first there."""
    found: dict[str, int] = {}
    for number, one in enumerate(stops(journey)):
        found.setdefault(one.item, number)
    return found


def part_of(pipe: str) -> str:
    """What a pipe is there for, in a few words."""
    if pipe.startswith("global-"):
        return _JOINED
    return next((_PARTS[ending] for ending in sorted(_PARTS, key=len, reverse=True) if pipe.endswith(ending)), "")


def _stop(step: Step) -> Stop:
    changes = [told for version in step.versions for told in _told(version.entity, version.changes)]
    return Stop(
        step.pipe,
        part_of(step.pipe),
        _item(step.pipe),
        step.round,
        len(step.versions),
        tuple(changes[:_CHANGES]),
        max(0, len(changes) - _CHANGES),
        step.requests,
        step.failure,
    )


def _told(entity: str, changes: tuple[Change, ...]) -> Iterator[Told]:
    """What is news: not what systems and pipes note for themselves, nor what is sent, which is told with its request."""
    for change in changes:
        own = change.name.endswith((*_BOOKKEEPING, ".k")) or ".based-on." in change.name
        if not own and not change.name.startswith("payload."):
            yield Told(entity, change.name.removesuffix(".v"), change.before, change.after)


def _item(pipe: str) -> str:
    if pipe.startswith("global-"):
        return f"global:{pipe}"
    ending = next((one for one in sorted(_PARTS, key=len, reverse=True) if pipe.endswith(one)), "")
    return f"datatype:{pipe.removesuffix(ending)}"
