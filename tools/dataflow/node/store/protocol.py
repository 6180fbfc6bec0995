"""What a node asks of a store. Whatever is written between two commits is there as a whole after a crash, or not at all.

Rules: hub/features/change-tracking.rst; node-semantics, sections 1.1, 1.3 and 5.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence

    from dataflow.dtl.context import Keys
    from dataflow.dtl.values import Entity
    from dataflow.node.content import Content

# An offset before the first version.
NOTHING = -1


class Log(Protocol):
    """The versions of one dataset, and its marks. What a log hands out is never changed by whoever gets it.

    `populated` and `completeness` are those of `Dataset`. The version with offset n is the n-th that was appended.
    """

    populated: bool
    completeness: int | None

    @property
    def offset(self) -> int:
        """`_updated` of the newest version; -1 when there is none."""

    @property
    def size(self) -> int:
        """How many entities there are, deleted ones included."""

    @property
    def indexes(self) -> list[str]:
        """The names of the indexes that are in use, in the order they were made in."""

    def head(self, entity_id: str) -> tuple[int, bool, str] | None:
        """`_updated`, `_deleted` and `_hash` of the latest version of an entity."""

    def newest(self, entity_id: str) -> Entity | None:
        """The latest version of an entity, deleted or not."""

    def version(self, offset: int) -> Entity:
        """The version that was appended at an offset. Raises IndexError when there is none."""

    def since(self, offset: int, *, history: bool = False) -> Iterator[Entity]:
        """Latest versions with `_updated` above `offset` in that order, or every version, up to what is there at the start."""

    def live(self) -> Iterable[Entity]:
        """The latest versions that are not deleted, ordered by `_id`."""

    def living(self) -> Iterable[str]:
        """The ids of those, in the same order."""

    def index(self, name: str, keys: Keys) -> Mapping[Hashable, Sequence[Entity]]:
        """Key to live entities ordered by `_id`, true at every moment; the same object for the same name."""

    def holders(self, name: str, keys: Keys, key: Hashable) -> Collection[str]:
        """The ids whose latest version stands under a key, deleted or not; `name` identifies `keys`, apart from `index`."""

    def append(self, content: Content, previous: int | None, ts: int) -> None:
        """Add a version at the next offset; `previous` is the offset of the one before it, `ts` the moment in microseconds."""


class Store(Protocol):
    """The logs of a node and the memory of its pipes, by name. One node at a time uses a store, and one thread at a time."""

    def log(self, name: str) -> Log:
        """The log of that name, empty when it is new; always the same object."""

    def state(self, name: str) -> dict[str, Any] | None:
        """What was last kept under a name."""

    def keep(self, name: str, state: dict[str, Any]) -> None:
        """Remember JSON data under a name, together with what has been appended."""

    def forget(self, name: str) -> None:
        """Drop the log and the state of that name; `log` gives a new one from then on."""

    def commit(self) -> None:
        """Make all of it lasting."""

    def close(self) -> None:
        """Give the store back; what is not committed is lost."""
