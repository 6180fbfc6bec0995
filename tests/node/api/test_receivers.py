"""hub/json-push.rst: the examples, and the conflicts."""

import pytest

from node.pipes import embedded, receiver


@pytest.fixture
def full(client):
    """Sends one request of a full sync."""
    client.configure(receiver("a"))

    def send(*ids, **parameters):
        return client.deliver("a", *({"_id": i} for i in ids), is_full="true", **parameters)

    return send


def test_incremental_posts_add_and_delete_nothing(client):
    client.configure(receiver("a"))
    assert client.deliver("a", {"_id": "1"}, {"_id": "2"}).json() == {}
    assert client.post("/receivers/a/entities", json={"_id": "3"}).json() == {}
    client.deliver("a", {"_id": "1", "_deleted": True}, request_id="7", previous_request_id="6")
    assert client.ids("/pipes/a/entities") == ["2", "3"]


def test_a_full_sync_deletes_what_it_did_not_bring_when_it_ends(client, full):
    client.deliver("a", {"_id": "old"}, {"_id": "1"})
    assert full("1", sequence_id="s", request_id="1", is_first="true").status_code == 200
    assert full("2", sequence_id="s", request_id="2", previous_request_id="1").status_code == 200
    assert client.ids("/pipes/a/entities") == ["old", "1", "2"]
    assert full("3", sequence_id="s", request_id="3", previous_request_id="2", is_last="true").status_code == 200
    assert client.ids("/pipes/a/entities") == ["1", "2", "3"]
    assert full("3", sequence_id="t", request_id="1", is_first="true", is_last="true").status_code == 200
    assert client.ids("/pipes/a/entities") == ["3"]


def test_conflicts(client, full, problem):
    full("1", sequence_id="s", request_id="1", is_first="true")
    problem(full("2", sequence_id="s", request_id="3", previous_request_id="2"), 409)
    problem(full("2", sequence_id="s", request_id="2"), 409)
    problem(full("2", sequence_id="s", request_id="2", is_first="true"), 409)
    problem(full("2", sequence_id="t", request_id="2", is_first="true", previous_request_id="1"), 409)
    problem(full("2", sequence_id="t", request_id="2", previous_request_id="1", is_last="true"), 409)
    problem(client.deliver("a", {"_id": "2"}, sequence_id="s", is_full="False"), 409)
    assert client.ids("/pipes/a/entities") == ["1"]
    assert full("2", sequence_id="s", request_id="2", previous_request_id="1", is_last="true").status_code == 200
    assert client.ids("/pipes/a/entities") == ["1", "2"]
    problem(full("3", sequence_id="s", request_id="3", previous_request_id="2", is_last="true"), 409)


def test_a_new_sequence_replaces_one_that_was_broken_off(client, full, problem):
    full("1", sequence_id="s", request_id="1", is_first="true")
    full("2", sequence_id="t", request_id="1", is_first="true")
    problem(full("3", sequence_id="s", request_id="2", previous_request_id="1", is_last="true"), 409)
    full("3", sequence_id="t", request_id="2", previous_request_id="1", is_last="true")
    assert client.ids("/pipes/a/entities") == ["2", "3"]


def test_incremental_posts_in_between_do_not_disturb_a_sequence(client, full):
    full("1", sequence_id="s", request_id="1", is_first="true")
    client.deliver("a", {"_id": "x"}, sequence_id="other", request_id="9")
    assert full("2", sequence_id="s", request_id="2", previous_request_id="1", is_last="true").status_code == 200
    assert client.ids("/pipes/a/entities") == ["1", "2"]


def test_a_request_that_failed_can_be_sent_again(client, problem):
    rules = {"default": [["copy", "*"], ["if", ["eq", "_S.bad", True], ["fail!", "so bad"]]]}
    client.configure(receiver("a", transform={"type": "dtl", "rules": rules}))
    first = {"is_full": True, "sequence_id": "s", "request_id": "1", "is_first": True}
    last = {"is_full": True, "sequence_id": "s", "request_id": "2", "previous_request_id": "1", "is_last": True}
    client.deliver("a", {"_id": "0"})
    client.deliver("a", {"_id": "1"}, **first)
    found = problem(client.deliver("a", {"_id": "2"}, {"_id": "3", "bad": True}, **last), 400)
    assert 'entity "3"' in found["detail"]
    assert client.ids("/pipes/a/entities") == ["0", "1", "2"]
    assert client.deliver("a", {"_id": "3"}, **last).status_code == 200
    assert client.ids("/pipes/a/entities") == ["1", "3"]


def test_bodies_that_are_no_entities(client, problem):
    client.configure(receiver("a"), embedded("b"))

    def post(body):
        return client.post("/receivers/a/entities", data=body)

    assert "/1" in problem(post('[{"_id": "1"}, 2]'), 400)["findings"][0]["pointer"]
    assert "not a valid transit string" in problem(post('{"_id": "1", "t": "~tsoon"}'), 400)["detail"]
    assert "needs a string _id" in problem(post("[{}]"), 400)["detail"]
    assert problem(post('[{"_id": "1"'), 400)["findings"][0]["line"] == 1
    problem(post(b"\xff"), 400)
    assert "no receiver" in problem(client.deliver("b", {"_id": "1"}), 404)["detail"]
    problem(client.deliver("c"), 404)
    problem(client.deliver("a", is_full="maybe"), 400)


def test_the_sender_may_say_up_to_when_it_is_complete(client, problem):
    client.configure(receiver("a"))
    client.post("/receivers/a/entities", json=[], headers={"X-Dataset-Completeness": "1633934725921188"})
    assert client.get("/datasets/a").json()["runtime"]["completeness"] == "2021-10-11T06:45:25.921188Z"
    assert client.get("/datasets/a/entities").headers["X-Dataset-Completeness"] == "1633934725921188"
    for text in ("0", "-1", "soon", "1.5"):
        problem(client.post("/receivers/a/entities", json=[], headers={"X-Dataset-Completeness": text}), 400)


def test_a_dataset_may_be_populated_by_a_full_sync_only(client):
    client.configure({**receiver("a"), "source": {"type": "http_endpoint", "auto_populate_dataset": False}})
    found = []
    for parameters in (
        {},
        {"is_full": "true", "sequence_id": "s", "request_id": "1", "is_first": "true"},
        {"is_full": "true", "sequence_id": "s", "request_id": "2", "previous_request_id": "1", "is_last": "true"},
    ):
        assert client.deliver("a", {"_id": "1"}, **parameters).status_code == 200
        found.append(client.get("/datasets/a").json()["runtime"]["populated"])
    assert found == [False, False, True]


# --- optimistic locking (configuration-sinks-dataset.rst) -----------------------------------------------------------


@pytest.fixture
def locked(client):
    client.configure(receiver("a", sink={"enable_optimistic_locking": True}))
    return client


def test_who_knows_the_latest_version_changes_it_and_is_told_what_came_of_it(locked):
    made = locked.post("/receivers/a/entities", json={"_id": "1", "n": 1}).json()["updated_entity"]
    assert (made["n"], made["_updated"], made["_previous"]) == (1, 0, None)
    made = locked.post("/receivers/a/entities", json={"_id": "1", "n": 2, "_updated": 0}).json()["updated_entity"]
    assert (made["n"], made["_updated"], made["_previous"]) == (2, 1, 0)
    assert locked.deliver("a", {"_id": "2"}, {"_id": "3"}).json() == {}


@pytest.mark.parametrize("updated", [None, 0, 7, "1"])
def test_who_does_not_know_it_gets_it_and_nothing_is_written(locked, problem, updated):
    locked.deliver("a", {"_id": "1", "n": 1})
    locked.deliver("a", {"_id": "1", "n": 2, "_updated": 0})
    stale = {"_id": "1", "n": 3, **({} if updated is None else {"_updated": updated})}
    found = problem(locked.deliver("a", {"_id": "2"}, stale), 409)
    assert found["input_entity"] == stale
    assert (found["existing_entity"]["n"], found["existing_entity"]["_updated"]) == (2, 1)
    assert found.get("common_ancestor_entity", {}).get("n") == (1 if updated == 0 else None)
    assert locked.ids("/datasets/a/entities", history="false") == ["1"]


def test_a_version_that_never_was_is_stale_too(locked, problem):
    found = problem(locked.deliver("a", {"_id": "1", "_updated": 0}), 409)
    assert "existing_entity" not in found
    assert "there is none" in found["detail"]


def test_all_of_a_request_is_checked_before_any_of_it_is_written(locked, problem):
    entities = [{"_id": str(n)} for n in range(150)]
    problem(locked.deliver("a", *entities, {"_id": "x", "_updated": 5}), 409)
    assert locked.ids("/datasets/a/entities") == []
    assert locked.deliver("a", *entities).status_code == 200
