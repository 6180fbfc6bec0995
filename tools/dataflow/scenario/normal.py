"""Normal forms in plain Python: when two values of a property are the same one, although the systems write them differently.

The checklist reads raw records with these and never with the DTL the pipes were generated to, so that a fault in that DTL
shows. There is one reading per kind of a mapping's rows (`as:`). The normal form of nothing is None: webCRM shows nothing as
"", 0, the null date or a placeholder (webCRM's API documentation, values).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import phonenumbers

from dataflow.dtl.transit import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataflow.generate.mapping import Member
    from dataflow.scenario.tables import Tables

_NULL_DAY = "0001-01-01"
_TRUE_STATES = frozenset({"active"})


@dataclass(frozen=True, slots=True)
class Sight:
    """One record seen through one row: the record, the row's properties on that side, whose it is, and the tables."""

    record: Mapping[str, Any]
    properties: tuple[str, ...]
    member: Member
    tables: Tables

    @property
    def value(self) -> Any:
        """The first property's value in plain JSON; None when it is not there."""
        return plain(self.record.get(self.properties[0])) if self.properties else None

    @property
    def in_webcrm(self) -> bool:
        return self.member.system == "webcrm"

    def classified(self, table: str) -> str | None:
        name = _text(self)
        return self.tables.code(table, self.member.system, name) or name


def plain(value: Any) -> Any:
    """A value as people read it: a decimal as number, a date or instant as ISO text, an identifier without its tag."""
    coded = encode(value)
    if type(coded) is not str or coded[:1] != "~":
        return coded
    return Decimal(coded[2:]) if coded[1:2] == "f" else coded[2:]


def text_of(value: Any) -> str | None:
    """Stripped text with one kind of line end; nothing for "" and for a drop-down's placeholder."""
    if value is None:
        return None
    stripped = str(value).replace("\r\n", "\n").strip()
    return None if not stripped or (stripped.startswith("--") and stripped.endswith("--")) else stripped


def number_of(value: Any) -> Decimal | None:
    """A number, with the digits behind the point that both systems keep; nothing for 0, for no value, and for what is no number."""
    if value is None or type(value) is bool or (type(value) is str and not value.strip()):
        return None
    try:
        return round(Decimal(str(value)), 4) or None
    except ArithmeticError:
        return None


def _text(sight: Sight) -> str | None:
    return text_of(sight.value)


def _lower(sight: Sight) -> str | None:
    text = _text(sight)
    return text.lower() if text else None


def code_of(value: Any) -> str | None:
    """A product or order number: case and surrounding blanks do not count."""
    text = text_of(value)
    return text.upper() if text else None


def _last_name(sight: Sight) -> str | None:
    text = _text(sight)
    return None if text == "-" else text


def _vat(sight: Sight) -> str | None:
    text = _text(sight)
    if not text:
        return None
    bare = "".join(c for c in text.upper() if c.isalnum()).removesuffix("MVA")
    return bare[2:] if bare[:2].isalpha() else bare


def _phone(sight: Sight) -> str | None:
    text = _text(sight)
    if not text:
        return None
    country = None
    if sight.member.country:
        country = _country(Sight(sight.record, (sight.member.country,), sight.member, sight.tables))
    try:
        parsed = phonenumbers.parse(text, country or sight.tables.default_country)
    except phonenumbers.NumberParseException:
        return text
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _lines(sight: Sight) -> list[str]:
    """Of a field with several lines; the first may be empty."""
    lines = str(sight.value or "").replace("\r\n", "\n").split("\n")
    return [line.strip() for line in lines] if _text(sight) else []


def _first_line(sight: Sight) -> str | None:
    if not sight.in_webcrm:
        return _text(sight)
    return next(iter(_lines(sight)), None) or None


def _further_lines(sight: Sight) -> str | None:
    return text_of("\n".join(_lines(sight)[1:])) if sight.in_webcrm else _text(sight)


def _first_words(sight: Sight) -> str | None:
    text = _text(sight)
    return text_of(" ".join(text.split()[:-1])) if text and sight.in_webcrm else text


def _last_word(sight: Sight) -> str | None:
    text = _text(sight)
    return text.split()[-1] if text and sight.in_webcrm else text


def _country(sight: Sight) -> str | None:
    name = _text(sight)
    known = sight.tables.code("country", sight.member.system, name)
    beside = sight.record.get(f"{sight.properties[0]}Data") if sight.in_webcrm else None
    return known or (text_of(beside.get("CodeISO")) if isinstance(beside, dict) else None) or name


def _date(sight: Sight) -> str | None:
    day = (_text(sight) or "")[:10]
    return None if day in ("", _NULL_DAY) else day


def _status(sight: Sight) -> str | None:
    if not sight.in_webcrm:
        return sight.classified("order-status")
    won, lost = sight.properties
    if _date(Sight(sight.record, (lost,), sight.member, sight.tables)):
        return "lost"
    return "won" if sight.record.get(won) is True else "open"


def _active(sight: Sight) -> bool | None:
    value = sight.value
    if type(value) is bool or value is None:
        return value
    return str(value).strip().lower() in _TRUE_STATES


def _record_id(sight: Sight) -> str | None:
    """The id a reference holds, as text; 0 refers to nothing."""
    value = sight.value
    return None if value in (None, 0, "", "0") else str(value)


NORMAL: dict[str, Callable[[Sight], Any]] = {
    "text": _text,
    "memo": _text,
    "last-name": _last_name,
    "email": _lower,
    "vat": _vat,
    "phone": _phone,
    "first-line": _first_line,
    "further-lines": _further_lines,
    "first-words": _first_words,
    "last-word": _last_word,
    "country": _country,
    "currency": lambda sight: sight.classified("currency"),
    "vat-code": lambda sight: sight.classified("vat-code"),
    "status": _status,
    "decimal": lambda sight: number_of(sight.value),
    "integer": lambda sight: number_of(sight.value),
    "compared": lambda sight: number_of(sight.value),
    "date": _date,
    "active": _active,
    "reference": _record_id,
    "product-number": lambda sight: code_of(sight.value) if sight.in_webcrm else _record_id(sight),
}
