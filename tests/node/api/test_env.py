"""hub/swagger_public.yaml (/env); sesam-py 2.11.13, `upload` and `wipe`."""

from node.pipes import receiver

CONDITIONAL = {
    "type": "conditional",
    "condition": "$ENV(node-env)",
    "alternatives": {"test": {"type": "http_endpoint"}, "prod": {"type": "empty"}},
}


def test_put_replaces_and_post_adds(client):
    assert client.get("/env").json() == {}
    assert client.put("/env", json={"a": 1, "b": "x"}).json() == {"a": 1, "b": "x"}
    assert client.post("/env", json={"b": "y", "c": None}).json() == {"a": 1, "b": "y", "c": None}
    assert client.put("/env", json={"d": True}).json() == {"d": True}
    assert client.get("/env").json() == {"d": True}


def test_one_variable_goes(client, problem):
    client.put("/env", json={"a": 1, "b c": 2})
    assert client.delete("/env/b%20c").json() == {"a": 1}
    problem(client.delete("/env/nothing"), 404)


def test_a_variable_changes_what_a_pipe_is(client):
    client.put("/env", json={"node-env": "test"})
    client.configure(receiver("a", source=CONDITIONAL))
    assert client.get("/pipes/a").json()["config"]["effective"]["source"] == {"type": "http_endpoint"}
    client.put("/env", json={"node-env": "prod"})
    shown = client.get("/pipes/a").json()
    assert shown["config"]["effective"]["source"] == {"type": "empty"}
    assert shown["config"]["original"]["source"] == CONDITIONAL
    client.put("/env", json={})
    assert client.get("/pipes/a").json()["runtime"]["is-valid-config"] is False


def test_what_is_no_object(client, problem):
    problem(client.put("/env", json=[1]), 400)
    problem(client.put("/env", data="{"), 400)
    assert client.get("/env").json() == {}
