"""configuration-sources-rest.rst, configuration-sources.rst (continuation); decisions 0431 and 0433."""

import json

import pytest

from dataflow.node.store import MemoryStore
from node.pipes import content, endpoint
from node.rest.conftest import outer_node, rest_system, run
from node.rest.service import Reply

LIST = {"list": {"url": "men", "method": "GET", "id_expression": "{{ id }}"}}


def reading(service, operation=None, *, system=None, pump=None, node=None, **source):
    """A node with pipe "p", whose source runs operation "list"."""
    operations = {"list": {**LIST["list"], **(operation or {})}}
    pipe = {"_id": "p", "type": "pipe", "source": {"type": "rest", "system": "s", "operation": "list", **source}}
    if pump is not None:
        pipe["pump"] = pump
    return outer_node([rest_system(service, operations=operations, **(system or {}))], pipe, **(node or {}))


def read(service, operation=None, **options):
    node = reading(service, operation, **options)
    run(node)
    return content(node, "p")


def failed(node):
    (failure,) = node.run().failures
    return failure.message


def pages(*bodies):
    """Answers with one body per page, and then with empty ones; the page is what the parameter says, from 1 on."""

    def answer(request):
        number = int(request.query.get("page", 1))
        return bodies[number - 1] if number <= len(bodies) else []

    return answer


NEXT = {"next_page_link": "men", "params": {"page": "{{ page + 1 }}"}}


def test_objects_of_a_list_are_entities(service):
    service.replies.append([{"id": 1, "name": "John"}, {"_id": "2", "id": 9}])
    assert read(service) == {"1": {"id": 1, "name": "John"}, "2": {"id": 9}}
    assert service.asked == ["GET /men"]


def test_one_object_is_an_entity(service):
    service.replies.append({"id": 1})
    assert list(read(service)) == ["1"]


@pytest.mark.parametrize("path", ["result", "data.result", "a.b"])
def test_entities_are_where_the_payload_property_says(service, path):
    service.replies.append(
        {"result": [{"id": 1}], "data": {"result": [{"id": 1}]}, "a.b": [{"id": 1}], "a": {"b": [{"id": 2}]}}
    )
    assert list(read(service, payload_property=path)) == ["1"]


def test_nothing_where_the_payload_property_says_is_no_entities(service):
    service.replies.append({"error": "none"})
    assert read(service, payload_property="result") == {}


def test_what_the_source_says_goes_before_what_the_operation_says(service):
    service.answer = lambda request: {"a": [{"x": 1}], "b": [{"y": 2}]}
    assert read(service, {"payload_property": "a", "id_expression": "{{ x }}"}) == {"1": {"x": 1}}
    over = {"payload_property": "b", "id_expression": "{{ y }}"}
    assert read(service, {"payload_property": "a", "id_expression": "{{ x }}"}, **over) == {"2": {"y": 2}}


def test_an_id_may_be_made_of_all_there_is(service):
    expression = (
        "{{ entity.k }}|{{ k }}|{{ body.total }}|{{ url }}|{{ request_params.q }}|{{ properties.p }}|{{ headers.etag }}"
    )
    service.replies.append(Reply({"total": 7, "rows": [{"k": "a"}]}, headers={"ETag": "3"}))
    found = read(
        service, {"params": {"q": "1"}, "payload_property": "rows"}, id_expression=expression, properties={"p": "z"}
    )
    assert list(found) == [f"a|a|7|{service.url}/men|1|z|3"]


def test_numbers_are_exact_and_texts_are_just_texts(service):
    text = '[{"id": 1, "big": 123456789012345678901234567890, "price": 12.50, "whole": 10.0, "tilde": "~fx", "date": "~t2020"}]'
    service.replies.append(Reply(text.encode(), headers={"Content-Type": "application/json"}))
    assert read(service)["1"] == {
        "id": 1,
        "big": 123456789012345678901234567890,
        "price": "~f12.50",
        "whole": 10,
        "tilde": "~fx",
        "date": "~t2020",
    }


def test_the_url_properties_headers_and_payload_are_templates(service):
    operation = {
        "url": "{{ properties.kind }}/{{ properties.kind | upper }}",
        "method": "POST",
        "headers": {"X-Url": "{{ url }}", "X-Query": "{{ params.q }}"},
        "params": {"q": "{{ properties.kind }}", "n": 5, "b": True, "none": None},
        "payload": {"where": "{{ url }}", "h": "{{ headers['X-Query'] }}", "p": "{{ request_params.q }}"},
    }
    service.replies.append([])
    read(service, operation, properties={"kind": "men"}, system={"headers": {"x-query": "hidden", "X-Sys": "$SECRET(a)"}},
         node={"secrets": {"a": "b"}})  # fmt: skip
    (request,) = service.requests
    assert (request.path, request.query) == ("/men/MEN", {"q": "men", "n": "5", "b": "true"})
    assert (request.headers["x-url"], request.headers["x-query"]) == (f"{service.url}/men/MEN", "men")
    assert request.headers["x-sys"] == "b"
    assert request.json == {"where": f"{service.url}/men/MEN", "h": "men", "p": "men"}
    assert request.headers["content-type"] == "application/json"


def test_parameters_may_be_made_of_headers(service):
    service.replies.append([])
    read(
        service, {"headers": {"X-Page": "{{ page + 1 }}"}, "params": {"skip": "{{ (headers['X-Page']|int - 1) * 10 }}"}}
    )
    assert service.requests[0].query == {"skip": "0"}


def test_the_payload_of_the_source_goes_before_that_of_the_operation(service):
    service.answer = lambda request: []
    read(service, {"method": "POST", "payload": {"a": 1}})
    read(service, {"method": "POST", "payload": {"a": 1}}, payload="q={{ properties.x }}", properties={"x": 2})
    assert [request.body for request in service.requests] == [b'{"a": 1}', b"q=2"]


def test_operations_of_the_source_go_before_those_of_the_system_and_have_no_secrets(service):
    service.answer = lambda request: []
    read(service, operations={"list": {"url": "women", "method": "GET"}})
    assert service.asked == ["GET /women"]
    node = reading(service, operations={"list": {"url": "women", "method": "GET", "params": {"k": "$SECRET(k)"}}})
    assert 'only operations of system "s" itself can use its secrets' in failed(node)


# --- what is no JSON --------------------------------------------------------------------------------------------------


def test_what_is_not_json_is_one_entity_with_the_text(service):
    service.answer = lambda request: Reply("<a/>", headers={"Content-Type": "text/xml; charset=utf-8"})
    assert read(service, id_expression="x") == {"x": {"response": "<a/>"}}
    found = read(service, id_expression="x", response_property="raw", response_include_content_type=True)
    assert found == {"x": {"raw": "<a/>", "content-type": "text/xml; charset=utf-8"}}


def test_more_types_can_be_json(service):
    service.answer = lambda request: Reply(b'[{"id": 1}]', headers={"Content-Type": "Text/JSON; charset=utf-8"})
    assert list(read(service, system={"json_content_types": ["text/json"]})) == ["1"]


def test_a_page_for_people_is_told_to_be_one(service):
    service.replies.append(Reply("<html>", headers={"Content-Type": "text/html"}))
    assert failed(reading(service)).endswith("'id' is undefined; the answer is text/html, not JSON")


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(b'[{"id": 1', headers={"Content-Type": "application/json"}), "the answer is not JSON: line 1, column"),
        (Reply(b"[NaN]", headers={"Content-Type": "application/json"}), "the answer is not JSON: line 1, column 2"),
        (Reply([{"id": 1}], fault="truncated"), "the answer broke off"),
        (Reply([1, {"id": 1}]), "the answer has no entities where they should be: each has to be an object: [1, "),
        (Reply(5), "the answer has no entities where they should be"),
        (Reply([], 404), "answered 404 Not Found"),
        (Reply([], 304), "answered 304 Not Modified"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_what_it_should_be_fails_the_pipe_and_says_where(service, reply, message):
    service.replies.append(reply)
    node = reading(service)
    (failure,) = node.run().failures
    assert f'system "s": GET {service.url}/men: ' in failure.message
    assert message in failure.message
    assert [(d.code, d.pointer) for d in failure.diagnostics] == [("DF702", "/source")]
    assert content(node, "p") == {}


def test_an_empty_answer_is_no_entities(service):
    service.replies.append(Reply(b"", 204, {"Content-Type": "application/json"}))
    assert read(service) == {}


def test_an_expression_finds_errors_that_the_status_hides(service):
    operation = {
        "payload_property": "rows",
        "error_expression": "{% if body.error is defined %}{{ body.error }}{% endif %}",
    }
    service.replies += [{"rows": [{"id": 1}]}, {"error": "no rights"}]
    assert list(read(service, operation)) == ["1"]
    assert f"GET {service.url}/men: no rights" in failed(reading(service, operation))


def test_headers_and_status_can_be_kept(service):
    service.replies.append(Reply([{"id": 1}], 203, {"X-A": "b"}))
    found = read(service, {"response_status_property": "st"}, response_headers_property="h")["1"]
    assert (found["st"], found["h"]["X-A"]) == (203, "b")


# --- mistakes in the configuration ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"method": "get"}, '"method" of operation "list" of system "s" is "get"; there is GET, POST'),
        ({"url": None}, '"url" of operation "list" of system "s" is missing'),
        ({"url": "{{ x"}, '"url" of operation "list" of system "s" is no valid Jinja'),
        ({"url": "{{ x }}"}, "\"url\" of operation \"list\" of system \"s\": 'x' is undefined"),
        ({"next_page_termination_strategy": "never"}, "next_page_termination_strategy is never; there is empty-result"),
        ({"next_page_termination_strategy": "not-full-page"}, 'the strategy "not-full-page" needs a page_size'),
        ({"since_property_location": "body"}, "since_property_location\" of operation \"list\" of system \"s\" is not query"),
    ],
)  # fmt: skip
def test_an_operation_that_cannot_be(service, operation, message):
    assert message in failed(reading(service, operation))
    assert service.requests == []


def test_names_that_are_not_there(service):
    pipe = {"_id": "p", "type": "pipe", "source": {"type": "rest", "system": "s", "operation": "lst"}}
    node = outer_node([rest_system(service, operations=LIST)], pipe)
    assert failed(node) == 'system "s" has no operation "lst"; did you mean "list"?'
    assert failed(outer_node([], pipe)) == 'there is no system "s"'


def test_a_secret_without_a_value_is_named(service):
    assert failed(reading(service, {"params": {"k": "$SECRET(key)"}})) == 'system "s" lacks the secret key'


# --- paging -----------------------------------------------------------------------------------------------------------


def ids(service, operation, **options):
    return list(read(service, operation, **options))


def test_without_a_link_there_is_one_page(service):
    service.answer = pages([{"id": 1}], [{"id": 2}])
    assert ids(service, {"params": {"page": "{{ page + 1 }}"}}) == ["1"]
    assert len(service.requests) == 1


def test_a_link_in_the_body_is_followed_until_there_is_none(service):
    def answer(request):
        page = int(request.query.get("page", 1))
        return {"rows": [{"id": page}], "pagination": {"next": f"?page={page + 1}"} if page < 3 else {"next": None}}

    service.answer = answer
    assert ids(service, {"next_page_link": "{{ body.pagination.next }}", "payload_property": "rows"}) == ["1", "2", "3"]
    assert [request.path for request in service.requests] == ["/men"] * 3


@pytest.mark.parametrize(
    "link", ["{{ headers.Link.next }}", "{%if (headers.link.next is defined)%}{{headers.link.next}}{%endif%}"]
)
def test_a_link_in_the_headers_is_followed(service, link):
    def answer(request):
        page = int(request.query.get("page", 1))
        links = f'<?page={page - 1}>; rel="prev"' + (f', <?page={page + 1}>; rel="next"' if page < 3 else "")
        return Reply([{"id": page}], headers={"Link": links})

    service.answer = answer
    assert ids(service, {"next_page_link": link}) == ["1", "2", "3"]


def test_a_link_that_the_last_page_does_not_have_is_none(service):
    service.replies += [{"next": {"link": "a?x=1"}, "rows": [{"id": 1}]}, {"rows": [{"id": 2}]}]
    operation = {"next_page_link": "{{ body.next.link.split('?')[0] }}", "payload_property": "rows"}
    assert ids(service, operation) == ["1", "2"]
    assert service.asked == ["GET /men", "GET /a"]


def test_a_slip_of_the_pen_in_a_link_does_not_pass_as_the_last_page(service):
    service.answer = lambda request: [{"id": 1}]
    assert "'bdy' is undefined" in failed(reading(service, {"next_page_link": "{{ bdy.next }}"}))


def test_pages_that_are_counted_end_with_an_empty_one(service):
    service.answer = pages([{"id": 1}, {"id": 2}], [{"id": 3}, {"id": 4}])
    assert ids(service, {**NEXT, "next_page_termination_strategy": "empty-result"}) == ["1", "2", "3", "4"]
    assert [request.query["page"] for request in service.requests] == ["1", "2", "3"]


def test_pages_that_are_counted_end_with_one_that_is_not_full(service):
    service.answer = pages([{"id": 1}, {"id": 2}], [{"id": 3}])
    operation = {**NEXT, "page_size": 2, "next_page_termination_strategy": ["not-full-page", "empty-result"]}
    operation["params"] = {"page": "{{ page + 1 }}", "size": "{{ page_size }}"}
    assert ids(service, operation) == ["1", "2", "3"]
    assert [request.query["size"] for request in service.requests] == ["2", "2"]


def test_a_server_that_gives_its_last_page_for_ever_ends_by_default(service):
    service.answer = lambda request: [{"id": min(int(request.query["page"]), 2)}]
    assert ids(service, NEXT) == ["1", "2"]
    assert len(service.requests) == 3


def test_a_request_that_would_be_the_same_again_is_not_sent_by_default(service):
    service.answer = lambda request: [{"id": len(service.requests)}]
    assert ids(service, {"next_page_link": "men"}) == ["1"]
    assert len(service.requests) == 1


def test_a_link_that_is_the_same_again_can_end_it(service):
    service.answer = lambda request: [{"id": len(service.requests)}]
    assert ids(service, {**NEXT, "next_page_termination_strategy": "same-next-page-link"}) == ["1", "2"]


def test_an_empty_link_ends_it_whatever_the_strategies_are(service):
    service.answer = lambda request: [{"id": len(service.requests)}]
    operation = {
        "next_page_link": "{% if page == 0 %}men?x=1{% endif %}",
        "next_page_termination_strategy": "empty-result",
    }
    assert ids(service, operation) == ["1", "2"]


def test_templates_see_the_page_before(service):
    service.answer = lambda request: Reply(
        [{"id": len(service.requests)}] if len(service.requests) < 3 else [], headers={"X-T": "t"}
    )
    count = "{% if previous_request_headers['x-page'] is defined %}{{ previous_request_headers['x-page']|int + 1 }}"
    operation = {
        "next_page_link": "men",
        "headers": {"X-Page": count + "{% else %}1{% endif %}"},
        "params": {
            "Page": "{% if previous_params.Page is not defined %}1{% else %}{{ previous_params.Page|int + 1 }}{% endif %}",
            "last": "{{ previous_body[0].id if previous_body is defined else 'none' }}",
            "t": "{{ previous_headers['X-T'] if not is_first_page else 'none' }}",
        },
        "next_page_termination_strategy": "empty-result",
    }
    assert ids(service, operation) == ["1", "2"]
    assert [request.query for request in service.requests] == [
        {"Page": "1", "last": "none", "t": "none"},
        {"Page": "2", "last": "1", "t": "t"},
        {"Page": "3", "last": "2", "t": "t"},
    ]
    assert [request.headers["x-page"] for request in service.requests] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("shifted", "result"),
    # Only a server can prevent that a row moves to a page that has been read; one that is read twice is one entity.
    [([2, 3, 4, 5], ["1", "2", "4", "5"]), ([0, 1, 2, 3, 4, 5], ["1", "2", "3", "4", "5"])],
)
def test_rows_that_shift_between_pages_are_taken_as_they_come(service, shifted, result):
    def answer(request):
        page = int(request.query["page"])
        found = [1, 2, 3, 4, 5] if page == 1 else shifted
        return [{"id": n} for n in found[(page - 1) * 2 : page * 2]]

    service.answer = answer
    assert ids(service, {**NEXT, "next_page_termination_strategy": "empty-result"}) == result


def test_a_page_that_fails_fails_the_run_and_deletes_nothing(service):
    service.answer = pages([{"id": 1}], [{"id": 2}])
    node = reading(service, {**NEXT, "next_page_termination_strategy": "empty-result"})
    run(node)
    service.answer = lambda request: [{"id": 1}] if request.query["page"] == "1" else Reply({}, 500)
    assert "answered 500 Internal Server Error" in failed(node)
    assert list(content(node, "p")) == ["1", "2"]
    assert "_deleted" not in content(node, "p")["2"]


def test_what_is_not_there_any_more_is_deleted_by_a_full_run(service):
    service.replies += [[{"id": 1}, {"id": 2}], [{"id": 1}]]
    node = reading(service)
    run(node)
    run(node)
    assert content(node, "p") == {"1": {"id": 1}, "2": {"id": 2, "_deleted": True}}


def test_a_source_that_gives_nothing_can_fail(service):
    service.replies.append([])
    assert (
        failed(reading(service, if_source_empty="fail")) == "the source gave no entities, and if_source_empty is fail"
    )


# --- continuation -----------------------------------------------------------------------------------------------------

SINCE = {"supports_since": True, "updated_expression": "{{ at }}"}


def rows(*moments):
    return [{"id": index, "at": at} for index, at in enumerate(moments)]


def sinces(service):
    return [request.query.get("since") for request in service.requests]


def test_a_run_goes_on_after_the_greatest_moment_of_the_last_one(service):
    service.replies += [rows("2026-01-03", "2026-01-01"), [], rows("2026-01-02")]
    node = reading(service, **SINCE)
    for _ in range(3):
        run(node)
    assert sinces(service) == [None, "2026-01-03", "2026-01-03"]
    assert content(node, "p")["0"] == {"id": 0, "at": "2026-01-02"}
    assert content(node, "p")["1"] == {"id": 1, "at": "2026-01-01"}, (
        "what is not in an incremental answer is not deleted"
    )


def test_a_run_that_fails_does_not_move_on(service):
    def answer(request):
        if request.query.get("page") == "2" and fails:
            return Reply({}, 500)
        return rows("2026-01-09") if request.query.get("page") == "1" else []

    fails = True
    service.answer = answer
    node = reading(service, {**NEXT, "next_page_termination_strategy": "empty-result"}, **SINCE)
    assert "500" in failed(node)
    fails = False
    run(node)
    run(node)
    assert [(r.query["page"], r.query.get("since")) for r in service.requests] == [
        ("1", None), ("2", None), ("1", None), ("2", None), ("1", "2026-01-09"), ("2", "2026-01-09"),
    ]  # fmt: skip


def test_entities_in_order_let_a_run_go_on_where_it_failed(service):
    def answer(request):
        return rows(1, 2) if request.query["page"] == "1" else Reply({}, 500)

    service.answer = answer
    node = reading(service, {**NEXT, "next_page_termination_strategy": "empty-result"}, **SINCE, is_chronological=True)
    assert "500" in failed(node)
    service.requests.clear()
    service.answer = lambda request: []
    run(node)
    assert sinces(service) == ["2"]


@pytest.mark.parametrize("flags", [{"supports_since": False}, {"supports_since": True, "is_since_comparable": False}])
def test_without_continuation_every_run_reads_everything(service, flags):
    service.answer = lambda request: rows("1")
    node = reading(service, **{**SINCE, **flags})
    run(node)
    run(node)
    assert sinces(service) == [None, None]
    assert node.pump("p").last_seen is None


def test_the_first_run_may_begin_later(service):
    service.replies += [rows("2026-02-01"), []]
    node = reading(service, **SINCE, initial_since_value="2026-01-01")
    run(node)
    run(node)
    assert sinces(service) == ["2026-01-01", "2026-02-01"]


@pytest.mark.parametrize(
    ("settings", "query", "header"),
    [
        ({}, {"since": "5"}, None),
        ({"since_property_name": "changedAfter"}, {"changedAfter": "5"}, None),
        ({"since_property_name": "X-Since", "since_property_location": "header"}, {}, "5"),
        ({"since_property_location": "manual"}, {}, None),
    ],
)
def test_where_the_marker_goes(service, settings, query, header):
    service.replies += [rows(5), []]
    node = reading(service, settings, **SINCE)
    run(node)
    run(node)
    assert (service.requests[0].query, service.requests[1].query) == ({}, query)
    assert service.requests[1].headers.get("x-since") == header


@pytest.mark.parametrize("name", ["since", "changedAfter"])
def test_a_url_that_has_the_marker_gets_no_second_one(service, name):
    service.replies += [rows(5), []]
    operation = {"url": f"men/{{{{ {name} if {name} is not none else 'all' }}}}", "since_property_name": "changedAfter"}
    node = reading(service, operation, **SINCE)
    run(node)
    run(node)
    assert [(request.path, request.query) for request in service.requests] == [("/men/all", {}), ("/men/5", {})]


def test_the_marker_is_there_for_templates_and_none_at_first(service):
    service.replies += [rows("a"), []]
    text = "{% if since is defined and since is not none %}{{ since }}{% else %}sesam:markskip{% endif %}"
    node = reading(service, {"params": {"from": text}, "since_property_location": "manual"}, **SINCE)
    run(node)
    run(node)
    assert [request.query for request in service.requests] == [{}, {"from": "a"}]


def test_a_node_that_is_opened_again_goes_on(service):
    service.replies += [rows("2026-01-03"), []]
    store = MemoryStore()
    run(reading(service, node={"store": store}, **SINCE))
    run(reading(service, node={"store": store}, **SINCE))
    assert sinces(service) == [None, "2026-01-03"]


def test_a_marker_of_the_outside_can_be_set_and_is_told(service):
    service.answer = lambda request: []
    node = reading(service, **SINCE)
    node.pump("p").rewind("2026-01-01")
    assert node.pump("p").last_seen == "2026-01-01"
    assert node.pump("p").backlog() == (0, {})
    run(node)
    assert sinces(service) == ["2026-01-01"]


# --- once per run -----------------------------------------------------------------------------------------------------


def test_what_is_outside_is_read_once_in_every_run_of_the_node(service):
    service.answer = lambda request: [{"id": 1}]
    node = reading(service)
    run(node)
    run(node)
    assert len(service.requests) == 2


def test_a_change_of_what_rules_hop_to_does_not_make_it_read_again(service):
    service.answer = lambda request: [{"id": 1}]
    hop = ["hops", {"datasets": ["q q"], "where": [["eq", "_S.id", "q.id"]], "return": "q.n"}]
    pipe = {
        "_id": "p",
        "type": "pipe",
        "source": {"type": "rest", "system": "s", "operation": "list"},
        "transform": {"type": "dtl", "rules": {"default": [["copy", "*"], ["add", "n", hop]]}},
    }
    other = {"_id": "q", "type": "pipe", "source": {"type": "http_endpoint"}}
    node = outer_node([rest_system(service, operations=LIST)], pipe, other)
    run(node)
    node.post("q", [{"_id": "1", "id": 1, "n": 5}])
    run(node)
    assert len(service.requests) == 2


def test_rate_limits_are_waited_for_by_sources(service):
    service.replies += [Reply({}, 429), [{"id": 1}]]
    node = reading(service, {"rate_limiting_delay": 5}, rate_limiting_retries=1, system={"rate_limiting_delay": 60})
    run(node)
    assert node.reach.clock.slept == [5]


def test_a_pipe_that_publishes_reads_when_it_is_asked(service):
    service.answer = lambda request: [{"id": 1}]
    pipe = {**endpoint("p", "none"), "source": {"type": "rest", "system": "s", "operation": "list"}}
    node = outer_node([rest_system(service, operations=LIST)], pipe)
    assert json.dumps(list(node.stream("p"))) == '[{"id": 1, "_id": "1"}]'
    assert len(service.requests) == 1
