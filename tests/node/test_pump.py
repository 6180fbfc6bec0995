"""configuration-pump.rst, dependency-tracking.rst, deletion-tracking.rst; node-semantics, sections 1.4 and 5."""

import pytest

from dataflow.node.runs import Status
from node.pipes import content, embedded, living, node_of, reader, receiver

pytestmark = pytest.mark.usefixtures("every_store")


def hop(dataset, where, *, tracked=True, **more):
    return [
        "hops",
        {"datasets": [f"{dataset} x"], "where": [where], **({} if tracked else {"track-dependencies": False}), **more},
    ]


def names(tracked=True, **properties):
    """Pipe "p": entities of "a" with the names that "b" has for them."""
    found = hop("b", ["eq", "_S.ref", "x._id"], tracked=tracked, **{"return": "x.name"})
    return node_of(receiver("a"), receiver("b"), reader("p", "a", ["copy", "*"], ["add", "names", found], **properties))


def test_a_run_takes_what_is_new():
    node = node_of(receiver("a"), reader("p", "a"))
    node.post("a", [{"_id": "1"}, {"_id": "2"}])
    assert node.run().pipes["p"].read == 2
    node.post("a", [{"_id": "2", "n": 1}])
    report = node.run()
    assert (report.pipes["p"].read, report.pipes["p"].written) == (1, 1)
    report = node.run()
    assert (report.pipes["p"].status, report.pipes["p"].reason) == (Status.SKIPPED, "nothing has changed")


def test_a_change_in_a_hopped_dataset_runs_again_what_depends_on_it():
    node = names()
    node.post("a", [{"_id": "1", "ref": "x"}, {"_id": "2", "ref": "y"}])
    node.post("b", [{"_id": "x", "name": "X"}])
    node.run()
    node.post("b", [{"_id": "y", "name": "Y"}])
    report = node.run()
    assert content(node, "p") == {"1": {"ref": "x", "names": ["X"]}, "2": {"ref": "y", "names": ["Y"]}}
    assert (report.pipes["p"].read, report.pipes["p"].written) == (1, 1)


def test_what_is_new_is_run_once_although_a_hopped_dataset_has_changed_too():
    node = names()
    node.post("a", [{"_id": "1", "ref": "x"}])
    node.run()
    node.post("a", [{"_id": "2", "ref": "x"}])
    node.post("b", [{"_id": "x", "name": "X"}])
    assert node.run().pipes["p"].read == 2


@pytest.mark.parametrize("lookup", ["hops", "lookup-entity"])
def test_an_untracked_hop_and_a_lookup_run_nothing_again(lookup):
    found = hop("b", ["eq", "_S.ref", "x._id"], tracked=False, **{"return": "x.name"})
    if lookup == "lookup-entity":
        found = ["list", ["path", "name", ["lookup-entity", "b", "_S.ref"]]]
    node = node_of(receiver("a"), receiver("b"), reader("p", "a", ["copy", "*"], ["add", "names", found]))
    node.post("a", [{"_id": "1", "ref": "x"}])
    node.post("b", [{"_id": "x", "name": "X"}])
    node.run()
    node.post("b", [{"_id": "x", "name": "Y"}])
    assert node.run().pipes["p"].read == 0
    node.post("a", [{"_id": "2", "ref": "x"}])
    node.run()
    assert {i: e["names"] for i, e in content(node, "p").items()} == {"1": ["X"], "2": ["Y"]}


def test_running_again_takes_latest_versions_only():
    found = hop("b", ["eq", "_S._id", "x.ref"])
    source = {"type": "dataset", "dataset": "a", "include_previous_versions": True}
    pipe = {**reader("p", "a", ["copy", "*"], ["add", "m", ["count", found]]), "source": source}
    node = node_of(receiver("a"), receiver("b"), pipe)
    node.post("a", [{"_id": "1", "n": 1}, {"_id": "1", "n": 2}])
    assert node.run().pipes["p"].read == 2
    node.post("b", [{"_id": "x", "ref": "1"}])
    assert node.run().pipes["p"].read == 1
    assert content(node, "p") == {"1": {"n": 2, "m": 1}}


# --- pipes with a memory ----------------------------------------------------------------------------------------------

MEMORY = {"batch_size": 1, "sink": {"set_initial_offset": "onload", "deletion_tracking": False}}


def counting(**properties):
    """Pipe "p" hops to its own log: each entity says how many of its kind were there before it."""
    before = hop("p", ["eq", "_S.kind", "x.kind"])
    return node_of(
        receiver("a"),
        receiver("b"),
        reader("p", "a", ["copy", "*"], ["add", "before", ["count", before]], **MEMORY, **properties),
    )


def test_a_pipe_that_hops_to_its_own_sink_sees_every_write_before_it_and_never_runs_again_for_them():
    node = counting()
    node.post("a", [{"_id": i, "kind": "k"} for i in "123"])
    report = node.run()
    assert {i: e["before"] for i, e in content(node, "p").items()} == {"1": 0, "2": 1, "3": 2}
    assert (report.pipes["p"].read, report.pipes["p"].runs) == (3, 1)
    node.post("a", [{"_id": "4", "kind": "k"}])
    report = node.run()
    assert content(node, "p")["4"]["before"] == 3
    assert report.pipes["p"].read == 1


def test_a_log_remembers_what_was_inserted():
    # The heart of a share pipe: an entity that was inserted once is not inserted again, whatever happens to it.
    known = ["first", hop("p", ["eq", "_S._id", "x._id"], tracked=False)]
    rule = (
        ["copy", "*"],
        ["add", "_before", known],
        ["add", "did", ["if", ["is-null", "_T._before"], "insert", "update"]],
        ["add", "made", ["coalesce", ["list", "_T._before.made", ["concat", "id-", "_S._id"]]]],
        ["add", "_deleted", False],
    )
    node = node_of(receiver("a"), reader("p", "a", *rule, **MEMORY))
    node.post("a", [{"_id": "1", "n": 1}])
    node.run()
    assert content(node, "p")["1"] == {"n": 1, "did": "insert", "made": "id-1"}
    node.run()
    assert content(node, "p")["1"]["did"] == "insert"
    node.post("a", [{"_id": "1", "n": 2}])
    node.run()
    assert content(node, "p")["1"] == {"n": 2, "did": "update", "made": "id-1"}


# --- failures ---------------------------------------------------------------------------------------------------------


def failing(**properties):
    return node_of(
        receiver("a"),
        reader("p", "a", ["copy", "*"], ["if", ["eq", "_S.bad", True], ["fail!", "so bad"]], **properties),
        reader("q", "a"),
    )


def test_a_failing_entity_fails_the_pipe_and_keeps_what_came_before():
    node = failing()
    node.post("a", [{"_id": "1"}, {"_id": "2", "bad": True}, {"_id": "3"}])
    report = node.run()
    assert list(content(node, "p")) == ["1"]
    assert list(content(node, "q")) == ["1", "2", "3"]
    run = report.pipes["p"]
    assert (run.status, run.reason, run.written, run.runs) == (Status.FAILED, "so bad", 1, 1)
    assert not report.ok
    (failure,) = report.failures
    assert (failure.pipe, failure.entity, failure.message) == ("p", "2", "so bad")
    (found,) = report.diagnostics()
    assert (found.code, found.message) == ("DF701", 'p: entity "2": so bad')
    assert found.pointer.startswith("/transform/rules/default/1")
    assert found.line is not None


def test_the_next_run_goes_on_at_the_entity_that_failed():
    node = failing()
    node.post("a", [{"_id": "1"}, {"_id": "2", "bad": True}, {"_id": "3"}])
    node.run()
    assert node.run().pipes["p"].read == 1
    node.post("a", [{"_id": "2", "bad": False}])
    report = node.run()
    assert report.ok
    assert report.pipes["p"].read == 2
    assert sorted(content(node, "p")) == ["1", "2", "3"]


def test_a_failed_full_run_deletes_nothing():
    node = failing()
    node.post("a", [{"_id": "1"}, {"_id": "2"}])
    node.run()
    node.post("a", [{"_id": "0", "bad": True}])
    node.run()
    assert content(node, "p") == {"1": {}, "2": {}}


def test_a_full_run_that_failed_is_begun_again_and_deletes_in_the_end():
    made = ["create", ["map", ["dict", "_id", "_."], "_S.makes"]]
    node = node_of(receiver("a"), reader("p", "a", made, ["if", ["eq", "_S.bad", True], ["fail!", "so bad"]]))
    node.post("a", [{"_id": "1", "makes": ["x", "y"]}, {"_id": "2"}])
    node.run()
    node.post("a", [{"_id": "1", "makes": ["x"]}, {"_id": "2", "bad": True}])
    node.pump("p").rewind()
    assert not node.run().ok
    assert sorted(living(node, "p")) == ["1", "2", "x", "y"]
    node.post("a", [{"_id": "2"}])
    assert node.run().pipes["p"].read == 2
    assert sorted(living(node, "p")) == ["1", "2", "x"]


def test_an_entity_that_fails_leaves_nothing_of_itself():
    rule = ["create", {"_id": "made"}], ["if", ["eq", "_S.bad", True], ["fail!", "no"]]
    chained = [
        {"type": "dtl", "rules": {"default": [["create", {"_id": "made"}]]}},
        {"type": "dtl", "rules": {"default": [rule[1]]}},
    ]
    node = node_of(
        embedded("p", {"_id": "1", "bad": True}, transform={"type": "dtl", "rules": {"default": list(rule)}}),
        embedded("q", {"_id": "1"}, transform=chained),
    )
    node.run()
    assert content(node, "p") == {}


def test_an_id_that_is_no_string_fails_the_run_unless_ids_are_not_required():
    bad = [["add", "_id", ["list", "a"]]]
    entities = {"_id": "1"}, {"_id": "2"}
    node = node_of(
        embedded("p", *entities, transform={"type": "dtl", "rules": {"default": bad}}),
        embedded("q", *entities, transform={"type": "dtl", "id_required": False, "rules": {"default": bad}}),
    )
    report = node.run()
    assert [(f.pipe, f.entity) for f in report.failures] == [("p", "1")]
    assert content(node, "q") == {}


def test_an_empty_source_can_be_a_failure():
    source = {"type": "embedded", "entities": [], "if_source_empty": "fail"}
    node = node_of({"_id": "p", "type": "pipe", "source": source})
    assert node.run().failures[0].message == "the source gave no entities, and if_source_empty is fail"


# --- populated --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "source", "expected"),
    [
        (None, "a", True),
        (None, "nobody", False),
        ("never", "a", False),
        ("always", "nobody", True),
        ("initially", "nobody", True),
        ("onload", "nobody", True),
        ("if-source-populated", "a", True),
    ],
)
def test_when_a_dataset_is_populated(offset, source, expected):
    sink = {} if offset is None else {"sink": {"set_initial_offset": offset}}
    node = node_of(receiver("a"), reader("p", source, **sink))
    assert node.dataset("p").populated is (offset == "onload")
    node.run()
    assert node.dataset("p").populated is expected


def test_a_failed_pipe_does_not_populate():
    node = failing()
    node.post("a", [{"_id": "1", "bad": True}])
    node.run()
    assert (node.dataset("p").populated, node.dataset("q").populated) == (False, True)


def test_hops_wait_for_populated_datasets_and_reading_does_not():
    counted = ["add", "n", ["count", hop("b", ["eq", "_S._id", "x._id"])]]
    node = node_of(receiver("a"), reader("b", "nobody"), reader("p", "a", counted), reader("q", "p"))
    node.post("a", [{"_id": "1"}])
    report = node.run()
    assert (report.pipes["p"].status, report.pipes["p"].reason) == (Status.SKIPPED, "waits for b to be populated")
    assert report.ok
    node = node_of(
        receiver("a"), reader("b", "nobody", sink={"set_initial_offset": "onload"}), reader("p", "a", counted)
    )
    node.post("a", [{"_id": "1"}])
    node.run()
    assert content(node, "p") == {"1": {"n": 0}}


def test_a_hop_to_a_dataset_that_nobody_writes_finds_nothing():
    node = node_of(receiver("a"), reader("p", "a", ["add", "n", ["count", hop("nobody", ["eq", "_S._id", "x._id"])]]))
    node.post("a", [{"_id": "1"}])
    node.run()
    assert content(node, "p") == {"1": {"n": 0}}


def test_completeness_is_the_least_of_what_is_read():
    node = node_of(
        receiver("a"),
        receiver("b"),
        reader("p", "a", ["add", "n", hop("b", ["eq", "_S._id", "x._id"])]),
        reader("q", "a", ["add", "n", hop("b", ["eq", "_S._id", "x._id"])], exclude_completeness=["a"]),
    )
    early = node.clock.now_ns()
    node.post("a", [])
    node.clock.advance(10)
    node.post("b", [])
    node.run()
    assert node.dataset("p").completeness == early
    assert node.dataset("q").completeness == early + 10_000_000_000


def test_is_changed_knows_the_version_before():
    node = node_of(receiver("a"), reader("p", "a", ["copy", "n"], ["add", "changed", ["is-changed", "_.n"]]))
    node.post("a", [{"_id": "1", "n": 1}])
    node.run()
    assert content(node, "p")["1"] == {"n": 1, "changed": None}
    node.post("a", [{"_id": "1", "n": 2}])
    node.run()
    assert content(node, "p")["1"]["changed"] is True
    node.post("a", [{"_id": "1", "n": 2, "m": 1}])
    node.run()
    assert content(node, "p")["1"]["changed"] is False
