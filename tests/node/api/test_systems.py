"""hub/swagger_public.yaml (/systems, /secrets, /metadata)."""

from dataflow.node.secrets import Secrets
from node.pipes import embedded, endpoint

SYSTEM = {"_id": "s", "type": "system:url", "base_url": "$ENV(url)"}


def test_systems_as_they_came_and_as_they_take_effect(client, problem):
    client.put("/env", json={"url": "http://127.0.0.1"})
    client.configure(SYSTEM)
    (found,) = client.get("/systems").json()
    assert found == client.get("/systems/s").json()
    assert found["config"] == {"original": SYSTEM, "effective": {**SYSTEM, "base_url": "http://127.0.0.1"}}
    assert found["runtime"] == {"is-valid-config": True, "config-errors": []}
    problem(client.get("/systems/t"), 404)


def test_a_system_is_changed_and_deleted(client, problem):
    client.put("/env", json={"url": "http://127.0.0.1"})
    client.configure(SYSTEM)
    changed = {**SYSTEM, "base_url": "http://localhost"}
    assert client.put("/systems/s/config", json=changed).json() == client.get("/systems/s/config").json() == changed
    problem(client.put("/systems/s/config", json={**changed, "_id": "t"}), 400)
    problem(client.put("/systems/s/config", json={**changed, "base_url": 1}), 400)
    assert client.delete("/systems/s").json() == {}
    assert client.get("/systems").json() == []


def test_secrets_go_in_and_only_their_names_come_out(client, problem):
    client.configure({**SYSTEM, "base_url": "http://127.0.0.1"})
    client.put("/secrets", json={"b": "hidden"})
    client.put("/secrets", json={"a": "hidden"})
    client.post("/systems/s/secrets", json={"x": "hidden"})
    client.put("/systems/s/secrets", params={"encrypt": "true"}, json={"y": "hidden"})
    assert (client.get("/secrets").json(), client.get("/systems/s/secrets").json()) == (["a", "b"], ["y"])
    assert client.delete("/secrets/a").json() == {}
    assert client.get("/secrets").json() == ["b"]
    problem(client.delete("/secrets/a"), 404)
    problem(client.put("/secrets", json={"a": 1}), 400)
    problem(client.get("/systems/t/secrets"), 404)
    for path in ("/secrets", "/systems/s", "/config", "/systems/s/secrets"):
        assert "hidden" not in client.get(path).text


def test_a_pipe_can_use_a_secret_of_the_node(client):
    key = "0123456789abcdef0123456789abcdef"
    rule = ["add", "x", ["decrypt", "k", ["encrypt", "k", "_S.v"]]]
    client.configure(embedded("a", {"_id": "1", "v": "text"}), endpoint("e", "a", rule))
    client.put("/secrets", json={"k": key})
    client.run_all()
    assert client.get("/pipes/e/entities").json()[0]["x"] == "text"


def test_secrets_of_a_system_go_over_those_of_the_node():
    secrets = Secrets()
    secrets.put({"a": "node", "b": "node"})
    secrets.put({"b": "system"}, "s")
    assert secrets.values("s") == {"a": "node", "b": "system"}
    assert secrets.values() == {"a": "node", "b": "node"}
    assert "system" not in repr(secrets)


def test_metadata_is_given_back_as_it_came(client, problem):
    given = {"_id": "node", "type": "metadata", "task_manager": {"disable_user_pipes": True}}
    assert client.put("/metadata", json=given).json() == client.get("/metadata").json() == given
    assert client.get("/config").json() == [given]
    problem(client.put("/metadata", json={"_id": "x", "type": "pipe"}), 400)
    problem(client.put("/metadata", json={**given, "task_manager": 1}), 400)
    assert client.get("/metadata").json() == given
    assert client.delete("/metadata").json() == {"_id": "node", "type": "metadata"}
    assert client.get("/config").json() == []
