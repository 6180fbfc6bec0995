"""Failures of calls, placed where a pipe makes them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from dataflow.errors import CallFailed, NotRunHere, PumpFailed

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def calling(where: str, entity: str | None = None) -> Iterator[None]:
    """What fails within, failed in the part of a pipe at `where`, for an entity."""
    try:
        yield
    except NotRunHere:
        raise
    except CallFailed as error:
        raise error.at(where, entity) from None
    except PumpFailed as error:
        raise CallFailed(str(error), where=where, entity=entity) from None
