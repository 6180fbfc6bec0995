"""configuration-sinks-json.rst, json-push.rst; decision 0427. One served node sends what it has to another one, over HTTP."""

import pytest

from dataflow.node.live import LiveNode
from node.pipes import reader, receiver

TOKEN = "e30.e30.c2VjcmV0"


@pytest.fixture
def target(serve):
    """The node that receives, and answers only who brings its token."""
    client = serve(LiveNode(), token=TOKEN)
    client.headers["Authorization"] = f"bearer {TOKEN}"
    client.configure(receiver("things"))
    return client


@pytest.fixture
def configured(serve, target):
    """Starts a node whose pipe "p" sends to the other one."""

    def start(**options):
        client = serve(LiveNode(**options))
        system = {
            "_id": "other",
            "type": "system:url",
            "base_url": target.url,
            "authentication": "jwt",
            "jwt_token": "$SECRET(token)",
        }
        sink = {"type": "json", "system": "other", "url": "/api/receivers/things/entities"}
        client.configure(system, receiver("a"), reader("p", "a", sink=sink))
        return client

    return start


def start(client):
    return client.post("/pipes/p/pump", data={"operation": "start"})


def failure(client):
    entries = client.get("/datasets/system:pump_execution:p/entities").json()
    return [e["reason_why_stopped"] for e in entries if e["event_type"] == "pump-failed"][-1]


def test_entities_and_their_ends_arrive_once_the_node_has_the_secret(configured, target):
    client = configured(reach=True)
    client.deliver("a", {"_id": "1", "n": 1}, {"_id": "2"})
    assert start(client).json()["runtime"]["success"] is False
    assert "lacks the secret token" in failure(client)
    client.put("/systems/other/secrets", json={"token": "e30.e30.d3Jvbmc"})
    assert start(client).json()["runtime"]["success"] is False
    assert "401" in failure(client)
    client.put("/systems/other/secrets", json={"token": TOKEN})
    assert start(client).json()["runtime"]["success"] is True
    assert target.ids("/datasets/things/entities") == ["1", "2"]
    client.deliver("a", {"_id": "2", "_deleted": True}, {"_id": "3"})
    assert client.get("/pipes/p").json()["runtime"]["queues"]["source"] == 2
    start(client)
    assert target.ids("/datasets/things/entities", history="false") == ["1", "3"]
    for path in ("/datasets/system:pump_execution:p/entities", "/pipes/p", "/systems/other"):
        assert TOKEN not in client.get(path).text


def test_a_rescan_is_a_full_sync_that_deletes_at_the_other_end(configured, target):
    client = configured(reach=True)
    client.put("/secrets", json={"token": TOKEN})
    client.deliver("a", {"_id": "1"})
    start(client)
    target.deliver("things", {"_id": "stray"})
    client.post("/pipes/p/pump", data={"operation": "start-rescan"})
    assert target.ids("/datasets/things/entities", history="false") == ["1"]


def test_without_reach_nobody_is_contacted(configured, target, problem):
    client = configured()
    client.put("/secrets", json={"token": TOKEN})
    client.deliver("a", {"_id": "1"})
    assert "its sink is json" in problem(start(client), 400)["detail"]
    client.run_all()
    client.deliver("a", {"_id": "1"})
    assert client.ids("/pipes/p/entities") == ["1"]
    assert target.ids("/datasets/things/entities") == []


def test_what_the_other_node_does_not_take_waits_or_becomes_a_dead_letter(configured, target):
    target.configure(
        receiver(
            "things",
            transform={
                "type": "dtl",
                "rules": {
                    "default": [
                        ["copy", "*"],
                        ["if", ["eq", "_S.bad", True], ["fail!", "bad"]],
                    ]
                },
            },
        )
    )
    client = configured(reach=True)
    pump = {
        "max_write_errors_in_retry_dataset": 5,
        "max_retries_per_entity": 1,
        "dead_letter_dataset": "letters",
        "batch_retries": 0,
    }
    config = client.get("/pipes/p/config").json()
    client.put("/pipes/p/config", json={**config, "pump": pump})
    client.put("/secrets", json={"token": TOKEN})
    client.deliver("a", {"_id": "1"}, {"_id": "2", "bad": True}, {"_id": "3"})
    assert start(client).json()["runtime"]["retryable"] == 1
    assert start(client).json()["runtime"]["retryable"] == 0
    (letter,) = client.get("/datasets/letters/entities").json()
    assert (letter["_id"], letter["error_code"]) == ("2", 1)
    start(client)
    assert target.ids("/datasets/things/entities") == ["1", "3"]
