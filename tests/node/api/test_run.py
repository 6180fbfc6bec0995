"""sesam-py 2.11.13, `run`: what it asks for, and what it reads from the answers."""

import threading
import time

import pytest

from dataflow.node.live import LiveNode
from dataflow.node.transforms.action import Action
from node.pipes import embedded, endpoint, reader, receiver


@pytest.fixture
def flow(client):
    client.configure(receiver("a"), embedded("s", {"_id": "9"}), reader("b", "a"), endpoint("e", "b"))
    client.deliver("a", {"_id": "1"})
    return client


@pytest.fixture
def held(serve):
    """A client of a node whose pipe `slow` waits in its transform, and the event that lets it go on."""
    go, reached = threading.Event(), threading.Event()

    def hold(entity, context):
        reached.set()
        assert go.wait(20)
        yield entity

    client = serve(LiveNode(transform_makers={"http": lambda step, pipe: Action(step.pointer, hold)}))
    step = {"type": "http", "system": "s", "url": "x"}
    client.configure(
        {"_id": "s", "type": "system:url", "base_url": "http://127.0.0.1"},
        embedded("slow", {"_id": "1"}, transform=step),
        reader("then", "slow"),
    )
    client.go, client.reached = go, reached
    yield client
    go.set()


def test_a_run_that_keeps_what_was_received(flow):
    assert flow.run_all(delete_input_datasets=False) == {"status": "success"}
    assert flow.ids("/pipes/e/entities") == ["1"]
    assert flow.ids("/pipes/s/entities") == ["9"]


def test_a_run_that_starts_from_nothing(flow):
    assert flow.run_all() == {"status": "success"}
    assert flow.ids("/pipes/e/entities") == flow.ids("/pipes/a/entities") == []


def test_a_run_that_goes_on(flow):
    flow.run_all(delete_input_datasets="False")
    before = flow.get("/pipes/b/entities").json()
    flow.deliver("a", {"_id": "2"})
    flow.run_all(reset_pipes_and_delete_sink_datasets="False")
    assert flow.get("/pipes/b/entities").json()[:1] == before
    assert flow.ids("/pipes/e/entities") == ["1", "2"]


def test_the_log_is_that_of_the_latest_run_and_can_be_read_piece_by_piece(flow):
    flow.run_all(delete_input_datasets=False)
    flow.run_all(delete_input_datasets=False)
    lines = flow.get("/pipes/get-run-all-pipes-log").json()
    assert [line["logdata"] for line in lines][::3] == ["Running all pipes", "Finished: success"]
    assert {line["logdata"].partition(":")[0] for line in lines[1:3]} == {"b", "s"}
    assert len({line["timestamp"] for line in lines}) == len(lines)
    since = {"since": lines[1]["timestamp"]}
    assert flow.get("/pipes/get-run-all-pipes-log", params=since).json() == lines[2:]
    assert flow.get("/pipes/get-run-all-pipes-log", params={"token": "other"}).json() == []


def test_statistics(flow):
    found = flow.run_all(delete_input_datasets=False, output_run_statistics=True)["run_statistics"]
    assert {"b", "s", "a", "e"} == {one["pipe"] for one in found["pipes"]}


def test_a_pipe_that_fails_does_not_fail_the_run_unless_inputs_are_checked(client):
    client.configure(embedded("in", {"_id": "1"}, transform={"type": "dtl", "rules": {"default": [["fail!", "no"]]}}))
    assert client.run_all() == {"status": "success", "additional_info": "failed: in"}
    assert client.run_all(check_input_pipes=True)["status"] == "failed"
    assert any(one["loglevel"] == "WARNING" for one in client.get("/pipes/get-run-all-pipes-log").json())


def test_a_run_that_does_not_come_to_rest(client):
    client.configure(embedded("x", {"_id": "1"}))
    found = client.run_all(max_runs=1)
    assert found["status"] == "failed"
    assert "after 1 passes" in found["additional_info"]


def test_a_run_without_time(flow):
    found = flow.run_all(max_run_time=0)
    assert found == {"status": "failed", "additional_info": "not finished after 0 seconds"}


def test_an_asynchronous_run_can_be_watched_and_stopped(held, problem):
    token = held.run_all(request_mode="async")["token"]
    assert held.reached.wait(20)

    def status(of):
        return held.get("/pipes/get-pipe-runner-status", params={"token": of}).json()["status"]

    assert (status(token), status("other")) == ("running", "not-running")
    # While it runs the node tells what it is, and its log.
    assert held.get("/pipes/slow").json()["runtime"]["is-running"] is True
    assert held.get("/pipes/get-run-all-pipes-log").json()[0]["logdata"] == "Running all pipes"
    assert "under way" in problem(held.post("/pipes/run-all-pipes"), 409)["detail"]
    problem(held.post("/pipes/stop-run-all-pipes", params={"terminate_timeout": 0}), 409)
    held.go.set()
    assert held.post("/pipes/stop-run-all-pipes", params={"terminate_timeout": 30}).json() == {}
    assert status(token) == "failed"
    assert held.get("/pipes/get-run-all-pipes-log").json()[-1]["logdata"] == "Finished: failed: stopped on request"


def test_an_asynchronous_run_that_ends(flow):
    token = flow.run_all(request_mode="async")["token"]
    for _ in range(200):
        found = flow.get("/pipes/get-pipe-runner-status", params={"token": token}).json()["status"]
        if found != "running":
            break
        time.sleep(0.02)
    assert found == "success"


def test_stopping_when_nothing_runs_and_asking_wrongly(flow, problem):
    assert flow.post("/pipes/stop-run-all-pipes", params={"terminate_timeout": 30}).json() == {}
    problem(flow.post("/pipes/run-all-pipes", params={"max_runs": "many"}), 400)
    problem(flow.post("/pipes/run-all-pipes", params={"request_mode": "later"}), 400)


def test_all_datasets_are_emptied(flow):
    assert flow.post("/pipes/delete-all-sink-datasets").json() == {}
    assert flow.ids("/pipes/a/entities") == []
