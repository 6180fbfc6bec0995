"""configuration-systems-url.rst and -rest.rst: sessions, time limits, retries, messages; decision 0430."""

import socket
import threading

import pytest

from dataflow.errors import CallFailed, PumpFailed
from dataflow.node.rest.call import Call
from dataflow.node.rest.patience import LONGEST_WAIT, Patience
from node.rest.conftest import client_of, rest_system
from node.rest.service import Reply

LIMITED = Reply({}, 429)


def exchange(one, path="x", *, patience=None, **fields):
    call = Call("test", fields.pop("method", "GET"), one.client.connection.address(path), **fields)
    return one.client.connection.exchange(lambda: call, patience=patience or Patience())[1]


def failure(one, *args, **options):
    with pytest.raises(CallFailed) as caught:
        exchange(one, *args, **options)
    return caught.value


def test_an_answer_has_status_headers_and_body(service):
    service.replies.append(Reply([1], headers={"ETag": '"3"'}))
    answer = exchange(client_of(rest_system(service)))
    assert (answer.status, answer.headers["etag"], answer.json(), answer.media_type) == (
        200,
        '"3"',
        [1],
        "application/json",
    )


def test_a_connection_is_kept_and_used_again(service):
    service.answer = lambda request: {}
    one = client_of(rest_system(service))
    exchange(one)
    exchange(one)
    assert len({request.client for request in service.requests}) == 1


def test_parameters_headers_and_body_arrive(service):
    service.answer = lambda request: {}
    headers = {"X-Name": "Bjørn", "Content-Type": "text/plain"}
    exchange(
        client_of(rest_system(service)),
        "a b",
        method="POST",
        params={"q": "ä&=", "n": ["1", "2"]},
        headers=headers,
        body=b"hi",
    )
    (request,) = service.requests
    assert (request.method, request.path, request.query, request.body) == (
        "POST",
        "/a%20b",
        {"q": "ä&=", "n": "1,2"},
        b"hi",
    )
    assert request.headers["x-name"].encode("latin-1").decode("utf-8") == "Bjørn"
    assert request.headers["content-type"] == "text/plain"


def test_what_the_machine_has_set_up_for_its_user_is_not_used(service, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    service.replies.append({})
    exchange(client_of(rest_system(service)))
    assert "authorization" not in service.requests[0].headers


def test_a_proxy_of_the_system_is_used_with_its_secrets(serve):
    proxy = serve(lambda request: {"through": request.path})
    proxies = {"http": proxy.url.replace("//", "//$SECRET(name):$SECRET(word)@")}
    config = {"_id": "s", "type": "system:rest", "url_pattern": "http://erp.example/%s", "proxies": proxies}
    one = client_of(config, secrets={"name": "me", "word": "mine"})
    assert exchange(one).json() == {"through": "/x"}
    assert proxy.requests[0].headers["host"] == "erp.example"
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic bWU6bWluZQ=="


def test_redirects_are_followed(service):
    service.answer = lambda request: {"here": 1} if request.path == "/y" else Reply({}, 302, {"Location": "/y"})
    assert exchange(client_of(rest_system(service))).json() == {"here": 1}


# --- no answer --------------------------------------------------------------------------------------------------------


def test_nobody_there():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        config = {"_id": "s", "type": "system:rest", "url_pattern": f"http://127.0.0.1:{unused.getsockname()[1]}/%s"}
        error = failure(client_of(config))
    assert str(error).endswith("/x: the connection failed")
    assert str(error).startswith('system "s": GET http://127.0.0.1:')
    assert error.status is None


def test_an_answer_that_does_not_come_in_time(service):
    come = threading.Event()
    service.answer = lambda request: come.wait(30) and {}
    error = failure(client_of(rest_system(service, read_timeout=0.05)))
    come.set()
    assert str(error).endswith("no answer within 0.05 seconds")


@pytest.mark.parametrize(
    ("fault", "reason"), [("reset", "the connection failed"), ("truncated", "the answer broke off")]
)
def test_a_connection_that_breaks(service, fault, reason):
    service.replies.append(Reply({"a": "b" * 100}, fault=fault))
    assert str(failure(client_of(rest_system(service)))).endswith(reason)


def test_a_length_that_is_no_number_is_an_error_unless_it_is_ignored(service):
    service.answer = lambda request: Reply({"a": 1}, headers={"Content-Length": "many", "Connection": "close"})
    assert 'the Content-Length "many", which is no number' in str(failure(client_of(rest_system(service))))
    config = rest_system(service, ignore_invalid_content_length_response_header=True)
    assert exchange(client_of(config)).json() == {"a": 1}


def test_a_header_that_cannot_be_sent(service):
    error = failure(client_of(rest_system(service)), headers={"X": "secret\nInjected: 1"})
    assert str(error).endswith("a header has characters that cannot be sent")
    assert service.requests == []


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_refusal_says_what_was_asked_and_what_came_back(service):
    service.replies.append(Reply({"detail": "no such\n  thing"}, 404))
    error = failure(client_of(rest_system(service)), params={"q": "1"})
    assert (
        str(error) == f'system "s": GET {service.url}/x?q=1: answered 404 Not Found: {{"detail": "no such\\n thing"}}'
    )
    assert error.status == 404


def test_an_unusual_status_and_a_long_body(service):
    service.replies.append(Reply("x" * 1000, 599))
    error = failure(client_of(rest_system(service)))
    assert str(error).endswith("answered 599: " + "x" * 200 + "…")


def test_a_refusal_knows_how_a_pump_should_go_on(service):
    strategy = {
        "400-428": {"max_retries_per_entity": 0},
        "500,502": {"write_retry_delay": 60},
        "default": {"batch_retries": 1},
    }
    one = client_of(rest_system(service, retry_strategy=strategy))
    found = {}
    for status in (404, 502, 503):
        service.replies.append(Reply({}, status))
        found[status] = failure(one).retries
    assert found == {404: {"max_retries_per_entity": 0}, 502: {"write_retry_delay": 60}, 503: {"batch_retries": 1}}


def test_a_strategy_for_what_is_no_status(service):
    with pytest.raises(PumpFailed, match='retry_strategy: "5xx" is no list of status codes'):
        client_of(rest_system(service, retry_strategy={"5xx": {}}))


# --- trying again -----------------------------------------------------------------------------------------------------


def test_rate_limits_are_waited_for(service):
    service.replies += [LIMITED, Reply({}, 429, {"Retry-After": "40"}), {"ok": 1}]
    one = client_of(rest_system(service))
    assert exchange(one, patience=Patience(3, 15)).json() == {"ok": 1}
    assert one.clock.slept == [15, 40]


def test_rate_limits_are_not_waited_for_for_ever(service):
    service.answer = lambda request: LIMITED
    one = client_of(rest_system(service))
    assert failure(one, patience=Patience(2, 1)).status == 429
    assert (len(service.requests), one.clock.slept) == (3, [1, 1])


def test_without_retries_a_rate_limit_is_a_refusal(service):
    service.replies.append(LIMITED)
    one = client_of(rest_system(service))
    assert failure(one).status == 429
    assert one.clock.slept == []


@pytest.mark.parametrize(
    ("asked", "waited"),
    # 1_732_406_400 seconds, at which the clock stands, are Sun, 24 Nov 2024 00:00:00 GMT.
    [
        ("Sun, 24 Nov 2024 00:01:30 GMT", 90),
        ("Sat, 23 Nov 2024 00:00:00 GMT", 2),
        ("soon", 2),
        ("999999", LONGEST_WAIT),
    ],
)
def test_a_moment_to_wait_for(service, asked, waited):
    service.replies += [Reply({}, 429, {"Retry-After": asked}), {}]
    one = client_of(rest_system(service))
    exchange(one, patience=Patience(1, 2))
    assert one.clock.slept == [waited]


def test_nothing_else_is_tried_again_here(service):
    service.replies.append(Reply({}, 500))
    one = client_of(rest_system(service, retry_strategy={"500": {"max_read_retries": 9}}))
    assert failure(one, patience=Patience(9)).retries == {"max_read_retries": 9}
    assert len(service.requests) == 1


def test_rate_limits_of_the_part_go_before_those_of_the_operation_and_the_system():
    patience = Patience.of(
        {"rate_limiting_delay": 1}, {"rate_limiting_retries": 2}, {"rate_limiting_retries": 3, "rate_limiting_delay": 4}
    )
    assert (patience.rate_limiting_retries, patience.rate_limiting_delay) == (2, 1)
    assert Patience.of({}, {}) == Patience(0, 1)
