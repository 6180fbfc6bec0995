"""configuration-sources-json.rst; hub/json-pull.rst."""

import pytest

from node.pipes import content
from node.rest.conftest import outer_node, run
from node.rest.service import Reply


def pulling(service, *, system=None, **source):
    config = {"_id": "u", "type": "system:url", "url_pattern": f"{service.url}/%s", **(system or {})}
    pipe = {"_id": "p", "type": "pipe", "source": {"type": "json", "system": "u", "url": "entities", **source}}
    return outer_node([config], pipe)


def failed(node):
    (failure,) = node.run().failures
    return failure.message


def dataset(count):
    """Entities 0 to count - 1, as a publisher gives them."""
    rows = [{"_id": str(n), "_updated": n} for n in range(count)]

    def answer(request):
        found = [row for row in rows if row["_updated"] > int(request.query.get("since", -1))]
        return found[: int(request.query.get("limit", 1000))]

    return answer


def test_entities_are_in_transit_form(service):
    text = b'[{"_id": "1", "n": "~:a:1", "d": 1.50, "big": 123456789012345678901234567890}]'
    service.replies.append(Reply(text, headers={"Content-Type": "text/plain"}))
    node = pulling(service, headers={"X-A": "b"})
    run(node)
    assert content(node, "p") == {"1": {"n": "~:a:1", "d": "~f1.50", "big": 123456789012345678901234567890}}
    assert (service.asked, service.requests[0].headers["x-a"]) == (["GET /entities"], "b")


def test_one_object_is_one_entity(service):
    service.replies.append({"_id": "1"})
    node = pulling(service)
    run(node)
    assert list(content(node, "p")) == ["1"]


def test_a_run_goes_on_after_the_greatest_marker(service):
    service.answer = dataset(3)
    node = pulling(service, supports_since=True)
    run(node)
    run(node)
    assert [request.query for request in service.requests] == [{}, {"since": "2"}]


def test_text_markers_are_sent_as_they_are(service):
    service.replies += [[{"_id": "1", "_updated": "a b"}], []]
    node = pulling(service, supports_since=True)
    run(node)
    run(node)
    assert service.requests[1].query == {"since": "a b"}


def test_pages_are_read_where_entities_come_in_order(service):
    service.answer = dataset(5)
    node = pulling(service, supports_since=True, is_chronological=True, page_size=2)
    run(node)
    assert len(content(node, "p")) == 5
    assert [request.query for request in service.requests] == [
        {"limit": "2"},
        {"since": "1", "limit": "2"},
        {"since": "3", "limit": "2"},
        {"since": "4", "limit": "2"},
    ]


@pytest.mark.parametrize("flags", [{}, {"supports_since": True}, {"is_chronological": True}])
def test_pages_need_order(service, flags):
    service.answer = dataset(3)
    run(pulling(service, page_size=2, **flags))
    assert [request.query for request in service.requests] == [{}]


def test_somebody_who_does_not_know_about_pages_is_not_asked_for_ever(service):
    service.answer = lambda request: [{"_id": "1", "_updated": 1}]
    run(pulling(service, supports_since=True, is_chronological=True, page_size=2))
    assert len(service.requests) == 2


def test_a_subset(service):
    service.replies.append([])
    run(pulling(service, subset=["eq", "_S.a", "b"]))
    assert service.requests[0].query == {"subset": '["eq", "_S.a", "b"]'}


@pytest.mark.parametrize(("header", "populated"), [({}, True), ({"X-Dataset-Populated": "false"}, False)])
def test_what_is_not_populated_there_is_not_populated_here(service, header, populated):
    service.replies.append(Reply([], headers=header))
    node = pulling(service)
    run(node)
    assert node.dataset("p").populated is populated


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply("<html>"), "the answer is no JSON array of entities: line 1, column 1"),
        (
            Reply([{"_id": "~tnever"}]),
            'the answer is no JSON array of entities: "~tnever" is not a valid transit string',
        ),
        (Reply([1]), "the answer is no JSON array of entities: [1]"),
        (Reply("5"), "the answer is no JSON array of entities: 5"),
        (Reply([], 404), "answered 404 Not Found"),
        (Reply([{"_id": "1"}], fault="truncated"), "the answer broke off"),
    ],
)
def test_what_is_no_list_of_entities(service, reply, message):
    service.replies.append(reply)
    assert message in failed(pulling(service))
