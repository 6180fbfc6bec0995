"""hub/documentation/operations/pump-execution.rst; tools/docs/decisions/0421-execution-log.md."""

import pytest

from dataflow.clock import FixedClock
from node.outside import Collector, refusing, sender
from node.pipes import content, embedded, node_of, reader, receiver

pytestmark = pytest.mark.usefixtures("every_store")

LOG = "system:pump_execution:p"


def entries(node, log=LOG):
    return list(node.dataset(log).since(history=True))


def events(node, log=LOG):
    return [entry["event_type"] for entry in entries(node, log)]


def test_a_run_is_logged_from_its_start_to_its_end():
    node = node_of(receiver("a"), reader("p", "a", ["copy", "*"], ["sleep!", 2]))
    node.post("a", [{"_id": "1"}, {"_id": "2"}])
    node.run()
    started, completed = entries(node)
    assert {
        k: v
        for k, v in started.items()
        if k in ("_id", "event_type", "pipe", "pump_definition", "start_time", "sync_type")
    } == {
        "_id": "pump-started",
        "event_type": "pump-started",
        "pipe": "p",
        "pump_definition": "p",
        "start_time": "2024-11-24T00:00:00.000000Z",
        "sync_type": "full",
    }
    wanted = {
        "_id": "pump-completed",
        "event_type": "pump-completed",
        "start_time": "2024-11-24T00:00:00.000000Z",
        "end_time": "2024-11-24T00:00:04.000000Z",
        "total_time": "4.0",
        "sync_type": "full",
        "pump_started_location": 0,
        "retry_entities_exist": False,
        "entities_succeeded": 2,
        "entities_failed": 0,
        "metrics": {
            "entities": {
                "changes_last_run": 2,
                "entities_last_run": 2,
                "read_errors_last_run": 0,
                "write_errors_last_run": 0,
            }
        },
    }
    assert {name: completed[name] for name in wanted} == wanted
    node.clock.advance(60)
    node.post("a", [{"_id": "3"}])
    node.run()
    assert [(e["event_type"], e["sync_type"]) for e in entries(node)[2:]] == [
        ("pump-started", "incremental"),
        ("pump-completed", "incremental"),
    ]
    assert entries(node)[3]["pump_started_location"] == 2


def test_a_run_that_fails_says_why_and_with_which_entity():
    rule = ["copy", "*"], ["if", ["eq", "_S.n", 2], ["fail!", "two is bad"]]
    node = node_of(receiver("a"), reader("p", "a", *rule))
    node.post("a", [{"_id": "1", "n": 1}, {"_id": "2", "n": 2}])
    node.run()
    assert events(node) == ["pump-started", "pump-failed"]
    failed = entries(node)[1]
    assert (failed["reason_why_stopped"], failed["original_error_message"]) == ("two is bad", "two is bad")
    assert (failed["entities_succeeded"], failed["entities_failed"]) == (1, 1)
    assert (failed["exception_entity"]["_id"], failed["exception_entity"]["n"]) == ("2", 2)
    assert failed["traceback"].endswith("two is bad")
    assert failed["node_build_info"]["version"].startswith("dataflow ")


def test_errors_stand_between_start_and_end():
    out = Collector(refusing("2"))
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9}
    node = node_of(receiver("a"), sender("p", "a", kind="rest", pump=pump), sink_makers=out.makers)
    node.post("a", [{"_id": "1"}, {"_id": "2"}])
    node.run(outputs=True)
    assert events(node) == ["pump-started", "write-error", "pump-completed"]
    _, error, completed = entries(node)
    assert (error["_id"], error["error_code"], error["event_time"]) == (
        "write-error:2",
        1,
        "2024-11-24T00:00:00.000000Z",
    )
    assert (error["entity"]["_id"], error["entity"]["_updated"], error["traceback"]) == ("2", 1, "no")
    assert (completed["retry_entities_exist"], completed["entities_failed"]) == (True, 1)


def test_a_run_in_which_everything_fails_is_no_run_in_which_nothing_happens():
    out = Collector(refusing("1"))
    pump = {"max_consecutive_write_errors": 9, "max_write_errors_in_retry_dataset": 9}
    node = node_of(receiver("a"), sender("p", "a", kind="rest", pump=pump), sink_makers=out.makers)
    node.post("a", [{"_id": "1"}])
    node.run(outputs=True)
    assert events(node) == ["pump-started", "write-error", "pump-completed"]


@pytest.mark.parametrize(
    ("pump", "logged"),
    [
        ({}, 2),
        ({"log_events_noop_runs": True}, 4),
        # The source gave something, and nothing came of it.
        ({"log_events_noop_runs_changes_only": False}, 4),
        ({"notification_granularity": 60}, 4),
        ({"notification_granularity": 3600}, 2),
    ],
)
def test_runs_in_which_nothing_happens_are_logged_only_on_request(pump, logged):
    node = node_of(embedded("p", {"_id": "1"}, pump=pump), clock=FixedClock())
    node.run()
    node.clock.advance(120)
    node.pump("p").run()
    assert len(events(node)) == logged


def test_a_source_that_gives_nothing_is_no_event_either():
    node = node_of(receiver("a"), reader("p", "a", pump={"log_events_noop_runs_changes_only": False}))
    node.run()
    assert events(node) == []


def test_the_log_is_a_dataset_that_pipes_can_read():
    node = node_of(
        receiver("a"),
        reader("p", "a"),
        reader("q", LOG, ["add", "n", "_S.entities_succeeded"], ["add", "of", "_S.pipe"]),
    )
    node.post("a", [{"_id": "1"}])
    node.run()
    assert content(node, "q") == {"pump-started": {"n": None, "of": "p"}, "pump-completed": {"n": 1, "of": "p"}}
    assert node.dataset("q").populated


def test_what_else_happens_to_a_pump_is_logged():
    node = node_of(receiver("a"), reader("p", "a"))
    node.post("a", [{"_id": "1"}, {"_id": "2"}])
    node.run()
    node.pump("p").rewind(0)
    node.pump("p").rewind()
    sets = [e for e in entries(node) if e["event_type"] == "pump-offset-set"]
    assert [(e["original_pipe_offset"], e["pipe_offset"], e["is_reset"]) for e in sets] == [
        ("1", "0", False),
        ("0", "", True),
    ]


def test_the_log_outlives_its_node(every_store):
    store = every_store()
    node = node_of(receiver("a"), reader("p", "a"), store=store)
    node.post("a", [{"_id": "1"}])
    node.run()
    node = node_of(receiver("a"), reader("p", "a"), store=store)
    assert events(node) == ["pump-started", "pump-completed"]
