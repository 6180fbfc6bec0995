"""configuration-transforms-rest.rst, -http.rst; node-semantics, section 3.3."""

import pytest

from dataflow.errors import FindingsError
from dataflow.node.explain import explain
from node.pipes import content, embedded, endpoint, reader, receiver
from node.rest.conftest import outer_node, rest_system, run
from node.rest.service import Reply

GET = {"url": "men/{{ entity._id }}", "method": "GET"}


def calling(service, *entities, operation=None, system=None, secrets=None, **transform):
    """A node with pipe "p", which calls operation "get" for each of the entities."""
    config = rest_system(service, **{"operations": {"get": {**GET, **(operation or {})}}, **(system or {})})
    step = {"type": "rest", "system": "s", "operation": "get", **transform}
    pipe = {**embedded("p", *(entities or ({"_id": "1", "a": 2},)), transform=step), "namespaced_identifiers": False}
    return outer_node([config], pipe, secrets=secrets)


def called(service, *entities, **options):
    node = calling(service, *entities, **options)
    run(node)
    return content(node, "p")


def failed(node):
    (failure,) = node.run().failures
    return failure


def test_the_answer_is_added_to_the_entity(service):
    service.answer = lambda request: {"path": request.path}
    assert called(service, {"_id": "1", "a": 2}, {"_id": "2"}) == {
        "1": {"a": 2, "response": {"path": "/men/1"}},
        "2": {"response": {"path": "/men/2"}},
    }


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        (Reply([1, {"a": 1}]), [1, {"a": 1}]),
        (Reply(17), 17),
        (Reply(None), None),
        (Reply("text"), "text"),
        (Reply(b"", 204, {"Content-Type": "application/json"}), None),
        (Reply("", 204), ""),
        (Reply(b'{"d": 1.10, "w": 2.0}', headers={"Content-Type": "application/json"}), {"d": "~f1.10", "w": 2}),
    ],
)
def test_whatever_is_answered_is_kept(service, reply, result):
    service.replies.append(reply)
    assert called(service)["1"]["response"] == result


def test_the_part_that_counts_and_where_it_goes(service):
    service.replies.append(Reply({"Items": [{"id": 1}]}, 201, {"ETag": '"1"'}))
    found = called(
        service,
        operation={"payload_property": "Items", "response_status_property": "status"},
        response_property="found",
        response_headers_property="headers",
        response_include_content_type=True,
    )["1"]
    assert (found["found"], found["status"], found["content-type"]) == ([{"id": 1}], 201, "application/json")
    assert found["headers"]["ETag"] == '"1"'


def test_the_entity_brings_its_own_operation_properties_and_payload(service):
    service.answer = lambda request: {}
    operations = {
        "get": GET,
        "put": {
            "url": "men/{{ properties.id }}/{{ a }}",
            "method": "PUT",
            "payload": {"from": "operation"},
            "properties": {"id": 0},
        },
    }
    mine = {"operation": "put", "properties": {"id": 7}, "payload": {"from": "entity"}}
    with_nulls = {"_id": "3", "operation": None, "payload": None}
    entities = ({"_id": "1", "a": 1, **mine}, {"_id": "2", "a": 2, "operation": "put"}, with_nulls)
    called(service, *entities, system={"operations": operations})
    assert [(r.method, r.path, r.body) for r in service.requests] == [
        ("PUT", "/men/7/1", b'{"from": "entity"}'),
        ("PUT", "/men/0/2", b'{"from": "operation"}'),
        ("GET", "/men/3", b""),
    ]


def test_what_the_transform_says_goes_before_what_the_operation_says(service):
    service.answer = lambda request: {}
    operation = {"url": "{{ properties.x }}", "method": "POST", "payload": {"o": 1}, "properties": {"x": "o"}}
    called(service, operation=operation, payload={"t": "{{ entity.a }}"}, properties={"x": "t"})
    assert (service.requests[0].path, service.requests[0].json) == ("/t", {"t": "2"})


def test_payloads_of_entities_are_no_templates_and_get_no_secrets(service):
    service.answer = lambda request: {}
    entity = {"_id": "1", "payload": {"a": "{{ x }}", "b": "$SECRET(key)"}, "name": "$SECRET(key)"}
    operation = {"method": "POST", "url": "{{ entity.name }}", "headers": {"X-K": "$SECRET(key)"}}
    called(service, entity, operation=operation, secrets={"key": "hidden"})
    (request,) = service.requests
    assert request.json == {"a": "{{ x }}", "b": "$SECRET(key)"}
    assert "hidden" not in request.path
    assert request.headers["x-k"] == "hidden"


def test_an_entity_without_an_operation(service):
    node = outer_node(
        [rest_system(service, operations={"get": GET})],
        embedded("p", {"_id": "1"}, transform={"type": "rest", "system": "s"}),
    )
    failure = failed(node)
    assert failure.message == "no operation is given: neither by the entity, nor by the configuration"
    assert (failure.entity, failure.diagnostics[0].pointer) == ("1", "/transform")


def test_only_entities_that_trigger_it_are_sent(service):
    service.answer = lambda request: {}
    trigger = {"key": "_call", "value": "get*"}
    found = called(
        service, {"_id": "1", "_call": "get it"}, {"_id": "2", "_call": "no"}, {"_id": "3"}, trigger_on=trigger
    )
    assert service.asked == ["GET /men/1"]
    assert [i for i, entity in found.items() if "response" in entity] == ["1"]


# --- replacing the entity ---------------------------------------------------------------------------------------------


def test_the_entity_can_be_replaced_by_what_is_answered(service):
    service.replies += [[{"_id": "a"}, {"_id": "b"}], {"_id": "c"}, []]
    assert list(called(service, {"_id": "1"}, {"_id": "2"}, {"_id": "3"}, replace_entity=True)) == ["a", "b", "c"]


def test_a_replaced_entity_keeps_its_id_when_the_answer_is_text(service):
    service.answer = lambda request: "text"
    found = called(service, {"_id": "1", "a": 2}, replace_entity=True, response_property="raw")
    assert found == {"1": {"raw": "text"}}


def test_nothing_but_objects_can_replace_an_entity(service):
    service.replies.append([{"_id": "a"}, 5])
    message = failed(calling(service, replace_entity=True)).message
    assert "the answer has no entities where they should be: each has to be an object" in message


def test_expressions_do_not_touch_what_replaces_an_entity(service):
    service.replies.append({"id": 5})
    node = calling(service, operation={"id_expression": "{{ id }}"}, replace_entity=True)
    assert "needs a string _id" in failed(node).message


def test_objects_in_the_answer_get_the_id_that_the_operation_gives_them(service):
    service.replies.append([{"id": 5}, {"_id": "x"}])
    found = called(service, operation={"id_expression": "{{ id }}-{{ source_entity._id }}"})
    assert found["1"]["response"] == [{"id": 5, "_id": "5-1"}, {"_id": "x"}]


# --- status codes -----------------------------------------------------------------------------------------------------


def test_other_answers_than_success_fail_the_pipe_and_name_the_entity(service):
    service.replies.append(Reply({"detail": "no"}, 404))
    failure = failed(calling(service))
    assert failure.message == f'system "s": GET {service.url}/men/1: answered 404 Not Found: {{"detail": "no"}}'
    assert (failure.entity, failure.diagnostics[0].message[:14]) == ("1", 'p: entity "1":')


@pytest.mark.parametrize("place", ["operation", "transform"])
def test_status_codes_can_be_let_through_or_dropped(service, place):
    codes = {"allowed_status_codes": "200-299,404", "ignored_status_codes": "410-420"}
    service.answer = lambda request: Reply({}, int(request.path.rpartition("/")[2]))
    options = {"operation": codes} if place == "operation" else codes
    found = called(service, *({"_id": str(n)} for n in (200, 404, 410, 415)), response_status_property="st", **options)
    assert found == {"200": {"response": {}, "st": 200}, "404": {"response": {}, "st": 404}}


def test_codes_that_cannot_be(service):
    overlapping = calling(service, allowed_status_codes="200-404", ignored_status_codes="404")
    assert "and ignored_status_codes overlap" in failed(overlapping).message
    assert '"4xx" is no list of status codes' in failed(calling(service, allowed_status_codes="4xx")).message


def test_an_empty_answer_can_fail_the_pipe(service):
    service.answer = lambda request: []
    message = 'operation "get" gave no entities, and if_transform_empty is fail'
    assert failed(calling(service, replace_entity=True, if_transform_empty="fail")).message == message
    assert called(service, replace_entity=True) == {}
    assert called(service, if_transform_empty="fail") == {"1": {"a": 2, "response": []}}
    with pytest.raises(FindingsError) as caught:
        calling(service, if_transform_empty="never").entities("p")
    assert [(d.code, d.pointer) for d in caught.value.diagnostics] == [("DF205", "/transform/if_transform_empty")]


def test_errors_that_the_status_hides(service):
    service.answer = lambda request: {"rows": [], "error": "bad"}
    operation = {"payload_property": "rows", "error_expression": "{{ body.error }} for {{ entity.a }}"}
    assert "bad for 2" in failed(calling(service, operation=operation)).message
    assert called(service, operation=operation, replace_entity=True) == {}


def test_pages_are_put_together(service):
    service.answer = lambda request: {"rows": [{"n": int(request.query["page"])}], "more": request.query["page"] != "3"}
    operation = {
        "params": {"page": "{{ page + 1 }}"},
        "payload_property": "rows",
        "next_page_link": "{% if body.more %}{{ url }}{% endif %}",
    }
    assert called(service, operation=operation)["1"]["response"] == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_an_answer_that_is_no_success_has_no_next_page(service):
    service.replies.append(Reply({"next": "more"}, 404))
    operation = {"allowed_status_codes": "200,404", "next_page_link": "{{ body.next }}"}
    assert called(service, operation=operation)["1"]["response"] == {"next": "more"}


def test_a_multipart_form_names_its_own_boundary(service):
    service.answer = lambda request: {}
    operation = {"method": "POST", "payload-type": "multipart-form", "headers": {"content-type": "multipart/form-data"}}
    called(service, {"_id": "1", "payload": {"a": "b"}}, operation=operation)
    assert service.requests[0].headers["content-type"].startswith("multipart/form-data; boundary=")


def test_rate_limits_are_waited_for(service):
    service.replies += [Reply({}, 429), {}]
    node = calling(service, operation={"rate_limiting_retries": 5, "rate_limiting_delay": 3})
    run(node)
    assert node.reach.clock.slept == [3]


def test_a_transform_is_not_tried_again_after_other_faults(service):
    service.replies.append(Reply({}, 503))
    strategy = {"503": {"max_read_retries": 5}}
    assert "503" in failed(calling(service, system={"retry_strategy": strategy})).message
    assert len(service.requests) == 1


# --- previews ---------------------------------------------------------------------------------------------------------

AFTER = {"type": "dtl", "rules": {"default": [["copy", "*"], ["add", "after", True]]}}


def previewed(service, *, sink=None, **transform):
    step = {"type": "rest", "system": "s", "operation": "get", **transform}
    pipe = embedded("p", {"_id": "1"}, {"_id": "2", "go": True}, transform=[step, AFTER], namespaced_identifiers=False)
    if sink is not None:
        pipe["sink"] = sink
    return outer_node([rest_system(service, operations={"get": GET})], pipe)


def test_a_preview_ends_before_a_transform_with_side_effects(service):
    node = previewed(service, trigger_on={"key": "go", "value": True})
    assert node.entities("p", "after-transforms") == [{"_id": "1", "after": True}, {"_id": "2", "go": True}]
    assert service.requests == []
    assert list(node.stream("p", "after-transforms")) == node.entities("p", "after-transforms")


def test_a_preview_calls_what_has_no_side_effects(service):
    service.answer = lambda request: {}
    node = previewed(service, side_effects=False)
    assert [e["response"] for e in node.entities("p", "after-transforms")] == [{}, {}]


def test_what_is_published_is_no_preview(service):
    service.answer = lambda request: {}
    node = previewed(service, sink={"type": "http_endpoint"})
    assert all("response" not in entity for entity in node.entities("p"))
    assert service.requests == []
    assert all("response" in entity for entity in node.stream("p", preview=False))


def test_an_explanation_changes_nothing_outside(service):
    step = {"type": "rest", "system": "s", "operation": "get"}
    config = rest_system(service, operations={"get": GET})
    node = outer_node([config], receiver("a"), {**endpoint("p", "a"), "transform": step})
    node.post("a", [{"_id": "1"}])
    explain(node, "p", "1")
    assert service.requests == []


# --- http -------------------------------------------------------------------------------------------------------------


def url_system(service, **config):
    return {"_id": "u", "type": "system:url", "url_pattern": f"{service.url}/%s", **config}


def posting(service, *entities, system=None, **transform):
    step = {"type": "http", "system": "u", "url": "transforms/x", **transform}
    pipe = embedded("p", *(entities or ({"_id": "1", "d": "~f1.50"},)), transform=step, namespaced_identifiers=False)
    return outer_node([url_system(service, **(system or {}))], pipe)


def test_http_posts_a_list_and_takes_what_comes_back(service):
    service.answer = lambda request: [{"_id": "x", "t": "~t2020-01-01T00:00:00Z", "was": request.json}, {"_id": "y"}]
    node = posting(service, system={"headers": {"X-A": "1", "X-B": "1"}}, headers={"X-B": "2"})
    run(node)
    assert content(node, "p") == {"x": {"t": "~t2020-01-01T00:00:00Z", "was": [{"_id": "1", "d": "~f1.50"}]}, "y": {}}
    (request,) = service.requests
    assert (request.method, request.path, request.headers["content-type"]) == (
        "POST",
        "/transforms/x",
        "application/json",
    )
    assert (request.headers["x-a"], request.headers["x-b"]) == ("1", "2")


@pytest.mark.parametrize("reply", [Reply("text"), Reply({}), Reply([1]), Reply(["~tx"]), Reply([], 400)])
def test_http_takes_nothing_but_a_list_of_entities(service, reply):
    service.replies.append(reply)
    failure = failed(posting(service))
    assert f'system "u": POST {service.url}/transforms/x: ' in failure.message
    assert "no JSON array of entities" in failure.message or "400 Bad Request" in failure.message
    assert failure.entity == "1"


def dtl(*rule):
    return {"type": "dtl", "rules": {"default": list(rule)}}


def bodies(service):
    return [[one["_id"] for one in request.json] for request in service.requests]


@pytest.mark.parametrize(
    ("pipe", "step", "sent"),
    [
        ({}, {}, [["0", "1", "2", "3", "4"]]),
        ({}, {"batch_size": 2}, [["0", "1"], ["2", "3"], ["4"]]),
        ({"batch_size": 3}, {}, [["0", "1", "2"], ["3", "4"]]),
        ({"batch_size": 3}, {"batch_size": 2}, [["0", "1"], ["2"], ["3", "4"]]),
        ({"batch_size": 1}, {}, [["0"], ["1"], ["2"], ["3"], ["4"]]),
    ],
)
def test_http_sends_as_many_at_once_as_the_batches_of_pipe_and_transform_let_it(service, pipe, step, sent):
    service.answer = lambda request: [{**one, "with": len(request.json)} for one in request.json]
    steps = [
        dtl(["copy", "*"], ["add", "n", 1]),
        {"type": "http", "system": "u", "url": "x", **step},
        dtl(["copy", "*"]),
    ]
    made = embedded("p", *({"_id": str(n)} for n in range(5)), transform=steps, namespaced_identifiers=False, **pipe)
    node = outer_node([url_system(service)], made)
    run(node)
    assert bodies(service) == sent
    assert content(node, "p") == {i: {"n": 1, "with": len(part)} for part in sent for i in part}


def test_http_leaves_out_what_it_is_not_triggered_by_and_what_is_filtered_and_keeps_the_order(service):
    service.answer = lambda request: [{**one, "seen": True} for one in request.json]
    steps = [
        dtl(["copy", "*"], ["if", ["eq", "_S._id", "2"], ["filter"]]),
        {"type": "http", "system": "u", "url": "x", "trigger_on": {"key": "kind", "value": "a"}},
    ]
    kinds = ["a", "a", "a", "b", "a", "a"]
    entities = [{"_id": str(n), "kind": kind} for n, kind in enumerate(kinds)]
    node = outer_node([url_system(service)], embedded("p", *entities, transform=steps, namespaced_identifiers=False))
    run(node)
    assert bodies(service) == [["0", "1"], ["4", "5"]]
    found = node.entities("p")
    assert [(one["_id"], one.get("seen")) for one in found] == [
        ("0", True),
        ("1", True),
        ("3", None),
        ("4", True),
        ("5", True),
    ]


def test_of_a_batch_that_http_is_refused_the_entities_go_alone_and_the_culprit_is_named(service):
    service.answer = lambda request: (
        Reply("no", 400) if any(one["_id"] == "1" for one in request.json) else request.json
    )
    waiting = {"max_write_errors_in_retry_dataset": 9, "max_consecutive_write_errors": 9}
    step = {"type": "http", "system": "u", "url": "x"}
    entities = [{"_id": str(n)} for n in range(3)]
    node = outer_node(
        [url_system(service)], embedded("p", *entities, transform=step, pump=waiting, namespaced_identifiers=False)
    )
    node.run()
    assert bodies(service) == [["0", "1", "2"], ["0"], ["1"], ["2"]]
    assert [*content(node, "p")] == ["0", "2"]
    entry = node.dataset("system:pump_execution:p").newest("write-error:1")
    assert "400 Bad Request" in str(entry)


def test_http_has_side_effects_unless_it_says_that_it_has_none(service):
    service.answer = lambda request: []
    assert posting(service).entities("p", "after-transforms") == [{"_id": "1", "d": pytest.approx(1.5)}]
    assert service.requests == []
    assert posting(service, side_effects=False).entities("p", "after-transforms") == []


def test_a_microservice_is_expected_on_this_machine(service):
    service.answer = lambda request: request.json
    system = {"_id": "u", "type": "system:microservice", "docker": {"image": "x", "port": service.port}}
    step = {"type": "http", "system": "u", "url": "/transforms/x"}
    node = outer_node([system], embedded("p", {"_id": "1"}, transform=step))
    run(node)
    assert service.asked == ["POST /transforms/x"]


def test_a_pipe_that_reads_a_dataset_can_call_too(service):
    service.answer = lambda request: {"n": request.path}
    config = rest_system(service, operations={"get": GET})
    step = {"type": "rest", "system": "s", "operation": "get"}
    node = outer_node([config], receiver("a"), {**reader("p", "a"), "transform": step})
    node.post("a", [{"_id": "1"}])
    run(node)
    run(node)
    assert service.asked == ["GET /men/1"]
