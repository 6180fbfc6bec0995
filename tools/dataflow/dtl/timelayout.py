"""Where everything is in a date of a format in which every token has its place."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.timeformat import Format
    from dataflow.dtl.values import Datetime

_DATE = "%s-%s-%s"
# The tokens of the time a layout may have, and how their texts make one that Python reads.
_CLOCKS = {"": "", "HM": "T%s:%s:00", "HMS": "T%s:%s:%s"}
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}


class Layout(NamedTuple):
    """Where things are in a text: `marks` takes what stands between the tokens, `pick` the tokens, which fill `template`.

    `times` are the tokens of the time of day.
    """

    general: Callable[[str], Datetime | None]
    times: str
    width: int
    marks: Callable[[str], Any]
    expected: Any
    pick: Callable[[str], Any]
    template: str


def layout_of(general: Callable[[str], Datetime | None], pieces: list[Any]) -> Layout | None:
    """The layout of pieces of fixed width, if they make a whole date."""
    places, marks, width = _places(pieces)
    times = "".join(letter for letter in "HMS" if letter in places)
    if not {"Y", "m", "d"} <= places.keys() or times not in _CLOCKS:
        return None
    return Layout(general, times, width, *_marks(marks), *_tokens(places, marks, times))


def split(form: Format) -> tuple[list[Any], list[Any]]:
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


def is_iso(layout: Layout) -> bool:
    """Whether a layout starts as ISO has it: then every third character from the fourth to the one after the seconds is a mark."""
    return layout.times == "HMS" and layout.template == "%s"


def iso_marks(layout: Layout) -> tuple[str, str]:
    marks = "".join(layout.expected)
    return marks[:6], marks[6:]
