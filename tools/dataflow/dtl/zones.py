"""Time zones: the distance of a zone's wall clock from UTC, in nanoseconds, by the tabulated history of the zone.

Rules: hub/dtl/dtl-functions-date-and-time.rst (time zones by IANA name, UTC by default).
"""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from dataflow.dtl.values import kind_name
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from dataflow.dtl.values import Value

_EPOCH = datetime.datetime(1970, 1, 1)
_MICROSECOND = datetime.timedelta(microseconds=1)
_UTC = frozenset({"UTC", "Etc/UTC"})


def find(name: Value) -> ZoneInfo | None:
    """The zone of an IANA name, or of null, which is UTC; None stands for UTC. DtlError when there is no such zone."""
    if name is None:
        return None
    if type(name) is not str:
        raise DtlError(f"the name of a time zone must be a string, not {kind_name(name)}")
    return _find(name)


@lru_cache(maxsize=64)
def _find(name: str) -> ZoneInfo | None:
    if name in _UTC:
        return None
    # Only rules that name a zone pay for loading the machinery.
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise DtlError(f'"{name}" is not a time zone') from None


def offset_at(zone: ZoneInfo | None, ns: int) -> int:
    """How far the zone's wall clock is ahead of UTC at an instant; ValueError where its calendar ends."""
    if zone is None:
        return 0
    try:
        moment = _EPOCH + datetime.timedelta(seconds=ns // 1_000_000_000)
        return _nanoseconds(zone.fromutc(moment.replace(tzinfo=zone)).utcoffset())
    except OverflowError:
        raise ValueError("outside the years 1 to 9999") from None


def offset_of_wall(zone: ZoneInfo | None, ns: int) -> int:
    """The same for a wall-clock time; of one that occurs twice the first is meant, of one left out the offset before."""
    if zone is None:
        return 0
    try:
        wall = _EPOCH + datetime.timedelta(seconds=ns // 1_000_000_000)
    except OverflowError:
        raise ValueError("outside the years 1 to 9999") from None
    return _nanoseconds(wall.replace(tzinfo=zone).utcoffset())


def _nanoseconds(offset: datetime.timedelta | None) -> int:
    return 0 if offset is None else offset // _MICROSECOND * 1000
