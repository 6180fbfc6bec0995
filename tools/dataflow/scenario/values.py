"""New values for properties: what somebody might type into a row's field on one side, one maker per kind of row.

A maker gives the properties to be set; it knows how the system writes such a value, and leaves alone what else stands in the same
field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataflow.generate.mapping import Row
    from dataflow.scenario.reading import Reading

NULL_DATE = "0001-01-01T00:00:00+00:00"
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """A value that is to be made: `number` tells it from others, `record` is what stands there now."""

    number: int
    system: str
    properties: tuple[str, ...]
    record: Mapping[str, Any]
    reading: Reading

    @property
    def in_webcrm(self) -> bool:
        return self.system == "webcrm"

    @property
    def now(self) -> str:
        return str(self.record.get(self.properties[0]) or "")

    def coded(self, table: str) -> Any:
        """A name out of a reference table, in this system's words."""
        names = [
            name for (known, system, name) in self.reading.tables.codes if known == table and system == self.system
        ]
        named = sorted({name.upper() if len(name) <= 3 else name.capitalize() for name in names})
        return named[self.number % len(named)]


def new_value(reading: Reading, row: Row, system: str, record: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The properties to be set in a record of one system so that the row says something new there.

    The same arguments give the same value. Raises KeyError for a kind of row that nobody edits.
    """
    member, properties = row.member(system), reading.properties(row, system)
    before = reading.normal(row, member, record)
    for step in range(_TRIES):
        change = dict(_MAKERS[row.kind](Wish(number + step, system, properties, record, reading)))
        if reading.normal(row, member, {**record, **change}) not in (before, None):
            return change
    raise ValueError(f"{row.golden}: no new value for {properties[0]} of a {member}")


def editable(row: Row, system: str) -> bool:
    """Whether people can type a value into the row's field on that side."""
    return row.kind in _MAKERS and bool(row.properties(system))


def no_value(row: Row, system: str, properties: tuple[str, ...], record: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is set so that the row says nothing in a record of one system; None for a row that always says something.

    Only kinds whose nothing is the same on both sides: a name that one system demands cannot be cleared in step.
    """
    if row.kind not in _CLEARED or row.once or not properties:
        return None
    if row.kind == "further-lines" and system == "webcrm":
        return {properties[0]: str(record.get(properties[0]) or "").replace("\r\n", "\n").split("\n")[0]}
    nothing = _CLEARED[row.kind] if system == "webcrm" else None
    return {properties[0]: nothing}


# What webCRM has for nothing, by kind of row.
_CLEARED: dict[str, Any] = {
    "text": "",
    "memo": "",
    "email": "",
    "vat": "",
    "phone": "",
    "further-lines": "",
    "country": "",
    "decimal": 0.0,
    "date": NULL_DATE,
}


def _alone(make: Callable[[Wish], Any]) -> Callable[[Wish], dict[str, Any]]:
    return lambda wish: {wish.properties[0]: make(wish)}


def _first_line(wish: Wish) -> str:
    lines = wish.now.replace("\r\n", "\n").split("\n") if wish.in_webcrm else [wish.now]
    return "\r\n".join([f"Gate {wish.number}", *lines[1:]])


def _further_lines(wish: Wish) -> str:
    if not wish.in_webcrm:
        return f"Etasje {wish.number}\nInngang B"
    first = wish.now.replace("\r\n", "\n").split("\n")[0]
    return f"{first}\r\nEtasje {wish.number}\r\nInngang A"


def _first_words(wish: Wish) -> str:
    words = wish.now.split()
    return f"Kari {_letters(wish.number)}" + (f" {words[-1]}" if wish.in_webcrm and words else "")


def _last_word(wish: Wish) -> str:
    words = wish.now.split()
    return " ".join([*(words[:-1] if wish.in_webcrm else ()), f"Moe{_letters(wish.number)}"])


def _status(wish: Wish) -> dict[str, Any]:
    state = ("open", "won", "lost")[wish.number % 3]
    if not wish.in_webcrm:
        return {wish.properties[0]: {"open": "Draft", "won": "Confirmed", "lost": "Cancelled"}[state]}
    won, lost = wish.properties
    day = f"2027-02-{1 + wish.number % 28:02}T00:00:00+00:00"
    return {won: state == "won", lost: day if state == "lost" else NULL_DATE}


def _date(wish: Wish) -> str:
    day = f"2027-01-{1 + wish.number % 28:02}"
    return f"{day}T00:00:00+00:00" if wish.in_webcrm else day


def _letters(number: int) -> str:
    """A number as letters, for names."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


_MAKERS: dict[str, Callable[[Wish], Mapping[str, Any]]] = {
    "text": _alone(lambda wish: f"Text {wish.number} æøå"),
    "memo": _alone(lambda wish: f"Note {wish.number}" + ("\r\n" if wish.in_webcrm else "\n") + "second line"),
    "last-name": _alone(lambda wish: f"Berg{_letters(wish.number)}"),
    "email": _alone(lambda wish: f"mail.{wish.number}@example.com"),
    "vat": _alone(lambda wish: f"{910_000_000 + wish.number % 10_000_000}"),
    "phone": _alone(
        lambda wish: f"+47 22{wish.number % 1_000_000:06}" if wish.in_webcrm else f"+4723{wish.number % 1_000_000:06}"
    ),
    "first-line": _alone(_first_line),
    "further-lines": _alone(_further_lines),
    "first-words": _alone(_first_words),
    "last-word": _alone(_last_word),
    "country": _alone(lambda wish: wish.coded("country")),
    "currency": _alone(lambda wish: wish.coded("currency")),
    "vat-code": _alone(lambda wish: wish.coded("vat-code")),
    "status": _status,
    "decimal": _alone(lambda wish: wish.number % 90 + 1.25),
    "integer": _alone(lambda wish: wish.number % 9_000 + 1),
    "date": _alone(_date),
    "active": _alone(lambda wish: ("Active", "Resigned")[wish.number % 2] if wish.in_webcrm else bool(wish.number % 2)),
}
