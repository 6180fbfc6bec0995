"""hub/swagger_public.yaml (/pipes/{id}/pump, /datasets/{id}, /datasets/{id}/entities); features/circuit-breakers.rst."""

import pytest

from dataflow.clock import FixedClock
from dataflow.node.live import LiveNode
from node.outside import Collector, refusing
from node.pipes import endpoint, reader, receiver

LOG = "system:pump_execution:p"


@pytest.fixture
def out():
    return Collector()


@pytest.fixture
def live(out):
    return LiveNode(clock=FixedClock(), sink_makers={"null": out})


def operate(client, pipe, operation, **form):
    return client.post(f"/pipes/{pipe}/pump", data={"operation": operation, **form})


def sending(**properties):
    return reader("p", "a", sink={"type": "null"}, batch_size=1, **properties)


def test_a_pump_for_a_sink_outside_is_started_and_says_how_far_it_is(client, out):
    client.configure(receiver("a"), sending())
    client.deliver("a", {"_id": "1"}, {"_id": "2"})
    assert client.get("/pipes/p").json()["runtime"]["queues"] == {"source": 2, "dependencies": {}}
    client.run_all(reset_pipes_and_delete_sink_datasets=False)
    assert out.ids == []
    runtime = operate(client, "p", "start").json()["runtime"]
    assert (runtime["queues"]["source"], runtime["last-seen"], runtime["success"], out.ids) == (
        0,
        "1",
        True,
        ["1", "2"],
    )
    assert client.ids("/pipes/p/entities") == ["1", "2"]


def test_a_failed_run_is_no_success_and_the_entity_waits(client, out):
    out.refuses = refusing("2")
    pump = {"max_consecutive_write_errors": 1, "max_write_errors_in_retry_dataset": 5}
    client.configure(receiver("a"), sending(pump=pump))
    client.deliver("a", {"_id": "1"}, {"_id": "2"}, {"_id": "3"})
    runtime = operate(client, "p", "start").json()["runtime"]
    assert (runtime["success"], runtime["retryable"], runtime["queues"]["source"]) == (False, 1, 1)
    assert client.ids(f"/datasets/{LOG}/entities", history="false") == ["pump-started", "write-error:2", "pump-failed"]
    assert operate(client, "p", "discard-retries").json()["runtime"]["retryable"] == 0
    out.refuses = lambda batch: None
    assert operate(client, "p", "start").json()["runtime"]["success"] is True
    assert out.ids == ["1", "3"]


def test_a_rescan_reads_everything(client, out):
    client.configure(receiver("a"), sending())
    client.deliver("a", {"_id": "1"})
    operate(client, "p", "start")
    operate(client, "p", "start-rescan")
    assert operate(client, "p", "reset-rescan").status_code == 200
    assert (out.ids, out.calls) == (["1", "1"], ["full", "end", "full", "end"])


def test_a_pump_skips_to_the_end(client, out, problem):
    table = {"type": "embedded", "entities": [{"_id": "1"}]}
    client.configure(receiver("a"), sending(), {"_id": "e", "type": "pipe", "source": table})
    client.deliver("a", {"_id": "1"}, {"_id": "2"})
    runtime = operate(client, "p", "set-last-seen-to-end").json()["runtime"]
    assert (runtime["last-seen"], runtime["queues"]["source"]) == ("1", 0)
    operate(client, "p", "start")
    assert out.ids == []
    problem(operate(client, "e", "set-last-seen-to-end"), 400)


def test_last_seen_may_be_protected(client, problem):
    client.configure(receiver("a"), reader("p", "a", disable_set_last_seen=True))
    client.deliver("a", {"_id": "1"})
    operate(client, "p", "start")
    for form in ({"operation": "update-last-seen", "last-seen": ""}, {"operation": "set-last-seen-to-end"}):
        assert "disable_set_last_seen" in problem(client.post("/pipes/p/pump", data=form), 409)["detail"]
    assert client.get("/pipes/p/pump").json()["runtime"]["last-seen"] == "0"


def test_a_pump_that_is_off_cannot_be_started_and_a_manual_one_can(client, problem):
    client.configure(receiver("a"), reader("p", "a", pump={"mode": "off"}), reader("q", "a", pump={"mode": "manual"}))
    client.deliver("a", {"_id": "1"})
    assert "mode is off" in problem(operate(client, "p", "start"), 409)["detail"]
    operate(client, "q", "disable")
    operate(client, "q", "start")
    assert client.ids("/pipes/q/entities") == ["1"]


def test_why_a_pipe_has_no_pump(client, problem):
    kafka = {"_id": "k", "type": "system:kafka", "bootstrap_servers": "h:1"}
    sink = {"type": "kafka", "system": "k", "topic": "t"}
    client.configure(receiver("a"), endpoint("e", "a"), reader("t", "a", sink=sink), kafka)
    assert problem(operate(client, "a", "start"), 400)["detail"] == "pipe a has no pump: entities are posted to it"
    assert problem(operate(client, "e", "start"), 400)["detail"].endswith(
        "computed on demand: its sink is http_endpoint"
    )
    assert problem(operate(client, "t", "start"), 400)["detail"].endswith("its sink is kafka, which does not run here")


def test_a_comment_goes_into_the_log(client):
    client.configure(receiver("a"), reader("p", "a"))
    operate(client, "p", "disable", comment="on holiday")
    (entry,) = client.get(f"/datasets/{LOG}/entities").json()
    assert (entry["event_type"], entry["comment"]) == ("pump-disabled", "on holiday")


def test_a_schedule_says_when_it_runs_next(client, live):
    client.configure(receiver("a"), reader("p", "a", pump={"cron_expression": "0 12 * * ?"}))
    assert client.get("/pipes/p/pump").json()["runtime"]["next-run"] is None
    live.start_schedules()
    try:
        live.timetable.run_due()
        assert client.get("/pipes/p/pump").json()["runtime"]["next-run"] == "2024-11-24T12:00:00.000000Z"
        operate(client, "p", "disable")
        assert client.get("/pipes/p/pump").json()["runtime"]["next-run"] is None
    finally:
        live.stop()


def test_while_somebody_uses_the_node_the_queues_are_those_of_before(client, live):
    client.configure(receiver("a"), reader("p", "a"))
    client.deliver("a", {"_id": "1"})
    assert client.get("/pipes/p").json()["runtime"]["queues"]["source"] == 1
    with live.using() as node, live.running("p"):
        node.pump("p").run()
        runtime = client.get("/pipes/p").json()["runtime"]
        assert (runtime["queues"]["source"], runtime["is-running"]) == (1, True)
    runtime = client.get("/pipes/p").json()["runtime"]
    assert (runtime["queues"]["source"], runtime["is-running"]) == (0, False)


# --- circuit breakers -------------------------------------------------------------------------------------------------


@pytest.fixture
def tripped(client):
    client.configure(receiver("a"), reader("p", "a", sink={"circuit_breaker_threshold_count": 1}), reader("q", "p"))
    client.deliver("a", {"_id": "0"}, {"_id": "1"})
    client.run_all(reset_pipes_and_delete_sink_datasets=False)
    client.deliver("a", {"_id": "2"}, {"_id": "3"}, {"_id": "4"})
    client.run_all(reset_pipes_and_delete_sink_datasets=False)
    return client


def test_a_tripped_breaker_shows_and_what_it_holds_back_is_seen_on_request(tripped, problem):
    assert tripped.get("/pipes/p").json()["runtime"]["circuit-breaker-tripped"] is True
    assert tripped.get("/datasets/p").json()["runtime"]["circuit-breaker-tripped"] is True
    assert tripped.get("/datasets/q").json()["runtime"]["circuit-breaker-tripped"] is False
    assert tripped.ids("/datasets/p/entities") == tripped.ids("/pipes/p/entities") == ["0", "1"]
    held = tripped.get("/datasets/p/entities", params={"uncommitted": "true", "since": 2}).json()
    assert [(e["_id"], e["_updated"]) for e in held] == [("3", 3)]
    assert tripped.ids("/datasets/p/entities", uncommitted="true") == ["0", "1", "2", "3"]
    assert "waits for a decision about p" in problem(operate(tripped, "p", "start"), 409)["detail"]
    assert operate(tripped, "q", "start").status_code == 200


@pytest.mark.parametrize(
    ("operation", "ids", "again"),
    [("commit-circuit-breaker", ["0", "1", "2", "3"], True), ("rollback-circuit-breaker", ["0", "1"], False)],
)
def test_what_is_held_back_is_committed_or_rolled_back(tripped, problem, operation, ids, again):
    shown = tripped.post("/datasets/p", data={"operation": operation}).json()
    assert (shown["_id"], shown["runtime"]["circuit-breaker-tripped"]) == ("p", False)
    assert tripped.ids("/datasets/p/entities") == ids
    problem(tripped.post("/datasets/p", data={"operation": operation}), 409)
    assert operate(tripped, "p", "start").json()["runtime"]["success"] is again


def test_what_cannot_be_done_to_a_dataset(tripped, problem):
    problem(tripped.post("/datasets/p", data={"operation": "explode"}), 501)
    problem(tripped.post("/datasets/q", data={"operation": "commit-circuit-breaker"}), 409)
    problem(tripped.post("/datasets/nobody", data={"operation": "commit-circuit-breaker"}), 404)


def test_a_breaker_stays_tripped_when_the_configuration_changes_and_is_gone_with_its_dataset(tripped):
    threshold = {"circuit_breaker_threshold_count": 100}
    tripped.configure(receiver("a"), reader("p", "a", sink=threshold))
    assert tripped.get("/datasets/p").json()["runtime"]["circuit-breaker-tripped"] is True
    tripped.run_all()
    assert tripped.get("/datasets/p").json()["runtime"]["circuit-breaker-tripped"] is False


def test_a_receiver_whose_breaker_has_tripped_takes_nothing(client, problem):
    client.configure(receiver("a", sink={"circuit_breaker_threshold_count": 1}))
    assert "has tripped" in problem(client.deliver("a", {"_id": "1"}, {"_id": "2"}), 409)["detail"]
    problem(client.deliver("a", {"_id": "3"}), 409)
    client.post("/datasets/a", data={"operation": "rollback-circuit-breaker"})
    assert client.deliver("a", {"_id": "3"}).status_code == 200
    assert client.ids("/datasets/a/entities") == ["3"]


# --- what the node writes itself ------------------------------------------------------------------------------------


def test_logs_and_dead_letters_are_listed_with_the_datasets(client, out):
    out.refuses = refusing("1")
    pump = {"max_write_errors_in_retry_dataset": 5, "max_retries_per_entity": 0, "dead_letter_dataset": "letters"}
    client.configure(receiver("a"), sending(pump=pump))
    client.deliver("a", {"_id": "1"})
    operate(client, "p", "start")
    assert [one["_id"] for one in client.get("/datasets").json()] == ["a", "letters", LOG]
    (letter,) = client.get("/datasets/letters/entities").json()
    assert (letter["_id"], letter["entity"]["_id"], letter["dead"]) == ("1", "1", True)


def test_the_log_of_a_pipe_is_there_before_it_has_run_and_gone_with_it(client, problem):
    client.configure(receiver("a"), reader("p", "a"))
    assert client.get(f"/datasets/{LOG}/entities").json() == []
    client.deliver("a", {"_id": "1"})
    operate(client, "p", "start")
    client.delete("/pipes/p")
    problem(client.get(f"/datasets/{LOG}"), 404)
    client.configure(receiver("a"), reader("p", "a"))
    assert client.get(f"/datasets/{LOG}/entities").json() == []
