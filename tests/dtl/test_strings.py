"""Strings: what is ignored, single values against lists, bounds, patterns and replacements at their edges."""

import time

import pytest

from dataflow.errors import DataflowError
from dtl.expressions import text, text_of

NOT_STRINGS = ["list", 5, 2.5, "~f2.5", True, None, "~:tree:elm", "~rurn:elm", "~bZmly", {"a": "b"}, ["list", "inner"]]


@pytest.mark.parametrize(
    "call",
    [
        ["length"],
        ["lower"],
        ["upper"],
        ["strip"],
        ["lstrip", "x"],
        ["rstrip", "x"],
        ["ljust", 3, "."],
        ["rjust", 3, "."],
        ["replace", "a", "b"],
        ["replace", {"a": "b"}],
        ["split", "-"],
        ["substring", 0],
    ],
)
def test_what_is_not_a_string_is_left_out_of_a_list(call):
    assert text_of([*call, NOT_STRINGS]) == "[]"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["lower", "~:Tree:Elm"], None),
        (["upper", ["list"]], []),
        (["upper", ["list", "elm"]], ["ELM"]),
        (["length", "e\u0301"], 2),
        (["length", "\U0001f332"], 1),
    ],
)
def test_single_values_and_lists(expression, expected):
    assert text_of(expression) == text(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["concat", NOT_STRINGS], ""),
        (["concat", None, "a", ["list", None, "b"]], "ab"),
        (["concat", "a", ["list", ["list", "b"]]], "a"),
        (["concat", *([["list", "ab"]] * 12)], "ab" * 12),
        (["join", "", ["list", "a", "", "b"]], "ab"),
        (["join", "-", ["list", "", ""]], "-"),
        (["join", "-", None], None),
        (["join", "-", NOT_STRINGS], None),
        (["join", "_S.none", ["list", "a"]], None),
    ],
)
def test_putting_strings_together(expression, expected):
    assert text_of(expression) == text(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["ljust", 3, "å", ["list", "", "abcd"]], ["ååå", "abcd"]),
        (["rjust", -1, "0", "7"], "7"),
        (["rjust", "_S.listed", "0", "7"], "007"),
        (["rjust", "_S.wide", "0", "7"], None),
        (["rjust", "_S.flag", "0", "7"], None),
        (["ljust", 3, "ab", ["list", "7"]], None),
        (["ljust", 3, "_S.none", "7"], None),
    ],
)
def test_justifying(expression, expected):
    assert text_of(expression, {"wide": "3", "flag": True, "listed": [3]}) == text(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["strip", "\u00a0\t elm \r\n\u2003"], "elm"),
        (["strip", "", " elm "], " elm "),
        (["strip", "ab", "abcba"], "c"),
        (["lstrip", "ab", "abcba"], "cba"),
        (["rstrip", "ab", "abcba"], "abc"),
        (["strip", "_S.number", "1elm1"], None),
    ],
)
def test_stripping(expression, expected):
    assert text_of(expression, {"number": 1}) == text(expected)


@pytest.mark.parametrize(
    ("pattern", "values", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("?", "", False),
        ("?", "\U0001f332", True),
        ("a*c", "a\nb\nc", True),
        ("A*", "abc", False),
        ("a[bc]", "ab", False),
        ("a[bc]", "a[bc]", True),
        ("a.c", "abc", False),
        ("a\\*", "a\\b", True),
        ("*", ["list", "a", None], False),
        ("*", "~:a:b", False),
        ("*", ["list"], False),
        ("*", None, False),
        ("*", ["list", ["list", "a"]], False),
    ],
)
def test_patterns_match_whole_strings_literally_but_for_wildcards(pattern, values, expected):
    assert text_of(["matches", pattern, values]) == text(expected)


def test_a_pattern_that_is_no_string_matches_nothing():
    assert text_of(["matches", "_S.pattern", "a"], {"pattern": None}) == "false"
    assert text_of(["matches", "_S.pattern", "a"], {"pattern": ["?", "b"]}) == "true"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["replace", "aa", "a", "aaaa"], "aa"),
        (["replace", "a.b", "x", "a.b axb"], "x axb"),
        (["replace", "a", "\\1$0", "a"], "\\1$0"),
        (["replace", "", "-", "ab"], "ab"),
        (["replace", "", "-", "_S.word"], "elm"),
        (["replace", "_S.none", "-", "ab"], None),
        (["replace", "a", "_S.none", "ab"], None),
        (["replace", {}, "ab"], "ab"),
        (["replace", {"": "x", "a": "", "b": 5}, "ab"], "b"),
        (["replace", {"a": "aa"}, "aa"], "aaaa"),
        (["replace", {"e": "1", "elm": "2", "el": "3"}, "elm el e"], "2 3 1"),
        (["replace", {"(": "[", "\\": "/"}, "(\\"], "[/"),
        (["replace", "_S.number", "ab"], None),
    ],
)
def test_replacing(expression, expected):
    assert text_of(expression, {"number": 1, "word": "elm"}) == text(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["split", ",", ""], [""]),
        (["split", "", ""], []),
        (["split", ""], []),
        (["split", ",", ["list", ",", None]], ["", ""]),
        (["split", ", ", "a,b, c"], ["a,b", "c"]),
        (["split", "\u00a0a \n b"], ["a", "b"]),
        (["split", "_S.number", "a1b"], []),
        (["split", ",", "_S.none"], []),
    ],
)
def test_splitting_always_gives_a_list(expression, expected):
    assert text_of(expression, {"number": 1}) == text(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["substring", 0, 0, "elm"], ""),
        (["substring", -99, 2, "elm"], "el"),
        (["substring", 2, 1, "elm"], ""),
        (["substring", 1, ["list", "elm", "", None]], ["lm", ""]),
        (["substring", "_S.none", "elm"], None),
        (["substring", "_S.flag", 2, "elm"], None),
        (["substring", 0, "_S.text", "elm"], None),
    ],
)
def test_substrings(expression, expected):
    assert text_of(expression, {"flag": True, "text": "2"}) == text(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("~:tree:elm", "tree:elm"),
        ("~rurn:elm", "urn:elm"),
        ("~u5f0c2a4e-0000-4000-8000-0123456789ab", "5f0c2a4e-0000-4000-8000-0123456789ab"),
        ("~t2024-06-03T13:58:10.250Z", "2024-06-03T13:58:10.25Z"),
        ("~t2024-06-03", "2024-06-03"),
        ("~f-1.2E-7", "-0.00000012"),
        ("~f2E3", "2000"),
        ("~f1.50", "1.50"),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (False, "false"),
        (-(10**30), "-1" + "0" * 30),
        ("~b/w==", None),
        (
            {"b": {"d": "~f1.50", "c": None}, "a": ["~:t:e", "~bZmly"]},
            '{"a": ["t:e", "Zmly"], "b": {"c": null, "d": 1.50}}',
        ),
        ({"ø": 'a"\n'}, '{"ø": "a\\"\\n"}'),
    ],
)
def test_any_value_as_a_string(value, expected):
    assert text_of(["string", "_S.v"], {"v": value}) == text(expected)


def test_lists_as_strings_lose_what_has_no_string():
    assert text_of(["string", ["list", None, "~b/w==", ["list", None, 1]]]) == text(["[null, 1]"])


def test_integers_of_thousands_of_digits_are_written():
    assert text_of(["length", ["string", ["^", 10, "_S.n"]]], {"n": 5000}) == "5001"


def test_a_pattern_with_many_wildcards_is_not_slow():
    started = time.perf_counter()
    assert text_of(["matches", "*a*a*a*", "_S.v"], {"v": "a" * 2 + "b" * 2000}) == "false"
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("function", ["ljust", "rjust"])
@pytest.mark.parametrize("width", [10_000_001, 10**30])
def test_a_string_that_would_fill_the_memory_is_refused(function, width):
    for given in (width, "_S.width"):
        with pytest.raises(DataflowError, match="at most 10,000,000 characters"):
            text_of([function, given, "0", "_S.text"], {"width": width, "text": "7"})
