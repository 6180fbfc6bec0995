"""Instants as text: ISO forms with nanoseconds, from year 1 to 9999, without the limits of `datetime`'s microseconds."""

from __future__ import annotations

import datetime
import re

from dataflow.dtl.values import Date, Datetime

EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
DAY_NS = 86_400_000_000_000
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z)?", re.ASCII)


def from_parts(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, nanosecond: int = 0
) -> int:
    """Nanoseconds since the epoch of a UTC wall-clock time; ValueError when there is no such day or time."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise ValueError("no such time of day")
    days = datetime.date(year, month, day).toordinal() - EPOCH_DAY
    return ((days * 24 + hour) * 60 + minute) * 60_000_000_000 + second * 1_000_000_000 + nanosecond


def to_parts(ns: int) -> tuple[int, int, int, int, int, int, int]:
    """(year, month, day, hour, minute, second, nanosecond) in UTC; ValueError outside years 1 to 9999."""
    days, rest = divmod(ns, DAY_NS)
    ordinal = days + EPOCH_DAY
    if not 1 <= ordinal <= 3_652_059:
        raise ValueError("outside the years 1 to 9999")
    day = datetime.date.fromordinal(ordinal)
    seconds, nanosecond = divmod(rest, 1_000_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return day.year, day.month, day.day, hour, minute, second, nanosecond


def parse(text: str) -> Datetime:
    """`2024-06-03T13:58:10.25Z` or `2024-06-03`; ValueError for anything else."""
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"not an ISO date-time in UTC: {text}")
    year, month, day, hour, minute, second, fraction = match.groups()
    if hour is None:
        return Date(from_parts(int(year), int(month), int(day)))
    nanosecond = int(fraction.ljust(9, "0")) if fraction else 0
    return Datetime(from_parts(int(year), int(month), int(day), int(hour), int(minute), int(second), nanosecond))


def text(ns: int) -> str:
    """`2024-06-03T13:58:10.25Z`; trailing zeros of the fraction are left out."""
    year, month, day, hour, minute, second, nanosecond = to_parts(ns)
    fraction = f".{nanosecond:09d}".rstrip("0") if nanosecond else ""
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{fraction}Z"


def date_text(ns: int) -> str:
    """`2024-06-03`."""
    year, month, day, *_ = to_parts(ns)
    return f"{year:04d}-{month:02d}-{day:02d}"
