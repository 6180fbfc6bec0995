"""Chains of entities, on nodes of a few pipes and on the package itself."""

from pathlib import Path

import pytest

from dataflow.errors import UsageError
from dataflow.expect.replay import open_project, replay
from dataflow.node.explain import explain, value_at
from node.pipes import embedded, endpoint, merging, node_of, reader, receiver

ROOT = Path(__file__).parents[2]


def chain(link):
    """(via, pipe, entity) of every link, depth first."""
    yield link.via, link.pipe, link.entity
    for inner in link.inputs:
        yield from chain(inner)


def rules(link, pipe):
    found = [link.rules] if link.pipe == pipe else []
    for inner in link.inputs:
        found += [rules(inner, pipe)]
    return [rule for group in found for rule in group]


def three():
    """A merge of two, and a transform that hops to a third."""
    town = ["first", ["hops", {"datasets": ["towns t"], "where": [["eq", "_S.post", "t._id"]], "return": "t.town"}]]
    node = node_of(
        receiver("a"),
        receiver("b"),
        embedded("towns", {"_id": "5003", "town": "Bergen"}, {"_id": "0150", "town": "Oslo"}),
        merging("both", ["a a", "b b"], equality_sets=[["a.k", "b.k"]]),
        reader(
            "out", "both", ["copy", "_id"], ["add", "_where", town], ["add", "city", "_T._where"], ["add", "k", "_S.k"]
        ),
        endpoint("e", "out", ["copy", "*"], ["rename", "city", "town"]),
    )
    node.post("a", [{"_id": "1", "k": "x", "post": "5003"}, {"_id": "2", "k": "y", "post": "0150"}])
    node.post("b", [{"_id": "9", "k": "x"}])
    node.run()
    return node


def test_through_source_merge_and_hop_to_what_came_in():
    assert list(chain(explain(three(), "e", "1"))) == [
        ("result", "e", "1"),
        ("source", "out", "1"),
        ("source", "both", "1"),
        ("merge", "a", "1"),
        ("merge", "b", "9"),
        ("hop", "towns", "5003"),
    ]


def test_of_one_property_only_what_it_is_made_of():
    link = explain(three(), "e", "1", "town")
    assert [(one.pipe, one.properties) for one in (link, link.inputs[0])] == [("e", ("town",)), ("out", ("city",))]
    assert ("hop", "towns", "5003") in chain(link)
    both = link.inputs[0].inputs[0]
    assert (both.pipe, both.properties) == ("both", ("post",)), "what it is joined by"
    assert [rule.pointer for rule in rules(link, "e")] == ["/transform/rules/default/0", "/transform/rules/default/1"]
    assert [rule.pointer for rule in rules(link, "out")] == ["/transform/rules/default/1", "/transform/rules/default/2"]
    assert ("hop", "towns", "5003") not in chain(explain(three(), "e", "1", "k"))


def test_of_a_property_chosen_among_constants_what_decides_about_it():
    rule = ["add", "size", ["if", ["gt", "_S.order.count", 10], "large", "small"]]
    node = node_of(receiver("a"), reader("p", "a", ["filter", ["neq", "_S.kind", "x"]], rule))
    node.post("a", [{"_id": "1", "kind": "y", "order": {"count": 11}}])
    node.run()
    assert explain(node, "p", "1", "size").inputs[0].properties == ("order.count",)


def test_values_within_lists_and_names_with_dots():
    entity = {"lines": [{"no": 1}, {"no": 2}, {}], "a.b": {"c": 3}}
    assert [value_at(entity, path) for path in ("lines.no", "'a.b'.c", "lines.no.x", "d.e")] == [[1, 2], 3, [], None]
    node = node_of(receiver("a"), reader("p", "a", ["add", "numbers", "_S.lines.no"]))
    node.post("a", [{"_id": "1", "lines": [{"no": 1}]}])
    node.run()
    assert explain(node, "p", "1", "numbers").inputs[0].properties == ("lines.no",)
    node = node_of(receiver("a"), reader("p", "a", ["add", "y", ["first", "_S.claims.by.y"]]))
    node.post("a", [{"_id": "1", "claims": [{"by": {"x": 1}}, {"by": {"y": 2}}]}])
    node.run()
    assert explain(node, "p", "1", "y").inputs[0].properties == ("claims.by.y",), (
        "not all of it where a part is missing"
    )


def test_a_circle_is_told_once():
    back = ["first", ["hops", {"datasets": ["p p"], "where": [["eq", "_S._id", "p._id"]], "return": "p.n"}]]
    log = {"sink": {"set_initial_offset": "onload"}}
    node = node_of(receiver("a"), reader("p", "a", ["copy", "*"], ["add", "last", back], **log))
    node.post("a", [{"_id": "1", "n": 1}])
    node.run()
    node.post("a", [{"_id": "1", "n": 2}])
    node.run()
    found = explain(node, "p", "1")
    assert list(chain(found)) == [("result", "p", "1"), ("source", "a", "1"), ("hop", "p", "1")]
    assert found.inputs[1].note == "told above"


def test_an_entity_under_another_id_and_one_that_nothing_gives_any_more():
    rule = [["add", "_id", ["concat", "n-", "_S.n"]]]
    node = node_of(receiver("a"), reader("p", "a", *rule))
    node.post("a", [{"_id": "1", "n": "x"}])
    node.run()
    node.post("a", [{"_id": "1", "n": "y"}])
    node.run()
    assert list(chain(explain(node, "p", "n-y"))) == [("result", "p", "n-y"), ("source", "a", "1")]
    assert "nothing in its source gives this entity any more" in explain(node, "p", "n-x").note


def test_mistakes_have_a_hint():
    node = three()
    with pytest.raises(UsageError, match="gives no entity"):
        explain(node, "e", "17")
    with pytest.raises(UsageError, match='did you mean "town"'):
        explain(node, "e", "1", "twon")
    with pytest.raises(UsageError, match="no pipe"):
        explain(node, "x", "1")


@pytest.fixture(scope="module")
def package():
    return replay(open_project(ROOT, "test")).node


def test_the_package_is_explained_back_to_both_systems(package):
    ends = {"webcrm-organisation-all", "customerp-customer-all"}
    reached = set()
    for entity in package.entities("customerp-customer-transform"):
        if entity.get("_deleted") is not True:
            pipes = {pipe for _, pipe, _ in chain(explain(package, "customerp-customer-transform", entity["_id"]))}
            assert pipes & ends
            reached.add(frozenset(pipes & ends))
    assert ends in reached, "some customer is merged of both systems"


def test_a_property_of_the_package_is_followed_under_its_other_names(package):
    link = explain(package, "customerp-customer-transform", "webcrm-organisation:101", "Name")
    told = {}
    while True:
        told[link.pipe] = link.properties
        if not link.inputs:
            break
        link = link.inputs[0]
    assert told["customerp-customer-transform"] == ("Name",)
    assert told["global-organisation"] == ("global-organisation:name",)
    assert told["webcrm-organisation-all"] == ("OrganisationName",)
    assert link.note == "came in: posted to the pipe"
