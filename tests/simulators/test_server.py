"""The server that both simulators run in: exchanges, faults as a client meets them, the journal, the door."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from dataflow.clock import FixedClock
from dataflow.errors import UsageError
from dataflow.simulators.clock import SimulatedClock
from dataflow.simulators.exchange import json_answer
from dataflow.simulators.faults import Fault, Faults
from dataflow.simulators.journal import Journal
from dataflow.simulators.server import Server, SimulatorFailed


class Counting:
    """Counts the POSTs, and tells what it was asked."""

    private_paths = frozenset({"/login"})

    def __init__(self):
        self.posts = 0
        self.pages = []

    def answer(self, request):
        if request.path == "/broken":
            raise ZeroDivisionError
        self.pages.append(request.fault)
        self.posts += request.method == "POST"
        return json_answer(
            {
                "method": request.method,
                "segments": request.segments,
                "query": request.query,
                "body": request.body.decode(),
                "posts": self.posts,
            }
        )

    def refusal(self, status, retry_after):
        headers = {} if retry_after is None else {"Retry_After": str(retry_after)}
        return json_answer({"refused": status}, status, **headers)

    def administer(self, request):
        return json_answer(self.posts) if request.path == "/_simulator/posts" else None


@pytest.fixture
def application():
    return Counting()


@pytest.fixture
def clock():
    return SimulatedClock(FixedClock(1_000_000_000_000_000_000))


@pytest.fixture
def server_and_client(serve, application, clock):
    return serve(application, clock=clock)


@pytest.fixture
def server(server_and_client):
    return server_and_client[0]


@pytest.fixture
def client(server_and_client):
    return server_and_client[1]


class TestExchange:
    def test_what_the_application_is_asked(self, client):
        answer = client.put("/a%2Fb/c/", params=[("q", "1 2"), ("q", "")], data="höy".encode())
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.json() == {
            "method": "PUT",
            "segments": ["a/b", "c"],
            "query": [["q", "1 2"], ["q", ""]],
            "body": "höy",
            "posts": 0,
        }

    def test_one_connection_serves_many_requests(self, server, client):
        with socket.create_connection(server.url.removeprefix("http://").split(":")) as raw:
            for number in range(3):
                raw.sendall(f"POST /{number} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi".encode())
                assert b'"body":"hi","posts":%d' % (number + 1) in raw.recv(65536)

    def test_the_date_is_the_systems_own(self, client):
        assert client.get("/").headers["date"] == "Sun, 09 Sep 2001 01:46:40 GMT"

    def test_head_has_no_body(self, client):
        answer = client.head("/")
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["content-length"]) > 0
        assert client.get("/").status_code == 200

    def test_a_body_of_unknown_length_is_refused(self, client):
        assert client.post("/", data=iter([b"a"])).status_code == 411

    def test_a_client_that_goes_away_in_the_middle_is_forgotten(self, server, client):
        with socket.create_connection(server.url.removeprefix("http://").split(":")) as raw:
            raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhi")
        assert client.get("/").json()["posts"] == 0

    def test_a_fault_of_the_simulator_is_not_hidden(self, application):
        with pytest.raises(SimulatorFailed) as caught, Server(application) as server:
            assert requests.get(f"{server.url}/broken", timeout=30).json() == {"refused": 500}
        assert isinstance(caught.value.__cause__, ZeroDivisionError)

    def test_a_port_that_is_taken(self, server, application):
        with pytest.raises(UsageError, match="cannot be had"):
            Server(application, port=int(server.url.rpartition(":")[2]))

    def test_it_stops_while_a_connection_is_open_and_another_waits(self, application):
        server = Server(application, faults=Faults(Fault(kind="timeout"), Fault(kind="slow", nth=2, seconds=3600)))
        server.start()
        with (
            ThreadPoolExecutor() as pool,
            socket.create_connection(server.url.removeprefix("http://").split(":")),
        ):
            waiting = [pool.submit(requests.get, server.url, timeout=30) for _ in range(2)]
            while sum(one.matched for one in server.faults) < 4:
                time.sleep(0)
            server.stop()
            ended = [future.exception() for future in waiting]
        assert sum(isinstance(error, requests.ConnectionError) for error in ended) >= 1


class TestFaults:
    @pytest.mark.parametrize(("after", "posts"), [(False, 0), (True, 1)])
    def test_reset(self, server, client, application, after, posts):
        server.faults.add("reset", after=after)
        with pytest.raises(requests.ConnectionError) as caught:
            client.post("/")
        assert "ConnectionResetError" in repr(caught.value)
        assert application.posts == posts
        assert [(entry.status, entry.handled) for entry in server.journal] == [(None, posts)]
        assert client.post("/").json()["posts"] == posts + 1

    @pytest.mark.parametrize(("after", "posts"), [(False, 0), (True, 1)])
    def test_timeout_until_the_client_gives_up(self, server, client, application, after, posts):
        server.faults.add("timeout", after=after)
        with pytest.raises(requests.ReadTimeout):
            client.post("/", timeout=0.05)
        assert application.posts == posts

    def test_timeout_that_ends_the_connection(self, server, client):
        server.faults.add("timeout", seconds=0.01)
        with pytest.raises(requests.ConnectionError, match="without response"):
            client.post("/")

    @pytest.mark.parametrize(("after", "posts"), [(False, 0), (True, 1)])
    def test_status(self, server, client, application, after, posts):
        server.faults.add("429", retry_after=7, after=after, count=2)
        answers = [client.post("/") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [429, 429, 200]
        assert (answers[0].json(), answers[0].headers["retry-after"]) == ({"refused": 429}, "7")
        assert application.posts == 2 * posts + 1

    def test_broken_off(self, server, client, application):
        server.faults.add("broken-off")
        with pytest.raises(
            (requests.ConnectionError, requests.exceptions.ChunkedEncodingError), match="IncompleteRead"
        ):
            client.post("/")
        assert application.posts == 1

    def test_truncated(self, server, client, application):
        server.faults.add("truncated")
        answer = client.post("/")
        assert (answer.status_code, application.posts) == (200, 1)
        with pytest.raises(requests.JSONDecodeError):
            answer.json()

    def test_hollow(self, server, client, application):
        server.faults.add("hollow")
        answer = client.post("/")
        assert (answer.json(), application.posts) == ({}, 1)
        assert answer.ok

    def test_slow(self, server, client):
        server.faults.add("slow", seconds=0.2)
        with pytest.raises(requests.ReadTimeout):
            client.post("/", timeout=0.02)
        assert client.post("/").status_code == 200

    def test_duplicate(self, server, client):
        server.faults.add("duplicate")
        assert client.post("/").json()["posts"] == 2
        assert [entry.handled for entry in server.journal] == [2]

    def test_skew(self, server, client, clock):
        server.faults.add("skew", seconds=-90)
        dates = {client.get("/").headers["date"], client.get("/").headers["date"]}
        assert dates == {"Sun, 09 Sep 2001 01:45:10 GMT"}
        assert clock.ahead == -90

    def test_call(self, server, client, application):
        server.faults.add("call", call=lambda request: setattr(application, "posts", 10), nth=2)
        assert [client.post("/").json()["posts"] for _ in range(3)] == [1, 11, 12]

    def test_faults_of_pages_are_the_applications(self, server, client, application):
        server.faults.add("empty-page")
        server.faults.add("shifted-rows", rows=-1, nth=2)
        for _ in range(3):
            client.get("/")
        assert [fault and (fault.kind, fault.rows) for fault in application.pages] == [
            ("empty-page", 1),
            ("shifted-rows", -1),
            None,
        ]


class TestJournal:
    def test_entries(self, server, client):
        server.faults.add("503", nth=2)
        client.post("/Persons", params={"a": "1 2"}, json={"x": 1})
        client.get("/persons/7")
        first, second = server.journal
        assert (first.method, first.path, first.query, first.json()) == ("POST", "/Persons", {"a": "1 2"}, {"x": 1})
        assert (first.status, first.fault, first.at_ns) == (200, None, 1_000_000_000_000_000_000)
        assert str(second) == "2 GET /persons/7 -> 503 (503)"
        assert second.json() is None
        assert server.journal.since(1) == [second]
        assert server.journal.of(path="/persons") == [first, second]
        assert server.journal.of("GET", "/persons", since=1) == [second]

    def test_a_login_is_kept_without_what_was_sent(self, server, client):
        client.post("/Login?authCode=secret", data={"authCode": "secret"})
        assert [(entry.query, entry.body, entry.private) for entry in server.journal] == [({}, b"", True)]
        assert server.journal.writes() == []

    def test_writes(self, server, client):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
            client.request(method, "/")
        assert [entry.method for entry in server.journal.writes(since=2)] == ["PUT", "PATCH", "DELETE"]

    def test_without_bodies(self, serve, application):
        server, client = serve(application, journal=Journal(bodies=False))
        client.post("/", data="x")
        assert [entry.body for entry in server.journal] == [b""]


class TestDoor:
    def test_it_leaves_no_trace_and_meets_no_fault(self, server, client):
        server.faults.add("500", count=None)
        assert client.get("/_simulator/posts").json() == 0
        assert len(server.journal) == 0
        assert client.get("/_simulator/nothing").status_code == 404

    def test_journal(self, server, client):
        client.get("/")
        client.post("/", data="å")
        entries = client.get("/_simulator/journal", params={"since": 1}).json()
        assert [(entry["number"], entry["method"], entry["body"]) for entry in entries] == [(2, "POST", "å")]
        assert client.get("/_simulator/journal", params={"since": "x"}).status_code == 400

    def test_faults(self, server, client):
        shown = client.post("/_simulator/faults", json={"kind": "503", "path": "^/a$", "count": None}).json()
        assert [(one["status"], one["count"], one["played"]) for one in shown] == [(503, None, 0)]
        assert [client.get(path).status_code for path in ("/a", "/b", "/a")] == [503, 200, 503]
        assert client.get("/_simulator/faults").json()[0]["played"] == 2
        again = {name: value for name, value in shown[0].items() if name not in ("matched", "played")}
        assert client.post("/_simulator/faults", json=again).status_code == 200
        assert client.delete("/_simulator/faults").json() == []
        assert client.get("/a").status_code == 200
        answer = client.post("/_simulator/faults", json={"kind": "rest"})
        assert (answer.status_code, 'did you mean "reset"?' in answer.json()["error"]) == (400, True)

    def test_clock(self, client, clock):
        assert client.get("/_simulator/clock").json() == {"now": "2001-09-09T01:46:40Z", "ahead": 0.0}
        assert client.put("/_simulator/clock", json={"advance": 3600}).json()["now"] == "2001-09-09T02:46:40Z"
        assert client.put("/_simulator/clock", json={"advance": -60.5}).json()["ahead"] == 3539.5
        assert client.put("/_simulator/clock", json={"now": "2026-11-24T08:15:30Z"}).status_code == 200
        assert clock.now_ns() == 1_795_508_130_000_000_000
        for wrong in ({}, {"advance": "1"}, {"now": "soon"}, []):
            assert client.put("/_simulator/clock", json=wrong).status_code == 400

    @pytest.mark.parametrize("headers", [{"Origin": "http://a.example"}, {"Host": "a.example:80"}])
    def test_web_pages_are_not_let_in(self, client, headers):
        assert client.get("/_simulator/clock", headers=headers).status_code == 403
