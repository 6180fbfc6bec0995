"""Date formats in which every token has its place: read by slices and written from attributes, without a regular expression.

Dates are the hottest thing a rule does, and nearly all formats in use are such layouts. A reader takes only what is certain,
and hands everything else to `timeformat`, so both give the same for every text; the tests compare them.
"""

from __future__ import annotations

import datetime
import operator
from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.dtl import timeformat, zones
from dataflow.dtl.timeformat import FIRST_NS, LAST_NS
from dataflow.dtl.values import Datetime

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from dataflow.dtl.timeformat import Format
    from dataflow.dtl.values import Value

    Reader = Callable[[str], Datetime | None]
    Writer = Callable[[Datetime], str | None]

_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()
_DAY_NS = 86_400_000_000_000
_DATE = "%s-%s-%s"
_DAYS_KEPT = 10_000


def _reads_24() -> bool:
    try:
        datetime.datetime.fromisoformat("2000-01-01T24:00:00")
    except ValueError:
        return False
    return True


# Later versions of Python read 24:00 as the next day's midnight; it is no time of day here.
_READS_NO_24 = not _reads_24()
# The tokens of the time a layout may have, and how their texts make one that Python reads.
_CLOCKS = {"": "", "HM": "T%s:%s:00", "HMS": "T%s:%s:%s"}
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
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


def reader(text: Value, zone_name: Value) -> Reader:
    """The fastest way to read a format. DtlError as `timeformat.compiled` and `zones.find`."""
    form, zone = timeformat.compiled(text), zones.find(zone_name)

    def general(value: str) -> Datetime | None:
        return form.read(value, zone)

    if zone is not None and "z" not in form.letters:
        return general
    body, tail = _split(form)
    layout = _layout(general, body)
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

    body, tail = _split(timeformat.compiled(text))
    layout = _layout(read, body)
    if layout is None or tail or zones.find(zone_name) is not None:
        return general
    if not _writes_days(timeformat.compiled(other), zones.find(other_zone)):
        return general
    return _remembered(general) if layout.times == "" else _by_day(layout, general)


def _writes_days(form: Format, zone: ZoneInfo | None) -> bool:
    """Whether a format tells nothing of the time of day."""
    return zone is None and bool(form.letters) and set(form.letters) <= {"Y", "m", "d", "e"}


class _Layout(NamedTuple):
    """Where things are in a text: `marks` takes what stands between the tokens, `pick` the tokens, which fill `template`.

    `times` are the tokens of the time of day.
    """

    general: Reader
    times: str
    width: int
    marks: Callable[[str], Any]
    expected: Any
    pick: Callable[[str], Any]
    template: str


def _layout(general: Reader, pieces: list[Any]) -> _Layout | None:
    """The layout of pieces of fixed width, if they make a whole date."""
    places, marks, width = _places(pieces)
    times = "".join(letter for letter in "HMS" if letter in places)
    if not {"Y", "m", "d"} <= places.keys() or times not in _CLOCKS:
        return None
    return _Layout(general, times, width, *_marks(marks), *_tokens(places, marks, times))


def _split(form: Format) -> tuple[list[Any], list[Any]]:
    """The pieces of fixed width, and from the first token on whose width is not fixed."""
    pieces = list(form.pieces)
    for index, piece in enumerate(pieces):
        if type(piece) is tuple and piece[0] not in _WIDTHS:
            return pieces[:index], pieces[index:]
    return pieces, []


def _places(pieces: list[Any]) -> tuple[dict[str, slice], dict[int, str], int]:
    """Where each token is, which characters stand between them, and the width; no tokens when one comes twice."""
    places: dict[str, slice] = {}
    marks: dict[int, str] = {}
    width = 0
    for piece in pieces:
        if type(piece) is tuple:
            if piece[0] in places:
                return {}, {}, 0
            places[piece[0]] = slice(width, width + _WIDTHS[piece[0]])
            width += _WIDTHS[piece[0]]
        else:
            marks.update(enumerate(piece, width))
            width += len(piece)
    return places, marks, width


def _marks(marks: dict[int, str]) -> tuple[Callable[[str], Any], Any]:
    taken = operator.itemgetter(*marks) if marks else operator.itemgetter(slice(0))
    expected = tuple(marks.values())
    return taken, expected if len(expected) > 1 else "".join(expected)


def _tokens(places: dict[str, slice], marks: dict[int, str], times: str) -> tuple[Callable[[str], Any], str]:
    """How to take the tokens, and how they make a text that Python reads; what is in its order already is taken whole."""
    if (
        places.items() >= {"Y": slice(0, 4), "m": slice(5, 7), "d": slice(8, 10)}.items()
        and marks[4] + marks[7] == "--"
    ):
        if not times:
            return operator.itemgetter(slice(10)), "%s"
        clock = {"H": slice(11, 13), "M": slice(14, 16), "S": slice(17, 19)}
        if places.items() >= clock.items() and marks[10] in "T " and marks[13] + marks[16] == "::":
            return operator.itemgetter(slice(19)), "%s"
    pick = operator.itemgetter(*(places[letter] for letter in "Ymd" + times))
    return pick, _DATE + _CLOCKS[times]


def _remembered(make: Callable[[str], Any]) -> Callable[[str], Any]:
    """A function of texts that stand for days, of which few occur again and again in one set of data."""
    known: dict[str, Any] = {}

    def one(text: str) -> Any:
        found = known.get(text, known)
        if found is known:
            if len(known) >= _DAYS_KEPT:
                known.clear()
            found = known[text] = make(text)
        return found

    return one


def _of_days(layout: _Layout) -> Reader:
    general, _, width, marks, expected, pick, template = layout
    parse = datetime.date.fromisoformat

    def read(text: str) -> Datetime | None:
        if len(text) == width and marks(text) == expected:
            try:
                return Datetime((parse(template % pick(text)).toordinal() - _EPOCH_DAY) * _DAY_NS)
            except ValueError:
                pass
        return general(text)

    return _remembered(read)


def _of_seconds(layout: _Layout) -> Reader:
    general, _, width, marks, expected, pick, template = layout
    if _is_iso(layout):
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


def _is_iso(layout: _Layout) -> bool:
    """Whether a layout starts as ISO has it: then every third character from the fourth to the one after the seconds is a mark."""
    return layout.times == "HMS" and layout.template == "%s"


def _iso_marks(layout: _Layout) -> tuple[str, str]:
    marks = "".join(layout.expected)
    return marks[:6], marks[6:]


def _of_iso(layout: _Layout) -> Reader:
    general, width = layout.general, layout.width
    marks, rest = _iso_marks(layout)
    parse = datetime.datetime.fromisoformat

    def read(text: str) -> Datetime | None:
        # Python reads other forms of 19 characters too; the marks tell the one that is meant.
        if (
            len(text) == width
            and text[4:20:3] == marks
            and (not rest or text[20:] == rest)
            and (_READS_NO_24 or text[11:13] != "24")
        ):
            try:
                since = parse(text[:19]) - _EPOCH
                return Datetime((since.days * 86_400 + since.seconds) * 1_000_000_000)
            except ValueError:
                pass
        return general(text)

    return read


def _by_day(layout: _Layout, convert: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """From texts of days and times to texts of days: the time has to be one, and is not needed for more."""
    if not _is_iso(layout):
        return convert
    width = layout.width
    marks, rest = _iso_marks(layout)
    parse = datetime.datetime.fromisoformat
    known: dict[str, str | None] = {}

    def one(text: str) -> str | None:
        if (
            len(text) == width
            and text[4:20:3] == marks
            and (not rest or text[20:] == rest)
            and (_READS_NO_24 or text[11:13] != "24")
        ):
            try:
                parse(text[:19])
            except ValueError:
                return convert(text)
            day = text[:10]
            found = known.get(day)
            if found is None:
                if len(known) >= _DAYS_KEPT:
                    known.clear()
                found = known[day] = convert(text)
            return found
        return convert(text)

    return one


def _with_offset(layout: _Layout) -> Reader:
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


def _with_fraction(layout: _Layout, suffix: str) -> Reader:
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


def _days_writer(template: str, pick: Any) -> Writer:
    from_ordinal = datetime.date.fromordinal
    # Few days occur again and again in one set of data.
    written: dict[int, str | None] = {}

    def write(value: Datetime) -> str | None:
        day = value.ns // _DAY_NS
        text = written.get(day)
        if text is None:
            if len(written) >= _DAYS_KEPT:
                written.clear()
            try:
                text = written[day] = template % pick(from_ordinal(day + _EPOCH_DAY))
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
            return template % pick(_EPOCH + step(microseconds=ns // 1000))  # type: ignore[no-any-return]
        except (ValueError, OverflowError):
            return None

    return write
