"""Who may speak to a node, how big a request may be, and which spellings of a path are forgiven."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from dataflow.address import bound, is_loopback
from dataflow.errors import UsageError
from dataflow.node.api.app import make_app
from dataflow.node.api.guard import Guard, tidied
from dataflow.node.api.server import Server
from dataflow.node.live import LiveNode
from node.pipes import receiver


@pytest.mark.parametrize(
    "path",
    ["/api/pipes", "//api/pipes", "/api//pipes/", "/api/api/pipes", "/api//api//api/pipes"],
)
def test_paths_that_mean_the_same(path):
    assert tidied(path) == "/api/pipes"


def test_paths_that_are_left_alone():
    for path in ("/", "/api", "/apis/api", "/api/apiary", "/api/pipes/a:b c"):
        assert tidied(path) == path


def test_without_a_token_any_token_will_do_but_only_for_programs_on_this_machine(client, problem):
    assert client.get("/", headers={"Authorization": "Bearer e30.e30.e30"}).status_code == 200
    problem(client.get("/", headers={"Host": "evil.example"}), 403)
    problem(client.post("/admin", data={"operation": "reset"}, headers={"Origin": "http://evil.example"}), 403)
    assert client.get("/", headers={"Host": "localhost:1"}).status_code == 200


def test_with_a_token_only_that_one_will_do(serve, live, problem):
    client = serve(live, token="a.b.c")
    for headers in ({}, {"Authorization": "Bearer a.b.d"}, {"Authorization": "Basic a.b.c"}):
        answer = client.get("/", headers=headers)
        problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/", headers={"Authorization": "bearer a.b.c", "Host": "node.example"}).status_code == 200


def test_an_address_that_others_reach_needs_a_token():
    with pytest.raises(UsageError, match="needs --token"):
        Server(LiveNode(), "0.0.0.0", 0)
    assert [is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost", "::", "a.example")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_port_that_is_taken_or_no_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot be had"):
            bound("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(UsageError, match="no port"):
        bound("127.0.0.1", 700_000)
    with pytest.raises(UsageError, match="no address"):
        bound("no.such.host.invalid", 0)


def test_a_body_that_is_too_big_told_beforehand_and_found_out_on_the_way(serve, live, problem, monkeypatch):
    monkeypatch.setattr(
        "dataflow.node.api.server.make_app", lambda live, token: make_app(live, token=token, max_body=1000)
    )
    client = serve(live)
    client.configure(receiver("a"))
    problem(client.post("/receivers/a/entities", data=b" " * 1001), 413)
    problem(client.post("/receivers/a/entities", data=(b" " * 100 for _ in range(11))), 413)
    padded = b'[{"_id": "1"}]' + b" " * 900
    assert client.post("/receivers/a/entities", data=(padded[i : i + 100] for i in range(0, 914, 100))).json() == {}
    assert client.ids("/pipes/a/entities") == ["1"]


def test_a_body_that_ends_in_the_middle_reaches_nobody():
    seen = []
    messages = [{"type": "http.request", "body": b'{"a": 1}', "more_body": True}, {"type": "http.disconnect"}]

    async def app(scope, receive, send):
        seen.append(scope)

    async def receive():
        return messages.pop(0)

    async def send(message):
        pass

    headers = [(b"host", b"127.0.0.1"), (b"content-length", b"100")]
    asyncio.run(Guard(app)({"type": "http", "path": "/api/env", "headers": headers}, receive, send))
    assert (seen, messages) == ([], [])


def test_a_compressed_body_is_not_unpacked(client, problem):
    problem(client.put("/env", data=b"x", headers={"Content-Encoding": "gzip"}), 415)


def test_a_fault_of_ours_does_not_show_its_inside(client, problem, monkeypatch):
    monkeypatch.setattr("dataflow.node.live.LiveNode.restart", lambda self: 1 / 0)
    found = problem(client.post("/admin", data={"operation": "restart"}), 500)
    assert found["detail"] == "internal error: ZeroDivisionError"


def test_many_clients_at_once(client):
    client.configure(*(receiver(f"p{n}") for n in range(8)))

    def send(number):
        return [client.deliver(f"p{number}", {"_id": str(i)}).status_code for i in range(10)]

    with ThreadPoolExecutor(8) as pool:
        assert [code for codes in pool.map(send, range(8)) for code in codes] == [200] * 80
    assert all(len(client.ids(f"/pipes/p{n}/entities")) == 10 for n in range(8))


def test_the_guard_lets_everything_pass_that_is_not_http():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(Guard(app)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
