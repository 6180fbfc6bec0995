"""Reads dates by slices and without a regular expression, where every token of the format has its place.

Dates are the hottest thing a rule does, and nearly all formats in use are such layouts. A reader takes only what is certain,
and hands everything else to `timeformat`, so both give the same for every text; the tests compare them.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from dataflow.dtl import timeformat, zones
from dataflow.dtl.instant import DAY_NS, EPOCH_DAY
from dataflow.dtl.timeformat import FIRST_NS, LAST_NS
from dataflow.dtl.timelayout import Layout, is_iso, iso_marks, layout_of, split
from dataflow.dtl.values import Datetime

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value

    Reader = Callable[[str], Datetime | None]

EPOCH = datetime.datetime(1970, 1, 1)
# How many different days are remembered.
DAYS_KEPT = 10_000


def _reads_24() -> bool:
    try:
        datetime.datetime.fromisoformat("2000-01-01T24:00:00")
    except ValueError:
        return False
    return True


# Later versions of Python read 24:00 as the next day's midnight; it is no time of day here.
READS_NO_24 = not _reads_24()


def reader(text: Value, zone_name: Value) -> Reader:
    """The fastest way to read a format. DtlError as `timeformat.compiled` and `zones.find`."""
    form, zone = timeformat.compiled(text), zones.find(zone_name)

    def general(value: str) -> Datetime | None:
        return form.read(value, zone)

    if zone is not None and "z" not in form.letters:
        return general
    body, tail = split(form)
    layout = layout_of(general, body)
    if layout is None:
        return general
    if tail == []:
        return _of_days(layout) if layout.times == "" else _of_seconds(layout)
    if layout.times != "HMS":
        return general
    if tail == [("z",)]:
        return _with_offset(layout)
    suffix = tail[1:]
    if tail[0] == ("f",) and len(suffix) <= 1 and all(type(s) is str and not s[0].isdigit() for s in suffix):
        return _with_fraction(layout, str(suffix[0]) if suffix else "")
    return general


def remembered(make: Callable[[str], Any]) -> Callable[[str], Any]:
    """A function of texts that stand for days, of which few occur again and again in one set of data."""
    known: dict[str, Any] = {}

    def one(text: str) -> Any:
        found = known.get(text, known)
        if found is known:
            if len(known) >= DAYS_KEPT:
                known.clear()
            found = known[text] = make(text)
        return found

    return one


def _of_days(layout: Layout) -> Reader:
    general, _, width, marks, expected, pick, template = layout
    parse = datetime.date.fromisoformat

    def read(text: str) -> Datetime | None:
        if len(text) == width and marks(text) == expected:
            try:
                return Datetime((parse(template % pick(text)).toordinal() - EPOCH_DAY) * DAY_NS)
            except ValueError:
                pass
        return general(text)

    return remembered(read)


def _of_seconds(layout: Layout) -> Reader:
    general, _, width, marks, expected, pick, template = layout
    if is_iso(layout):
        return _of_iso(layout)
    template += "Z"

    def read(text: str) -> Datetime | None:
        if len(text) == width and marks(text) == expected:
            try:
                return Datetime(_seconds(template % pick(text)) * 1_000_000_000)
            except ValueError:
                pass
        return general(text)

    return read


def _of_iso(layout: Layout) -> Reader:
    general, width = layout.general, layout.width
    marks, rest = iso_marks(layout)
    parse = datetime.datetime.fromisoformat

    def read(text: str) -> Datetime | None:
        # Python reads other forms of 19 characters too; the marks tell the one that is meant.
        if (
            len(text) == width
            and text[4:20:3] == marks
            and (not rest or text[20:] == rest)
            and (READS_NO_24 or text[11:13] != "24")
        ):
            try:
                since = parse(text[:19]) - EPOCH
                return Datetime((since.days * 86_400 + since.seconds) * 1_000_000_000)
            except ValueError:
                pass
        return general(text)

    return read


def _with_offset(layout: Layout) -> Reader:
    """The layout followed by `+hhmm` or `+hh:mm`."""
    general, _, width, marks, expected, pick, template = layout

    def read(text: str) -> Datetime | None:
        rest = len(text) - width
        # Python takes an offset's seconds too, and minutes up to 99.
        if (rest == 5 or (rest == 6 and text[-3] == ":")) and text[width] in "+-" and text[-2] in "012345":
            try:
                if marks(text) == expected:
                    ns = _seconds(template % pick(text) + text[width:]) * 1_000_000_000
                    return Datetime(ns) if FIRST_NS <= ns <= LAST_NS else None
            except ValueError:
                pass
        return general(text)

    return read


def _with_fraction(layout: Layout, suffix: str) -> Reader:
    """The layout followed by digits of a fraction and, perhaps, some fixed characters."""
    general, _, width, marks, expected, pick, template = layout
    template += "Z"
    last = -len(suffix) if suffix else None

    def read(text: str) -> Datetime | None:
        digits = text[width:last]
        if 0 < len(digits) < 10 and digits.isdigit() and digits.isascii() and text.endswith(suffix):
            try:
                if marks(text) == expected:
                    seconds = _seconds(template % pick(text))
                    return Datetime(seconds * 1_000_000_000 + int(digits.ljust(9, "0")))
            except ValueError:
                pass
        return general(text)

    return read


def _seconds(iso: str) -> int:
    if iso[11:13] == "24":
        raise ValueError(iso)
    return int(datetime.datetime.fromisoformat(iso).timestamp())
