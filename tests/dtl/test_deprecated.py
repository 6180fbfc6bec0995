"""Deprecated functions: references and look-ups, URLs against namespaces, RDF prefixes."""

import pytest

from dataflow.dtl.context import Table
from dataflow.dtl.namespaces import Namespaces
from dtl.expressions import text, text_of

DATASETS = {
    "trees": Table([{"_id": "elm", "n": 1}, {"_id": "a/b", "n": 2}, {"_id": "dead", "_deleted": True}]),
    "bushes": Table([{"_id": "elm", "n": 3}]),
}
SPACES = Namespaces(
    identity="p",
    prefixes={
        "t": "http://t.example/",
        "tt": "http://t.example/trees/",
        "ns:x": "http://x.example/",
        "ns": "http://n.example/",
    },
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["curie", "t", ["list", "a b", "~ra", 5]], ["~rt:a b"]),
        (["curie", "_S.missing", "a"], None),
        (["reference", "my trees", ["list", "å/b", 5]], ["~rsesam:my%20trees/%C3%A5%2Fb"]),
        (["reference", "_S.missing", "a"], None),
    ],
)
def test_references(expression, expected):
    assert text_of(expression) == text(expected)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["trees", "elm"], {"_id": "elm", "n": 1, "_dataset": "trees"}),
        ([["reference", "trees", "a/b"]], {"_id": "a/b", "n": 2, "_dataset": "trees"}),
        (["sesam:bushes/elm"], {"_id": "elm", "n": 3, "_dataset": "bushes"}),
        (["elm"], {"_id": "elm", "n": 3, "_dataset": "bushes"}),
        (["trees", ["list", "elm", "gone", "dead", 5]], [{"_id": "elm", "n": 1, "_dataset": "trees"}]),
        (
            [["list", "bushes", "trees"], "elm"],
            [{"_id": "elm", "n": 3, "_dataset": "bushes"}, {"_id": "elm", "n": 1, "_dataset": "trees"}],
        ),
        ([["list", "trees"], "~rsesam:bushes/elm"], {"_id": "elm", "n": 3, "_dataset": "bushes"}),
        (["unknown", "elm"], None),
        ([None], None),
        ([["list"]], []),
    ],
)
def test_looking_up(arguments, expected):
    assert text_of(["lookup", *arguments], datasets=DATASETS, current_dataset="bushes") == text(expected)


def test_a_relative_reference_without_a_current_dataset_finds_nothing():
    assert text_of(["lookup", "elm"], datasets=DATASETS) == "null"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://t.example/trees/elm", "~:tt:elm"),
        ("~rhttp://t.example/bushes/elder", "~:t:bushes/elder"),
        ("https://t.example/x", "~:https://t.example/x"),
        ("ftp://t.example/x", None),
        ("elm", None),
        (5, None),
        (["http://x.example/a:b", None], ["~:ns:x:a:b"]),
    ],
)
def test_collapsing(value, expected):
    assert text_of(["ni-collapse", "_S.v"], {"v": value}, namespaces=SPACES) == text(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("~:tt:elm", "http://t.example/trees/elm"),
        ("~:ns:x:a:b", "http://x.example/a:b"),
        ("~:ns:y", "http://n.example/y"),
        ("~:https://t.example/x", "https://t.example/x"),
        ("~:elm", "elm"),
        ("tt:elm", None),
        (["tt:elm", "~:t:e"], ["http://t.example/e"]),
    ],
)
def test_expanding(value, expected):
    assert text_of(["ni-expand", "_S.v"], {"v": value}, namespaces=SPACES) == text(expected)


REGISTRY = {
    "trees": {
        "prefixes": {"x": "http://x.example/", "c": "http://c.example/", "m": "http://m.example/"},
        "prefix_includes": ["shared"],
        "prefix_rules": {
            "id": "s",
            "properties": [
                "c",
                ["site", "code"],
                "nowhere",
                ["lost"],
                "m",
                ["site", "**", "m*"],
                "_",
                ["site"],
                "x",
                ["**"],
            ],
        },
    },
    "shared": {"prefixes": {"s": "http://s.example/"}, "prefix_includes": ["trees"], "quote_safe_characters": ""},
}


def test_uri_expansion_gives_every_property_the_prefix_of_the_first_rule_that_fits():
    entity = {
        "_id": "e/1 å",
        "_dataset": "trees",
        "code": 1,
        "lost": 2,
        "site": {"code": 3, "deep": {"moss": 4, "code": 5}},
        "parts": [{"site": {"code": 6}}, "~:a:b"],
        "<urn:done>": 7,
    }
    expanded = {
        "_id": "<http://s.example/e/1%20%C3%A5>",
        "_dataset": "trees",
        "<http://x.example/code>": 1,
        "lost": 2,
        "<http://example.org/site>": {
            "<http://c.example/code>": 3,
            "<http://x.example/deep>": {"<http://m.example/moss>": 4, "<http://x.example/code>": 5},
        },
        "<http://x.example/parts>": [{"<http://example.org/site>": {"<http://c.example/code>": 6}}, "~:a:b"],
        "<urn:done>": 7,
    }
    assert text_of(["uri-expand", "_S.e"], {"e": entity}, prefixes=REGISTRY) == text(expanded)


def test_uri_expansion_needs_an_entry():
    source = {"e": [{"_id": "a"}, {"_id": "b", "_dataset": "other"}, 5, {"_id": "c", "kind": "shared"}]}
    assert text_of(["uri-expand", "_S.e"], source, prefixes=REGISTRY) == "[]"
    assert text_of(["uri-expand", "_.kind", "_S.e"], source, prefixes=REGISTRY) == text(
        [{"_id": "c", "kind": "shared"}]
    )
    assert text_of(["uri-expand", {"_id": "a"}], prefixes=REGISTRY) == "null"
