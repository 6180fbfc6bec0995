"""Math: argument order, the type of the result, exactness, rounding, and null where there is no finite result."""

from decimal import Decimal

import pytest

from dataflow.dtl import transit
from dataflow.errors import DtlError
from dtl.expressions import text, text_of

SYMBOLS = ["+", "-", "*", "/", "%", "^"]
NAMED = ["plus", "minus", "multiply", "divide", "mod", "pow"]
OF_ONE = ["abs", "ceil", "floor", "round", "sin", "cos", "tan", "sqrt"]


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("other", [None, "2", True, "~t2024-01-01", [], ["x", 2], [None, 2]])
def test_symbols_give_null_unless_both_first_values_are_numbers(symbol, other):
    assert text_of([symbol, 3, "_S.v"], {"v": other}) == "null"
    assert text_of([symbol, "_S.v", 3], {"v": other}) == "null"
    assert text_of([symbol, "_S.v", "_S.w"], {"v": [6, "x"], "w": [3, None]}) == text_of([symbol, 6, 3])


@pytest.mark.parametrize(("name", "symbol"), list(zip(NAMED, SYMBOLS, strict=True)))
def test_named_functions_take_the_operand_first_and_map(name, symbol):
    for value in (7, -7, 2.5, "~f7.5"):
        assert text_of([name, 2, "_S.v"], {"v": value}) == text_of([symbol, "_S.v", 2], {"v": value})
    assert text_of([name, 2, ["list", 7, None, "7", True]]) == f"[{text_of([symbol, 7, 2])}]"
    assert text_of([name, 2, None]) == "null"
    assert text_of([name, "_S.missing", ["list", 7]]) == "null"
    assert text_of([name, 2, ["list"]]) == "[]"


@pytest.mark.parametrize("name", OF_ONE)
def test_functions_of_one_number_ignore_what_is_none(name):
    assert text_of([name, ["list", None, "1", True]]) == "[]"
    assert text_of([name, "1"]) == "null"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["+", 2**70, 1], 2**70 + 1),
        (["+", 1, 1.0], 2.0),
        (["+", "~f0.1", 1], "~f1.1"),
        (["+", "~f0.1", 0.2], "~f0.3"),
        (["-", "~f1.00", 1], "~f0.00"),
        (["*", 0.1, "~f3"], "~f0.3"),
        (["/", 6, 3], "~f2"),
        (["/", 6, 3.0], 2.0),
        (["/", 1, 3], "~f0." + "3" * 60),
        (["%", 7, "~f2.5"], "~f2.0"),
        (["^", 2, 3.0], 8.0),
        (["^", "~f1.1", 2], "~f1.21"),
        (["^", 2, 200], 2**200),
        (["^", 0, 0], 1),
        (["^", "~f0", 0], "~f1"),
        (["^", -2, 3], -8),
    ],
)
def test_the_most_precise_type_wins(expression, expected):
    assert text_of(expression) == text(expected)


@pytest.mark.parametrize(
    "expression",
    [
        ["/", 0, 0],
        ["/", 1.0, 0.0],
        ["/", "~f1", 0],
        ["%", 1, 0],
        ["%", 1.5, 0],
        ["%", "~f1", 0],
        ["^", 0, -1],
        ["^", 0.0, -1],
        ["^", -1, 0.5],
        ["^", "~f-1", "~f0.5"],
        ["^", 10.0, 400],
        ["*", 1e300, 1e300],
        ["+", 10**400, 0.5],
        ["*", "~f1e4299", 10],
        ["sqrt", -0.1],
        ["sqrt", "~f-1"],
        ["sqrt", 10**700],
    ],
)
def test_no_finite_result_is_null(expression):
    assert text_of(expression) == "null"


def test_null_results_stay_in_their_list():
    assert text_of(["divide", 0, ["list", 1, "x", 2]]) == "[null, null]"
    assert text_of(["sqrt", ["list", -1, 4, -4]]) == "[null, 2.0, null]"


def test_a_power_that_would_fill_the_memory_is_refused():
    with pytest.raises(DtlError, match="too large"):
        text_of(["^", 10, "_S.v"], {"v": 10**9})
    assert text_of(["^", -1, "_S.v"], {"v": 10**9}) == "1"
    assert text_of(["is-integer", ["^", 2, "_S.v"]], {"v": 49_999}) == "true"
    with pytest.raises(DtlError, match="too large"):
        text_of(["^", 2, "_S.v"], {"v": 50_001})


@pytest.mark.parametrize(
    "expression", [["*", "~f1e-4300", "~f0.3"], ["/", "~f1e-4300", 7], ["-", "~f1e-4300", "~f2e-4300"]]
)
def test_a_small_result_has_no_more_places_than_are_read(expression):
    assert type(transit.loads(text_of(expression))) is Decimal


@pytest.mark.parametrize(
    ("dividend", "divisor", "expected"),
    [
        (-7, 3, 2),
        (7, -3, -2),
        (-7.0, 3, 2.0),
        ("~f-7", 3, "~f2"),
        ("~f7", -3, "~f-2"),
        ("~f6", -3, "~f0"),
        (-7, "~f3.5", "~f-0.0"),
    ],
)
def test_a_remainder_has_the_sign_of_the_divisor(dividend, divisor, expected):
    assert text_of(["%", "_S.a", "_S.b"], {"a": dividend, "b": divisor}) == text(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["round", ["list", 0.5, 1.5, 2.5, -0.5, -1.5]], [0, 2, 2, 0, -2]),
        (["round", 2, ["list", 2.675, 1.115, 0.125]], [2.68, 1.12, 0.12]),
        (["round", 1, ["list", 6, "~f6", 6.0]], ["~f6.0", "~f6.0", 6.0]),
        (["round", 0, "~f1e30"], 10**30),
        (["round", -1, ["list", 15, 25, 5.0]], ["~f20", "~f20", 0.0]),
        (["round", 2, "~f" + "9" * 70 + ".125"], "~f" + "9" * 70 + ".12"),
        (["round", 500, 2.5], 2.5),
        (["round", 1, -0.01], 0.0),
        (["round", 2.0, 1.005], 1.0),
        (["round", 1.5, 1.25], None),
        (["round", "_S.text", 1.25], None),
        (["ceil", ["list", 1.1, -1.1, 7, "~f1.000000000000000000001"]], [2, -1, 7, 2]),
        (["ceil", 1, 2.2], 2.2),
        (["floor", ["list", 1.9, -1.1, 7, "~f0.999999999999999999999"]], [1, -2, 7, 0]),
        (["floor", 1, 0.3], 0.3),
        (["abs", ["list", -(2**70), -2.5, "~f-2.50", -0.0]], [2**70, 2.5, "~f2.50", 0.0]),
    ],
)
def test_rounding(expression, expected):
    assert text_of(expression, {"text": "1"}) == text(expected)


def test_trigonometry():
    assert text_of(["round", 12, ["sin", ["list", 1.5707963267948966, "~f0.5", 1]]]) == text(
        [1.0, 0.479425538604, 0.841470984808]
    )
    assert text_of(["round", 12, ["cos", 1]]) == text(0.540302305868)
    assert text_of(["tan", ["list", 1.5707963267948966, -4.71238898038469]]) == text([None, None])
    assert text_of(["round", 6, ["tan", 1.57]]) == text(1255.765592)
    assert text_of(["sqrt", ["list", 2.25, 16, "~f2"]]) == text(
        [1.5, 4.0, "~f1.41421356237309504880168872420969807856967187537694807317668"]
    )
