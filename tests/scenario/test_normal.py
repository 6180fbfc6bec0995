from decimal import Decimal

import pytest

from dataflow.checklist.checks.properties import OWN_WAY
from dataflow.dtl.values import NI, Date
from dataflow.generate.kinds import KINDS
from dataflow.generate.mapping import Member
from dataflow.scenario.normal import NORMAL, Sight, plain
from dataflow.scenario.tables import Tables

TABLES = Tables({("country", "webcrm", "norge"): "NO", ("country", "customerp", "no"): "NO"}, "NO")


def member(system, country=None):
    name = f"{system}-thing"
    return Member(name, "thing", "Id", "At", "never", 1, name, country=country)


def normal(kind, value, system="webcrm", **more):
    sight = Sight({"P": value, **more}, ("P",), member(system, "Country" if "Country" in more else None), TABLES)
    return NORMAL[kind](sight)


# kind, what webCRM shows, what Customerp shows, the one normal form of both
SAME = [
    ("text", " Fjord AS ", "Fjord AS", "Fjord AS"),
    ("text", "-- vælg --", None, None),
    ("memo", "a\r\nb", "a\nb", "a\nb"),
    ("last-name", "-", None, None),
    ("last-name", "Hansen", "Hansen", "Hansen"),
    ("email", " Kari@Example.COM", "kari@example.com", "kari@example.com"),
    ("vat", "NO 987 654 321 MVA", "987654321", "987654321"),
    ("vat", "", None, None),
    ("phone", "22 33 44 55", "+4722334455", "+4722334455"),
    ("phone", "call us", "call us", "call us"),
    ("first-line", "Storgata 1\r\nInngang B", "Storgata 1", "Storgata 1"),
    ("further-lines", "Storgata 1\r\nInngang B\r\n3. etg", "Inngang B\n3. etg", "Inngang B\n3. etg"),
    ("further-lines", "Storgata 1", None, None),
    ("first-words", "Kari Anne Hansen", "Kari Anne", "Kari Anne"),
    ("last-word", "Kari Anne Hansen", "Hansen", "Hansen"),
    ("country", "Norge", "NO", "NO"),
    ("decimal", 12.50, Decimal("12.5"), Decimal("12.5")),
    ("decimal", 0.0, None, None),
    ("decimal", 32.989999999999995, Decimal("32.99"), Decimal("32.99")),
    ("integer", 3, 3, 3),
    ("date", "2024-06-28T00:00:00+00:00", "2024-06-28", "2024-06-28"),
    ("date", "0001-01-01T00:00:00+00:00", None, None),
    ("active", "Active", True, True),
    ("active", "Resigned", False, False),
    ("reference", 12, 12, "12"),
    ("reference", 0, None, None),
]


@pytest.mark.parametrize(("kind", "webcrm", "customerp", "form"), SAME)
def test_both_systems_come_to_one_form(kind, webcrm, customerp, form):
    assert normal(kind, webcrm) == form
    assert normal(kind, customerp, "customerp") == form


def test_a_phone_is_read_with_the_country_of_its_record():
    tables = Tables({("country", "webcrm", "sverige"): "SE"}, "NO")
    sight = Sight({"P": "08-123 456", "Country": "Sverige"}, ("P",), member("webcrm", "Country"), tables)
    assert NORMAL["phone"](sight) == "+468123456"


def test_a_country_nobody_listed_is_known_by_the_code_beside_it():
    assert normal("country", "Spania", PData={"CodeISO": "ES"}) == "ES"


@pytest.mark.parametrize(
    ("won", "lost", "form"),
    [
        (False, "0001-01-01T00:00:00+00:00", "open"),
        (True, "0001-01-01T00:00:00+00:00", "won"),
        (False, "2024-06-28T00:00:00+00:00", "lost"),
    ],
)
def test_the_status_of_an_opportunity_is_made_of_two_properties(won, lost, form):
    sight = Sight({"W": won, "L": lost}, ("W", "L"), member("webcrm"), TABLES)
    assert NORMAL["status"](sight) == form


def test_typed_values_are_read_as_people_see_them():
    assert plain(Decimal("1.50")) == Decimal("1.50")
    assert plain(NI.of("a:b")) == "a:b"
    assert plain(Date(0)) == "1970-01-01"


def test_there_is_a_reading_for_every_kind_a_mapping_can_use():
    assert NORMAL.keys() | OWN_WAY.keys() == KINDS.keys() | {"compared"}
