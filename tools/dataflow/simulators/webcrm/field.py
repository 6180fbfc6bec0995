"""The members of webCRM's rows: what kind each is, what stands for nothing, and what of a request's value is kept.

`fields.json` has them all, one short text each: the kind, then `max=` characters, `readonly`, `createonly`, `writeonly`, `required`
(when a row is made), `raw` (a column that only queries show), `null` (nothing is JSON null), `of=` the names of a choice, and last
`empty=` what else stands for nothing. Rules: webCRM's published contract; for what is not in it, decisions 0511 and 0512.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from dataflow.simulators.webcrm import times

_EMPTY: dict[str, Any] = {
    "text": "",
    "integer": 0,
    "number": 0.0,
    "boolean": False,
    "time": times.NULL,
    "date": times.NULL,
    "country": None,
}
_INT32 = 2**31
NULL = object()
"""What `taken` makes of an explicit null, or of an empty text where a number is wanted."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    empty: Any
    length: int | None = None
    choices: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()

    def __contains__(self, flag: str) -> bool:
        return flag in self.flags

    def taken(self, value: Any) -> Any:
        """What is kept of a value in a request, which may be given as text too, or NULL. Raises ValueError."""
        if value is None:
            return NULL
        if isinstance(value, dict | list) and self.kind != "country":
            raise ValueError(f"{self.name} is no {self.kind}")
        convert = _CONVERT[self.kind]
        try:
            return convert(self, value)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            raise ValueError(f"{self.name}: {str(value)[:50]!r} is no {self.kind}") from None


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _integer(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        if not value.strip():
            return NULL
        value = int(value)
    if type(value) is not int or not -_INT32 <= value < _INT32:
        raise ValueError
    return value


def _number(field: Field, value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError
    if isinstance(value, str) and not value.strip():
        return NULL
    return float(value)


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.strip().lower())
    if type(value) not in (bool, int):
        raise ValueError
    return bool(value)


def _time(field: Field, value: Any) -> str:
    return times.taken(value)


def _date(field: Field, value: Any) -> str:
    return times.date_taken(value)


def _choice(field: Field, value: Any) -> str:
    if type(value) is int and 0 <= value < len(field.choices):
        return field.choices[value]
    return {choice.lower(): choice for choice in field.choices}[str(value).lower()]


def _country(field: Field, value: Any) -> dict[str, str]:
    return {name: str(value.get(name) or "") for name in ("Name", "CodeISO", "CodeUN")}


_CONVERT: dict[str, Any] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "time": _time,
    "date": _date,
    "choice": _choice,
    "country": _country,
}


def read(name: str, text: str) -> Field:
    """A field from its line in `fields.json`."""
    text, _, empty = text.partition(" empty=")
    kind, *words = text.split()
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    flags = frozenset(word for word in words if "=" not in word)
    length = int(settings["max"]) if "max" in settings else None
    choices = tuple(settings["of"].split("|")) if "of" in settings else ()
    nothing: Any = None if "null" in flags else empty or _EMPTY[kind]
    return Field(name, kind, nothing, length, choices, flags - {"null"})


@cache
def all_fields() -> dict[str, dict[str, Field]]:
    """Per kind of row its fields by name, in the order they are shown."""
    data = orjson.loads(Path(__file__).with_name("fields.json").read_bytes())
    return {noun: {name: read(name, text) for name, text in found.items()} for noun, found in data.items()}
