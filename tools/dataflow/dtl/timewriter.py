"""Writes dates from attributes, and takes them from one format straight to another."""

from __future__ import annotations

import datetime
import operator
from typing import TYPE_CHECKING, Any

from dataflow.dtl import timeformat, zones
from dataflow.dtl.instant import DAY_NS, EPOCH_DAY
from dataflow.dtl.timelayout import Layout, is_iso, iso_marks, layout_of, split
from dataflow.dtl.timereader import DAYS_KEPT, EPOCH, READS_NO_24, reader, remembered

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from dataflow.dtl.timeformat import Format
    from dataflow.dtl.values import Datetime, Value

    Writer = Callable[[Datetime], str | None]

_ATTRIBUTES = {
    "Y": "year",
    "m": "month",
    "d": "day",
    "e": "day",
    "H": "hour",
    "M": "minute",
    "S": "second",
    "f": "microsecond",
}


def writer(text: Value, zone_name: Value) -> Writer:
    """The fastest way to write a format. DtlError as `timeformat.compiled` and `zones.find`."""
    form, zone = timeformat.compiled(text), zones.find(zone_name)
    if not form.letters or not set(form.letters) <= _ATTRIBUTES.keys():
        return lambda value: form.write(value.ns, zone)
    pick = operator.attrgetter(*(_ATTRIBUTES[letter] for letter in form.letters))
    if _writes_days(form, zone):
        return _days_writer(form.template, pick)
    return _seconds_writer(form.template, pick, zone)


def converter(text: Value, zone_name: Value, other: Value, other_zone: Value) -> Callable[[str], str | None]:
    """The fastest way from one format to another. DtlError as `reader` and `writer`."""
    read, write = reader(text, zone_name), writer(other, other_zone)

    def general(value: str) -> str | None:
        moment = read(value)
        return None if moment is None else write(moment)

    body, tail = split(timeformat.compiled(text))
    layout = layout_of(read, body)
    if layout is None or tail or zones.find(zone_name) is not None:
        return general
    if not _writes_days(timeformat.compiled(other), zones.find(other_zone)):
        return general
    return remembered(general) if layout.times == "" else _by_day(layout, general)


def _writes_days(form: Format, zone: ZoneInfo | None) -> bool:
    """Whether a format tells nothing of the time of day."""
    return zone is None and bool(form.letters) and set(form.letters) <= {"Y", "m", "d", "e"}


def _by_day(layout: Layout, convert: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """From texts of days and times to texts of days: the time has to be one, and is not needed for more."""
    if not is_iso(layout):
        return convert
    width = layout.width
    marks, rest = iso_marks(layout)
    parse = datetime.datetime.fromisoformat
    known: dict[str, str | None] = {}

    def one(text: str) -> str | None:
        # The same test as a reader's: to share it would cost a call, a tenth of what is done here.
        if (
            len(text) == width
            and text[4:20:3] == marks
            and (not rest or text[20:] == rest)
            and (READS_NO_24 or text[11:13] != "24")
        ):
            try:
                parse(text[:19])
            except ValueError:
                return convert(text)
            day = text[:10]
            found = known.get(day)
            if found is None:
                if len(known) >= DAYS_KEPT:
                    known.clear()
                found = known[day] = convert(text)
            return found
        return convert(text)

    return one


def _days_writer(template: str, pick: Any) -> Writer:
    from_ordinal = datetime.date.fromordinal
    # Few days occur again and again in one set of data.
    written: dict[int, str | None] = {}

    def write(value: Datetime) -> str | None:
        day = value.ns // DAY_NS
        text = written.get(day)
        if text is None:
            if len(written) >= DAYS_KEPT:
                written.clear()
            try:
                text = written[day] = template % pick(from_ordinal(day + EPOCH_DAY))
            except (ValueError, OverflowError):
                return None
        return text

    return write


def _seconds_writer(template: str, pick: Any, zone: ZoneInfo | None) -> Writer:
    step = datetime.timedelta

    def write(value: Datetime) -> str | None:
        ns = value.ns
        try:
            if zone is not None:
                ns += zones.offset_at(zone, ns)
            text: str = template % pick(EPOCH + step(microseconds=ns // 1000))
        except (ValueError, OverflowError):
            return None
        return text

    return write
