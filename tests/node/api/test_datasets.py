"""hub/swagger_public.yaml (/datasets); hub/json-pull.rst (headers)."""

import pytest

from node.pipes import embedded, receiver


@pytest.fixture
def data(client):
    client.configure(receiver("a", sink={"dataset": "things"}), embedded("b", {"_id": "1"}))
    client.deliver("a", {"_id": "1", "n": 1}, {"_id": "2"})
    client.deliver("a", {"_id": "1", "n": 2}, {"_id": "2", "_deleted": True})
    return client


def test_what_there_is(data):
    assert [one["_id"] for one in data.get("/datasets").json()] == ["things", "b"]
    found = data.get("/datasets/things").json()
    assert found["_id"] == "things"
    assert (found["runtime"]["populated"], found["runtime"]["max-updated"]) == (True, 3)


def test_all_versions_the_latest_ones_and_those_that_live(data):
    def offsets(**parameters):
        return [one["_updated"] for one in data.get("/datasets/things/entities", params=parameters).json()]

    assert offsets() == [0, 1, 2, 3]
    assert offsets(history="false") == [2, 3]
    assert offsets(history="False", deleted="False", reverse="False", limit=10) == [2]
    assert offsets(reverse="true", limit=3) == [3, 2, 1]
    assert offsets(since=1, limit=1) == [2]


def test_headers_tell_how_far_it_is(data):
    headers = data.get("/datasets/things/entities").headers
    assert (headers["X-Dataset-Populated"], headers["X-Dataset-Max-Updated"]) == ("true", "3")
    assert int(headers["X-Dataset-Completeness"]) > 1_700_000_000_000_000
    assert data.get("/datasets/b/entities").headers["X-Dataset-Populated"] == "false"


def test_one_entity_now_and_before(data, problem):
    def get(**parameters):
        return data.get("/datasets/things/entity", params=parameters)

    assert get(entity_id="1").json()["n"] == 2
    assert get(entity_id="1", offset=0).json()["n"] == 1
    problem(get(entity_id="1", offset=1), 404)
    problem(get(entity_id="3"), 404)
    problem(get(), 400)


def test_what_there_is_not(data, problem):
    problem(data.get("/datasets/nothing"), 404)
    problem(data.get("/datasets/nothing/entities"), 404)
    problem(data.get("/datasets/b/entities", params={"populated": "true"}), 404)
    problem(data.get("/datasets/things/entities", params={"subset": "[]"}), 501)
