"""Equality, keys and order of values agree with each other and with the documented types."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.dtl.transit import TransitError, decode, dumps, encode, loads
from dataflow.dtl.values import NI, URI, UUID, Date, Datetime, key, order_key, same, true

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    # A plain string that begins with a tilde cannot be told from a typed one in transit form.
    st.text().filter(lambda text: not text.startswith("~")),
    st.sampled_from(["a", "1", "true"]),
    st.builds(NI.of, st.text(min_size=1)),
    st.builds(URI.of, st.text(min_size=1)),
    st.builds(Datetime, st.integers(-(10**18), 10**18)),
    st.binary(),
)
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=3), v, max_size=3))


@given(values, values)
def test_key_is_equal_exactly_where_values_are_the_same(a, b):
    assert (key(a) == key(b)) == same(a, b)


@given(values)
def test_values_survive_transit(value):
    assert same(loads(dumps(value)), value)


@given(st.lists(scalars, max_size=8))
def test_any_values_can_be_ordered(items):
    ordered = sorted(items, key=order_key)
    assert [order_key(v) for v in ordered] == sorted(order_key(v) for v in items)


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, True, False),
        (0, False, False),
        (1, 1.0, True),
        (1, Decimal("1.00"), True),
        ("a:b", NI.of("a:b"), False),
        ("~:a:b", NI.of("a:b"), False),
        (NI.of("x"), URI.of("x"), False),
        (Date(0), Datetime(0), True),
        ({"a": 1, "b": None}, {"b": None, "a": 1}, True),
        ({"a": None}, {}, False),
        ([1, [2]], [1, [2.0]], True),
        ([1, 2], [2, 1], False),
        (None, [], False),
    ],
)
def test_equality(a, b, equal):
    assert same(a, b) is equal
    assert same(b, a) is equal


def test_the_documented_order_of_types():
    mixed = [
        b"x",
        {"a": 1},
        "text",
        URI.of("http://x"),
        NI.of("a:b"),
        UUID.of("531a379e-31bb-4ce1-8690-158dceb64be6"),
        Datetime(5),
        Decimal("2.5"),
        2,
        True,
        None,
    ]
    assert sorted(mixed, key=order_key) == [mixed[i] for i in (10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)]


@pytest.mark.parametrize("value", [None, False, []])
def test_false_values(value):
    assert not true(value)


@pytest.mark.parametrize("value", [0, "", {}, [None], [False], True, Decimal(0)])
def test_true_values(value):
    assert true(value)


@pytest.mark.parametrize(
    "text",
    [
        "~:crm:1",
        "~rhttp://x.example/",
        "~t2024-06-03T13:58:10.25Z",
        "~t2024-06-03",
        "~t0001-01-01T00:00:00Z",
        "~f158325.000000",
        "~bYWJj",
        "~u531a379e-31bb-4ce1-8690-158dceb64be6",
        "~zunknown",
        "~",
        "plain",
    ],
)
def test_transit_strings_come_back_as_they_were(text):
    assert encode(decode(text)) == text


def test_trailing_zeros_of_a_fraction_are_dropped_and_nanoseconds_kept():
    assert encode(decode("~t2024-06-03T13:58:10.140Z")) == "~t2024-06-03T13:58:10.14Z"
    assert encode(decode("~t2024-06-03T13:58:10.123456789Z")) == "~t2024-06-03T13:58:10.123456789Z"


@pytest.mark.parametrize(
    "text",
    [
        "~f",
        "~fabc",
        "~fNaN",
        "~f1e4300",
        "~f1e-999999999",
        "~t2024-13-01",
        "~tnow",
        "~b*",
        "~u1",
        "~t2024-01-01T10:00:00",
    ],
)
def test_a_known_tag_with_bad_content_is_an_error(text):
    with pytest.raises(TransitError, match="not a valid transit string"):
        decode({"a": [text]})


def test_an_integer_that_is_too_long_is_not_written():
    with pytest.raises(TransitError, match="4300 digits"):
        dumps({"a": [10**4300, 0.5]})


def test_integers_and_decimals_are_exact():
    big = "123456789012345678901234567890"
    assert loads(big) == int(big)
    assert dumps(loads('"~f0.1000000000000000000001"')) == '"~f0.1000000000000000000001"'
