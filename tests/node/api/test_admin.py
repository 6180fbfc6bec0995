"""sesam-py 2.11.13: the gate of every command, `restart` and `reset`."""

from dataflow.clock import timestamp
from node.pipes import receiver


def test_the_node_says_it_is_in_developer_mode_with_and_without_a_slash(client):
    for path in ("/", ""):
        assert client.get(path).json()["status"]["developer_mode"] is True


def test_restart_is_a_new_start_that_keeps_everything(client):
    client.configure(receiver("a"))
    client.deliver("a", {"_id": "1"})
    before = client.get("/status").json()["node_start_time"]
    assert client.post("/admin", data={"operation": "restart"}).json() == {"message": "OK"}
    assert client.get("/status").json()["node_start_time"] > before
    assert client.ids("/pipes/a/entities") == ["1"]


def test_reset_is_a_new_start_that_keeps_nothing(client):
    client.put("/env", json={"x": 1})
    client.configure(receiver("a"))
    client.put("/secrets", json={"s": "t"})
    before = client.get("/status").json()["node_start_time"]
    assert client.post("/admin", data={"operation": "reset"}).json() == {"message": "OK"}
    assert client.get("/status").json()["node_start_time"] > before
    for path in ("/pipes", "/systems", "/datasets", "/config", "/secrets"):
        assert client.get(path).json() == []
    assert client.get("/env").json() == {}


def test_an_operation_that_nobody_knows(client, problem):
    assert "restart or reset" in problem(client.post("/admin", data={"operation": "explode"}), 400)["detail"]


def test_health(client):
    assert client.get("/health").json() == client.get("/ping").json() == {"status": "ok"}


def test_timestamps_sort_as_text():
    assert timestamp(1_732_406_400_000_001_999) == "2024-11-24T00:00:00.000001Z"
