"""The null sink: takes everything and does nothing with it.

Rules: configuration-sinks-null.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow.dtl.values import Entity
    from dataflow.pipe import Pipe


class NullSink:
    """Never fails."""

    def __init__(self, pipe: Pipe) -> None:
        pass

    def begin(self, *, full: bool) -> None:
        pass

    def write(self, batch: Sequence[Entity]) -> None:
        pass

    def end(self) -> None:
        pass

    def abort(self) -> None:
        pass
