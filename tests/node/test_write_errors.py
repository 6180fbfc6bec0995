"""configuration-pump.rst, pump-execution.rst; tools/docs/decisions/0420-write-errors.md. What happens when an entity fails."""

import pytest

from dataflow.clock import FixedClock
from dataflow.errors import CallFailed, PumpFailed
from dataflow.node.runs import Status
from node.outside import Collector, Table, refusing, sender
from node.pipes import content, node_of, reader, receiver, shown

pytestmark = pytest.mark.usefixtures("every_store")

LOG = "system:pump_execution:p"
# An entity that fails is given up at once, and the run goes on.
DEAD = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9, "max_retries_per_entity": 0}


def outgoing(out, **properties):
    node = node_of(receiver("a"), sender("p", "a", **properties), sink_makers=out.makers)
    node.post("a", [{"_id": i} for i in "12345"])
    return node


def run(node):
    return node.run(outputs=True).pipes["p"]


def errors(node, log=LOG):
    """Of every write-error: retry_attempts, and what it is."""
    entries = [e for e in node.dataset(log).since() if e["_id"].startswith("write-error:")]
    flags = ("retryable", "resolved", "dead")
    return {e["entity"]["_id"]: (e["retry_attempts"], *(flag for flag in flags if e[flag])) for e in entries}


# --- batches ----------------------------------------------------------------------------------------------------------


def test_a_batch_that_fails_is_tried_again_and_then_entity_by_entity():
    out = Collector(refusing("3"))
    node = outgoing(out, batch_size=4)
    assert (run(node).status, run(node).reason) == (Status.FAILED, "no")
    whole = ["1", "2", "3", "4"]
    assert out.attempts[:7] == [whole, whole, whole, whole, ["1"], ["2"], ["3"]]
    assert out.ids == ["1", "2"]


def test_how_often_a_batch_is_tried_again_and_how_long_that_takes():
    out = Collector(refusing("3"))
    node = outgoing(out, batch_size=5, pump={"batch_retries": 1, "write_retry_delay": "~f0.5"})
    before = node.clock.now_ns()
    run(node)
    assert [len(attempt) for attempt in out.attempts] == [5, 5, 1, 1, 1]
    assert node.clock.now_ns() - before == 500_000_000


def test_a_batch_that_gets_through_after_all():
    out = Collector()
    answers = iter(["busy", "busy", None])
    out.refuses = lambda batch: next(answers)
    node = outgoing(out)
    assert (run(node).status, len(out.attempts), out.ids) == (Status.OK, 3, ["1", "2", "3", "4", "5"])


def test_without_the_fallback_a_batch_that_fails_fails_as_a_whole():
    out = Collector(refusing("3"))
    pump = {"fallback_to_single_entities_on_batch_fail": False, "batch_retries": 0}
    node = outgoing(out, batch_size=2, pump=pump)
    assert run(node).status is Status.FAILED
    assert out.attempts == [["1", "2"], ["3", "4"]]
    out.refuses = lambda batch: None
    run(node)
    assert out.ids == ["1", "2", "3", "4", "5"]


def test_an_entity_that_breaks_the_rules_does_not_hold_back_those_before_it_in_its_batch():
    out = Collector()
    node = node_of(
        receiver("a"),
        sender("p", "a", ["copy", "*"], ["if", ["eq", "_S._id", "3"], ["fail!", "bad"]]),
        sink_makers=out.makers,
    )
    node.post("a", [{"_id": i} for i in "12345"])
    assert run(node).reason == "bad"
    # The rules are no part of the target system: to try them again would change nothing.
    assert out.attempts == [["1"], ["2"]]


def test_a_pipe_hopping_to_its_own_dataset_sees_what_was_written_before_its_batch():
    seen = ["hops", {"datasets": ["p x"], "where": [["eq", "_S.kind", "x.kind"]]}]
    for size, counts in ((1, [0, 1, 2]), (2, [0, 0, 2]), (100, [0, 0, 0])):
        sink = {"set_initial_offset": "onload"}
        rule = ["copy", "*"], ["add", "before", ["count", seen]]
        node = node_of(receiver("a"), reader("p", "a", *rule, batch_size=size, sink=sink))
        node.post("a", [{"_id": i, "kind": "k"} for i in "123"])
        node.run()
        assert [e["before"] for e in content(node, "p").values()] == counts


# --- retries ----------------------------------------------------------------------------------------------------------


def test_without_room_for_retries_the_first_error_ends_the_run():
    out = Collector(refusing("2"))
    node = outgoing(out, kind="rest", pump={"max_consecutive_write_errors": 10})
    assert run(node).status is Status.FAILED
    assert (out.ids, errors(node)) == (["1"], {})
    assert node.pump("p").last_seen == 0


def test_a_failed_entity_waits_and_the_run_goes_on():
    out = Collector(refusing("2"))
    pump = {"max_consecutive_write_errors": 2, "max_write_errors_in_retry_dataset": 10}
    node = outgoing(out, kind="rest", pump=pump)
    done = run(node)
    assert (done.status, done.failed, done.reason) == (Status.OK, 1, "entities that failed: 1")
    assert (out.ids, node.pump("p").last_seen) == (["1", "3", "4", "5"], 4)
    assert errors(node) == {"2": (0, "retryable")}
    out.refuses = lambda batch: None
    done = run(node)
    assert (done.status, done.read, done.failed) == (Status.OK, 0, 0)
    assert out.ids == ["1", "3", "4", "5", "2"]
    assert errors(node) == {"2": (0, "resolved")}
    assert "resolved_entity" not in node.dataset(LOG).newest("write-error:2")
    assert run(node).reason == "nothing has changed"


def test_by_default_the_first_error_ends_the_run_but_the_next_one_goes_on_behind_it():
    out = Collector(refusing("2"))
    node = outgoing(out, kind="rest", pump={"max_write_errors_in_retry_dataset": 10, "max_retries_per_entity": 2})
    assert (run(node).status, out.ids) == (Status.FAILED, ["1"])
    # The one that waits is tried first, and ends the run again until it is given up.
    assert (run(node).status, out.ids, errors(node)) == (Status.FAILED, ["1"], {"2": (1, "retryable")})
    assert (run(node).status, out.ids, errors(node)) == (Status.FAILED, ["1"], {"2": (2, "dead")})
    assert (run(node).status, out.ids) == (Status.OK, ["1", "3", "4", "5"])


def test_errors_in_a_row_end_the_run_and_a_success_starts_the_count_again():
    out = Collector(refusing("1", "3", "4"))
    pump = {"max_consecutive_write_errors": 2, "max_write_errors_in_retry_dataset": 10}
    node = outgoing(out, kind="rest", pump=pump)
    assert (run(node).status, out.ids) == (Status.FAILED, ["2"])
    assert (errors(node), node.pump("p").last_seen) == (dict.fromkeys("134", (0, "retryable")), 3)


def test_no_more_entities_wait_than_there_is_room_for():
    out = Collector(refusing("1", "2", "3"))
    pump = {"max_consecutive_write_errors": 100, "max_write_errors_in_retry_dataset": 2}
    node = outgoing(out, kind="rest", pump=pump)
    done = run(node)
    assert (done.status, done.failed, errors(node)) == (Status.FAILED, 3, dict.fromkeys("12", (0, "retryable")))
    assert node.pump("p").last_seen == 1
    out.refuses = lambda batch: None
    run(node)
    assert out.ids == ["1", "2", "3", "4", "5"]


def test_a_pump_waits_a_little_after_an_error():
    out = Collector(refusing("2", "4"))
    pump = {"max_consecutive_write_errors": 3, "max_write_errors_in_retry_dataset": 9, "write_retry_delay": 7}
    node = outgoing(out, kind="rest", pump=pump)
    before = node.clock.now_ns()
    run(node)
    assert node.clock.now_ns() - before == 14_000_000_000


def test_a_newer_version_takes_the_place_of_the_one_that_waits():
    out = Collector(lambda batch: "no" if batch[0].get("n") == 0 else None)
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9}
    node = node_of(receiver("a"), sender("p", "a", kind="rest", pump=pump), sink_makers=out.makers)
    node.post("a", [{"_id": "1", "n": 0}])
    run(node)
    node.post("a", [{"_id": "1", "n": 0, "again": True}])
    run(node)
    # The old version has been tried once more before the new one failed, which starts from 0.
    assert errors(node) == {"1": (0, "retryable")}
    node.post("a", [{"_id": "1", "n": 2}])
    run(node)
    entry = node.dataset(LOG).newest("write-error:1")
    assert errors(node) == {"1": (1, "resolved")}
    assert (entry["entity"]["again"], entry["resolved_entity"]["n"]) == (True, 2)
    assert out.batches == [[{"_id": "1", "n": 2}]]


def test_an_entity_of_a_dataset_pipe_waits_too_and_what_it_was_made_of_before_is_not_deleted():
    bad = ["if", ["eq", "_S.bad", True], ["fail!", "so bad"]]
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9, "max_retries_per_entity": 1}
    node = node_of(receiver("a"), reader("p", "a", ["copy", "*"], bad, pump=pump))
    node.post("a", [{"_id": "1"}, {"_id": "2"}, {"_id": "3"}])
    node.run()
    node.post("a", [{"_id": "2", "bad": True}])
    node.run()
    assert errors(node) == {"2": (0, "retryable")}
    assert content(node, "p") == {"1": {}, "2": {}, "3": {}}
    node.run()
    assert errors(node) == {"2": (1, "dead")}
    # All of it once more: what is dead is not tried, and stays as it was; what is not made any more goes.
    node.dataset("p").write({"_id": "stale"})
    node.pump("p").run(rescan=True)
    assert content(node, "p") == {"1": {}, "2": {}, "3": {}, "stale": {"_deleted": True}}
    node.post("a", [{"_id": "2", "good": True}])
    node.run()
    assert errors(node) == {"2": (1, "resolved")}
    assert content(node, "p")["2"] == {"good": True}


def test_a_full_run_that_had_to_leave_out_an_entity_deletes_once_that_is_decided():
    bad = ["if", ["eq", "_S.bad", True], ["fail!", "so bad"]]
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9, "max_retries_per_entity": 1}
    node = node_of(receiver("a"), reader("p", "a", ["copy", "*"], bad, pump=pump))
    node.dataset("p").write({"_id": "stale"})
    node.post("a", [{"_id": "1"}, {"_id": "2", "bad": True}])
    node.run()
    assert content(node, "p") == {"stale": {}, "1": {}}
    report = node.run()
    assert (report.pipes["p"].runs, errors(node)) == (2, {"2": (1, "dead")})
    assert content(node, "p") == {"stale": {"_deleted": True}, "1": {}}
    assert node.run().pipes["p"].reason == "nothing has changed"


def test_a_source_that_is_read_as_a_whole_every_time_does_not_repeat_what_failed_in_the_same_run():
    table, out = Table("none", [{"_id": "1"}, {"_id": "2"}]), Collector(refusing("2"))
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9, "max_retries_per_entity": 2}
    pipe = {"_id": "p", "type": "pipe", "source": {"type": "csv"}, "sink": {"type": "rest"}, "pump": pump}
    node = node_of(pipe, source_makers={"csv": table}, sink_makers=out.makers)
    run(node)
    assert out.attempts == [["1"], ["2"]]
    for tries, state in ((1, "retryable"), (2, "dead")):
        out.attempts.clear()
        run(node)
        assert (out.attempts, errors(node)) == ([["2"], ["1"]], {"2": (tries, state)})
    # Given up: not tried again, until the source has something else under its id.
    out.attempts.clear()
    run(node)
    assert out.attempts == [["1"]]
    table.rows[1] = {"_id": "2", "n": 1}
    out.refuses = lambda batch: None
    run(node)
    assert (out.attempts[1:], errors(node)) == ([["1"], ["2"]], {"2": (2, "resolved")})


def test_an_entity_without_an_id_cannot_wait():
    table, out = Table("none", [{"n": 1}]), Collector(refusing("2"))
    out.refuses = lambda batch: "no"
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9}
    pipe = {"_id": "p", "type": "pipe", "source": {"type": "csv"}, "sink": {"type": "json"}, "pump": pump}
    pipe["transform"] = {"type": "dtl", "rules": {"default": [["add", "_id", "made"]]}}
    node = node_of(pipe, source_makers={"csv": table}, sink_makers=out.makers)
    assert (run(node).status, errors(node)) == (Status.FAILED, {})


def test_what_waits_outlives_its_node(every_store):
    store, out = every_store(), Collector(refusing("2"))
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9}
    pipes = receiver("a"), sender("p", "a", kind="rest", pump=pump)
    node = node_of(*pipes, store=store, sink_makers=out.makers)
    node.post("a", [{"_id": i} for i in "123"])
    run(node)
    node = node_of(*pipes, store=store, sink_makers=out.makers)
    assert node.pump("p").retries.waiting == 1
    out.refuses = lambda batch: None
    run(node)
    assert (out.ids, errors(node)) == (["1", "3", "2"], {"2": (0, "resolved")})


def test_a_reset_forgets_what_waits_and_so_does_somebody_who_discards_it():
    out = Collector(refusing("2"))
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9}
    node = outgoing(out, kind="rest", pump=pump)
    run(node)
    node.pump("p").discard_retries()
    assert run(node).reason == "nothing has changed"
    assert node.dataset(LOG).newest("pump-discard-retries")["event_type"] == "pump-discard-retries"
    node.pump("p").rewind()
    run(node)
    assert node.pump("p").retries.waiting == 1
    node.pump("p").rewind()
    assert node.pump("p").retries.waiting == 0


def test_after_a_reset_what_is_dead_has_another_chance():
    out = Collector(refusing("2"))
    node = outgoing(out, kind="rest", pump=DEAD)
    run(node)
    assert errors(node) == {"2": (0, "dead")}
    out.refuses = lambda batch: None
    node.pump("p").rewind()
    run(node)
    assert out.ids == ["1", "3", "4", "5", "1", "2", "3", "4", "5"]


# --- what the error itself wants ------------------------------------------------------------------------------------


def test_a_failure_may_bring_its_own_retry_strategy_which_the_pump_overrules():
    class Gone(PumpFailed):
        def __init__(self):
            super().__init__("410")
            self.retries = {
                "max_retries_per_entity": 0,
                "max_write_errors_in_retry_dataset": 5,
                "max_consecutive_write_errors": 9,
            }

    class Refusing(Collector):
        def write(self, batch):
            if batch[0]["_id"] == "2":
                raise Gone
            super().write(batch)

    out = Refusing()
    node = outgoing(out, kind="rest")
    assert (run(node).status, out.ids, errors(node)) == (Status.OK, ["1", "3", "4", "5"], {"2": (0, "dead")})
    out = Refusing()
    node = outgoing(out, kind="rest", pump={"max_retries_per_entity": 3})
    run(node)
    assert errors(node) == {"2": (0, "retryable")}


@pytest.mark.parametrize(("status", "code"), [(None, 0), (500, 1)])
def test_a_system_that_does_not_answer_is_another_error_than_one_that_refuses(status, code):
    class Calling(Collector):
        def write(self, batch):
            raise CallFailed("no", status=status)

    node = outgoing(Calling(), kind="rest", pump=DEAD)
    run(node)
    assert node.dataset(LOG).newest("write-error:1")["error_code"] == code


def test_transforms_may_take_only_so_long():
    slow = ["if", ["eq", "_S._id", "3"], ["sleep!", 4]]
    out = Collector()
    node = node_of(
        receiver("a"),
        sender("p", "a", ["copy", "*"], slow, batch_size=2, pump={"max_seconds_per_entity": 1.5}),
        sink_makers=out.makers,
    )
    node.post("a", [{"_id": i} for i in "1234"])
    assert run(node).reason == ('2 seconds per entity, and max_seconds_per_entity is 1.5; the batch begins with "3"')
    assert node.dataset(LOG).newest("pump-failed")["exception_entity"]["_id"] == "3"


# --- dead letters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pump", "letters"),
    [
        ({"dead_letter_dataset": "p-letters"}, "p-letters"),
        ({"use_dead_letter_dataset": True}, "system:dead-letter:p"),
        ({"use_dead_letter_dataset": True, "dead_letter_dataset": "p-letters"}, "p-letters"),
    ],
)
def test_what_is_given_up_becomes_a_dead_letter_that_other_pipes_can_read(pump, letters):
    out = Collector(refusing("2"))
    node = node_of(
        receiver("a"),
        sender("p", "a", kind="rest", pump={**DEAD, **pump}),
        reader("mourner", letters, ["add", "was", "_S.entity._id"], ["add", "why", "_S.original_error_message"]),
        sink_makers=out.makers,
    )
    assert (node.dataset(letters).populated, node.dataset(letters).offset) == (True, -1)
    node.post("a", [{"_id": i} for i in "123"])
    node.run(outputs=True)
    node.run()
    assert content(node, "mourner") == {"2": {"was": "2", "why": "no"}}
    (letter,) = node.dataset(letters).since()
    assert (letter["dead"], letter["retryable"], letter["event_type"], letter["pipe"]) == (
        True,
        False,
        "write-error",
        "p",
    )


def test_nothing_becomes_a_dead_letter_without_retries():
    out = Collector(refusing("2"))
    node = outgoing(out, kind="rest", pump={"use_dead_letter_dataset": True})
    run(node)
    assert node.dataset("system:dead-letter:p").offset == -1


@pytest.mark.parametrize("tracked", [True, False])
def test_a_dead_letter_goes_when_the_entity_gets_through_after_all(tracked):
    out = Collector(refusing("2"))
    pump = {**DEAD, "dead_letter_dataset": "letters", "track_dead_letters": tracked}
    node = outgoing(out, kind="rest", pump=pump)
    run(node)
    out.refuses = lambda batch: None
    node.post("a", [{"_id": "2", "n": 1}])
    run(node)
    letter = shown(node.dataset("letters").since())["2"]
    assert (letter["_deleted"], letter["resolved"]) == (tracked, tracked)
    assert letter.get("resolved_entity", {}).get("n") == (1 if tracked else None)


# --- reading ----------------------------------------------------------------------------------------------------------


def failing_source(strategy, pump, **properties):
    table = Table(strategy, [{"_id": str(n), "_updated": n} for n in range(1, 6)])
    pipe = {"_id": "p", "type": "pipe", "source": {"type": "sql"}, "pump": pump, **properties}
    return table, node_of(pipe, clock=FixedClock(), source_makers={"sql": table})


def test_a_source_that_cannot_be_read_fails_the_run_and_what_came_before_is_kept():
    table, node = failing_source("chronological", {})
    table.faults = ["4"]
    done = node.run().pipes["p"]
    assert (done.status, done.reason) == (Status.FAILED, "lost the connection before 4")
    assert (list(content(node, "p")), node.pump("p").last_seen) == (["1", "2", "3"], 3)
    node.run()
    assert (list(content(node, "p")), table.asked) == (["1", "2", "3", "4", "5"], [None, 3])


@pytest.mark.parametrize(
    ("strategy", "asked"), [("chronological", [None, 2, 2]), ("max", [None, None, None]), ("none", [None] * 3)]
)
def test_reading_is_tried_again_from_where_it_stopped_or_from_the_start(strategy, asked):
    table, node = failing_source(strategy, {"max_read_retries": 2, "read_retry_delay": 5})
    table.faults = ["3", "3"]
    before = node.clock.now_ns()
    assert node.run().pipes["p"].status is Status.OK
    assert (list(content(node, "p")), table.asked) == (["1", "2", "3", "4", "5"], asked)
    assert node.clock.now_ns() - before == 10_000_000_000
    entries = [e for e in node.dataset(LOG).since() if e["event_type"] == "read-error"]
    assert [(e["error_code"], e["original_error_message"]) for e in entries] == [
        (0, "lost the connection before 3")
    ] * 2


def test_reading_is_given_up_at_last():
    table, node = failing_source("chronological", {"max_read_retries": 2})
    table.faults = ["3", "3", "3"]
    assert node.run().pipes["p"].reason == "lost the connection before 3"
    assert node.dataset(LOG).newest("pump-failed")["metrics"]["entities"]["read_errors_last_run"] == 3
