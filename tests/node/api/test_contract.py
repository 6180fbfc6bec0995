"""Every endpoint that sesam-py 2.11.13 and its users need, asked for on a served node: what the least answer has to hold.

`ROWS` is the contract as data. M: a command of the client needs it; O: people and other tools ask for it.
"""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from dataflow.node.api.app import routes
from node.pipes import embedded, endpoint, reader, receiver

PIPES = [
    receiver("a"),
    reader("b", "a"),
    endpoint("e", "b"),
    reader("c", "b", sink={"type": "csv_endpoint", "columns": ["_id"]}),
    reader("x", "b", ["add", "<thing>", ["dict", "id", "_S._id"]], sink={"type": "xml_endpoint", "wrapper": "things"}),
    embedded("Odd:One", {"_id": "1"}),
]
SYSTEM = {"_id": "s", "type": "system:url", "base_url": "http://127.0.0.1"}
METADATA = {"_id": "node", "type": "metadata", "task_manager": {"disable_user_pipes": True}}


def archive(*components):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for component in components:
            made.writestr(f"pipes/{component['_id']}.conf.json", json.dumps(component))
    return stream.getvalue()


def has(**wanted):
    """The answer is an object with these, nested ones by a dot as two underscores."""

    def check(answer):
        found = answer.json()
        for name, value in wanted.items():
            inner = found
            for step in name.split("__"):
                inner = inner[step.replace("_", "-") if step not in inner else step]
            assert inner == value, (name, inner)

    return check


def is_(value):
    def check(answer):
        assert answer.json() == value

    return check


def ids(*wanted):
    def check(answer):
        assert [one["_id"] for one in answer.json()] == list(wanted)

    return check


def names(*wanted):
    def check(answer):
        assert answer.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
            assert sorted(found.namelist()) == sorted(wanted)
            assert json.loads(found.read("node-metadata.conf.json")) == METADATA

    return check


def pipe_object(answer):
    """Every field that the client reads."""
    found = answer.json()
    pipes = found if type(found) is list else [found]
    one = next(pipe for pipe in pipes if pipe["_id"] == "b")
    assert one["config"]["original"] == reader("b", "a")
    assert one["config"]["effective"]["sink"]["dataset"] == "b"
    assert one["config"]["effective"]["pump"] is not None
    runtime = one["runtime"]
    assert runtime["state"] not in ("Deploying", "Removing")
    assert (runtime["is-valid-config"], runtime["config-errors"]) == (True, [])
    assert (runtime["is-disabled"], runtime["is-running"]) == (False, False)
    assert runtime.keys() >= {"success"}
    assert runtime["queues"] == {"source": 0, "dependencies": {}}


def entities(answer):
    assert [(one["_id"], one["_deleted"], one["_updated"]) for one in answer.json()] == [("1", False, 0)]


def changes_with_a_start(answer):
    assert answer.json()["node_start_time"]


def lines(answer):
    assert {frozenset(one) for one in answer.json()} == {frozenset(("timestamp", "loglevel", "logdata"))}


def token(answer):
    assert type(answer.json()["token"]) is str


def contains(text):
    def check(answer):
        assert text in answer.text

    return check


class Row(NamedTuple):
    """`options` go with the request; the status is 200 unless it says otherwise."""

    need: str
    method: str
    path: str
    check: object
    options: Mapping[str, Any] = MappingProxyType({})


CSV = b"_id\r\n1\r\n"
STARTED = {"request_mode": "async"}
ROWS = [
    Row("M", "GET", "/", has(status__developer_mode=True)),
    Row("M", "GET", "/status", changes_with_a_start),
    Row("M", "POST", "/admin", is_({"message": "OK"}), {"data": {"operation": "restart"}}),
    Row("M", "GET", "/env", is_({"node-env": "test"})),
    Row("M", "PUT", "/env", is_({"x": 1}), {"json": {"x": 1}}),
    Row("M", "PUT", "/env", is_({}), {"json": {}}),
    Row(
        "M",
        "PUT",
        "/config",
        has(validation_errors=[]),
        {"files": {"file": ("config", archive(receiver("z")), "application/zip")}},
    ),
    Row("M", "PUT", "/config", has(validation_errors=[]), {"files": {"file": ("config", b"[]", "application/json")}}),
    Row(
        "M",
        "PUT",
        "/config",
        has(validation_errors=[]),
        {"data": archive(receiver("z")), "headers": {"Content-Type": "application/zip"}},
    ),
    Row("M", "PUT", "/config", has(validation_errors=[]), {"json": [receiver("z")], "params": {"force": "true"}}),
    Row(
        "M",
        "GET",
        "/config",
        names(
            "node-metadata.conf.json", "systems/s.conf.json", *(f"pipes/{p['_id'].lower()}.conf.json" for p in PIPES)
        ),
        {"headers": {"Accept": "application/zip"}},
    ),
    Row("M", "GET", "/config", is_([METADATA, SYSTEM, *PIPES])),
    Row("M", "GET", "/pipes", pipe_object),
    Row("M", "GET", "/pipes/b", pipe_object),
    Row("M", "GET", "/pipes/Odd%3AOne", has(_id="Odd:One")),
    Row("M", "GET", "/pipes/b/pump", has(runtime__is_disabled=False)),
    Row("M", "POST", "/pipes/b/pump", has(runtime__is_disabled=False), {"data": {"operation": "enable"}}),
    Row("M", "GET", "/pipes/b/entities", entities),
    Row(
        "M", "GET", "/pipes/b/entities", ids("1"), {"params": {"stage": "before-transforms", "since": "-1", "limit": 5}}
    ),
    Row("M", "GET", "/pipes/Odd:One/entities", ids("1")),
    Row("M", "GET", "/publishers/c/csv", lambda answer: [] if answer.content == CSV else pytest.fail(answer.text)),
    Row("M", "GET", "/publishers/x/xml", contains("<thing/>")),
    Row("M", "GET", "/publishers/e/entities", ids("1")),
    Row("M", "POST", "/receivers/a/entities", is_({}), {"json": [{"_id": "2"}]}),
    Row(
        "M",
        "POST",
        "/pipes/run-all-pipes",
        is_({"status": "success"}),
        {"params": {"extra_zero_runs": 2, "max_run_time": 900}},
    ),
    Row("M", "POST", "/pipes/run-all-pipes", token, {"params": STARTED}),
    Row("M", "POST", "/pipes/stop-run-all-pipes", is_({}), {"params": {"terminate_timeout": 30}}),
    Row("M", "GET", "/pipes/get-run-all-pipes-log", lines),
    Row("M", "GET", "/pipes/get-pipe-runner-status", has(status="not-running"), {"params": {"token": "nobody's"}}),
    Row("M", "POST", "/pipes/delete-all-sink-datasets", is_({})),
    Row("O", "GET", "/datasets/b", has(_id="b")),
    Row(
        "O", "GET", "/datasets/b/entities", entities, {"params": {"limit": 10, "history": "False", "deleted": "False"}}
    ),
    Row("O", "GET", "/systems", ids("s")),
    Row("O", "GET", "/systems/s", has(_id="s", config__original=SYSTEM)),
    Row("O", "PUT", "/systems/s/secrets", is_({}), {"json": {"key": "value"}, "params": {"encrypt": "true"}}),
    Row("O", "GET", "/metadata", contains("disable_user_pipes")),
    Row("O", "PUT", "/metadata", contains("disable_user_pipes"), {"json": METADATA}),
    Row("O", "GET", "/pipes/b/config", contains('"_id"')),
    Row("O", "PUT", "/pipes/b/config", contains('"_id"'), {"json": reader("b", "a")}),
    Row("O", "POST", "/pipes/b/pump", contains("runtime"), {"data": {"operation": "start"}}),
    Row("O", "POST", "/pipes/b/pump", contains("runtime"), {"data": {"operation": "stop"}}),
    Row("O", "GET", "/health", contains("")),
    Row("O", "GET", "/ping", contains("")),
]
# The rows of the contract by their endpoints, so that none can go without being missed; ids stand for whatever is in their place.
ENDPOINTS = {
    "M": """
        GET / · GET /status · POST /admin · GET /env · PUT /env · PUT /config · GET /config ·
        GET /pipes · GET /pipes/{id} · GET /pipes/{id}/pump · POST /pipes/{id}/pump · GET /pipes/{id}/entities ·
        GET /publishers/{id}/csv · GET /publishers/{id}/xml · GET /publishers/{id}/entities · POST /receivers/{id}/entities ·
        POST /pipes/run-all-pipes · POST /pipes/stop-run-all-pipes · GET /pipes/get-run-all-pipes-log ·
        GET /pipes/get-pipe-runner-status · POST /pipes/delete-all-sink-datasets
    """,
    "O": """
        GET /datasets/{id} · GET /datasets/{id}/entities · GET /systems · GET /systems/{id} · PUT /systems/{id}/secrets ·
        GET /metadata · PUT /metadata · GET /pipes/{id}/config · PUT /pipes/{id}/config · POST /pipes/{id}/pump ·
        GET /health · GET /ping
    """,
}


@pytest.fixture
def ready(client):
    client.configure(METADATA, SYSTEM, *PIPES)
    client.put("/env", json={"node-env": "test"})
    client.deliver("a", {"_id": "1"})
    client.run_all(delete_input_datasets=False)
    return client


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.need} {row.method} {row.path}")
def test_an_endpoint_answers(ready, row):
    answer = ready.request(row.method, row.path, **row.options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"]
    row.check(answer)


@pytest.mark.parametrize("need", ["M", "O"])
def test_every_row_of_the_contract_is_asked_for(need):
    pattern = r"^/(pipes|publishers|receivers|datasets|systems)/(?!run-|stop-|get-|delete-)[^/]+"
    asked = {" ".join((row.method, re.sub(pattern, r"/\1/{id}", row.path))) for row in ROWS if row.need == need}
    assert asked == {" ".join(one.split()) for one in ENDPOINTS[need].split("·")}


def test_there_is_a_route_for_every_row_and_for_no_other_method():
    served = {(method, route.path) for route in routes() for method in route.methods or ()}
    for row in ROWS:
        matching = {
            method
            for method, path in served
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), f"/api{row.path}".rstrip("/"))
        }
        assert row.method in matching


@pytest.mark.parametrize("path", ["/pipes/nobody", "/systems/nobody", "/datasets/nobody", "/nowhere"])
def test_what_is_not_there_is_404_in_json(ready, problem, path):
    problem(ready.get(path), 404)


def test_a_configuration_with_errors_is_400_with_what_the_client_reads_unless_it_is_forced(ready):
    bad = {**reader("b", "a"), "source": {"type": "dataset"}}
    answer = ready.put("/config", json=[receiver("a"), bad], params={"force": "false"})
    assert answer.status_code == 400
    (found,) = answer.json()["validation_errors"]
    assert found["posted-config"]["_id"] == "b"
    assert [(one["level"], one["elements"].startswith("$['source']")) for one in found["config-errors"]] == [
        ("error", True)
    ]
    assert found["config-errors"][0]["msg"]
    assert ready.get("/config").json() == [METADATA, SYSTEM, *PIPES]
    assert ready.put("/config", json=[receiver("a"), bad], params={"force": "true"}).status_code == 200


def test_a_restart_and_a_reset_show_in_the_time_of_the_start(ready):
    def started():
        return ready.get("/status").json()["node_start_time"]

    times = [started()]
    for operation in ("restart", "reset"):
        assert ready.post("/admin", data={"operation": operation}).json() == {"message": "OK"}
        times.append(started())
    assert len(set(times)) == 3
    assert (ready.get("/config").json(), ready.get("/env").json()) == ([], {})
