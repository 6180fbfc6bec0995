"""hub/features/change-tracking.rst, deletion-tracking.rst; node-semantics, section 1."""

import pytest

from dataflow.clock import FixedClock
from dataflow.dtl.joins import keys
from dataflow.errors import PumpFailed
from dataflow.node.dataset import Dataset


@pytest.fixture
def clock():
    return FixedClock(1_000_000_000)


@pytest.fixture
def dataset(clock, every_store):
    return Dataset("d", clock, log=every_store().log("d"))


def test_a_version_has_the_reserved_properties_sorted_in(dataset, clock):
    dataset.write({"p": 1, "_id": "x", "A": 2, "_tmp": 3, "_updated": 17})
    clock.advance(1)
    dataset.write({"p": 2, "_id": "x", "A": 2})
    first, second = dataset.since(history=True)
    assert list(first) == ["A", "_deleted", "_hash", "_id", "_previous", "_ts", "_updated", "p"]
    assert (first["_updated"], first["_previous"], first["_ts"], first["_deleted"]) == (0, None, 1_000_000, False)
    assert (second["_updated"], second["_previous"], second["_ts"]) == (1, 0, 2_000_000)
    assert first["_hash"] != second["_hash"]
    assert dataset.offset == 1


def test_equal_content_is_not_written_again_and_returning_content_has_its_old_hash(dataset):
    assert dataset.write({"_id": "x", "p": [1, {"b": 1, "a": 2}]})
    assert not dataset.write({"p": [1, {"a": 2, "b": 1}], "_id": "x", "_deleted": False, "_ts": 5})
    assert dataset.write({"_id": "x", "p": "B"})
    assert dataset.write({"_id": "x", "p": [1, {"b": 1, "a": 2}]})
    hashes = [version["_hash"] for version in dataset.since(history=True)]
    assert hashes[0] == hashes[2] != hashes[1]


def test_only_a_literal_true_deletes(dataset):
    dataset.write({"_id": "x", "_deleted": "true"})
    dataset.write({"_id": "y", "_deleted": 1})
    dataset.write({"_id": "z", "_deleted": True, "p": 1})
    assert [e["_id"] for e in dataset.live()] == ["x", "y"]
    assert [e["_deleted"] for e in dataset.since()] == [False, False, True]
    assert dataset.latest("z") is None
    assert dataset.newest("z")["p"] == 1


def test_a_filtered_entity_becomes_a_tombstone_that_keeps_its_properties(dataset):
    assert not dataset.write({"_id": "x", "_filtered": True})
    dataset.write({"_id": "x", "p": 1})
    assert dataset.write({"_id": "x", "_filtered": True, "q": 2})
    assert not dataset.write({"_id": "x", "_filtered": True})
    newest = dataset.newest("x")
    assert (newest["_deleted"], newest["p"], "q" in newest, "_filtered" in newest) == (True, 1, False, False)
    assert dataset.write({"_id": "x", "p": 1})
    assert dataset.latest("x")["p"] == 1


def test_reading_gives_latest_versions_after_an_offset_deleted_ones_too(dataset):
    for entity_id, p in [("a", 1), ("b", 1), ("a", 2), ("c", 1)]:
        dataset.write({"_id": entity_id, "p": p})
    dataset.delete("b")
    assert [(e["_id"], e["_updated"]) for e in dataset.since()] == [("a", 2), ("c", 3), ("b", 4)]
    assert [e["_id"] for e in dataset.since(2)] == ["c", "b"]
    assert [e["_updated"] for e in dataset.since(0, history=True)] == [1, 2, 3, 4]
    assert [e["_id"] for e in dataset.live()] == ["a", "c"]


def test_what_is_written_while_reading_is_left_to_the_next_reading(dataset):
    dataset.write({"_id": "a"})
    for entity in dataset.since():
        dataset.write({"_id": entity["_id"] + "a"})
    assert [e["_id"] for e in dataset.since(0)] == ["aa"]


def test_deletion_tracking_deletes_what_was_not_seen(dataset):
    for entity_id in "abc":
        dataset.write({"_id": entity_id, "p": entity_id})
    dataset.delete("c")
    assert dataset.delete_unseen({"a"}, **{"$deletion_tracked": True}) == 1
    assert dataset.newest("b")["p"] == "b"
    assert dataset.newest("b")["$deletion_tracked"] is True
    assert "$deletion_tracked" not in dataset.newest("c")


@pytest.mark.parametrize("entity", [{}, {"_id": None}, {"_id": 1}, {"_id": ["a"]}])
def test_an_entity_needs_a_string_id(dataset, entity):
    with pytest.raises(PumpFailed, match='dataset "d" needs a string _id'):
        dataset.write(entity)


def test_stored_versions_share_nothing_with_what_was_written(dataset):
    entity = {"_id": "x", "p": {"q": [1]}}
    dataset.write(entity)
    entity["p"]["q"].append(2)
    assert dataset.latest("x")["p"] == {"q": [1]}
    assert not dataset.write({"_id": "x", "p": {"q": [1]}})


def test_indexes_are_named_and_made_once(dataset):
    dataset.write({"_id": "x", "p": 1})
    index = dataset.index("p", lambda e: keys(e.get("p")))
    assert dataset.index("p", lambda e: pytest.fail("made twice")) is index
    assert dataset.indexes == ["p"]
    assert [e["_id"] for e in index[1]] == ["x"]
