"""configuration-sources-*.rst; node-semantics, sections 1.3, 1.5 and 2."""

import pytest

from dataflow.dtl import transit
from dataflow.errors import FindingsError
from dataflow.node.node import Node
from dataflow.project import read_project
from node.pipes import content, embedded, node_of, reader, receiver

pytestmark = pytest.mark.usefixtures("every_store")


def sourced(pipe_id, **source):
    return {"_id": pipe_id, "type": "pipe", "source": source}


def reading(source, *datasets):
    """A node with receivers for the datasets and a pipe "p" with the source."""
    return node_of(*(receiver(name) for name in datasets), sourced("p", **source))


def after(node, **posts):
    for name, entities in posts.items():
        node.post(name, entities)
    report = node.run()
    assert report.ok, report.diagnostics()
    return content(node, "p")


def test_embedded_entities_are_decoded_and_need_no_id_before_the_transform():
    rules = {"default": [["add", "_id", ["string", "_S.n"]], ["copy", "*"]]}
    node = node_of(embedded("p", {"n": 1, "d": "~f1.50"}, {"n": 2}, transform={"type": "dtl", "rules": rules}))
    assert after(node) == {"1": {"n": 1, "d": "~f1.50"}, "2": {"n": 2}}


def test_an_embedded_entity_without_id_fails_when_nothing_gives_it_one():
    node = node_of(embedded("p", {"n": 1}))
    (failure,) = node.run().failures
    assert failure.message == 'an entity for dataset "p" needs a string _id, and has none'


def test_bad_transit_in_an_embedded_entity_has_a_place():
    node = node_of(embedded("p", {"_id": "1"}, {"_id": "2", "d": "~fx"}))
    with pytest.raises(FindingsError) as caught:
        node.entities("p")
    assert [(d.code, d.pointer) for d in caught.value.diagnostics] == [("DF201", "/source/entities/1")]


def test_empty_gives_nothing_and_is_populated():
    node = node_of(sourced("p", type="empty"))
    assert after(node) == {}
    assert node.dataset("p").populated


def test_a_dataset_source_emits_deleted_entities_and_by_default_latest_versions():
    node = reading({"type": "dataset", "dataset": "a"}, "a")
    assert after(node, a=[{"_id": "1", "n": 1}, {"_id": "1", "n": 2}, {"_id": "2", "_deleted": True}]) == {
        "1": {"n": 2},
        "2": {"_deleted": True},
    }
    assert node.dataset("p").offset == 1


def test_previous_versions_can_be_included():
    node = reading({"type": "dataset", "dataset": "a", "include_previous_versions": True}, "a")
    after(node, a=[{"_id": "1", "n": 1}, {"_id": "1", "n": 2}])
    assert [e["n"] for e in node.dataset("p").since(history=True)] == [1, 2]


def test_replaced_entities_can_be_left_out():
    replaced = {"_id": "1", "_deleted": True, "$replaced": True}
    assert list(after(reading({"type": "dataset", "dataset": "a"}, "a"), a=[replaced])) == ["1"]
    assert after(reading({"type": "dataset", "dataset": "a", "include_replaced": False}, "a"), a=[replaced]) == {}


def test_a_dataset_that_nobody_writes_is_empty():
    node = reading({"type": "dataset", "dataset": "nobody"})
    assert after(node) == {}
    assert not node.dataset("p").populated


def test_dead_letters_are_always_there_and_empty():
    node = reading({"type": "dataset", "dataset": "system:dead-letter:x"})
    assert after(node) == {}
    assert node.dataset("p").populated


def test_a_subset_selects_by_overlap():
    node = reading({"type": "dataset", "dataset": "a", "subset": ["eq", "_S.kind", "x"]}, "a")
    posted = [{"_id": "1", "kind": "x"}, {"_id": "2", "kind": "y"}, {"_id": "3", "kind": ["y", "x"]}, {"_id": "4"}]
    assert list(after(node, a=posted)) == ["1", "3"]


def test_the_literal_of_a_subset_may_be_typed():
    source = {"type": "dataset", "dataset": "a", "subset": ["eq", "_S.kind", "~:k:x"]}
    node = node_of(embedded("a", {"_id": "1", "kind": "~:k:x"}, {"_id": "2", "kind": "k:x"}), sourced("p", **source))
    assert list(after(node)) == ["1"]


def test_what_leaves_a_subset_is_deleted_there_even_when_it_changed_twice():
    node = reading({"type": "dataset", "dataset": "a", "subset": ["eq", "_S.kind", "x"]}, "a")
    after(node, a=[{"_id": "1", "kind": "x"}, {"_id": "2", "kind": "y"}])
    found = after(node, a=[{"_id": "1", "kind": "z"}, {"_id": "1", "kind": "y"}, {"_id": "2", "kind": "z"}])
    assert found == {"1": {"kind": "y", "_deleted": True}}
    assert after(node, a=[{"_id": "1", "kind": "x"}]) == {"1": {"kind": "x"}}


@pytest.mark.parametrize("subset", ["x", ["eq", "_S.a"], ["neq", "_S.a", 1], ["eq", ["nonsense"], 1]])
def test_a_malformed_subset_is_a_finding(subset):
    node = reading({"type": "dataset", "dataset": "a", "subset": subset}, "a")
    with pytest.raises(FindingsError) as caught:
        node.entities("p")
    assert caught.value.diagnostics[0].pointer.startswith("/source/subset")


def test_a_union_reads_one_dataset_after_the_other_and_prefixes_ids():
    node = reading({"type": "union_datasets", "datasets": ["b", "a"]}, "a", "b")
    found = after(node, a=[{"_id": "1", "n": 1}], b=[{"_id": "1", "n": 2}])
    assert found == {"b:1": {"n": 2}, "a:1": {"n": 1}}
    assert [e["_id"] for e in node.dataset("p").since()] == ["b:1", "a:1"]
    assert after(node, b=[{"_id": "1", "_deleted": True}])["b:1"] == {"_deleted": True}
    plain = reading({"type": "union_datasets", "datasets": ["a", "b"], "prefix_ids": False}, "a", "b")
    assert list(after(plain, a=[{"_id": "1"}], b=[{"_id": "2"}])) == ["1", "2"]


def test_merge_datasets_gives_the_newest_of_all():
    node = reading({"type": "merge_datasets", "datasets": ["a", "b"]}, "a", "b")
    assert after(node, a=[{"_id": "1", "n": 1}, {"_id": "2", "n": 1}]) == {"1": {"n": 1}, "2": {"n": 1}}
    node.clock.advance(1)
    assert after(node, b=[{"_id": "1", "n": 2}]) == {"1": {"n": 2}, "2": {"n": 1}}
    node.clock.advance(1)
    assert after(node, a=[{"_id": "1", "n": 3}])["1"] == {"n": 3}


def test_merge_datasets_can_give_all():
    node = reading({"type": "merge_datasets", "datasets": ["a", "b"], "strategy": "all"}, "a", "b")
    assert after(node, a=[{"_id": "1", "n": 1}, {"_id": "2", "n": 1}], b=[{"_id": "1", "n": 2}]) == {
        "1": {"a": {"_id": "1", "n": 1}, "b": {"_id": "1", "n": 2}},
        "2": {"a": {"_id": "2", "n": 1}},
    }
    found = after(node, a=[{"_id": "1", "_deleted": True}, {"_id": "2", "_deleted": True}])
    assert found["2"]["_deleted"] is True
    assert "_deleted" not in found["1"]


def test_datasets_that_nobody_writes_do_not_keep_a_merge_from_being_populated():
    source = {"type": "merge", "version": 2, "datasets": ["a a", "nobody n"], "identity": "first"}
    node = reading(source, "a")
    assert list(after(node, a=[{"_id": "1"}])) == ["1"]
    assert node.dataset("p").populated
    strict = reading({**source, "ignore_non_existent_datasets": False}, "a")
    after(strict, a=[{"_id": "1"}])
    assert not strict.dataset("p").populated


def test_a_source_that_reaches_outside_fails_its_pipe_and_says_what_to_do():
    node = node_of(sourced("p", type="rest", system="s", operation="o"), embedded("q", {"_id": "1"}))
    report = node.run()
    (failure,) = report.failures
    assert failure.pipe == "p"
    assert 'a source of type "rest" is not run offline' in failure.message
    assert report.pipes["q"].written == 1


def test_a_source_waits_for_populated_input_and_for_completeness():
    wanting = {"type": "dataset", "dataset": "a", "require_populated_input": True}
    node = node_of(sourced("p", **wanting), reader("a", "nobody"))
    assert node.run().pipes["p"].reason == "waits for a to be populated (require_populated_input)"
    incomplete = {"type": "dataset", "dataset": "a", "initial_completeness": ["b"]}
    node = node_of(sourced("p", **incomplete), receiver("a"), sourced("b", type="rest"))
    node.post("a", [{"_id": "1"}])
    assert node.run().pipes["p"].reason == "waits for b to be complete (initial_completeness)"
    node = node_of(sourced("p", **incomplete), receiver("a"), receiver("b"))
    assert list(after(node, a=[{"_id": "1"}])) == ["1"]


def test_numbers_of_embedded_entities_are_as_written(tmp_path):
    (tmp_path / "pipes").mkdir()
    text = '{"_id": "p", "type": "pipe", "source": {"type": "embedded", "entities": [{"_id": "1", "a": 1.50, "b": [{"c": 1e2}], '
    text += '"d": 0.1000000000000000055511151231257827, "e": 123456789012345678901234567890, "f": "$ENV(f)"}]}}'
    (tmp_path / "pipes" / "p.conf.json").write_text(text, "utf-8")
    (tmp_path / "test-env.json").write_text('{"f": 2.5}', "utf-8")
    node = Node.from_project(read_project(tmp_path))
    node.run()
    (entity,) = node.entities("p")
    assert transit.encode(entity) == {
        "_id": "1",
        "a": "~f1.50",
        "b": [{"c": 100}],
        "d": "~f0.1000000000000000055511151231257827",
        "e": 123456789012345678901234567890,
        "f": "~f2.5",
    }
