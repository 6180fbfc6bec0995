"""configuration-sinks-rest.rst, configuration-sinks-json.rst, hub/json-push.rst."""

from decimal import Decimal

import pytest
import requests

from dataflow.errors import CallFailed
from dataflow.node.live import LiveNode
from dataflow.node.outer import reaching
from node.pipes import pipe, receiver
from node.rest.conftest import reach_of, rest_system
from node.rest.service import Reply


def sink_of(config, **sink):
    """The sink of a pipe that leads to a system, and what it reaches with."""
    reach = reach_of(config)
    made = pipe({"_id": "p", "type": "pipe", "source": {"type": "empty"}, "sink": {"system": config["_id"], **sink}})
    return reaching(reach).sinks[sink["type"]](made), reach


def write(sink, *batches, full=False):
    sink.begin(full=full)
    for batch in batches:
        sink.write(batch)
    sink.end()


# --- rest -------------------------------------------------------------------------------------------------------------

OPERATIONS = {
    "update-man": {"url": "men/{{ properties.id }}", "method": "POST", "headers": {"Content-type": "application/xml"}},
    "update-woman": {"url": "women/{{ properties.collection }}", "method": "POST", "payload": {"o": 1}},
    "delete-man": {"url": "men/{{ _id }}", "method": "DELETE"},
}


def test_each_entity_is_a_request(service):
    service.answer = lambda request: Reply("done")
    default = {"operation": "update-woman", "properties": {"collection": "c"}, "payload": {"id": "unknown"}}
    sink, _ = sink_of(rest_system(service, operations=OPERATIONS), type="rest", **default)
    write(
        sink,
        [
            {"_id": "john", "operation": "update-man", "properties": {"id": "j"}, "payload": '<man id="j"/>'},
            {"_id": "mary", "properties": {"collection": "d"}, "payload": {"age": Decimal("2.5")}},
        ],
        [{"_id": "ann"}, {"_id": "bob", "operation": "delete-man", "_deleted": True}],
    )
    assert [(r.method, r.path, r.headers.get("content-type"), r.body) for r in service.requests] == [
        ("POST", "/men/j", "application/xml", b'<man id="j"/>'),
        ("POST", "/women/d", "application/json", b'{"age": 2.5}'),
        ("POST", "/women/c", "application/json", b'{"id": "unknown"}'),
        ("DELETE", "/men/bob", "application/json", b'{"id": "unknown"}'),
    ]


def test_a_refusal_says_for_which_entity_and_how_a_pump_should_go_on(service):
    service.replies += [{}, Reply({}, 409)]
    operations = {
        "delete-man": {**OPERATIONS["delete-man"], "allowed_status_codes": "200-599", "next_page_link": "men"}
    }
    config = rest_system(service, operations=operations, retry_strategy={"409": {"max_retries_per_entity": 0}})
    sink, _ = sink_of(config, type="rest", operation="delete-man")
    with pytest.raises(CallFailed) as caught:
        write(sink, [{"_id": "1"}, {"_id": "2"}, {"_id": "3"}])
    error = caught.value
    assert (error.entity, error.status, error.where, error.retries) == (
        "2",
        409,
        "/sink",
        {"max_retries_per_entity": 0},
    )
    assert service.asked == ["DELETE /men/1", "DELETE /men/2"]


def test_rate_limits_are_waited_for(service):
    service.replies += [Reply({}, 429), {}]
    sink, reach = sink_of(
        rest_system(service, operations=OPERATIONS), type="rest", operation="delete-man", rate_limiting_retries=1
    )
    write(sink, [{"_id": "1"}])
    assert reach.clock.slept == [1]


# --- json -------------------------------------------------------------------------------------------------------------


def pushing(service, **sink):
    config = {"_id": "u", "type": "system:url", "url_pattern": f"{service.url}/%s"}
    return sink_of(config, type="json", url="receivers/x/entities", **sink)[0]


def test_changes_are_pushed_in_requests_that_belong_together(service):
    service.answer = lambda request: {}
    sink = pushing(service, headers={"content-type": "application/json; charset=UTF-8"})
    write(
        sink, [{"_id": "1", "d": Decimal("1.50"), "_updated": 3, "_deleted": False}], [{"_id": "2", "_deleted": True}]
    )
    first, second = service.requests
    assert first.json == [{"_id": "1", "d": "~f1.50"}]
    assert second.json == [{"_id": "2", "_deleted": True}]
    assert first.headers["content-type"] == "application/json; charset=UTF-8"
    sequence = first.query["sequence_id"]
    assert first.query == {"sequence_id": sequence, "is_full": "false", "request_id": "0"}
    assert second.query == {"sequence_id": sequence, "is_full": "false", "request_id": "1", "previous_request_id": "0"}


def test_without_changes_nothing_is_pushed(service):
    write(pushing(service))
    assert service.requests == []


def test_a_full_sync_has_a_beginning_and_an_end(service):
    service.answer = lambda request: {}
    write(pushing(service), [{"_id": "1"}], full=True)
    first, last = service.requests
    assert (first.query["is_first"], first.query["is_full"], "is_last" in first.query) == ("true", "true", False)
    assert (last.json, last.query["is_last"], last.query["previous_request_id"]) == ([], "true", "0")
    assert "is_first" not in last.query


def test_a_full_sync_of_nothing_is_one_request(service):
    service.answer = lambda request: {}
    write(pushing(service), full=True)
    (request,) = service.requests
    assert (request.json, request.query["is_first"], request.query["is_last"]) == ([], "true", "true")


def test_batches_are_cut_to_what_the_other_side_wants(service):
    service.answer = lambda request: {}
    write(pushing(service, batch_size=2), [{"_id": str(n)} for n in range(5)])
    assert [len(request.json) for request in service.requests] == [2, 2, 1]


def test_every_sync_is_a_sequence_of_its_own(service):
    service.answer = lambda request: {}
    sink = pushing(service)
    write(sink, [{"_id": "1"}])
    write(sink, [{"_id": "1"}])
    one, other = service.requests
    assert one.query["sequence_id"] != other.query["sequence_id"]
    assert other.query["request_id"] == "0"


def test_a_conflict_ends_the_sync(service):
    service.answer = lambda request: Reply({"detail": "wrong order"}, 409)
    sink = pushing(service)
    sink.begin(full=True)
    with pytest.raises(CallFailed, match="answered 409 Conflict") as caught:
        sink.write([{"_id": "1"}])
    sink.abort()
    assert (caught.value.status, caught.value.where) == (409, "/sink")
    assert len(service.requests) == 1


def test_a_receiver_of_our_own_takes_a_full_sync_and_deletes_the_rest():
    from dataflow.node.api.server import Server

    live = LiveNode()
    with Server(live, port=0) as server:
        assert requests.put(f"{server.url}/api/config", json=[receiver("x")], timeout=30).ok
        config = {"_id": "u", "type": "system:url", "url_pattern": f"{server.url}/api/%s"}
        sink = sink_of(config, type="json", url="receivers/x/entities")[0]
        write(sink, [{"_id": "1"}, {"_id": "2"}], full=True)
        write(sink, [{"_id": "3"}])
        write(sink, [{"_id": "1"}], [{"_id": "3"}], full=True)
        with live.using() as node:
            gone = {entity["_id"]: entity.get("_deleted", False) for entity in node.entities("x")}
    assert gone == {"1": False, "2": True, "3": False}
