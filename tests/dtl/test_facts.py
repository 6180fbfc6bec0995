"""What is known of rules without running them: what they read, write and hop to."""

from __future__ import annotations

import pytest

from dataflow.dtl import Context, Namespaces, compile_rules

SPACES = Namespaces.of_pipe("crm", enabled=True)
ANY = None


def facts(transforms, *, namespaces=None, **rules):
    found = compile_rules({"default": transforms, **rules}, namespaces=namespaces).facts
    return found.reads, found.writes


@pytest.mark.parametrize(
    ("transforms", "reads", "writes"),
    [
        ([["add", "a", "_S.b.c"]], {"b"}, {"a"}),
        ([["add", ["list", "a", "b"], "_S.c"]], {"c"}, {"a", "b"}),
        ([["add", ["concat", "_S.n", "x"], 1]], {"n"}, {ANY}),
        ([["add", "a", "_S."]], {ANY}, {"a"}),
        ([["add", "a", "_T.b"]], set(), {"a"}),
        ([["add", "a", ["list", "_R._S.b", "_R._T.c"]]], {"b"}, {"a"}),
        ([["add", "a", "_R."]], {ANY}, {"a"}),
        ([["copy", "*"]], {ANY}, {ANY}),
        ([["copy", ["list", "a", "b"]]], {"a", "b"}, {"a", "b"}),
        ([["copy", ["list", "a", "b*"]]], {"a", ANY}, {"a", ANY}),
        ([["rename", "a", "b"]], {"a"}, {"b"}),
        ([["make-ni", "x", "a"]], {"a"}, {"a-ni"}),
        ([["make-ni", "x", "a", "b"]], {"a"}, {"b"}),
        ([["merge", "_S.rows"]], {"rows"}, {ANY}),
        ([["merge", {"a": 1, "_id": 2}]], set(), {"a"}),
        ([["create-child", "_S.rows"]], {"rows"}, {"$children"}),
        ([["create", "_S.rows"]], {"rows"}, set()),
        ([["if", "_S.a", ["add", "b", "_S.c"], ["default", "d", 1]]], {"a", "c"}, {"b", "d"}),
        ([["add", "a", ["is-changed", "_.b.c"]]], {"b"}, {"a"}),
        ([["add", "a", ["is-changed", ["list", "_.b"]]]], {ANY}, {"a"}),
    ],
)
def test_reads_and_writes(transforms, reads, writes):
    assert facts(transforms) == (reads, writes)


def test_a_rule_applied_to_the_source_reads_it_and_writes_only_what_is_merged():
    line = [["add", "x", "_S.b"], ["add", "_y", 1]]

    assert facts([["add", "a", ["apply", "line", "_S."]]], line=line) == ({"b"}, {"a"})
    assert facts([["merge", ["apply", "line", "_S."]]], line=line) == ({"b"}, {"x"})


def test_a_rule_applied_to_a_part_reads_the_part():
    assert facts([["add", "a", ["apply", "line", "_S.p"]]], line=[["add", "x", "_S.b"]]) == ({"p"}, {"a"})


def test_rules_read_sources_around_their_own():
    line = [["add", "x", ["list", "_P._S.b", "_P._P._S.c", "_R._S.d", "_P._T.e"]]]

    assert facts([["add", "a", ["apply", "line", "_S.p"]]], line=line)[0] == {"p", "b", "c", "d"}
    assert facts([["add", "a", ["apply", "line", "_S.p"]]], line=[["add", "x", "_P."]])[0] == {"p", ANY}
    # A rule nobody applies reads nothing.
    assert facts([["add", "a", 1]], line=line)[0] == set()


def test_sharing_goes_on_from_rule_to_rule():
    rules = {"one": [["merge", ["apply", "two", "_S."]]], "two": [["add", "x", "_S.b"]]}

    assert facts([["merge", ["apply", "one", "_S."]]], **rules) == ({"b"}, {"x"})


def test_hops_read_the_other_dataset_and_not_the_source():
    hop = {"datasets": ["d e"], "where": [["eq", "_S.k", "e.k"], ["eq", "e.kind", "x"]], "return": "e.name"}
    assert facts([["add", "a", ["hops", hop]]])[0] == {"k"}
    chain = [hop | {"return": "e"}, {"datasets": ["f g"], "where": ["eq", "_S.other", "g.k"]}]
    del chain[0]["return"]
    assert facts([["add", "a", ["hops", *chain]]])[0] == {"k"}
    subset = {"datasets": ["d e"], "where": ["eq", "_S.k", "e.k"], "subsets": {"e": ["eq", "_S.kind", "x"]}}
    assert facts([["add", "a", ["hops", subset]]])[0] == {"k"}


def test_a_recursive_hop_starts_at_the_source():
    hop = {"datasets": ["d e"], "where": ["eq", "_S.k", "e.k"], "recurse": True}
    assert facts([["add", "a", ["hops", hop]]])[0] == {"k"}


@pytest.mark.parametrize(
    ("transforms", "reads", "writes"),
    [
        ([["add", "a", "_S.b"]], {"b"}, {"crm:a"}),
        ([["add", "::a", "_S.::b"]], {"::b"}, {"a"}),
        ([["add", "_a", "_S.:b"]], {"crm:b"}, {"_a"}),
        ([["add", "erp:a", "_S.erp:b"]], {"erp:b"}, {"erp:a"}),
        ([["add", "a", "_S.$ids"]], {"$ids", "_id"}, {"crm:a"}),
        ([["rename", "a", "b"]], {"a"}, {ANY}),
        ([["rename", "erp:a", "b"]], {"erp:a"}, {"erp:b"}),
        ([["rename", "a", ":b"]], {"a"}, {"crm:b"}),
        ([["copy", "_id"]], {"_id"}, {"_id"}),
        ([["copy", "a"]], {"a"}, {ANY}),
        ([["copy", "erp:a"]], {"erp:a"}, {"erp:a"}),
        ([["make-ni", "x", "erp:a"]], {"erp:a"}, {"erp:a-ni"}),
    ],
)
def test_names_with_namespaces(transforms, reads, writes):
    assert facts(transforms, namespaces=SPACES) == (reads, writes)


@pytest.mark.parametrize(
    "transforms",
    [
        [
            ["rename", "erp:a", "b"],
            ["rename", "erp:a", ":b"],
            ["make-ni", "x", "erp:a"],
            ["make-ni", "x", "erp:a", "z"],
        ],
        [["copy", ["list", "_id", "erp:a"]], ["add", ["list", "a", "::b"], 1], ["merge", ["literal", {"m": 1}]]],
        [["merge", ["apply", "r", "_S."]], ["create-child", {"_id": "x"}]],
    ],
)
@pytest.mark.parametrize("namespaces", [None, SPACES])
def test_what_is_written_is_among_the_writes(transforms, namespaces):
    rules = {"default": transforms, "r": [["add", "x", 1], ["add", "y:z", 2]]}
    transform = compile_rules(rules, namespaces=namespaces)
    target = {}
    transform.run({"_id": "1", "erp:a": "v", "erp:c": 1}, target, Context())

    assert ANY not in transform.writes
    assert set(target) <= transform.writes
