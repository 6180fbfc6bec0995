"""JSON: exact texts, kinds kept or lost, and what does not parse."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow.dtl.functions.jsons import json_parse, json_transit_parse, to_json, to_json_transit
from dtl.expressions import text, text_of

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("value", "plain", "transit"),
    [
        ('æ\n"\\', '"æ\\n\\"\\\\"', '"æ\\n\\"\\\\"'),
        (1.0, "1.0", "1.0"),
        (10**30, "1" + "0" * 30, "1" + "0" * 30),
        ({"b": 1, "a": {"d": [], "c": {}}}, '{"a": {"c": {}, "d": []}, "b": 1}', '{"a": {"c": {}, "d": []}, "b": 1}'),
        ("~f1.50", "1.50", '"~f1.50"'),
        ("~:tree:elm", '"tree:elm"', '"~:tree:elm"'),
        ("~rurn:elm", '"urn:elm"', '"~rurn:elm"'),
        (
            "~u5f0c2a4e-0000-4000-8000-0123456789ab",
            '"5f0c2a4e-0000-4000-8000-0123456789ab"',
            '"~u5f0c2a4e-0000-4000-8000-0123456789ab"',
        ),
        ("~t2024-06-03T10:00:00.5Z", '"2024-06-03T10:00:00.5Z"', '"~t2024-06-03T10:00:00.5Z"'),
        ("~t2024-06-03", '"2024-06-03"', '"~t2024-06-03"'),
        ("~bZmly", '"Zmly"', '"~bZmly"'),
        ({"k": ["~:a:b", None, True]}, '{"k": ["a:b", null, true]}', '{"k": ["~:a:b", null, true]}'),
    ],
)
def test_texts(value, plain, transit):
    assert text_of(["json", "_S.v"], {"v": value}) == text(plain)
    assert text_of(["json-transit", "_S.v"], {"v": value}) == text(transit)
    assert text_of(["json-transit", "_S.v"], {"v": [value]}) == text([transit])


@pytest.mark.parametrize("function", ["json", "json-transit"])
def test_null_has_a_text_too_and_a_list_is_mapped(function):
    assert text_of([function, None]) == text("null")
    assert text_of([function, ["list", None, ["list", 1]]]) == text(["null", "[1]"])
    assert text_of([function, ["list"]]) == "[]"


def test_keys_are_sorted_by_code_point():
    assert text_of(["json", {"å": 1, "Z": 2, "a": 3, "10": 4, "9": 5}]) == text(
        '{"10": 4, "9": 5, "Z": 2, "a": 3, "å": 1}'
    )


@pytest.mark.parametrize("function", ["json-parse", "json-transit-parse"])
@pytest.mark.parametrize(
    "bad", ["", "elm", "{", "[1,]", "{'a': 1}", "NaN", "-Infinity", "01", "[" * 100_000, 5, {"a": 1}, "~rurn:1"]
)
def test_what_does_not_parse_is_left_out_or_replaced(function, bad):
    assert text_of([function, "_S.v"], {"v": bad}) == "null"
    assert text_of([function, "_S.v"], {"v": [bad, " 1 "]}) == "[1]"
    assert text_of([function, "bad", "_S.v"], {"v": [bad, None, "null"]}) == text(["bad", None])


def test_kinds_are_read_only_with_transit():
    source = {"v": '{"a": ["~f1.50", "~:t:e", "~zoo", 2.0]}'}
    assert text_of(["json-transit-parse", "_S.v"], source) == text({"a": ["~f1.50", "~:t:e", "~zoo", 2.0]})
    assert text_of(["is-decimal", ["first", ["path", "a", ["json-transit-parse", "_S.v"]]]], source) == "true"
    assert text_of(["is-string", ["first", ["path", "a", ["json-parse", "_S.v"]]]], source) == "true"


def test_a_bad_transit_string_makes_the_whole_text_bad():
    assert text_of(["json-transit-parse", "bad", "_S.v"], {"v": '{"a": "~t2024-13-01"}'}) == text("bad")
    assert text_of(["json-parse", "_S.v"], {"v": '{"a": "~zoo"}'}) == text({"a": "~zoo"})


@settings(max_examples=40, deadline=None)
@given(PLAIN)
def test_plain_values_come_back(value):
    assert json_parse(None, to_json([value])) == [value]


@settings(max_examples=40, deadline=None)
@given(PLAIN.filter(lambda value: "~" not in repr(value)))
def test_plain_values_come_back_with_transit(value):
    assert json_transit_parse(None, to_json_transit([value])) == [value]
