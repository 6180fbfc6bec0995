"""What people see in a field, and what a system is given for what they type."""

from decimal import Decimal

import pytest

from dataflow.demo.fields import Field, field, value_of
from dataflow.errors import UsageError
from dataflow.generate.mapping import Row
from dataflow.scenario.values import NULL_DATE

CHOICES = (("2", "2 · Fjordbygg AS"), ("3", "3 · Havblikk Hotell"))


def row(kind, type_="string", **more):
    return Row("g", ("P",), "P", type_, "both", kind, "flow", "webcrm-person", "customerp-contact", **more)


def shown(kind, value, system="webcrm", type_="string", **more):
    one = field(row(kind, type_, **more), system, "P", {"P": value}, CHOICES)
    return one.form, one.text


@pytest.mark.parametrize(
    ("kind", "value", "more", "expected"),
    [
        ("text", "Kari", {}, ("text", "Kari")),
        ("text", None, {}, ("text", "")),
        ("memo", "a\r\nb", {}, ("lines", "a\nb")),
        ("first-line", "Storgata 1", {}, ("lines", "Storgata 1")),
        ("decimal", 890.0, {}, ("number", "890")),
        ("decimal", Decimal("1E+3"), {}, ("number", "1000")),
        ("decimal", 0.25, {}, ("number", "0.25")),
        ("decimal", 0, {}, ("number", "")),
        ("decimal", None, {"type_": "decimal"}, ("number", "")),
        ("active", True, {}, ("choice", "true")),
        ("active", "Active", {}, ("text", "Active")),
        ("date", "2027-01-08T00:00:00+00:00", {}, ("date", "2027-01-08")),
        ("date", NULL_DATE, {}, ("date", "")),
        ("date", "2027-01-08", {"type_": "date"}, ("date", "2027-01-08")),
        ("reference", 2, {}, ("choice", "2")),
        ("reference", 0, {}, ("choice", "")),
        ("reference", 2, {"on_insert": True}, ("fixed", "2 · Fjordbygg AS")),
        ("link", 7, {}, ("fixed", "7")),
        ("compared", 21360.0, {}, ("fixed", "21360")),
    ],
)
def test_how_a_value_is_shown(kind, value, more, expected):
    assert shown(kind, value, **more) == expected


def test_a_reference_offers_what_it_may_point_to_and_what_it_points_to_now():
    one = field(row("reference"), "webcrm", "P", {"P": 9}, CHOICES)
    assert one.options == (("", "–"), ("9", "9"), *CHOICES)


REFERENCE = Field("P", "choice", "2", (("", "–"), *CHOICES))
YES = Field("P", "choice", "true", (("true", "yes"), ("false", "no")))


@pytest.mark.parametrize(
    ("one", "text", "system", "now", "expected"),
    [
        (Field("P", "text", ""), "Kari", "webcrm", "", "Kari"),
        (Field("P", "text", ""), "", "webcrm", "Kari", ""),
        (Field("P", "text", ""), "", "customerp", "Kari", None),
        (Field("P", "lines", ""), "a\nb", "webcrm", "", "a\r\nb"),
        (Field("P", "lines", ""), "a\nb", "customerp", "", "a\nb"),
        (Field("P", "number", ""), "1 240,50", "webcrm", 0, 1240.5),
        (Field("P", "number", ""), "-3", "customerp", None, -3),
        (Field("P", "number", ""), "", "webcrm", 3, 0),
        (Field("P", "number", ""), " ", "customerp", 3, None),
        (Field("P", "date", ""), "2027-01-08", "webcrm", NULL_DATE, "2027-01-08T00:00:00+00:00"),
        (Field("P", "date", ""), "", "webcrm", "2027-01-08T00:00:00+00:00", NULL_DATE),
        (Field("P", "date", ""), "2027-01-08", "customerp", None, "2027-01-08"),
        (Field("P", "date", ""), "", "customerp", "2027-01-08", None),
        (YES, "false", "customerp", True, False),
        (REFERENCE, "3", "webcrm", 2, 3),
        (REFERENCE, "", "webcrm", 2, 0),
        (REFERENCE, "", "customerp", 2, None),
        (Field("P", "choice", "A", (("", "–"), ("A", "A"))), "A", "webcrm", "", "A"),
    ],
)
def test_what_a_system_is_given(one, text, system, now, expected):
    found = value_of(one, text, system, now)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("one", "text", "told"),
    [
        (Field("Price", "number", ""), "ten", "Price: expected a number, and found 'ten'"),
        (Field("Price", "number", ""), "1e400", "expected a number"),
        (Field("Due", "date", ""), "8.1.2027", "Due: a day is written 2027-01-31"),
        (REFERENCE, "77", "P: '77' is none of its choices"),
    ],
)
def test_what_stands_for_no_value(one, text, told):
    with pytest.raises(UsageError, match=told):
        value_of(one, text, "customerp", None)
