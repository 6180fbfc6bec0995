"""Which values a function ignored on the way of one entity."""

from __future__ import annotations

import pytest

from dataflow.dtl import Context, Namespaces, compile_expression, compile_rules, transit
from dataflow.dtl.context import Table
from dataflow.dtl.drops import Drops
from dataflow.dtl.registry import REGISTRY
from dataflow.dtl.values import same


def dropped(expression, source, **given):
    found = compile_expression(expression, **given).drops(Context(), S=source)
    return [(d.pointer, d.function, d.value, d.result) for d in found]


@pytest.mark.parametrize(
    ("expression", "value", "found"),
    [
        (["upper", "_S.v"], 5, [(5, None)]),
        (["upper", "_S.v"], ["a", 5, None, ["b"]], [(5, ["A"]), (["b"], ["A"])]),
        (["upper", "_S.v"], ["a", "b"], []),
        (["upper", "_S.v"], None, []),
        (["datetime-parse", "%Y-%m-%d", "_S.v"], ["2024-02-30", "2024-02-28"], [("2024-02-30", ...)]),
        (["integer", "_S.v"], ["1", "x"], [("x", [1])]),
        (["integer", ["literal", 0], "_S.v"], ["1", "x"], []),
        (["sqrt", "_S.v"], [-1, 4], []),
        (["plus", "x", "_S.v"], 4, [("x", None)]),
        (["concat", "_S.v", "b"], 5, [(5, "b")]),
        (["sum", "_S.v"], [1, "a"], [("a", 1)]),
        (["datetime-parse", "%Y", "x"], None, [("x", None)]),
        (["url-unquote", ["list", "a", "_S.v"]], True, [(True, ["a"])]),
        (["filter", ["gt", "_.", 3], "_S.v"], [1, 4], []),
        (["split", "_S.v"], "", []),
        (["keys", "_S.v"], [{}, 3], [(3, [])]),
    ],
)
def test_values_ignored(expression, value, found):
    drops = dropped(expression, {"v": value})
    assert [(v, r if e is not ... else ...) for (*_, v, r), (_, e) in zip(drops, found, strict=True)] == found
    assert all(pointer == "" for pointer, *_ in drops)


def test_the_innermost_expression_is_told_once_per_value():
    drops = dropped(["map", ["list", ["lower", "_."]], "_S.v"], {"v": [1, 1, "A", 2]})
    assert drops == [("/1/1", "lower", 1, None), ("/1/1", "lower", 2, None)]


def test_function_expressions_are_looked_into():
    assert dropped(["integer", ["datetime-parse", "%Y", "_."], "_S.v"], {"v": ["x", "2000"]}) == [
        ("/1", "datetime-parse", "x", None)
    ]


def test_only_branches_taken_are_told_of():
    assert dropped(["if", ["eq", "_S.v", 1], ["upper", "_S.v"], ["lower", "_S.v"]], {"v": 1}) == [
        ("/2", "upper", 1, None)
    ]


def test_rules_applied_and_hops_are_followed():
    rules = {
        "default": [
            ["add", "a", ["apply", "r", "_S.l"]],
            ["add", "b", ["apply-hops", "r", {"datasets": ["d e"], "where": ["eq", "_S._id", "e.of"]}]],
        ],
        "r": [["add", "x", ["upper", "_S.n"]]],
    }
    context = Context(datasets={"d": Table([{"_id": "1", "of": "s", "n": 7}])})
    found = compile_rules(rules).drops({"_id": "s", "l": [{"n": 5}, {"n": "k"}]}, {"_id": "s"}, context)
    assert [(d.rule, d.pointer, d.value) for d in found] == [("r", "/r/0/2", 5), ("r", "/r/0/2", 7)]


def test_what_was_ignored_before_a_failure_is_told():
    transform = compile_rules({"default": [["add", "a", ["upper", "_S.n"]], ["fail!", "no"]]})
    target = {}
    assert [d.value for d in transform.drops({"n": 5}, target, Context())] == [5]
    assert target == {}


EXAMPLES = [
    pytest.param(example, id=f"{name}-{number}")
    for (name, kind), function in sorted(REGISTRY.items())
    for number, example in enumerate(function.examples, start=1)
    if kind == "expression" and example.kind == "value"
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_watched_variant_gives_the_same(example):
    datasets = {name: Table(transit.decode(entities)) for name, entities in (example.datasets or {}).items()}
    context = Context(datasets=datasets, secrets=example.secrets or {})
    source = transit.decode(example.source)
    spaces = Namespaces.of_pipe("p", enabled=example.namespaced)
    compiled = compile_expression(example.call, rules=example.rules, namespaces=spaces)
    watched = compiled._make(watched=True)
    watched.names["trace"] = Drops(watched.compiler.points)

    assert same(watched.call(source, {}, None, None, context, []), compiled(context, S=source))


def test_the_plain_variant_knows_nothing_of_it():
    assert "trace" not in compile_rules({"default": [["add", "a", ["upper", "_S.n"]]]}).code
