"""Format strings of dates: `%d.%m.%Y` and the like, compiled once per format string into readers and writers.

Every token is a row of `_TOKENS`. Reading is anchored: the whole text must fit. A text that does not fit, and an instant outside
the years 1 to 9999, gives None, because the functions leave such values out. `timereader` and `timewriter` have faster forms.

Rules: hub/dtl/dtl-functions-date-and-time.rst, `datetime-parse` and `datetime-format`; decisions 0210 and 0213.
"""

from __future__ import annotations

import operator
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dataflow.dtl import instant, zones
from dataflow.dtl.values import Datetime, kind_name
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from dataflow.dtl.values import Value

FIRST_NS: Final = instant.from_parts(1, 1, 1)
LAST_NS: Final = instant.from_parts(9999, 12, 31, 23, 59, 59, 999_999_999)


class Token(NamedTuple):
    """One token: what it matches when reading, and how what is written by it; `part` indexes what `_parts` gives."""

    pattern: str
    template: str
    part: int


_TOKENS: dict[str, Token] = {
    "Y": Token(r"(\d{4})", "%04d", 0),
    "m": Token(r"(\d{1,2})", "%02d", 1),
    "d": Token(r"(\d{1,2})", "%02d", 2),
    "e": Token(r"(\d{1,2})", "%d", 2),
    "H": Token(r"(\d{1,2})", "%02d", 3),
    "M": Token(r"(\d{1,2})", "%02d", 4),
    "S": Token(r"(\d{1,2})", "%02d", 5),
    "f": Token(r"(\d{1,9})", "%06d", 6),
    "y": Token(r"(\d{2})", "%02d", 7),
    "I": Token(r"(\d{1,2})", "%02d", 8),
    "p": Token(r"([AaPp][Mm])", "%s", 9),
    "z": Token(r"([+-]\d{2}:?\d{2})", "%s", 10),
}


class Format(NamedTuple):
    """A compiled format string; `pieces` are its literals (str) and tokens (one letter in a tuple), in order."""

    text: str
    pieces: tuple[str | tuple[str], ...]
    letters: tuple[str, ...]
    pattern: re.Pattern[str]
    template: str
    pick: Callable[[Any], Any]

    def read(self, text: str, zone: ZoneInfo | None = None) -> Datetime | None:
        """The instant a text stands for; a `%z` in the text wins over `zone`. None when it does not fit."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        found = dict(zip(self.letters, match.groups(), strict=True))
        try:
            wall = _wall(found)
            offset = _offset(found["z"]) if "z" in found else zones.offset_of_wall(zone, wall)
        except ValueError:
            return None
        ns = wall - offset
        return Datetime(ns) if FIRST_NS <= ns <= LAST_NS else None

    def write(self, ns: int, zone: ZoneInfo | None = None) -> str | None:
        """The text of an instant on the zone's wall clock; None when that is outside the years 1 to 9999."""
        try:
            offset = zones.offset_at(zone, ns)
            written: str = self.template % self.pick(_parts(ns + offset, offset))
            return written
        except ValueError:
            return None


def compiled(text: Value) -> Format:
    """The compiled form of a format string. DtlError for an unknown token, a lone `%`, or a `%z` that is not last."""
    if type(text) is not str:
        raise DtlError(f"a date format must be a string, not {kind_name(text)}")
    return _compiled(text)


@lru_cache(maxsize=256)
def _compiled(text: str) -> Format:
    pieces = _pieces(text)
    letters = tuple(piece[0] for piece in pieces if type(piece) is tuple)
    pattern = "".join(_TOKENS[p[0]].pattern if type(p) is tuple else re.escape(str(p)) for p in pieces)
    template = "".join(_TOKENS[p[0]].template if type(p) is tuple else str(p).replace("%", "%%") for p in pieces)
    pick = operator.itemgetter(*(_TOKENS[letter].part for letter in letters)) if letters else lambda _: ()
    return Format(text, pieces, letters, re.compile(pattern, re.ASCII), template, pick)


def _pieces(text: str) -> tuple[str | tuple[str], ...]:
    pieces: list[str | tuple[str]] = []
    for found in re.finditer(r"%(.?)|[^%]+", text, re.DOTALL):
        letter = found[1]
        if letter is None or letter == "%":
            literal = letter or found[0]
            if pieces and type(pieces[-1]) is str:
                literal = f"{pieces.pop()}{literal}"
            pieces.append(literal)
        elif letter not in _TOKENS:
            tokens = " ".join("%" + known for known in sorted(_TOKENS, key=str.lower))
            raise DtlError(f'"{found[0]}" in the date format "{text}" is not one of {tokens} %%')
        else:
            pieces.append((letter,))
    if ("z",) in pieces[:-1]:
        raise DtlError(f'"%z" must be the last token of the date format "{text}"')
    return tuple(pieces)


def _wall(found: dict[str, str]) -> int:
    """Wall-clock nanoseconds of what was read; parts that the format does not have are those of 1900-01-01, midnight."""
    year = int(found.get("Y", 1900))
    if "y" in found:
        short = int(found["y"])
        year = short + (2000 if short < 69 else 1900)
    hour = int(found.get("H", 0))
    if "I" in found:
        hour = int(found["I"])
        if not 1 <= hour <= 12:
            raise ValueError("not an hour of a 12-hour clock")
        hour = hour % 12 + (12 if found.get("p", "am").lower() == "pm" else 0)
    day = int(found.get("d", found.get("e", 1)))
    fraction = int(found.get("f", "0").ljust(9, "0"))
    return instant.from_parts(
        year, int(found.get("m", 1)), day, hour, int(found.get("M", 0)), int(found.get("S", 0)), fraction
    )


def _offset(text: str) -> int:
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError("not an offset from UTC")
    return (hours * 60 + minutes) * (-60_000_000_000 if text[0] == "-" else 60_000_000_000)


def _parts(ns: int, offset: int) -> tuple[int | str, ...]:
    year, month, day, hour, minute, second, nanosecond = instant.to_parts(ns)
    minutes = abs(offset) // 60_000_000_000
    return (
        year,
        month,
        day,
        hour,
        minute,
        second,
        nanosecond // 1000,
        year % 100,
        (hour + 11) % 12 + 1,
        "PM" if hour >= 12 else "AM",
        f"{'-' if offset < 0 else '+'}{minutes // 60:02d}{minutes % 60:02d}",
    )
