"""hub/swagger_public.yaml (/pipes, /pipes/{id}/pump); sesam-py 2.11.13 (classes of pipes, deployment)."""

import pytest

from node.pipes import endpoint, reader, receiver


@pytest.fixture
def pipes(client):
    client.configure(receiver("a"), reader("b", "a"), endpoint("e", "b"))
    return client


def test_a_pipe_has_its_configuration_as_it_came_and_as_it_takes_effect(pipes):
    found = {pipe["_id"]: pipe for pipe in pipes.get("/pipes").json()}
    assert list(found) == ["a", "b", "e"]
    assert found["b"] == pipes.get("/pipes/b").json()
    assert found["b"]["config"]["original"] == reader("b", "a")
    effective = found["b"]["config"]["effective"]
    assert effective["sink"] == {"type": "dataset", "dataset": "b"}
    assert (effective["type"], effective["pump"]) == ("pipe", {})
    runtime = found["b"]["runtime"]
    assert (runtime["state"], runtime["is-valid-config"], runtime["config-errors"]) == ("Ready", True, [])
    assert (runtime["is-disabled"], runtime["is-running"], runtime["success"]) == (False, False, True)


def test_queues_say_what_is_still_to_be_done(pipes):
    pipes.deliver("a", {"_id": "1"}, {"_id": "2"})
    assert pipes.get("/pipes/b").json()["runtime"]["queues"] == {"source": 2, "dependencies": {}}
    pipes.post("/pipes/b/pump", data={"operation": "start"})
    assert pipes.get("/pipes/b").json()["runtime"]["queues"]["source"] == 0
    assert pipes.ids("/pipes/b/entities") == ["1", "2"]


def test_ids_may_hold_what_has_to_be_encoded(client, problem):
    client.configure(receiver("a:b c"), receiver("æ"))
    for path in ("/pipes/a:b%20c", "/pipes/a%3Ab%20c", "/pipes/%C3%A6", "//pipes//a%3Ab%20c/"):
        assert client.get(path).status_code == 200
    assert problem(client.get("/pipes/no%20such"), 404)["detail"] == 'there is no pipe "no such"'


def test_a_pump_is_switched_off_and_on(pipes):
    assert pipes.get("/pipes/e/pump").json()["runtime"]["is-disabled"] is False
    off = pipes.post("/pipes/e/pump", data={"operation": "disable"}).json()
    assert off["runtime"]["is-disabled"] is True
    assert pipes.get("/pipes/e").json()["runtime"]["is-disabled"] is True
    on = pipes.post("/pipes/e/pump", files={"operation": (None, "enable")}).json()
    assert on["runtime"]["is-disabled"] is False


def test_a_pump_goes_back_to_the_start_or_on_from_an_offset(pipes, problem):
    pipes.deliver("a", {"_id": "1"}, {"_id": "2"}, {"_id": "3"})
    pipes.run_all(reset_pipes_and_delete_sink_datasets=False)
    assert pipes.get("/pipes/b/pump").json()["runtime"]["last-seen"] == "2"
    again = pipes.post("/pipes/b/pump", data={"operation": "update-last-seen", "last-seen": ""}).json()
    assert (again["runtime"]["last-seen"], again["runtime"]["queues"]["source"]) == (None, 3)
    later = pipes.post("/pipes/b/pump", data={"operation": "update-last-seen", "last-seen": "1"}).json()
    assert later["runtime"]["queues"]["source"] == 1
    problem(pipes.post("/pipes/b/pump", data={"operation": "update-last-seen", "last-seen": "soon"}), 400)


def test_what_a_pump_cannot_do(pipes, problem):
    problem(pipes.post("/pipes/e/pump", data={"operation": "start"}), 400)
    problem(pipes.post("/pipes/a/pump", data={"operation": "start"}), 400)
    detail = problem(pipes.post("/pipes/b/pump", data={"operation": "nonsense"}), 501)["detail"]
    assert "start, start-rescan, stop, enable, disable, update-last-seen" in detail


def test_one_pipe_is_changed_added_and_deleted(pipes, problem):
    assert pipes.get("/pipes/b/config").json() == reader("b", "a")
    changed = reader("b", "a", ["copy", "*"], ["add", "seen", True])
    assert pipes.put("/pipes/b/config", json=changed).json()["config"]["original"] == changed
    pipes.deliver("a", {"_id": "1"})
    pipes.run_all(delete_input_datasets=False)
    assert pipes.get("/pipes/e/entities").json()[0]["seen"] is True
    problem(pipes.put("/pipes/b/config", json=reader("c", "a")), 400)
    problem(pipes.put("/pipes/b/config", json=reader("b", "a", ["nonsense"])), 400)
    assert pipes.get("/pipes/b/config").json() == changed
    (added,) = pipes.post("/pipes", json=[reader("c", "b")]).json()
    assert added["_id"] == "c"
    assert pipes.delete("/pipes/c").status_code == 200
    assert [pipe["_id"] for pipe in pipes.get("/pipes").json()] == ["a", "b", "e"]


def test_an_unknown_path_and_a_method_that_is_not_there(pipes, problem):
    assert problem(pipes.get("/pipe"), 404)["detail"] == "this node has no /api/pipe"
    assert pipes.put("/pipes").headers["allow"]
    problem(pipes.put("/pipes"), 405)
