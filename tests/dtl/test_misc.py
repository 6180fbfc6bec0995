"""Hashes, tuples and completeness."""

import pytest

from dataflow.dtl import Context, compile_expression
from dataflow.dtl.functions import misc
from dataflow.dtl.values import NI, Datetime
from dataflow.errors import DtlError, FindingsError

OAK = 23757497987688766868886830037364721893
OAK_7 = 136858399548042305113419234154333641534


def result(expression, context=None, **source):
    return compile_expression(expression)(context or Context(), S=source)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["hash128", "murmur3", "_S.s"], OAK),
        (["hash128", "murmur3", 0, "_S.s"], OAK),
        (["hash128", "murmur3", 7, "_S.s"], OAK_7),
        (["hash128", "murmur3", "_S.seeds", "_S.s"], OAK_7),
        (["hash128", "murmur3", 2**32 + 7, "_S.s"], OAK_7),
        (["hash128", "murmur3", ["list", "_S.s", "_S.b", "_S.ni", None, 5]], [OAK, OAK]),
        (["hash128", "murmur3", ["list"]], []),
        (["hash128", "murmur3", "_S.ni"], None),
        (["hash128", "murmur3", "_S.missing"], None),
    ],
)
def test_hashes_of_strings_and_bytes(expression, expected):
    assert result(expression, s="oak", b=b"oak", ni=NI.of("a:b"), seeds=[7, 1]) == expected


def test_hashes_are_of_utf8():
    assert result(["hash128", "murmur3", "_S.s"], s="ø") == result(["hash128", "murmur3", "_S.s"], s="ø".encode())


def test_an_unknown_algorithm_fails():
    with pytest.raises((DtlError, FindingsError)):
        result(["hash128", "md5", "_S.s"], s="oak")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), []),
        (("a",), [("a",)]),
        (([1, 2], "a", [True]), [(1, "a", True), (2, "a", True)]),
        (([1, None, 2], None), []),
        (([None],), []),
        (([[1, 2]], "a"), [([1, 2], "a")]),
    ],
)
def test_tuples_are_a_product_without_nulls(arguments, expected):
    got = misc.tuples(*arguments)
    assert got == expected
    assert all(type(element) is tuple for element in got)


def test_a_tuple_is_one_value():
    assert result(["count", ["first", ["tuples", 1, "_S.two"]]], two=2) == 1


def test_completeness_asks_the_surroundings():
    known = {("stand", "tree"): Datetime(5)}
    context = Context(completeness=lambda via, dataset: known.get((via, dataset)))
    assert result(["completeness", "stand", "tree"], context) == Datetime(5)
    assert result(["completeness", "tree", "stand"], context) is None
    assert result(["completeness", "stand", "tree"]) is None
