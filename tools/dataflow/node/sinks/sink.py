"""What every sink that reaches outside can be asked.

Rules: hub/documentation/service-configuration/pipes/configuration-sinks.rst; node-semantics, sections 4.2 and 5.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow.dtl.values import Entity


class Sink(Protocol):
    """Takes what a pipe gives, batch by batch, between `begin` and `end`.

    Entities come without filtered ones and, where the pipe says so, without namespaces; a deleted one has `_deleted: true`.
    """

    def begin(self, *, full: bool) -> None:
        """A run starts: a full one gives everything there is, any other what has changed. Raises PumpFailed."""

    def write(self, batch: Sequence[Entity]) -> None:
        """Hand a batch over; it is taken as a whole. Raises PumpFailed, and then it can be tried again in smaller parts."""

    def end(self) -> None:
        """The run came to its end. Raises PumpFailed."""

    def abort(self) -> None:
        """The run failed; whatever is held open is given back."""
