"""What lineage says of the known shapes, exactly: one small package per shape."""

from pathlib import Path

import pytest

from dataflow import lineage
from dataflow.errors import UsageError
from dataflow.project import read_project
from lineage.test_soundness import project_from
from node.pipes import merging, reader, receiver

ROOT = Path(__file__).parents[2]
HOP = ["hops", {"datasets": ["other o"], "where": [["eq", "_S.key", "o.k"]], "return": "o.v"}]


def graph_of(*rule, extra=(), rules=None, **properties):
    """`out` reads `in`, which takes what is posted, by the rule."""
    out = reader("out", "in", *rule, **properties)
    if rules:
        out["transform"]["rules"] |= rules
    return lineage.of(project_from([receiver("in"), receiver("other"), out, *extra]))


def table(graph, names, target, source="in", last="out"):
    """For each name "carries, affects"."""
    found = {}
    for name in names.split():
        asked = (source, name), (last, target)
        found[name] = f"{graph.carries(*asked)}, {graph.affects(*asked)}"
    return found


@pytest.mark.parametrize(
    ("rule", "target", "expected"),
    [
        ([["copy", "*"]], "a", {"a": "yes, yes", "b": "no, no"}),
        ([["copy", "*", "a"]], "a", {"a": "no, no"}),
        ([["copy", ["list", "b", "c*"]]], "cd", {"cd": "yes, yes", "b": "no, no"}),
        ([["copy", ["list", "b", "c*"]]], "a", {"a": "no, no"}),
        ([["copy", "*"], ["add", "a", "_S.b"]], "a", {"a": "no, no", "b": "yes, yes"}),
        ([["copy", "*"], ["remove", "a"]], "a", {"a": "no, no"}),
        ([["copy", "*"], ["rename", "a", "z"]], "z", {"a": "yes, yes", "z": "yes, yes", "b": "no, no"}),
        ([["add", "t", "_S.a"], ["add", "z", ["upper", "_T.t"]], ["remove", "t"]], "z", {"a": "yes, yes"}),
        (
            [["add", "z", ["if", ["eq", "_S.a", 1], "_S.b", "_S.c"]]],
            "z",
            {"a": "no, yes", "b": "yes, yes", "d": "no, no"},
        ),
        ([["add", "z", ["case-eq", "_S.a", 1, "one", "many"]]], "z", {"a": "yes, yes"}),
        ([["if", ["eq", "_S.a", 1], ["add", "z", "_S.b"]]], "z", {"a": "no, yes", "b": "yes, yes"}),
        ([["if", ["eq", "_S.a", 1], ["add", "z", True], ["add", "z", False]]], "z", {"a": "yes, yes"}),
        ([["filter", ["eq", "_S.a", 1]], ["add", "z", "_S.b"]], "z", {"a": "no, yes", "b": "yes, yes"}),
        ([["add", "z", ["first", HOP]]], "z", {"key": "no, yes", "v": "no, no"}),
        ([["merge", "_S.a"]], "z", {"a": "yes, yes", "a.z": "yes, yes", "a.y": "no, no"}),
        ([["add", "z", ["dict", "x", "_S.a", "y", "_S.b"]]], "z.x", {"a": "yes, yes", "b": "no, no"}),
        (
            [["add", "z", ["path", "x", ["last", ["sorted", "_.k", "_S.a"]]]]],
            "z",
            {"a.x": "yes, yes", "a.k": "no, yes"},
        ),
        ([["add", "_t", "_S.a"]], "_t", {"a": "no, no"}),
        ([["add", ["concat", "z", "_S.a"], "_S.b"]], "z1", {"a": "unknown, unknown", "b": "unknown, unknown"}),
        ([["create", ["dict", "_id", "_S.a", "z", "_S.b"]], ["discard"]], "z", {"a": "no, yes", "b": "yes, yes"}),
    ],
    ids=str,
)
def test_a_rule(rule, target, expected):
    assert table(graph_of(*rule), " ".join(expected), target) == expected


def test_what_is_hopped_to():
    graph = graph_of(["add", "z", ["first", HOP]])
    assert table(graph, "v k w", "z", source="other") == {"v": "yes, yes", "k": "no, yes", "w": "no, no"}


def test_an_applied_rule_and_what_is_around_it():
    rules = {"line": [["add", "x", "_S.n"], ["add", "y", "_P._S.head"], ["add", "w", "_R._T.t"]]}
    graph = graph_of(["add", "t", "_S.tt"], ["add", "z", ["apply", "line", "_S.lines"]], rules=rules)
    assert table(graph, "lines.n lines.m head tt", "z.x") == {
        "lines.n": "yes, yes",
        "lines.m": "no, no",
        "head": "no, no",
        "tt": "no, no",
    }
    assert [str(graph.carries(("in", name), ("out", path))) for name, path in [("head", "z.y"), ("tt", "z.w")]] == [
        "yes",
        "yes",
    ]


def test_a_merge():
    extra = [merging("both", ["in i", "other o"], equality_sets=[["i.key", "o.k"]])]
    graph = graph_of(["copy", "*"], extra=extra)
    assert table(graph, "a key _x", "a", last="both") == {"a": "yes, yes", "key": "no, yes", "_x": "no, no"}
    assert table(graph, "a k", "a", source="other", last="both") == {"a": "yes, yes", "k": "no, yes"}


def test_children():
    children = {"type": "emit_children"}
    rules = {
        "default": [["create-child", ["apply", "line", "_S.lines"]]],
        "line": [["add", "_id", "_S.n"], ["add", "x", "_S.m"]],
    }
    out = reader("out", "in", transform=[{"type": "dtl", "rules": rules}, children])
    graph = lineage.of(project_from([receiver("in"), out]))
    assert table(graph, "lines.m lines.n a", "x") == {"lines.m": "yes, yes", "lines.n": "no, yes", "a": "no, no"}


def test_namespaces():
    spaces = {"namespaced_identifiers": True, "namespaces": {"identity": "x", "property": "x"}}
    graph = graph_of(["copy", "*"], ["add", "z", "_S.a"], ["add", "::y", "_S.b"], **spaces)
    assert table(graph, "a b", "x:z") == {"a": "yes, yes", "b": "no, no"}
    assert table(graph, "a b", "y") == {"a": "no, no", "b": "yes, yes"}
    assert table(graph, "a b", "other:z") == {"a": "no, no", "b": "no, no"}


def test_a_chain_of_transforms_under_a_condition():
    steps = [
        {"type": "dtl", "rules": {"default": [["copy", "*"], ["add", "t", "_S.a"]]}},
        {
            "type": "dtl",
            "rules": {"default": [["copy", "*"], ["add", "z", "_S.t"]]},
            "trigger_on": {"key": "go", "value": 1},
        },
    ]
    chosen = {
        "type": "conditional",
        "condition": "one",
        "alternatives": {"one": {"type": "chained", "transforms": steps}},
    }
    graph = lineage.of(project_from([receiver("in"), reader("out", "in", transform=chosen)]))
    assert table(graph, "a go b z", "z") == {"a": "yes, yes", "go": "no, yes", "b": "no, no", "z": "yes, yes"}


def test_what_a_system_answers_is_not_known():
    rest = {"type": "rest", "system": "erp", "operation": "put", "response_property": "answer"}
    operations = {"put": {"url": "x/{{ entity.Id }}", "method": "PUT"}}
    system = {
        "_id": "erp",
        "type": "system:rest",
        "url_pattern": "https://erp.example.com/%s",
        "operations": operations,
    }
    out = reader("out", "in", transform=[rest])
    graph = lineage.of(project_from([system, receiver("in"), out]))
    assert table(graph, "payload Id a", "answer") == {
        "payload": "unknown, unknown",
        "Id": "unknown, unknown",
        "a": "no, no",
    }
    sent = [str(lineage.shown(edge.origin.path)) for edge in graph.edges(next(iter(graph.requests("out"))))]
    assert sent[:2] == ["payload", "Id"]


def test_a_transform_that_is_not_known():
    graph = lineage.of(project_from([receiver("in"), reader("out", "in", transform=[{"type": "undirected_graph"}])]))
    assert table(graph, "a", "z") == {"a": "unknown, unknown"}


def test_a_component_that_is_not_there():
    with pytest.raises(UsageError, match="there is no pipe or dataset"):
        graph_of(["copy", "*"]).carries(("inn", "a"), ("out", "a"))


def test_the_package_property_by_property():
    graph = lineage.of(read_project(ROOT))
    sources = [
        "OrganisationName",
        "OrganisationCity",
        "OrganisationComment",
        "OrganisationOwner",
        "OrganisationUpdatedAt",
    ]
    targets = ["Name", "City", "Description", "SalesRepresentativeId"]
    carried = {
        (a, b)
        for a in sources
        for b in targets
        if str(graph.carries(("webcrm-organisation-all", a), ("customerp-customer-share", f"payload.{b}"))) != "no"
    }
    assert carried == {
        ("OrganisationName", "Name"),
        ("OrganisationCity", "City"),
        ("OrganisationComment", "Description"),
    }


def test_where_a_property_goes_and_comes_from_one_stage_on():
    graph = graph_of(["add", "z", ["concat", "_S.a", "_S.b"]])
    onward = {lineage.shown(edge.to.path) for edge in graph.destinations("in", "a")}
    assert onward == {"a"}
    assert [lineage.shown(edge.origin.path) for edge in graph.origins("out", "z")] == ["z"]
