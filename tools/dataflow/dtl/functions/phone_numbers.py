"""Chapter "Phonenumbers": phone numbers are `tel:` URIs in RFC 3966 form. Numbering plans come from libphonenumber's data."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dataflow.dtl import kinds
from dataflow.dtl.mapping import IGNORED, each
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import URI
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value

phone_numbers = Chapter("Phonenumbers", "dtl-functions-phonenumbers.rst")

_SCHEME = "tel:"


def _read(text: str, region: str | None) -> Any:
    """The parsed number, or None when the text is not a valid phone number."""
    # Imported here, because its tables are large and most pipes have no phone numbers.
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _written(number: Any, form: str) -> str:
    import phonenumbers

    return str(phonenumbers.format_number(number, getattr(phonenumbers.PhoneNumberFormat, form)))


def _region(number: Any) -> str | None:
    import phonenumbers

    region: str | None = phonenumbers.region_code_for_number(number)
    return region


def _significant(number: Any) -> str:
    import phonenumbers

    return str(phonenumbers.national_significant_number(number))


_FORMATS: dict[str, Callable[[Any], str | None]] = {
    "e164": lambda number: _written(number, "E164").removeprefix("+"),
    "rfc3966": lambda number: _written(number, "RFC3966"),
    "national": lambda number: _written(number, "NATIONAL"),
    "international": lambda number: _written(number, "INTERNATIONAL"),
    "national-e164": _significant,
    "isocode": _region,
    "country-code": lambda number: str(number.country_code),
}


@lru_cache(maxsize=65_536)
def _rewritten(form: str, text: str, region: str | None) -> str | None:
    """A phone number in one of the formats, None when it is not valid.

    To read one takes long, and most are met again and again as entities change.
    """
    number = _read(text, region)
    return None if number is None else _FORMATS[form](number)


def _text(value: Value) -> str | None:
    """What may stand for a phone number: a string, a whole number, or a phone number already."""
    if type(value) is str:
        return value
    if type(value) is int or (type(value) in (float, Decimal) and value == value // 1):
        return str(int(value))
    return value.name if type(value) is URI and value.name.startswith(_SCHEME) else None


@phone_numbers.expression(
    "phonenumber-parse",
    "DEFAULT_REGION(string{0|1}) VALUES(value-expression{1})",
    accepts=kinds.STRING | kinds.NUMBER | kinds.URI,
    gives=kinds.URI,
    examples=[
        Example(["phonenumber-parse", "+46 8 123 456 00"], "~rtel:+46-8-123-456-00"),
        Example(
            ["phonenumber-parse", "DK", ["list", "33 92 33 33", 33923333, "unlisted"]], ["~rtel:+45-33-92-33-33"] * 2
        ),
        Example(["phonenumber-parse", "33 92 33 33"], None),
    ],
)
def phonenumber_parse(region: Value, values: Value) -> Value:
    """The phone numbers that strings and numbers stand for; DEFAULT_REGION is theirs when they have no country code.

    What is not a valid phone number is ignored.
    """
    default = region.upper() if type(region) is str else None

    def one(value: Value) -> Value:
        text = _text(value)
        address = None if text is None else _rewritten("rfc3966", text, default)
        return IGNORED if address is None else URI.of(address)

    return each(values, one)


@phone_numbers.expression(
    "phonenumber-format",
    "FORMAT_STRING(string{1}) VALUES(value-expression{1})",
    accepts=kinds.URI,
    gives=kinds.STRING,
    examples=[
        Example(["phonenumber-format", "e164", "~rtel:+45-33-92-33-33"], "4533923333"),
        Example(
            ["phonenumber-format", "international", ["list", "~rtel:+45-33-92-33-33", "33923333"]], ["+45 33 92 33 33"]
        ),
        Example(["phonenumber-format", "isocode", "~rtel:+45-33-92-33-33"], "DK"),
        Example(["phonenumber-format", "local", "~rtel:+45-33-92-33-33"], kind="error"),
    ],
)
def phonenumber_format(form: Value, values: Value) -> Value:
    """Phone numbers as strings: e164 (without a plus), rfc3966, national, international, national-e164, isocode, country-code.

    Values that are not `tel:` URIs are ignored.
    """
    if type(form) is not str or form not in _FORMATS:
        raise DtlError(f'unknown phone number format "{form}": use one of {", ".join(_FORMATS)}')

    def one(value: Value) -> Value:
        if type(value) is not URI or not value.name.startswith(_SCHEME):
            return IGNORED
        result = _rewritten(form, value.name, None)
        return IGNORED if result is None else result

    return each(values, one)
