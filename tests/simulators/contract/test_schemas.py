"""Schemas judge values as JSON Schema 2020-12 and the contract say, and tell faults in plain words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dataflow.simulators.contract.schemas import Fault, Schema, exact, inlined, plain, properties


def details(schema, value):
    return [fault.detail for fault in Schema(schema).faults(value)]


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, [1, Decimal("1.0"), Decimal("1E+2")], [Decimal("1.5"), True, "1"]),
        ({"type": "number"}, [1, Decimal("1.5")], [True, "1"]),
        ({"format": "decimal"}, [Decimal("0.0001"), Decimal("1.50000"), Decimal("1E+9"), 0], [Decimal("0.00001")]),
        ({"format": "decimal"}, [Decimal("0E-9")], [Decimal("1." + "0" * 40 + "1"), Decimal("1E-400")]),
        ({"format": "int64"}, [2**63 - 1, -(2**63)], [2**63, Decimal("1E+308"), -(2**63) - 1]),
        ({"format": "date"}, ["2024-02-29"], ["2026-02-29", "20260101", "2026-W01-1", "2026-1-1", "٢٠٢٦-01-01"]),
        (
            {"format": "date-time"},
            ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5+01:00"],
            ["2026-01-01T24:00:00Z", "x"],
        ),
        ({"type": "string"}, ["\U0001f9ea", ""], ["\ud83e", "a\udc00b"]),
        ({"pattern": "^[A-Z]{2}$"}, ["DK"], ["DK\n", "DKK"]),
        ({"pattern": r"^\d\$$"}, ["1$"], ["1", "١$"]),
        ({"format": "json-pointer"}, ["", "/a~1b/0"], ["a", "/~2"]),
        ({"format": "uri-reference"}, ["about:blank", "/a?b#c"], ["a b", "<a>"]),
    ],
)
def test_values(schema, good, bad):
    assert [value for value in good if not Schema(schema).fits(value)] == []
    assert [value for value in bad if Schema(schema).fits(value)] == []


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"type": ["string", "null"]}, 5, "must be string or null"),
        ({"enum": ["a", "b"]}, "c", "must be one of a, b"),
        ({"minimum": 1}, 0, "must be at least 1"),
        ({"maximum": Decimal("1.5")}, 2, "must be at most 1.5"),
        ({"minLength": 1}, "", "must not be empty"),
        ({"type": "string"}, "\ud83e", "has half of a surrogate pair, which is no character"),
        ({"maxItems": 1}, [1, 2], "[1, 2] is too long"),
    ],
)
def test_words(schema, value, told):
    assert details(schema, value) == [told]


def test_places():
    schema = {
        "type": "object",
        "required": ["a/b", "c"],
        "properties": {"a/b": {}, "c": {}, "d": {"items": {"type": "integer"}}},
        "additionalProperties": False,
    }
    assert Schema(schema).faults({"d": [1, "x"], "~": 1}) == [
        Fault("/a~1b", "is missing"),
        Fault("/c", "is missing"),
        Fault("/d/1", "must be integer"),
        Fault("/~0", "cannot be set, or is not known"),
    ]


def test_references_are_put_in_place_and_what_stands_beside_them_holds_too():
    document = {
        "schemas": {
            "Frame": {"description": "any page", "properties": {"Items": {"type": "array"}, "Page": {"minimum": 1}}},
            "Page": {"$ref": "#/schemas/Frame", "description": "a page", "properties": {"Items": {"maxItems": 1}}},
            "Short": {"$ref": "#/schemas/Text", "x-way": "both", "maximum": 99999999999.9999},
            "Text": {"type": "string"},
        }
    }
    page = inlined({"$ref": "#/schemas/Page"}, document)
    assert page["description"] == "a page"
    assert set(properties(page)) == {"Items", "Page"}
    for wrong in ({"Items": {}}, {"Items": [1, 2]}, {"Page": 0}):
        assert not Schema(page).fits(wrong)
    short = inlined({"$ref": "#/schemas/Short"}, document)
    assert short == {"type": "string", "x-way": "both", "maximum": Decimal("99999999999.9999")}


def test_numbers_there_and_back():
    value = {"a": [Decimal("0.1"), Decimal("10.00"), Decimal("99999999999.9999"), "x", None, True]}
    written = plain(value)
    assert written == {"a": [0.1, 10, 99999999999.9999, "x", None, True]}
    assert type(written["a"][1]) is int
    assert plain(exact(written)) == written
    assert exact(0.1) == Decimal("0.1")
