"""Numbers: what parses and what does not, replacements, two's complement, no booleans among numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow.dtl.functions.numbers import integer, to_hex
from dtl.expressions import text, text_of

NOT_NUMBERS = [
    "list",
    True,
    None,
    "",
    "one",
    "1,5",
    "1_000",
    "NaN",
    "Infinity",
    "~rurn:1",
    "~t2024-01-01",
    ["list", 1],
    "٣",
]


@pytest.mark.parametrize("cast", ["decimal", "float", "integer", "hex"])
def test_what_is_no_number_is_left_out(cast):
    assert text_of([cast, NOT_NUMBERS]) == "[]"
    assert text_of([cast, "one"]) == "null"
    assert text_of([cast, None]) == "null"


@pytest.mark.parametrize("cast", ["decimal", "float", "integer"])
def test_the_default_replaces_what_does_not_fit_but_never_null(cast):
    assert text_of([cast, "n/a", ["list", "one", None, True]]) == text(["n/a", "n/a"])
    assert text_of([cast, ["concat", "<", "_.", ">"], "one"]) == text("<one>")
    assert text_of([cast, None, ["list", "one"]]) == text([None])
    assert text_of([cast, ["list", 1, 2], "one"]) == text([1, 2])
    assert text_of([cast, "n/a", None]) == "null"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.50", "~f1.50"),
        (" +.5 ", "~f0.5"),
        ("5.", "~f5"),
        ("-0", "~f-0"),
        ("1E-3", "~f0.001"),
        (0.1, "~f0.1"),
        (1e22, "~f10000000000000000000000"),
        (12345678901234567890, "~f12345678901234567890"),
        ("~f1.10", "~f1.10"),
        ("1e99999", None),
        ("9" * 80 + ".5", "~f" + "9" * 80 + ".5"),
    ],
)
def test_decimals(value, expected):
    assert text_of(["decimal", "_S.v"], {"v": value}) == text(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1.0), ("~f0.1", 0.1), ("1e-400", 0.0), ("1e400", None), (10**400, None), (" 2.5", 2.5), ("~f1e400", None)],
)
def test_floats(value, expected):
    assert text_of(["float", "_S.v"], {"v": value}) == text(expected)
    assert text_of(["float", "_S.v"], {"v": [value]}) == text([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("-007", -7),
        ("+7", 7),
        (" 7\n", 7),
        ("7.0", None),
        ("1e3", None),
        (-7.9, -7),
        ("~f-7.9", -7),
        ("0x00", 0),
        ("0xF", 15),
        ("0xff", -1),
        ("0x00FF", 255),
        ("0x8000", -32768),
        ("0x", None),
        ("0xg0", None),
        ("-0x01", None),
    ],
)
def test_integers(value, expected):
    compared = ["eq", ["integer", "_S.v"], "_S.e"]
    assert text_of(compared, {"v": value, "e": expected}) == "true"


@pytest.mark.parametrize("sign", ["", "-", "+"])
def test_integers_of_thousands_of_digits_are_read_and_no_longer_ones(sign):
    rest = ["mod", 1000, ["abs", ["integer", "_S.v"]]]
    assert text_of(rest, {"v": sign + "7" * 4297 + "123"}) == "123"
    assert text_of(["integer", "_S.v"], {"v": sign + "7" * 4301}) == "null"


@pytest.mark.parametrize("cast", ["decimal", "integer"])
@pytest.mark.parametrize("value", ["1e4300", "-1e999999999", "1e-4301", "1e-999999999999999999999", "0e9999999"])
def test_what_would_have_too_many_digits_is_no_number(cast, value):
    assert text_of([cast, ["decimal", "_S.v"]], {"v": value}) == "null"


def test_decimals_reach_as_far_as_integers():
    assert text_of(["eq", ["integer", ["decimal", "1e4299"]], ["^", 10, 4299]]) == "true"
    assert text_of(["eq", ["decimal", "1e-4300"], ["decimal", "0." + "0" * 4299 + "1"]]) == "true"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0x00"),
        (127, "0x7f"),
        (256, "0x0100"),
        (-1, "0xff"),
        (-32769, "0xff7fff"),
        ("0x0080", "0x0080"),
        (1.0, None),
    ],
)
def test_hexadecimal_digits(value, expected):
    assert text_of(["hex", "_S.v"], {"v": value}) == text(expected)


@settings(deadline=None)
@given(st.integers())
def test_hexadecimal_digits_read_back(number):
    assert integer(None, to_hex(number)) == number


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, "is-integer"),
        (10**30, "is-integer"),
        (1.0, "is-float"),
        ("~f1", "is-decimal"),
        (True, None),
        ("1", None),
        (None, None),
    ],
)
def test_kinds_of_numbers(value, kind):
    for name in ("is-integer", "is-float", "is-decimal"):
        assert text_of([name, "_S.v"], {"v": value}) == text(name == kind)
        assert text_of([name, "_S.v"], {"v": [value, "x"]}) == text(name == kind)
        assert text_of([name, "_S.v"], {"v": ["x", value]}) == "false"
