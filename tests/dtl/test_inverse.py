"""Sides of joins as functions of one entity: hub/dtl/joins.rst, hub/dtl/caveats.rst."""

import pytest

from dataflow.dtl import Context, Namespaces, compile_rules
from dataflow.dtl.inverse import side
from dataflow.dtl.values import NI, key

PLAIN = Namespaces.of_pipe("p")
SPACES = Namespaces.of_pipe("p", enabled=True)


def of(expression, *, namespaces=PLAIN, subset=None):
    return side(expression, Context(), namespaces=namespaces, pipe_id="p", subset=subset)


def keys(expression, entity, **options):
    return list(of(expression, **options).keys(entity))


def test_an_entity_stands_under_each_value_of_an_expression():
    assert keys("_S.k", {"k": ["a", None, 1]}) == ["a", 1]
    assert keys("_S.k", {}) == keys(["lower", "_S.k"], {}) == []
    assert keys(["lower", "_S.k"], {"k": ["A", "B"]}) == ["a", "b"]
    assert keys(["tuples", "_S.k", "_S.l"], {"k": ["A", "B"], "l": 1}) == [key(["A", 1]), key(["B", 1])]
    assert keys("_S.$ids", {"_id": "1"}, namespaces=SPACES) == [key(NI("~:p:1"))]


def test_in_a_subset_only():
    member = {"subset": ["eq", "_S.kind", "~:k:x"]}
    assert keys("_S.k", {"k": 1, "kind": NI("~:k:x")}, **member) == [1]
    assert keys("_S.k", {"k": 1, "kind": "k:x"}, **member) == []


@pytest.mark.parametrize(
    "expression",
    [
        ["concat", "_S.k", ["string", ["now"]]],
        ["list", "_S.k", ["uuid"]],
        ["list", "_S.k", ["is-changed", "_.k"]],
        ["encrypt", "$SECRET(k)", "_S.k"],
        ["path", "x", ["lookup-entity", "d", "_S.k"]],
        ["union", "_S.k", ["hops", {"datasets": ["d d"], "where": ["eq", "_S.k", "d.k"]}]],
    ],
)
def test_what_depends_on_more_than_the_entity_is_no_side(expression):
    assert of(expression) is None


def test_what_fails_joins_nothing():
    assert keys(["slice", 1, 2, 0, "_S.k"], {"k": ["a"]}) == []


def test_names_tell_expressions_apart_and_nothing_else():
    assert of("_S.k").name == of("_S.k", namespaces=SPACES.of_pipe("q")).name == of("_S.::k", namespaces=SPACES).name
    different = [
        of("_S.k"),
        of(["lower", "_S.k"]),
        of("_S.k", namespaces=SPACES),
        of("_S.:k", namespaces=SPACES),
        of("_S.k", subset=["eq", "_S.a", 1]),
        of("_S.k", subset=["eq", "_S.a", 2]),
        of("_S.$ids", namespaces=SPACES),
        of("_S.$ids", namespaces=Namespaces.of_pipe("q", enabled=True)),
    ]
    assert len({found.name for found in different}) == len(different)
    assert of(["list", "_S.a", "_S.b.c"]).reads == {"a", "b"}


# --- what compiled rules say of their joins -----------------------------------------------------------------------------


def ways(where, *, rule=None, **spec):
    rules = {"default": [["add", "x", ["hops", {"datasets": ["a a", "b b"], "where": where, **spec}]]]}
    return {hop.role.alias: hop.way for hop in compile_rules(rule or rules).hops}


def test_joins_are_known_the_other_way_round():
    found = ways([["eq", ["lower", "_S.k"], "a.k"], ["eq", "b.k", ["upper", "a.l"]]], subsets={"b": ["eq", "_S.z", 1]})
    a, b = found["a"], found["b"]
    assert (a.wanted, a.known, a.subset, {role.alias for role in a.origins}) == ("_S.k", ["lower", "_S.k"], None, {""})
    assert (b.wanted, b.known, b.subset) == ("_S.k", ["upper", "_S.l"], ["eq", "_S.z", 1])
    assert {role.alias for role in b.origins} == {"a"}


def test_what_a_function_calls_its_own_is_no_variable():
    upper = ["map", ["upper", "_."], "a.k"]
    found = ways([["eq", "_S.k", upper], ["eq", upper, "b.k"]])
    assert found["a"].wanted == found["b"].known == ["map", ["upper", "_."], "_S.k"]


@pytest.mark.parametrize("known", ["_T.k", "_B.k", ["list", "_S.k", "_T.k"], ["list", "_P._S.k", "_R._S.k"], "_R._T.k"])
def test_what_stands_in_no_entity_is_not(known):
    assert ways([["eq", known, "a.k"], ["eq", "_S.k", "b.k"]])["a"] is None
