"""Chapter "Date and time": instants with nanoseconds, their formats, time zones and calendar arithmetic.

A date without a time is taken as its midnight, except by `is-datetime`; what comes out is always a datetime.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from dataflow.dtl import instant, kinds, timeformat, timereader, timewriter, zones
from dataflow.dtl.casts import cast
from dataflow.dtl.emitter import Code
from dataflow.dtl.mapping import IGNORED, each, first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.timeformat import FIRST_NS, LAST_NS
from dataflow.dtl.values import Date, Datetime
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.context import Context
    from dataflow.dtl.inline import FastCall
    from dataflow.dtl.values import Value

dates = Chapter("Date and time", "dtl-functions-date-and-time.rst")

# Parts of a fixed length, in nanoseconds; `month` and `year` follow the calendar.
_LENGTHS: Final = {
    "week": 604_800_000_000_000,
    "day": 86_400_000_000_000,
    "hour": 3_600_000_000_000,
    "minute": 60_000_000_000,
    "second": 1_000_000_000,
    "millisecond": 1_000_000,
    "microsecond": 1_000,
    "nanosecond": 1,
}
_MONTHS: Final = {"month": 1, "year": 12}


@dates.expression(
    "datetime",
    "FUNCTION(default-value-expression{0|1}) VALUES(value-expression{1})",
    accepts=kinds.STRING | kinds.INTEGER | kinds.DATETIME,
    gives=kinds.DATETIME,
    examples=[
        Example(["datetime", "2024-06-03T13:58:10.250Z"], "~t2024-06-03T13:58:10.25Z"),
        Example(["datetime", 86400000000000], "~t1970-01-02T00:00:00Z"),
        Example(["datetime", ["list", "soon", 1]], ["~t1970-01-01T00:00:00.000000001Z"]),
        Example(["datetime", ["datetime", 0], "soon"], "~t1970-01-01T00:00:00Z"),
    ],
)
def datetime_(default: Callable[[Value], Value] | None, values: Value) -> Value:
    """Datetimes made of ISO texts in UTC and of integers, which count nanoseconds from the start of 1970.

    Other values are left out, or replaced by what FUNCTION makes of them.
    """

    return cast(default, values, _datetime)


def _datetime(value: Value) -> Value:
    kind = type(value)
    if kind is Datetime:
        return value
    if kind is str:
        try:
            return Datetime(instant.parse(value).ns)
        except ValueError:
            return IGNORED
    if kind is Date:
        return Datetime(value.ns)
    return _within(value) if kind is int else IGNORED


def _within(ns: int) -> Value:
    """The instant, or IGNORED outside the years 1 to 9999."""
    return Datetime(ns) if FIRST_NS <= ns <= LAST_NS else IGNORED


@dates.expression(
    "datetime-diff",
    "DATEPART(string{1}) STARTDATE(value-expression{1}) ENDDATE(value-expression{1})",
    accepts=kinds.DATETIME,
    gives=kinds.INTEGER,
    examples=[
        Example(["datetime-diff", "hour", "~t2024-06-03T14:30:00Z", "~t2024-06-03T12:00:00Z"], 2),
        Example(["datetime-diff", "month", "~t2024-01-31T00:00:00Z", "~t2024-03-31T00:00:00Z"], -2),
    ],
)
def datetime_diff(part: Value, start: Value, end: Value) -> int | None:
    """STARTDATE minus ENDDATE in whole parts, rounded towards zero; null unless both are datetimes.

    DATEPART is one of `year`, `month`, `week`, `day`, `hour`, `minute`, `second`, `millisecond`, `microsecond` and
    `nanosecond`. Months and years are those of the calendar: as many as `datetime-plus` can add to ENDDATE without
    passing STARTDATE. Of a list the first value counts.
    """
    length = _length(part)
    later, earlier = first(start), first(end)
    if not isinstance(later, Datetime) or not isinstance(earlier, Datetime):
        return None
    if length is not None:
        distance = later.ns - earlier.ns
        return distance // length if distance >= 0 else -(-distance // length)
    months = _months_between(later.ns, earlier.ns)
    size = _MONTHS[part]
    return months // size if months >= 0 else -(-months // size)


def _length(part: Value) -> int | None:
    """The length of a part, None for one of the calendar; DtlError when there is no such part."""
    if type(part) is not str or (part not in _LENGTHS and part not in _MONTHS):
        raise DtlError(f'"{part}" is not a part of a date: use one of {", ".join([*_MONTHS, *_LENGTHS])}')
    return _LENGTHS.get(part)


def _months_between(target: int, origin: int) -> int:
    (year, month, *_), (from_year, from_month, *_) = instant.to_parts(target), instant.to_parts(origin)
    months = (year - from_year) * 12 + month - from_month
    reached = _plus_months(origin, months)
    if months > 0 and reached > target:
        return months - 1
    if months < 0 and reached < target:
        return months + 1
    return months


def _plus_months(ns: int, months: int) -> int:
    """The same day and time that many months later, or the last day of the month; ValueError outside years 1 to 9999."""
    year, month, day, *time = instant.to_parts(ns)
    year, month = divmod(year * 12 + month - 1 + months, 12)
    return instant.from_parts(year, month + 1, min(day, _days_in(year, month + 1)), *time)


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


class _Parsed(NamedTuple):
    """What a `datetime-parse` is made of: for the `datetime-format` around it, which goes from text to text."""

    form: Value
    zone: Value
    text: str


def _form_and_zone(call: FastCall) -> tuple[Value, Value] | None:
    """The format and the zone when both are constant texts; what else they may be is left to the general function."""
    *zone, form = (call.constant_of(index) for index in range(len(call.codes) - 1))
    if not all(known and type(value) is str for known, value in [*zone, form]):
        return None
    return form[1], zone[0][1] if zone else None


def _fast_format(call: FastCall) -> Code | None:
    """A writer made for the format, when it and the zone are constants; for what is parsed, one that goes from text to text."""
    constants = _form_and_zone(call)
    if constants is None:
        return None
    form, zone = constants

    def converted(code: Code) -> Code | None:
        parsed = code.made
        if type(parsed) is not _Parsed:
            return None
        convert = call.bind_once(timewriter.converter, parsed.form, parsed.zone, form, zone)
        return Code(f"{convert}({parsed.text})", kinds=kinds.STRING, single=True)

    write = call.bind_once(timewriter.writer, form, zone)
    return call.choose(len(call.codes) - 1, converted) or call.where(
        len(call.codes) - 1, "datetime", lambda value: Code(f"{write}({value})", kinds=kinds.STRING, single=True)
    )


def _fast_parse(call: FastCall) -> Code | None:
    """A reader made for the format, when it and the zone are constants."""
    constants = _form_and_zone(call)
    if constants is None:
        return None
    read = call.bind_once(timereader.reader, *constants)

    def written(text: str) -> Code:
        return Code(f"{read}({text})", kinds=kinds.DATETIME, single=True, made=_Parsed(*constants, text))

    return call.where(len(call.codes) - 1, "string", written)


@dates.expression(
    "datetime-format",
    "TIMEZONE_NAME(string{0|1}) FORMATSTRING(string{1}) VALUES(value-expression{1})",
    fast=_fast_format,
    accepts=kinds.DATETIME,
    gives=kinds.STRING,
    examples=[
        Example(["datetime-format", "%d.%m.%Y", "~t2024-06-03T13:58:10Z"], "03.06.2024"),
        Example(["datetime-format", "Europe/Oslo", "%H:%M", "~t2024-06-03T13:58:10Z"], "15:58"),
        Example(["datetime-format", "%Y", ["list", "2024", "~t2024-06-03T13:58:10Z"]], ["2024"]),
    ],
)
def datetime_format(zone: Value, form: Value, values: Value) -> Value:
    """Datetimes as text, on the wall clock of a time zone (UTC when none is named); other values are left out.

    The tokens are those of `datetime-parse`. `%f` writes six digits, `%p` writes AM or PM, `%z` writes +hhmm.
    """
    write, clock = timeformat.compiled(form).write, zones.find(zone)

    def one(value: Value) -> Value:
        text = write(value.ns, clock) if isinstance(value, Datetime) else None
        return IGNORED if text is None else text

    return each(values, one)


@dates.expression(
    "datetime-parse",
    "TIMEZONE_NAME(string{0|1}) FORMATSTRING(string{1}) VALUES(value-expression{1})",
    fast=_fast_parse,
    accepts=kinds.STRING,
    gives=kinds.DATETIME,
    examples=[
        Example(["datetime-parse", "%d.%m.%Y", "03.06.2024"], "~t2024-06-03T00:00:00Z"),
        Example(["datetime-parse", "Europe/Oslo", "%d.%m.%Y %H:%M", "03.06.2024 15:58"], "~t2024-06-03T13:58:00Z"),
        Example(["datetime-parse", "%Y-%m-%dT%H:%M:%S%z", "2024-06-03T15:58:10+02:00"], "~t2024-06-03T13:58:10Z"),
        Example(["datetime-parse", "%Y", ["list", "2024", "soon"]], ["~t2024-01-01T00:00:00Z"]),
    ],
)
def datetime_parse(zone: Value, form: Value, values: Value) -> Value:
    """Datetimes read from texts of a format, on the wall clock of a time zone (UTC when none is named).

    Tokens: `%Y` year, `%y` year of two digits (69 is 1969, 68 is 2068), `%m` month, `%d` and `%e` day, `%H` hour, `%I` hour of
    12 with `%p` am or pm, `%M` minute, `%S` second, `%f` fraction of a second, `%z` distance from UTC (+hhmm or +hh:mm, only
    as the last token), `%%` a percent sign. Values that do not fit are left out.
    """
    read, clock = timeformat.compiled(form).read, zones.find(zone)

    def one(value: Value) -> Value:
        found = read(value, clock) if type(value) is str else None
        return IGNORED if found is None else found

    return each(values, one)


@dates.expression(
    "datetime-plus",
    "DATEPART(string{1}) VALUE(integer{1}) VALUES(value-expression{1})",
    accepts=kinds.DATETIME,
    gives=kinds.DATETIME,
    examples=[
        Example(["datetime-plus", "day", -3, "~t2024-03-01T08:00:00Z"], "~t2024-02-27T08:00:00Z"),
        Example(["datetime-plus", "month", 1, ["list", "~t2024-01-31T00:00:00Z", "x"]], ["~t2024-02-29T00:00:00Z"]),
    ],
)
def datetime_plus(part: Value, count: Value, values: Value) -> Value:
    """Each datetime moved by VALUE parts, forwards or backwards; other values are left out.

    DATEPART is as for `datetime-diff`. A day that the month reached does not have becomes its last day.
    """
    length = _length(part)
    if type(count) is not int:
        return None

    def one(value: Value) -> Value:
        if not isinstance(value, Datetime):
            return IGNORED
        try:
            moved = value.ns + count * length if length else _plus_months(value.ns, count * _MONTHS[part])
        except (ValueError, OverflowError):
            return IGNORED
        return _within(moved)

    return each(values, one)


@dates.expression(
    "datetime-shift",
    "FROM_TIMEZONE(string{1}) TO_TIMEZONE(string{1}) VALUES(value-expression{1})",
    accepts=kinds.DATETIME,
    gives=kinds.DATETIME,
    examples=[
        Example(["datetime-shift", "Europe/Oslo", "UTC", "~t2024-06-03T15:58:10Z"], "~t2024-06-03T13:58:10Z"),
        Example(["datetime-shift", "UTC", "America/New_York", "~t2024-01-01T02:00:00Z"], "~t2023-12-31T21:00:00Z"),
    ],
)
def datetime_shift(source: Value, target: Value, values: Value) -> Value:
    """Datetimes whose digits show one time zone's wall clock, moved so that they show another's; others are left out."""
    here, there = zones.find(source), zones.find(target)

    def one(value: Value) -> Value:
        if not isinstance(value, Datetime):
            return IGNORED
        try:
            ns = value.ns - zones.offset_of_wall(here, value.ns)
            ns += zones.offset_at(there, ns)
        except ValueError:
            return IGNORED
        return _within(ns)

    return each(values, one)


@dates.expression(
    "is-datetime",
    "VALUES(value-expression{1})",
    returns="boolean",
    examples=[
        Example(["is-datetime", "~t2024-06-03T13:58:10Z"], True),
        Example(["is-datetime", ["list", "2024", "~t2024-06-03T13:58:10Z"]], False),
    ],
)
def is_datetime(values: Value) -> bool:
    """True for a datetime, and for a list whose first element is one."""
    return type(first(values)) is Datetime


@dates.expression(
    "now",
    "",
    context=True,
    flags={"clock"},
    returns="datetime",
    examples=[Example(["now"], {"type": "datetime"}, kind="type")],
)
def now(context: Context) -> Datetime:
    """The current time. Every evaluation gives another value, so output differs when entities are processed again."""
    return Datetime(context.clock.now_ns())
