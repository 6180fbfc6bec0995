"""hub/swagger_public.yaml (/pipes/{id}/entities); hub/json-pull.rst (since, limit)."""

import pytest

from dataflow.dtl import transit
from node.pipes import embedded, endpoint, reader, receiver


@pytest.fixture
def flow(client):
    rule = [["copy", "*"], ["add", "after", True], ["if", ["eq", "_S.n", 0], ["filter", False]]]
    client.configure(
        receiver("a", namespaced_identifiers=True),
        reader("b", "a", *rule, namespaced_identifiers=True),
        endpoint("e", "a", *rule, namespaced_identifiers=True),
    )
    client.deliver(
        "a", {"_id": "0", "n": 0}, {"_id": "1", "n": 1}, {"_id": "2", "n": 2}, {"_id": "3", "_deleted": True}
    )
    client.run_all(delete_input_datasets=False)
    return client


def test_each_stage_of_a_pipe(flow):
    def second(stage):
        return flow.get("/pipes/e/entities", params={"stage": stage} if stage else {}).json()

    assert second("source")[1] == {"_id": "a:1", "a:n": 1, "_updated": 1}
    assert second("before-transforms")[1] == second("source")[1]
    assert second("after-transforms")[0] == {"_id": "a:1", "a:n": 1, "e:after": True, "_updated": 1}
    assert second("sink") == second(None)
    assert second(None)[0] == {"_id": "1", "n": 1, "after": True, "_updated": 1}
    assert second(None)[-1]["_deleted"] is True


def test_the_dataset_of_a_pipe_is_given_as_it_is_stored(flow):
    first = flow.get("/pipes/b/entities").json()[0]
    assert first.keys() >= {"_id", "_deleted", "_updated", "_previous", "_ts", "_hash"}
    assert (first["_id"], first["_deleted"]) == ("a:1", False)


@pytest.mark.parametrize("pipe", ["b", "e"])
def test_reading_goes_on_where_it_ended(flow, pipe):
    path = f"/pipes/{pipe}/entities"
    everything = flow.get(path).json()
    first = flow.get(path, params={"limit": 2}).json()
    rest = flow.get(path, params={"since": first[-1]["_updated"]}).json()
    assert len(first) == 2
    assert first + rest == everything
    assert flow.get(path, params={"limit": 0}).json() == []
    assert flow.get(path, params={"since": everything[-1]["_updated"]}).json() == []


def test_values_travel_in_transit_form_and_keep_every_digit(client):
    entity = {"_id": "1", "big": 2**70, "price": "~f1.50", "at": "~t2024-01-01T00:00:00Z", "ni": "~:a:b", "text": "æ"}
    client.configure(receiver("a"), embedded("p", entity))
    client.post("/receivers/a/entities", data=transit.dumps({**entity, "x": 1.25}).encode())
    assert {**entity, "x": "~f1.25"}.items() <= client.get("/pipes/a/entities").json()[0].items()
    client.run_all(delete_input_datasets=False)
    assert entity.items() <= client.get("/pipes/p/entities").json()[0].items()


def test_what_is_asked_wrongly(flow, problem):
    path = "/pipes/b/entities"
    assert "unknown stage" in problem(flow.get(path, params={"stage": "middle"}), 400)["detail"]
    assert '"limit" is an integer from 0 on' in problem(flow.get(path, params={"limit": -1}), 400)["detail"]
    problem(flow.get(path, params={"since": "1_0"}), 400)
    problem(flow.get("/pipes/x/entities"), 404)


def test_an_entity_that_breaks_the_pipe(client, problem):
    client.configure(receiver("a"), endpoint("e", "a", ["fail!", "no good"]))
    client.deliver("a", {"_id": "1"})
    assert "no good" in problem(client.get("/pipes/e/entities"), 500)["detail"]
