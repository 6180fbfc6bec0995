"""Properties as fields of a form: what people see and type, and the value that a system is then given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.scenario.normal import plain
from dataflow.scenario.values import NULL_DATE, editable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataflow.generate.mapping import Row

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SEVERAL_LINES = frozenset({"memo", "first-line", "further-lines"})
_NUMBERS = frozenset({"integer", "decimal"})
_REFERENCES = frozenset({"reference", "product-number"})
YES_NO = (("true", "yes"), ("false", "no"))


@dataclass(frozen=True, slots=True)
class Field:
    """One property of one record. `form` is "text", "lines", "number", "date", "choice", or "fixed" for what nobody edits.

    `text` is its value as it stands in the field, `options` are the values of a choice with what they mean.
    """

    name: str
    form: str
    text: str
    options: tuple[tuple[str, str], ...] = ()


def field(row: Row, system: str, name: str, record: Mapping[str, Any], choices: Iterable[tuple[str, str]]) -> Field:
    """A row's property in a record of a system; `choices` are what a reference may point to, id and title."""
    value = plain(record.get(name))
    if row.kind in _REFERENCES:
        text = "" if value in (None, 0, "") else str(value)
        options = dict(choices)
        if row.on_insert:
            return Field(name, "fixed", options.get(text, text))
        return Field(name, "choice", text, tuple(({"": "–"} | ({text: text} if text else {}) | options).items()))
    if not editable(row, system):
        return Field(name, "fixed", "" if value is None else _plainly(value))
    if type(value) is bool or (value is None and row.type == "boolean"):
        return Field(name, "choice", str(value).lower() if value is not None else "", YES_NO)
    if _is_date(row, value):
        day = str(value or "")[:10]
        return Field(name, "date", "" if day == NULL_DATE[:10] else day)
    if type(value) not in (str, type(None)) or (value is None and row.type in _NUMBERS):
        return Field(name, "number", "" if value in (None, 0) else _plainly(value))
    text = str(value or "").replace("\r\n", "\n")
    return Field(name, "lines" if row.kind in _SEVERAL_LINES or "\n" in text else "text", text)


def value_of(one: Field, text: str, system: str, now: Any) -> Any:
    """The value that a text typed into a field stands for; `now` is what the record has.

    Raises UsageError for a text that stands for none.
    """
    nothing = None if system == "customerp" else "" if type(now) is str else 0
    if one.form == "date":
        if text and not _DAY.fullmatch(text):
            raise UsageError(f"{one.name}: a day is written 2027-01-31, and found {text!r}")
        return (f"{text}T00:00:00+00:00" if text else NULL_DATE) if system == "webcrm" else text or None
    if one.options == YES_NO:
        return text == "true"
    if one.form == "choice":
        if text not in dict(one.options):
            raise UsageError(f"{one.name}: {text!r} is none of its choices")
        return nothing if not text else text if type(now) is str else int(text)
    if one.form == "number":
        return _number(one.name, text, nothing)
    return text.replace("\n", "\r\n") if system == "webcrm" else text or None


def _plainly(value: Any) -> str:
    """A number without an exponent and without zeros that say nothing; everything else as it is."""
    if type(value) not in (float, Decimal):
        return str(value)
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(name: str, text: str, nothing: Any) -> Any:
    if not text.strip():
        return nothing
    tidy = text.strip().replace(",", ".").replace(" ", "")
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", tidy):
        raise UsageError(f"{name}: expected a number, and found {text!r}")
    return float(tidy) if "." in tidy else int(tidy)


def _is_date(row: Row, value: Any) -> bool:
    return row.type == "date" or (type(value) is str and _MOMENT.match(value) is not None)
