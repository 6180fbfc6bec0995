"""Cron expressions: when something is due next, in UTC.

Rules: hub/cron-expressions.rst; tools/docs/decisions/0424-cron-expressions.md for what it leaves open.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

_NANO = 1_000_000_000
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = dict(zip(_MONTH_NAMES, range(1, 13), strict=True))
_WEEKDAYS = dict(zip(_WEEKDAY_NAMES, range(7), strict=True))
_LAST_YEAR = 2099


class CronError(ValueError):
    """A cron expression that cannot be read; the message says which part of it, and what is allowed there."""


@dataclass(frozen=True)
class _Field:
    """The numbers one field allows, whether that is all of them, and for days what is counted from the end of the month."""

    allowed: frozenset[int]
    free: bool
    last_day: bool = False
    last_weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Kind:
    name: str
    least: int
    most: int
    names: dict[str, int]
    counts_from_end: bool = False


_KINDS = (
    _Kind("minute", 0, 59, {}),
    _Kind("hour", 0, 23, {}),
    _Kind("day of month", 1, 31, {}, counts_from_end=True),
    _Kind("month", 1, 12, _MONTHS),
    _Kind("day of week", 0, 6, _WEEKDAYS, counts_from_end=True),
    _Kind("year", 1970, _LAST_YEAR, {}),
)


class Cron:
    """A cron expression of five fields, or six with a year. Raises CronError."""

    def __init__(self, text: str) -> None:
        fields = text.split()
        if len(fields) not in (5, 6):
            raise CronError(
                f'"{text}" has {len(fields)} fields; there are minute, hour, day of month, month, day of week, and perhaps year'
            )
        self.text = text
        read = [_read(kind, field) for kind, field in zip(_KINDS, [*fields, "*"], strict=False)]
        self._minute, self._hour, self._day, self._month, self._weekday, self._year = read

    def after(self, ns: int) -> int | None:
        """The first moment later than one, both in nanoseconds since the epoch; None when there is none any more."""
        start = datetime.fromtimestamp(ns // _NANO, UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        times = sorted(time(hour, minute) for hour in self._hour.allowed for minute in self._minute.allowed)
        day: date | None = start.date()
        while day is not None:
            if self._fits(day):
                earliest = start.time() if day == start.date() else time.min
                found = next((one for one in times if one >= earliest), None)
                if found is not None:
                    return int(datetime.combine(day, found, UTC).timestamp()) * _NANO
            day = self._following(day)
        return None

    def _following(self, day: date) -> date | None:
        """The next day worth looking at; months and years that do not fit are passed over."""
        day += timedelta(days=1)
        while day.year <= _LAST_YEAR:
            if day.year not in self._year.allowed:
                day = date(day.year + 1, 1, 1)
            elif day.month not in self._month.allowed:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            else:
                return day
        return None

    def _fits(self, day: date) -> bool:
        if day.year not in self._year.allowed or day.month not in self._month.allowed:
            return False
        final = calendar.monthrange(day.year, day.month)[1]
        in_month = day.day in self._day.allowed or (self._day.last_day and day.day == final)
        weekday = day.isoweekday() % 7
        in_week = weekday in self._weekday.allowed or (weekday in self._weekday.last_weekdays and day.day + 7 > final)
        # As in every cron: where both say something, one of the two is enough.
        if self._day.free or self._weekday.free:
            return in_month and in_week
        return in_month or in_week


def _read(kind: _Kind, text: str) -> _Field:
    allowed: set[int] = set()
    free = last_day = False
    last_weekdays: set[int] = set()
    for part in text.upper().split(","):
        if part in ("*", "?"):
            if part == "?" and not kind.counts_from_end:
                raise _fault(kind, text)
            free = True
            allowed.update(range(kind.least, kind.most + 1))
        elif part == "L" and kind.name == "day of month":
            last_day = True
        elif kind.name == "day of week" and "L" in (part[:1], part[-1:]):
            last_weekdays.update(_last(kind, part, text))
        else:
            allowed.update(_range(kind, part, text))
    return _Field(frozenset(allowed), free, last_day, frozenset(last_weekdays))


def _last(kind: _Kind, part: str, text: str) -> range:
    """`L5` and `LFRI` by the numbers of the field; `6L` counts from Sunday as 1, as the examples of the documentation do."""
    if part.startswith("L"):
        return _range(kind, part[1:], text)
    if re.fullmatch("[1-7]L", part):
        return range(int(part[0]) - 1, int(part[0]))
    if part[:-1] not in kind.names:
        raise _fault(kind, text)
    return _range(kind, part[:-1], text)


def _range(kind: _Kind, part: str, text: str) -> range:
    """`3`, `1-5`, `*/10`, `0/5` and `1-20/5`."""
    span, slash, step = part.partition("/")
    low, dash, high = span.partition("-")
    if slash and not (re.fullmatch("[0-9]{1,4}", step) and int(step)):
        raise _fault(kind, text)
    if span == "*":
        first, last = kind.least, kind.most
    else:
        first = _number(kind, low, text)
        last = _number(kind, high, text) if dash else kind.most if slash else first
    if first > last:
        raise _fault(kind, text)
    return range(first, last + 1, int(step) if slash else 1)


def _number(kind: _Kind, word: str, text: str) -> int:
    number = kind.names.get(word)
    if number is None:
        number = int(word) if re.fullmatch("[0-9]{1,4}", word) else -1
    if not kind.least <= number <= kind.most:
        raise _fault(kind, text)
    return number


def _fault(kind: _Kind, text: str) -> CronError:
    names = list(kind.names)
    words = f" or {names[0]}-{names[-1]}" if names else ""
    more = "*, -, /, ?, L" if kind.counts_from_end else "*, -, /"
    return CronError(f'"{text}" is no {kind.name}: that is {kind.least}-{kind.most}{words}, with {more} and commas')
