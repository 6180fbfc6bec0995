"""Nulls: what counts as null, what does not, and where a list's elements are asked instead."""

import pytest

from dataflow.dtl import Context, compile_expression
from dataflow.dtl.functions import nulls
from dataflow.dtl.values import NI

NULLS = [None, [], [None], [None, 1], [None, []]]
OTHERS = ["", 0, False, {}, [[]], [False], [1, None], {"a": None}, NI.of("a:b"), (None,)]


def result(expression, **source):
    return compile_expression(expression)(Context(), S=source)


@pytest.mark.parametrize("value", NULLS)
def test_what_is_null(value):
    assert nulls.is_null(value) is True
    assert result(["is-null", "_S.v"], v=value) is True
    assert result(["is-not-null", "_S.v"], v=value) is False
    assert nulls.is_not_null(value) is False
    assert result(["if-null", "_S.v", "_S.other"], v=value, other="oak") == "oak"
    assert nulls.if_null(value, "oak") == "oak"


@pytest.mark.parametrize("value", OTHERS)
def test_what_is_not_null(value):
    assert nulls.is_null(value) is False
    assert result(["is-null", "_S.v"], v=value) is False
    assert result(["is-not-null", "_S.v"], v=value) is True
    assert nulls.is_not_null(value) is True
    assert result(["if-null", "_S.v", "_S.other"], v=value, other="oak") is value
    assert nulls.if_null(value, "oak") is value


def test_a_missing_property_and_constants():
    assert result(["is-null", "_S.v"]) is True
    assert result(["if-null", 5, "_S.v"], v=1) == 5
    assert result(["if-null", None, "_S.v"], v=1) == 1


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["coalesce", "_S.v"], []),
        (["coalesce", "_S.single"], "oak"),
        (["coalesce", ["list"]], None),
        (["coalesce", ["list", "_S.missing", "_S.missing"]], None),
        # with a function its truth decides, so a null may be found, and an empty list is false
        (["coalesce", "_.", "_S.v"], "elm"),
        (["coalesce", ["is-null", "_."], ["list", 1, None]], None),
        (["coalesce", ["eq", "_.", "oak"], "_S.single"], "oak"),
        (["coalesce", ["eq", "_.", "elm"], "_S.single"], None),
    ],
)
def test_coalesce(expression, expected):
    assert result(expression, v=[None, [], False, "elm"], single="oak") == expected
