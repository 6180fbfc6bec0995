"""Lists: single values against lists, nulls, positions, order, grouping; inline forms agree with the general functions."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.dtl import Context, compile_expression
from dataflow.dtl.registry import lookup
from dataflow.dtl.values import NI, Datetime, same
from dataflow.errors import DtlError

ROWS = [{"n": 2, "k": "b"}, {"n": 1, "k": "a"}, {"n": 2, "k": "c"}]


def result(expression, **source):
    return compile_expression(expression)(Context(), S=source)


def exactly(left, right):
    """Same types all the way down, which `==` alone does not ask for."""
    if type(left) is list:
        return type(right) is list and len(left) == len(right) and all(map(exactly, left, right))
    return type(left) is type(right) and same(left, right)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # a single value gives a single value; null stays null
        (["map", ["upper", "_."], "_S.one"], "OAK"),
        (["map", ["literal", "x"], "_S.none"], None),
        (["filter", ["eq", "_.", "oak"], "_S.one"], "oak"),
        (["filter", ["literal", True], "_S.none"], None),
        (["distinct", "_S.one"], "oak"),
        (["distinct", "_S.none"], None),
        (["flatten", "_S.one"], "oak"),
        (["flatten", "_S.none"], None),
        (["reversed", "_S.one"], "oak"),
        (["reversed", "_S.none"], None),
        (["sorted", "_S.one"], "oak"),
        (["sorted-descending", "_S.none"], None),
        (["max", "_S.one"], "oak"),
        (["min", "_S.none"], None),
        (["enumerate", "_S.none"], None),
        (["map-dict", "_.", "_.", "_S.one"], None),
        (["map-dict", "_.", "_.", {}], None),
        # a list gives a list, even of one element, even when nothing is left
        (["map", "_.", "_S.short"], ["oak"]),
        (["filter", ["eq", "_.", "elm"], "_S.short"], []),
        (["map-dict", "_.", "_.", "_S.short"], []),
        (["enumerate", "_S.short"], [{"key": 0, "value": "oak"}]),
        (["reversed", "_S.short"], ["oak"]),
        # always a list
        (["map-values", "_.", "_S.one"], []),
        (["map-values", "_.", "_S.none"], []),
        (["group", "_.", "_.", "_S.none"], []),
        (["slice", 0, "_S.one"], ["oak"]),
        (["slice", 1, "_S.one"], []),
        (["slice", 0, "_S.none"], []),
        (["insert", 0, "_S.none", None], [None]),
        # nulls inside a list are elements
        (["map", ["is-null", "_."], "_S.holes"], [True, False, True]),
        (["filter", ["is-null", "_."], "_S.holes"], [None, None]),
        (["count", "_S.holes"], 3),
        (["first", "_S.holes"], None),
        (["last", "_S.holes"], None),
        (["is-empty", ["list", "_S.none"]], False),
        (["combine", "_S.none", "_S.holes", "_S.none"], [None, "elm", None]),
        (["flatten", ["list", "_S.holes", None]], [None, "elm", None, None]),
        (["in", None, "_S.holes"], False),
        (["in", ["list", None], "_S.holes"], True),
    ],
)
def test_single_values_lists_and_nulls(expression, expected):
    got = result(expression, one="oak", none=None, short=["oak"], holes=[None, "elm", None])
    assert exactly(got, expected), got


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["nth", -1, "_S.v"], 9),
        (["nth", -3, "_S.v"], 7),
        (["nth", -4, "_S.v"], None),
        (["nth", 3, "_S.v"], None),
        (["nth", None, "_S.v"], None),
        (["nth", "_S.text", "_S.v"], None),
        (["nth", "_S.true", "_S.v"], None),
        (["nth", "_S.pair", "_S.v"], 9),
        (["nth", 1, "_S.text"], None),
        (["nth", -1, "_S.text"], None),
        (["nth", 0, None], None),
        (["slice", -2, "_S.v"], [8, 9]),
        (["slice", 0, -1, "_S.v"], [7, 8]),
        (["slice", -1, 0, -1, "_S.v"], [9, 8]),
        (["slice", 5, "_S.v"], []),
        (["slice", "_S.text", "_S.v"], None),
        (["slice", 1, None, "_S.v"], [8, 9]),
        (["slice", 0, None, 2, "_S.v"], [7, 9]),
        (["insert", 99, "_S.v", 1], [7, 8, 9, 1]),
        (["insert", -99, "_S.v", 1], [1, 7, 8, 9]),
        (["insert", -1, "_S.v", ["list"]], [7, 8, [], 9]),
        (["insert", 10**30, "_S.v", 1], [7, 8, 9, 1]),
        (["insert", -(10**30), "_S.v", 1], [1, 7, 8, 9]),
        (["insert", None, "_S.v", 1], None),
        (["enumerate", "_S.text", "_S.v"], None),
        (["enumerate", -1, ["list", "a", "b"]], [{"key": -1, "value": "a"}, {"key": 0, "value": "b"}]),
        (["range", 3, 0], []),
        (["range", 1, "_S.none"], None),
        (["range", "_S.none", 1], None),
        (["range", 0, -3, -2], [0, -2]),
        (["range", ["count", "_S.v"], 5], [3, 4]),
    ],
)
def test_positions(expression, expected):
    assert exactly(result(expression, v=[7, 8, 9], text="oak", true=True, pair=[2, 0]), expected)


@pytest.mark.parametrize(
    "expression",
    [
        ["range", 0, 3, "_S.zero"],
        ["range", "_S.text", 3],
        ["range", 0, 1, "_S.text"],
        ["range", "_S.zero", 10_000_001],
        ["range", "_S.zero", 10**30],
        ["slice", 0, 1, "_S.zero", ["list"]],
    ],
)
def test_a_step_of_zero_bounds_that_are_no_integers_and_too_many_integers_fail(expression):
    with pytest.raises(DtlError):
        result(expression, zero=0, text="oak", none=None)


def test_an_argument_is_never_changed():
    values = [3, 1, 2]
    for expression in (["sorted", "_S.v"], ["insert", 0, "_S.v", 9], ["reversed", "_S.v"], ["combine", "_S.v", 4]):
        result(expression, v=values)
    assert values == [3, 1, 2]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["sorted", "_.n", "_S.rows"], [ROWS[1], ROWS[0], ROWS[2]]),
        (["sorted-descending", "_.n", "_S.rows"], [ROWS[0], ROWS[2], ROWS[1]]),
        (["max", "_.n", "_S.rows"], ROWS[0]),
        (["min", "_.n", "_S.rows"], ROWS[1]),
        (["max", "_.missing", "_S.rows"], ROWS[0]),
        (["distinct", "_.n", "_S.rows"], [ROWS[0], ROWS[1]]),
        (["sorted", "_S.mixed"], [None, False, 1, 1.5, NI.of("a:b"), "B", "a", {"k": 1}, [0]]),
        (["min", "_S.mixed"], None),
        (["max", "_S.mixed"], [0]),
        (["max", ["list"]], None),
        (["distinct", ["list", 1, 1.0, True, "1", "~f1"]], [1, True, "1"]),
        (
            ["distinct", ["list", "~:a:b", "a:b", {"x": 1, "y": 2}, {"y": 2, "x": 1}]],
            [NI.of("a:b"), "a:b", {"x": 1, "y": 2}],
        ),
        (["in", ["list", 1, "~f2.0"], ["list", 2, 1.0]], True),
        (["in", True, ["list", 1]], False),
        (["in", "_S.k", ["list", "~:a:b", "c"]], False),
    ],
)
def test_order_and_equality(expression, expected):
    mixed = ["a", {"k": 1}, 1.5, None, "B", NI.of("a:b"), [0], False, 1]
    assert exactly(result(expression, rows=ROWS, mixed=mixed, k="a:b"), expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 10**30], 10**30 + 3),
        ([1, 0.5], 1.5),
        ([0.1, Decimal("0.2")], Decimal("0.3")),
        ([Decimal("1.10"), 2], Decimal("3.10")),
        ([True, "3", None, [4], 5], 5),
        (None, 0),
        ([], 0),
        ("3", 0),
        (2.5, 2.5),
        ([1e308, 1e308], None),
        ([10**400, 0.5], None),
        ([Decimal("9e4299"), Decimal("9e4299")], None),
        ([Decimal(1), math.inf], None),
    ],
)
def test_sums_are_as_precise_as_their_most_precise_number(values, expected):
    got = result(["sum", "_S.v"], v=values)
    assert type(got) is type(expected)
    assert got == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["group-by", "_.n", "_S.rows"], {"2": [ROWS[0], ROWS[2]], "1": [ROWS[1]]}),
        (["group-by", "_.at", "_S.typed"], {'"~t1970-01-01T00:00:00Z"': [{"at": Datetime(0)}]}),
        (["group-by", ["dict", "b", 1, "a", "_.n"], ["list", {"n": 2}]], {'{"a": 2, "b": 1}': [{"n": 2}]}),
        (["group-by", ["list", "oak", None, "oak"]], {'"oak"': ["oak", "oak"], "null": [None]}),
        (["group-by", "_.n", "_.", "_S.rows"], {}),
        (["group-by", "_.k", ["upper", "_."], "_S.rows"], {"B": [ROWS[0]], "A": [ROWS[1]], "C": [ROWS[2]]}),
        (["group-by", "_.", "_S.none"], {}),
        (["group-by", "_.", "ø"], {'"ø"': ["ø"]}),
        (["group", "_.n", "_.k", "_S.rows"], [[2, ["b", "c"]], [1, ["a"]]]),
        (["group", "_.", ["literal", 1], ["list", 1, 1.0, True]], [[1, [1, 1]], [True, [1]]]),
        (["group", "_.", "_.", "oak"], [["oak", ["oak"]]]),
        (["map-values", "_.", ["list", {"a": None}, "x", {"b": [1]}]], [None, [1]]),
        (["map-dict", ["upper", "_."], ["count", "_."], ["list", {"a": None, "b": [1, 2]}, {}]], [{"A": 0, "B": 2}]),
        (["map-dict", ["if", ["neq", "_.", "a"], "_."], "_.", {"a": 1, "b": 2}], {"b": 2}),
        (["map-dict", ["literal", "k"], "_.", {"a": 1, "b": 2}], {"k": 2}),
    ],
)
def test_grouping_and_dicts(expression, expected):
    got = result(expression, rows=ROWS, typed=[{"at": Datetime(0)}], none=None)
    assert got == expected
    if type(got) is dict:
        assert list(got) == list(expected)


VALUES = [None, [], [None], ["a", None], [[]], "a", "", 0, False, {}, {"a": 1}, NI.of("a:b"), (1, 2)]


@pytest.mark.parametrize("name", ["first", "last", "count", "is-empty", "is-not-empty", "is-list", "combine", "list"])
def test_inline_forms_agree_with_the_general_functions(name):
    inline = compile_expression([name, "_S.v"])
    general = lookup(name, "expression").call
    assert name.replace("-", "_") + "_(" not in inline.code
    for value in VALUES:
        assert exactly(inline(Context(), S={"v": value}), general(value)), value


@given(st.sampled_from(VALUES), st.sampled_from(["a", "", None, 0, ["list"], ["list", "a", None]]))
def test_membership_in_a_constant_agrees_with_the_general_function(value, items):
    expected = lookup("in", "expression").call(value, result(["combine", items]))
    assert result(["in", "_S.v", items], v=value) is expected
