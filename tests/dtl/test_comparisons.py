"""Comparisons: equality of types and lists, null apart, order within one kind only."""

import itertools

import pytest

from dtl.expressions import text_of

# One value of every kind, none equal to another.
KINDS = [
    None,
    True,
    False,
    1,
    "1",
    "~:a:1",
    "~ra:1",
    "~u5f0c2a4e-0000-4000-8000-0123456789ab",
    "~t2024-01-01",
    "~bMQ==",
    {"a": 1},
    {},
]


def compare(function, left, right):
    return text_of([function, "_S.left", "_S.right"], {"left": left, "right": right}) == "true"


@pytest.mark.parametrize("value", KINDS)
def test_a_value_equals_itself_and_its_list_but_null_only_itself(value):
    assert compare("eq", value, value)
    assert not compare("neq", value, value)
    assert compare("eq", value, [value]) is (value is not None)
    assert compare("eq", [value, value], value) is False


@pytest.mark.parametrize(("left", "right"), list(itertools.combinations(KINDS, 2)))
def test_values_of_different_kinds_differ_and_have_no_order(left, right):
    assert not compare("eq", left, right)
    assert compare("neq", left, right)
    if not (type(left) is type(right) is bool or type(left) is type(right) is dict):
        assert not any(compare(function, left, right) for function in ("gt", "gte", "lt", "lte"))


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ([], [], True),
        ([], None, False),
        ([None], None, False),
        ([None], [None], True),
        ([], [None], False),
        ([1, 2], [2, 1], False),
        ([1, [2]], [1, [2]], True),
        (1, 1.0, True),
        (1, "~f1.000", True),
        (1.5, "~f1.5", True),
        (0, False, False),
        ({"a": 1, "b": [2.0]}, {"b": [2], "a": "~f1"}, True),
        ({"a": None}, {}, False),
        ({"a": True}, {"a": 1}, False),
        ("~t2024-01-01", "~t2024-01-01T00:00:00Z", True),
        ("é", "e\u0301", False),
    ],
)
def test_equality(left, right, equal):
    assert compare("eq", left, right) is equal
    assert compare("eq", right, left) is equal
    assert compare("neq", left, right) is not equal


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (1, 1.5),
        ("~f0.1", "~f0.2"),
        (-(10**30), 0),
        (False, True),
        ("", "a"),
        ("Z", "a"),
        ("z", "å"),
        ("10", "9"),
        ("~t1969-12-31T23:59:59.999999999Z", "~t1970-01-01"),
        ("~:a:1", "~:a:2"),
        ({"a": 1}, {"a": 2}),
        ([1, 100], [2, 0]),
    ],
)
def test_order_of_first_values(less, more):
    assert compare("lt", less, more)
    assert compare("lte", less, more)
    assert compare("gt", more, less)
    assert compare("gte", more, less)
    assert not compare("gt", less, more)
    assert not compare("gte", less, more)
    assert compare("gte", less, less)
    assert compare("lte", less, less)
    assert not compare("lt", less, less)
    assert not compare("gt", less, less)


@pytest.mark.parametrize("function", ["gt", "gte", "lt", "lte"])
@pytest.mark.parametrize("other", [None, [], [None], [None, 5]])
def test_nothing_is_before_or_after_null(function, other):
    assert not compare(function, 1, other)
    assert not compare(function, other, 1)
    assert not compare(function, other, other)
