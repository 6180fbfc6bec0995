"""hub/features/circuit-breakers.rst, configuration-sinks-dataset.rst, dtl-functions-transforms.rst (trip!); decision 0422."""

import pytest

from dataflow.errors import PumpFailed
from dataflow.node import breaker
from dataflow.node.breaker import BreakerTripped
from dataflow.node.dataset import Dataset
from dataflow.node.runs import Status
from node.pipes import content, embedded, living, node_of, reader, receiver

pytestmark = pytest.mark.usefixtures("every_store")


@pytest.fixture(autouse=True, params=[breaker.IN_MEMORY, 1], ids=["in-memory", "in-the-store"])
def place(request, monkeypatch):
    """Where what is held back stands until the run is over."""
    monkeypatch.setattr(breaker, "IN_MEMORY", request.param)


def guarded(count=None, factor=None, *rule, **more):
    """A receiver "a", the guarded pipe "p" that has taken in 10 entities, and "q" behind it."""
    wanted = {"circuit_breaker_threshold_count": count, "circuit_breaker_threshold_factor": factor}
    sink = {**{name: value for name, value in wanted.items() if value is not None}, **more.pop("sink", {})}
    node = node_of(receiver("a"), reader("p", "a", *rule, sink=sink, **more), reader("q", "p"))
    node.post("a", [{"_id": str(n), "n": 0} for n in range(10)])
    node.run()
    assert len(content(node, "p")) == 10
    return node


def change(node, *ids, n=1):
    node.post("a", [{"_id": i, "n": n} for i in ids])


def changed(node, dataset="p"):
    return [i for i, e in content(node, dataset).items() if e["n"] != 0]


def test_a_first_run_writes_what_it_likes_and_a_later_one_as_much_as_the_breaker_lets_through():
    node = guarded(2)
    change(node, "1", "2")
    node.run()
    assert changed(node) == changed(node, "q") == ["1", "2"]
    change(node, "3", "4", "5")
    report = node.run()
    assert report.pipes["p"].status is Status.FAILED
    assert report.pipes["p"].reason == (
        "the circuit breaker has tripped: 3 writes to p, and 2 are let through; commit or roll back what is held back"
    )
    assert changed(node) == changed(node, "q") == ["1", "2"]
    assert report.pipes["q"].status is Status.SKIPPED


def test_a_tripped_breaker_keeps_its_pipe_from_running_and_no_other():
    node = guarded(2)
    change(node, "3", "4", "5")
    node.run()
    change(node, "6")
    report = node.run()
    assert (report.pipes["p"].status, report.pipes["p"].reason) == (
        Status.SKIPPED,
        "waits for a decision about p, whose circuit breaker has tripped",
    )
    assert report.ok


def test_of_two_pipes_with_breakers_only_the_one_that_writes_too_much_is_held_back():
    small = reader("small", "a", sink={"circuit_breaker_threshold_count": 2})
    large = reader("large", "a", sink={"circuit_breaker_threshold_count": 100})
    node = node_of(receiver("a"), small, large)
    node.post("a", [{"_id": str(n), "n": 0} for n in range(10)])
    node.run()
    change(node, "1", "2", "3")
    report = node.run()
    assert (report.pipes["small"].status, report.pipes["large"].status) == (Status.FAILED, Status.OK)
    assert (changed(node, "small"), changed(node, "large")) == ([], ["1", "2", "3"])
    tripped = {i: node.pump(i).breaker.tripped for i in ("small", "large")}
    assert (tripped["small"] is not None, tripped["large"]) == (True, None)
    # The other one goes on for as long as it takes, and there is nothing to decide about it.
    change(node, "4")
    report = node.run()
    assert (report.pipes["small"].status, report.pipes["large"].written) == (Status.SKIPPED, 1)
    with pytest.raises(PumpFailed, match="has not tripped"):
        node.pump("large").decide(commit=True)
    node.pump("small").decide(commit=True)
    assert node.run().ok
    assert changed(node, "small") == changed(node, "large") == ["1", "2", "3", "4"]


def test_a_commit_lets_everything_through_and_the_pipe_goes_on():
    node = guarded(2)
    change(node, "3", "4", "5", "6")
    node.run()
    held = list(node.pump("p").breaker.uncommitted())
    assert [(e["_id"], e["n"], e["_updated"]) for e in held] == [("3", 1, 10), ("4", 1, 11), ("5", 1, 12)]
    node.pump("p").decide(commit=True)
    assert changed(node) == ["3", "4", "5"]
    assert list(node.pump("p").breaker.uncommitted()) == []
    node.run()
    assert changed(node) == changed(node, "q") == ["3", "4", "5", "6"]


def test_a_rollback_drops_everything_and_the_pipe_meets_it_again():
    node = guarded(2)
    change(node, "3", "4", "5")
    node.run()
    node.pump("p").decide(commit=False)
    assert (changed(node), node.dataset("p").offset) == ([], 9)
    # Nothing is lost by it: unless something else has changed the next run comes to the same.
    assert node.run().pipes["p"].status is Status.FAILED
    node.pump("p").decide(commit=False)
    change(node, "3", "4", n=0)
    node.run()
    assert changed(node) == ["5"]


@pytest.mark.parametrize(
    ("count", "factor", "most"),
    [(None, 0.3, 3), (None, "~f0.3", 3), (5, 0.3, 5), (2, 0.3, 3), (None, 0.25, 2), (0, None, 0)],
)
def test_the_limit_is_the_larger_of_both(count, factor, most):
    node = guarded(count, factor)
    change(node, *(str(n) for n in range(most)))
    assert node.run().pipes["p"].status is (Status.OK if most else Status.SKIPPED)
    change(node, *(str(n) for n in range(most + 1)), n=2)
    assert node.run().pipes["p"].status is Status.FAILED


def test_deleted_entities_count_for_the_factor():
    node = guarded(None, 0.5)
    node.post("a", [{"_id": str(n), "_deleted": True} for n in range(5)])
    node.run()
    assert len(living(node, "p")) == 5
    change(node, "0", "1", "2", "3", "4")
    assert node.run().pipes["p"].status is Status.OK


def test_what_changes_nothing_does_not_count():
    node = guarded(1)
    node.pump("p").run(rescan=True)
    assert node.pump("p").record.status is Status.OK
    change(node, "1")
    node.post("a", [{"_id": "1", "n": 1, "m": 2}])
    assert node.run().pipes["p"].status is Status.OK


def test_deletions_of_a_full_run_count():
    sink = {"circuit_breaker_threshold_count": 3}
    entities = [{"_id": str(n)} for n in range(6)]
    node = node_of(embedded("p", *entities, sink=sink))
    node.run()
    less = node_of(embedded("p", *entities[:2], sink=sink), store=node._store)
    report = less.run()
    assert report.pipes["p"].status is Status.FAILED
    assert len(living(less, "p")) == 6
    less.pump("p").decide(commit=True)
    assert len(living(less, "p")) == 2
    less.run()
    assert list(living(less, "p")) == ["0", "1"]


def test_filtered_entities_and_children_are_staged_too():
    filtered = ["if", ["eq", "_S.n", 2], ["filter"]]
    node = guarded(1, None, filtered, ["copy", "*"])
    node.post("a", [{"_id": "1", "n": 2}])
    node.run()
    assert "1" not in living(node, "p")
    node.post("a", [{"_id": "2", "n": 2}, {"_id": "3", "n": 2}])
    assert node.run().pipes["p"].status is Status.FAILED
    assert {"2", "3"} <= living(node, "p").keys()
    node.pump("p").decide(commit=True)
    assert living(node, "p").keys().isdisjoint({"1", "2", "3"})


def test_a_run_that_fails_for_another_reason_keeps_what_it_wrote():
    node = guarded(5, None, ["copy", "*"], ["if", ["eq", "_S._id", "3"], ["if", ["eq", "_S.n", 9], ["fail!", "no"]]])
    change(node, "1", "2", "3", n=9)
    assert node.run().pipes["p"].reason == "no"
    assert changed(node) == ["1", "2"]


def test_an_entity_that_changes_twice_in_a_run_counts_twice_and_is_written_once_per_change():
    source = {"type": "dataset", "dataset": "a", "include_previous_versions": True}
    node = guarded(3, source=source)
    before = node.dataset("p").offset
    change(node, "1", n=1)
    change(node, "1", n=2)
    change(node, "1", n=0)
    node.run()
    assert [e["n"] for e in node.dataset("p").since(before, history=True)] == [1, 2, 0]


def test_an_entity_that_comes_and_goes_within_a_run_is_deleted():
    source = {"type": "dataset", "dataset": "a", "include_previous_versions": True}
    node = guarded(3, None, ["copy", "*"], ["filter", ["neq", "_S.n", 2]], source=source)
    change(node, "new", n=1)
    change(node, "new", n=2)
    node.run()
    assert content(node, "p")["new"] == {"n": 1, "_deleted": True}


@pytest.mark.parametrize("commit", [True, False])
def test_what_is_held_back_outlives_its_node(every_store, commit):
    store = every_store()
    pipes = receiver("a"), reader("p", "a", sink={"circuit_breaker_threshold_count": 1})
    node = node_of(*pipes, store=store)
    node.post("a", [{"_id": i, "n": 0} for i in "123"])
    node.run()
    change(node, "1", "2")
    node.run()
    node = node_of(*pipes, store=store)
    assert node.pump("p").breaker.tripped
    assert changed(node) == []
    node.pump("p").decide(commit=commit)
    assert changed(node) == (["1", "2"] if commit else [])
    report = node.run()
    assert (report.pipes["p"].status, changed(node)) == ((Status.OK, ["1", "2"]) if commit else (Status.FAILED, []))
    events = [e["event_type"] for e in node.dataset("system:pump_execution:p").since(history=True)]
    assert events[2:5] == [
        "pump-started",
        "pump-failed",
        "circuit-breaker-commit" if commit else "circuit-breaker-rollback",
    ]


def test_there_is_nothing_to_decide_unless_the_breaker_has_tripped():
    with pytest.raises(PumpFailed, match="the circuit breaker of p has not tripped"):
        guarded(2).pump("p").decide(commit=True)


# --- trip! ------------------------------------------------------------------------------------------------------------

TRIP = ["if", ["eq", "_S.n", 7], ["trip!", "seven is too much"]]


def test_rules_can_trip_the_breaker_and_what_the_run_wrote_is_held_back():
    node = guarded(5, None, ["copy", "*"], TRIP)
    change(node, "1")
    change(node, "2", n=7)
    report = node.run()
    assert report.pipes["p"].reason == "seven is too much"
    assert node.pump("p").breaker.tripped == "seven is too much"
    assert changed(node) == []
    failed = node.dataset("system:pump_execution:p").newest("pump-failed")
    assert (failed["reason_why_stopped"], failed["exception_entity"]["_id"]) == ("seven is too much", "2")
    node.pump("p").decide(commit=True)
    assert changed(node) == ["1"]


def test_without_a_threshold_everything_written_before_stays_whatever_is_decided():
    for commit in (True, False):
        node = guarded(None, None, ["copy", "*"], TRIP)
        change(node, "1")
        change(node, "2", n=7)
        node.run()
        assert changed(node) == ["1"]
        assert node.run().pipes["p"].status is Status.SKIPPED
        node.pump("p").decide(commit=commit)
        assert (changed(node), node.pump("p").last_seen) == (["1"], 10)
        assert node.run().pipes["p"].reason == "seven is too much"
        node.pump("p").decide(commit=commit)
        change(node, "2", n=8)
        assert node.run().pipes["p"].status is Status.OK


def test_an_entity_that_trips_does_not_wait_to_be_tried_again():
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9}
    node = guarded(None, None, ["copy", "*"], TRIP, pump=pump)
    change(node, "2", n=7)
    node.run()
    assert (node.pump("p").retries.waiting, bool(node.pump("p").breaker.tripped)) == (0, True)


# --- receivers and replicas -------------------------------------------------------------------------------------------


def test_a_receiver_has_a_breaker_for_every_post():
    node = node_of(receiver("a", sink={"circuit_breaker_threshold_count": 2}))
    with pytest.raises(BreakerTripped, match="3 writes to a"):
        node.post("a", [{"_id": i} for i in "123"])
    with pytest.raises(BreakerTripped, match="commit or roll it back"):
        node.post("a", [{"_id": "4"}])
    assert content(node, "a") == {}
    node.receiver("a").decide(commit=True)
    assert list(content(node, "a")) == ["1", "2", "3"]
    node.post("a", [{"_id": "4"}])
    assert list(content(node, "a")) == ["1", "2", "3", "4"]


def test_a_replica_has_neither_breaker_nor_deletion_tracking():
    sink = {"type": "replicated_dataset", "circuit_breaker_threshold_count": 0}
    node = guarded(sink=sink)
    change(node, "1")
    assert node.run().pipes["p"].status is Status.OK
    node.dataset("p").write({"_id": "own"})
    node.pump("p").run(rescan=True)
    assert "own" in living(node, "p")


def test_what_is_held_back_goes_to_the_store_when_it_is_too_much_for_the_memory(monkeypatch):
    monkeypatch.setattr(breaker, "IN_MEMORY", 2)
    brought = []

    def bring(own):
        brought.append([entity["_id"] for entity in own.since()])
        kept = Dataset("d")
        for version in own.since():
            kept.write(version)
        return kept

    staged = breaker.Staged(Dataset("d"), Dataset("d"), 10, bring)
    for n in range(5):
        staged.write({"_id": str(n)})
    assert brought == [["0", "1", "2"]]
    assert [version["_id"] for version in staged.since()] == ["0", "1", "2", "3", "4"]
    staged.keep()
    assert len(brought) == 1
