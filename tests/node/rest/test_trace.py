"""What was asked and answered can be read, and holds no secret."""

import json

import pytest

from dataflow.errors import CallFailed
from dataflow.node.rest.call import Call
from dataflow.node.rest.redaction import HIDDEN, Redactor
from dataflow.node.rest.trace import Exchange, Trace
from node.rest.conftest import client_of, rest_system
from node.rest.service import Reply


def exchange(one, **fields):
    call = Call("find", "POST", one.client.connection.address("x"), **fields)
    return one.client.connection.exchange(lambda: call)[1]


def test_an_exchange_is_kept_with_both_sides(service):
    service.replies.append(Reply({"a": 1}, headers={"ETag": "7"}))
    one = client_of(rest_system(service))
    exchange(one, params={"q": "1"}, headers={"X-A": "b"}, body=b'{"c": 2}')
    (found,) = one.trace
    assert (found.system, found.operation, found.method, found.url) == ("s", "find", "POST", f"{service.url}/x?q=1")
    assert (found.request_headers["X-A"], found.request_body) == ("b", '{"c": 2}')
    assert (found.status, found.response_headers["ETag"], found.response_body, found.error) == (
        200,
        "7",
        '{"a": 1}',
        None,
    )
    assert found.started_ns == one.clock.now_ns()
    assert found.seconds == 0
    assert json.loads(json.dumps(found.as_json()))["status"] == 200


def test_every_attempt_is_kept_and_why_there_was_no_answer(service):
    service.replies += [Reply({}, 500), Reply({}, fault="reset")]
    one = client_of(rest_system(service))
    for _ in range(2):
        with pytest.raises(CallFailed):
            exchange(one)
    assert [(found.status, found.error) for found in one.trace] == [(500, None), (None, "the connection failed")]


def test_secrets_are_in_no_part_of_it_nor_in_messages(service):
    word = 'p&"w ü'
    service.answer = lambda request: Reply(
        {"echo": word, "as": "?q=" + request.query["q"]}, 400, {"Set-Cookie": "session=1"}
    )
    one = client_of(rest_system(service), secrets={"word": word})
    with pytest.raises(CallFailed) as caught:
        exchange(
            one,
            params={"q": word},
            headers={"Authorization": "Basic eA==", "X-Word": "it is " + word.replace("ü", "u") + word},
            body=json.dumps({"w": word}).encode(),
        )
    (found,) = one.trace
    whole = json.dumps(found.as_json()) + str(caught.value)
    assert service.requests[0].query["q"] == word
    assert not any(form in whole for form in (word, "p%26%22w", 'p&\\"w \\u00fc', 'p&\\"w ü', "session=1", "eA=="))
    assert found.url == f"{service.url}/x?q={HIDDEN}"
    assert found.request_headers["Authorization"] == HIDDEN
    assert found.request_body == f'{{"w": "{HIDDEN}"}}'


def test_bodies_of_requests_for_tokens_are_not_kept(service):
    service.replies.append({"anything": 1})
    one = client_of(rest_system(service))
    exchange(one, body=b"x=1", confidential=True)
    (found,) = one.trace
    assert (found.request_body, found.response_body) == (HIDDEN, HIDDEN)


def test_long_bodies_are_cut_off(service):
    service.replies.append("ä" * 5000)
    one = client_of(rest_system(service))
    exchange(one, body=b"b" * 3000)
    (found,) = one.trace
    assert (found.request_body, found.response_body) == ("b" * 2000 + "…", "ä" * 2000 + "…")


def kept(system="s", operation="o"):
    return Exchange(system, operation, "GET", "u", 0, 1, {}, None)


def test_only_the_latest_are_kept():
    trace = Trace(kept=2)
    for name in ("a", "b", "c"):
        trace.add(kept(operation=name))
    assert [found.operation for found in trace] == ["b", "c"]
    assert (len(trace), trace.total) == (2, 3)
    trace.clear()
    assert (list(trace), trace.total) == ([], 0)


def test_those_of_a_system_or_an_operation():
    trace = Trace()
    for system, operation in (("s", "a"), ("s", "b"), ("t", "a")):
        trace.add(kept(system, operation))
    assert len(trace.of("s")) == 2
    assert len(trace.of("s", "a")) == 1
    assert len(trace.of(operation="a")) == 2


# --- redaction --------------------------------------------------------------------------------------------------------


def test_a_secret_across_the_cut_is_not_shown_in_part():
    redacted = Redactor(lambda: ["0123456789"])
    for limit in range(30):
        assert not set("0123456789") & set(redacted("abcdef0123456789ghijkl0123456789mnop", limit))
    assert redacted("abc0123456789def", 5) == f"abc{HIDDEN}…"


def test_the_longest_secret_counts_and_what_is_learnt_later():
    redacted = Redactor(lambda: ["abc", "abcdef", ""])
    assert redacted("abcdef abc") == f"{HIDDEN} {HIDDEN}"
    redacted.learn("xyz")
    assert redacted("xyz") == HIDDEN


def test_without_secrets_a_text_is_itself():
    assert Redactor(list)("a.b*") == "a.b*"
