"""`all` and `any`: truth of values, of functions of them, and of nothing."""

import pytest

from dataflow.dtl import Context, compile_expression


def result(expression, **source):
    return compile_expression(expression)(Context(), S=source)


@pytest.mark.parametrize(
    ("values", "every", "some"),
    [
        (None, True, False),
        ([], True, False),
        ([None], False, False),
        ([[]], False, False),
        ([False], False, False),
        ([0, "", {}, [None]], True, True),
        ([0, None], False, True),
        (0, True, True),
        (False, False, False),
        ({}, True, True),
    ],
)
def test_truth_of_values(values, every, some):
    assert result(["all", "_S.v"], v=values) is every
    assert result(["any", "_S.v"], v=values) is some


@pytest.mark.parametrize(
    ("values", "every", "some"),
    [
        (None, True, False),
        ([], True, False),
        ([1, 9], False, True),
        ([8, 9], True, True),
        (9, True, True),
        (1, False, False),
    ],
)
def test_truth_of_a_function(values, every, some):
    assert result(["all", ["gt", "_.", "_S.limit"], "_S.v"], v=values, limit=5) is every
    assert result(["any", ["gt", "_.", "_S.limit"], "_S.v"], v=values, limit=5) is some


def test_asking_stops_at_the_value_that_decides():
    failing = ["range", "_.", 1]
    assert result(["any", ["if", ["eq", "_.", 1], True, failing], "_S.v"], v=[1, "x"]) is True
    assert result(["all", ["if", ["eq", "_.", 1], False, failing], "_S.v"], v=[1, "x"]) is False
