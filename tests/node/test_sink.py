"""configuration-sinks-dataset.rst; node-semantics, sections 1.2, 1.6 and 4."""

import pytest

from dataflow.node.runs import Status
from node.pipes import content, embedded, living, node_of, reader, receiver

pytestmark = pytest.mark.usefixtures("every_store")


def sunk(**sink):
    """A receiver "a" and a pipe "p" with the sink, which filters what is not ok."""
    rule = ["copy", "*"], ["filter", ["neq", "_S.ok", False]]
    return node_of(receiver("a"), reader("p", "a", *rule, sink=sink))


def test_the_sink_is_by_default_the_dataset_of_the_pipe_and_may_be_another():
    node = node_of(
        embedded("a", {"_id": "1"}),
        embedded("b", {"_id": "2"}, sink={"indexes": "$ids"}),
        embedded("c", sink={"dataset": "d"}),
    )
    node.run()
    assert sorted(node.datasets) == ["a", "b", "d"]


def test_filtered_entities_can_be_suppressed():
    for sink, expected in [({}, {"1": {"_deleted": True}}), ({"suppress_filtered": True}, {"1": {}})]:
        node = sunk(**sink)
        node.post("a", [{"_id": "1"}])
        node.run()
        node.post("a", [{"_id": "1", "ok": False}])
        node.run()
        assert content(node, "p") == expected


@pytest.mark.parametrize(("setting", "fails", "expected"), [(True, True, 1), ("ignore", False, 1), (False, False, 2)])
def test_a_second_version_can_be_forbidden(setting, fails, expected):
    node = sunk(prevent_multiple_versions=setting)
    for n in (1, 1, 2):
        node.post("a", [{"_id": "1", "n": n}])
        report = node.run()
        assert report.ok is not (fails and n == 2)
    assert content(node, "p") == {"1": {"n": expected}}
    if fails:
        assert "prevent_multiple_versions" in report.failures[0].message


def children(**sink):
    return node_of(receiver("a"), reader("p", "a", sink=sink))


def test_lost_children_are_kept_as_deleted_when_asked_for():
    node = children(track_children=True)
    for _ in range(3):
        node.post("a", [{"_id": "1", "$children": [{"_id": "x", "n": 1}, {"_id": "y"}]}])
        node.run()
        node.post("a", [{"_id": "1", "$children": [{"_id": "y"}]}])
        node.run()
        assert content(node, "p")["1"]["$children"] == [{"_id": "y"}, {"_deleted": True, "_id": "x", "n": 1}]
    node.post("a", [{"_id": "1", "$children": []}])
    node.run()
    assert [c["_deleted"] for c in content(node, "p")["1"]["$children"]] == [True, True]
    assert node.run().written == 0


def test_children_are_not_tracked_where_no_rule_makes_them_or_when_that_is_off():
    making = {"type": "dtl", "rules": {"default": [["copy", "_id"], ["create-child", "_S.$children"]]}}
    for node in (
        children(),
        node_of(receiver("a"), {**reader("p", "a", sink={"track_children": False}), "transform": making}),
    ):
        node.post("a", [{"_id": "1", "$children": [{"_id": "x"}]}])
        node.run()
        node.post("a", [{"_id": "1", "$children": [{"_id": "y"}]}])
        node.run()
        found = content(node, "p")["1"]["$children"]
        assert [c["_id"] for c in (found if type(found) is list else [found])] == ["y"]


def full_runs(**sink):
    """A pipe whose every run is a full one, and whose output depends on a dataset it hops to."""
    hop = {"datasets": ["b x"], "where": [["eq", "_S._id", "x.ref"]]}
    rule = ["discard", ["is-not-empty", ["hops", hop]]], ["copy", "*"]
    return node_of(
        receiver("b"),
        embedded(
            "p",
            {"_id": "1", "n": 1},
            {"_id": "2", "n": 2},
            transform={"type": "dtl", "rules": {"default": list(rule)}},
            sink=sink,
        ),
    )


def test_a_full_run_deletes_what_it_did_not_produce():
    node = full_runs()
    node.post("b", [{"_id": "x", "ref": "1"}, {"_id": "y", "ref": "2"}])
    node.run()
    node.post("b", [{"_id": "x", "ref": "3"}])
    node.run()
    assert content(node, "p") == {"1": {"n": 1, "_deleted": True}, "2": {"n": 2}}


def test_deletion_tracking_can_be_marked_or_off():
    for sink, expected in [
        ({"mark_deletion_tracked": True}, {"n": 1, "_deleted": True, "$deletion_tracked": True}),
        ({"deletion_tracking": False}, {"n": 1}),
    ]:
        node = full_runs(**sink)
        node.post("b", [{"_id": "x", "ref": "1"}])
        node.run()
        node.post("b", [{"_id": "x", "ref": "3"}])
        node.run()
        assert content(node, "p") == {"1": expected}


def test_a_run_that_goes_on_from_an_offset_deletes_nothing():
    node = node_of(receiver("a"), reader("p", "a"))
    node.post("a", [{"_id": "1"}])
    node.run()
    node.post("a", [{"_id": "2"}])
    node.run()
    assert sorted(living(node, "p")) == ["1", "2"]


def test_an_integer_that_cannot_be_kept_is_told_with_its_entity():
    node = node_of(receiver("a"), reader("p", "a", ["copy", "_id"], ["add", "n", ["^", 10, "_S.e"]]))
    node.post("a", [{"_id": "1", "e": 4299}, {"_id": "2", "e": 4300}, {"_id": "3", "e": 1}])
    run = node.run().pipes["p"]
    assert (run.status, run.reason) == (
        Status.FAILED,
        'entity "2": a number of more than 4300 digits cannot be stored',
    )
    assert content(node, "p") == {"1": {"n": 10**4299}}
