"""What the living checklist asks of the place it is played in: simulated systems on this machine, or real ones elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dataflow.scenario.journey import Journey


class Place(Protocol):
    """One of the two systems. Members (`webcrm-person`) are those of the mappings, ids are texts."""

    def takes(self, member: str, names: Iterable[str]) -> bool:
        """Whether anybody but the system itself can set these properties of a record."""

    def create(self, member: str, values: Mapping[str, Any]) -> str:
        """Make a record; its id."""

    def edit(self, member: str, record_id: str, changes: Mapping[str, Any]) -> None:
        """Change a record."""


class Ground(Protocol):
    """`first` is where the numbers of new records and values begin; `sees_bodies`: writes have what was sent as their `body`."""

    first: int
    sees_bodies: bool

    @property
    def systems(self) -> Mapping[str, Place]:
        """webcrm and customerp."""

    def wait(self, seconds: float) -> None:
        """Time passes, so that what comes next is newer."""

    def sync(self, rounds: int | None = None) -> Sequence[Any]:
        """Rounds until nothing is written, or as many as given: a report for each, with its `failures`. Raises Restless."""

    def journey(self) -> tuple[Sequence[Any], Journey]:
        """`sync()`, and what the pipes and requests were until then, as far as they can be seen. Raises Restless."""

    def mark(self) -> None:
        """From here on `writes(since_mark=True)` count."""

    def records(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """All records that take part, by member and id, as the APIs give them."""

    def writes(self, *, since_mark: bool = False) -> list[tuple[str, Any]]:
        """What was written to either system, by system."""

    def shown(self, system_id: str, entry: Any) -> str:
        """A write in words, `PATCH customerp /customers/*`."""

    def versions(self) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
        """Every dataset of the node with all versions of its entities."""
