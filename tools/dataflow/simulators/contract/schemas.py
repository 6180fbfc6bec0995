"""Schemas of an OpenAPI 3.1 document: without references, and with faults told in plain words.

Numbers behind a point are `Decimal` on both sides of a comparison, so that what a contract says about digits is decided exactly.
Source: OpenAPI 3.1 (schema object), JSON Schema 2020-12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import TypeChecker

_LEAST = -(2**63)
_NOTES = frozenset({"description", "title", "examples", "example", "readOnly", "default"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that does not fit: where it stands (JSON pointer), and what it must be."""

    pointer: str
    detail: str


class Schema:
    """One schema, ready to judge values whose fractions are `Decimal`."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self._validator = _Validator(content, format_checker=_FORMATS)

    def faults(self, value: Any) -> list[Fault]:
        """Everything about `value` that does not fit, in the order of the value."""
        found = {fault: None for error in self._validator.iter_errors(value) for fault in _told(error)}
        return sorted(found, key=lambda fault: fault.pointer)

    def fits(self, value: Any) -> bool:
        return bool(self._validator.is_valid(value))


def inlined(schema: Any, document: Any) -> Any:
    """`schema` with every reference into `document` replaced by what it points to, and fractions as Decimal.

    What stands beside a reference holds too; where both say something under one name, each keeps its say (`allOf`).
    """
    if type(schema) is float:
        return exact(schema)
    if type(schema) is list:
        return [inlined(inner, document) for inner in schema]
    if type(schema) is not dict:
        return schema
    here = {key: inlined(value, document) for key, value in schema.items() if key != "$ref"}
    if "$ref" not in schema:
        return here
    there = inlined(pointed(schema["$ref"], document), document)
    twice = here.keys() & there.keys()
    if all(key in _NOTES or key.startswith("x-") for key in twice):
        return {**there, **here}
    return {**here, "allOf": [there, *here.get("allOf", ())]}


def pointed(reference: str, document: Any) -> Any:
    """What a reference of the form `#/components/...` points to. Raises KeyError."""
    target = document
    for step in reference.removeprefix("#/").split("/"):
        target = target[step.replace("~1", "/").replace("~0", "~")]
    return target


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    """The properties of an object's schema, those of its parts included."""
    found: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        found |= properties(part)
    found |= schema.get("properties", {})
    return found


def plain(value: Any) -> Any:
    """`value` with each Decimal as the number JSON writes: an integer where it is one, else the shortest fraction.

    Exact for up to 15 significant digits, which is all that the contract lets through.
    """
    if type(value) is Decimal:
        return int(value) if value == value.to_integral_value() else float(value)
    if type(value) is dict:
        return {key: plain(inner) for key, inner in value.items()}
    if type(value) is list:
        return [plain(inner) for inner in value]
    return value


def exact(value: Any) -> Any:
    """The reverse of `plain`: each fraction as the Decimal of its shortest digits."""
    if type(value) is float:
        return Decimal(repr(value))
    if type(value) is dict:
        return {key: exact(inner) for key, inner in value.items()}
    if type(value) is list:
        return [exact(inner) for inner in value]
    return value


# --- types and formats ------------------------------------------------------------------------------------------------


def _is_integer(_: TypeChecker, value: Any) -> bool:
    return type(value) is int or (type(value) is Decimal and value == value.to_integral_value())


def _is_text(_: TypeChecker, value: Any) -> bool:
    return type(value) is str and (value.isascii() or not re.search("[\ud800-\udfff]", value))


def _decimal(value: Any) -> bool:
    if type(value) is not Decimal or not value:
        return True
    _, digits, exponent = value.as_tuple()
    zeros = next(count for count, digit in enumerate(reversed(digits)) if digit)
    return int(exponent) + zeros >= -4


def _int64(value: Any) -> bool:
    return type(value) not in (int, Decimal) or _LEAST <= value < -_LEAST


def _date(value: Any) -> bool:
    return type(value) is not str or (bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII)) and _exists(date, value))


def _moment(value: Any) -> bool:
    shape = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return type(value) is not str or (bool(re.fullmatch(shape, value, re.ASCII)) and _exists(datetime, value[:19]))


def _exists(kind: type[date], text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True


def _reference(value: Any) -> bool:
    return type(value) is not str or not re.search(r"[\x00-\x20<>\"{}|\\^`]", value)


def _pointer(value: Any) -> bool:
    return type(value) is not str or bool(re.fullmatch(r"(/([^~/]|~[01])*)*", value, re.DOTALL))


def _pattern(_: Any, wanted: str, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    """As ECMA-262 reads it: `$` is the end of the text alone, not also the place before a last line break."""
    end = wanted.removesuffix("$") + r"\Z" if re.search(r"(?<!\\)\$$", wanted) else wanted
    if type(value) is str and not re.search(end, value, re.ASCII):
        yield ValidationError("does not fit")


_FORMATS = FormatChecker(formats=())
for _name, _check in {
    "decimal": _decimal,
    "int64": _int64,
    "date": _date,
    "date-time": _moment,
    "uri-reference": _reference,
    "json-pointer": _pointer,
}.items():
    _FORMATS.checks(_name)(_check)

_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer).redefine("string", _is_text),
)

# --- words ------------------------------------------------------------------------------------------------------------

_FORMAT_WORDS = {
    "decimal": "must have at most 4 digits behind the point",
    "int64": "is too large",
    "date": "must be a day that exists, as in 2026-11-24",
    "date-time": "must be a moment that exists, as in 2026-11-24T08:15:30Z",
    "uri-reference": "must be an address",
    "json-pointer": "must be a JSON pointer",
}


def _told(error: ValidationError) -> Iterator[Fault]:
    place = "".join(f"/{escaped(step)}" for step in error.absolute_path)
    wanted: Any = error.validator_value
    value: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "additionalProperties":
            for name in sorted(value.keys() - schema.get("properties", {}).keys()):
                yield Fault(f"{place}/{escaped(name)}", "cannot be set, or is not known")
        case "required":
            for name in wanted:
                if name not in value:
                    yield Fault(f"{place}/{escaped(name)}", "is missing")
        case "type" if type(value) is str and not _is_text(_Validator.TYPE_CHECKER, value):
            yield Fault(place, "has half of a surrogate pair, which is no character")
        case "type":
            yield Fault(place, "must be " + " or ".join([wanted] if type(wanted) is str else wanted))
        case "enum":
            yield Fault(place, "must be one of " + ", ".join(str(value) for value in wanted))
        case "pattern":
            yield Fault(place, f"must fit {wanted}")
        case "minimum" | "maximum":
            yield Fault(place, f"must be at {'least' if error.validator == 'minimum' else 'most'} {wanted}")
        case "format":
            yield Fault(place, _FORMAT_WORDS[wanted])
        case "minLength":
            yield Fault(place, "must not be empty")
        case _:
            yield Fault(place, error.message)
