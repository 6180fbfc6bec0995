"""Every kind of source, transform and sink that runs, run for real in one node that stays up: over HTTP, and with a database file.

`SOURCES`, `TRANSFORMS` and `SINKS` are the table; what does not run is in `test_kinds.py`.
"""

import json
import sqlite3

import pytest
import requests

from dataflow import schema
from dataflow.node.api.server import Server
from dataflow.node.bundle import document_of
from dataflow.node.kinds import NEVER
from dataflow.node.live import LiveNode
from dataflow.node.rest.kinds import makers as rest_makers
from dataflow.node.sequence import Push
from node.pipes import receiver
from node.rest.service import Service

PEOPLE = [{"_id": "1", "name": "Kari"}, {"_id": "2", "name": "Ola"}]
HTTP = {"system": "web", "url": "people"}
MERGE = {"datasets": ["in i", "other o"], "equality": [["eq", "i.name", "o.name"]], "identity": "first", "version": 2}
# What each reads: ids of the entities that come out of it.
SOURCES = {
    "dataset": ({"dataset": "in"}, ["1", "2"]),
    "merge": (MERGE, ["1", "2"]),
    "merge_datasets": ({"datasets": ["in", "other"]}, ["1", "2", "9"]),
    "union_datasets": ({"datasets": ["in", "other"]}, ["in:1", "in:2", "other:9"]),
    "embedded": ({"entities": PEOPLE}, ["1", "2"]),
    "conditional": ({"condition": "x", "alternatives": {"x": {"type": "embedded", "entities": PEOPLE}}}, ["1", "2"]),
    "empty": ({}, []),
    "http_endpoint": ({}, ["7"]),
    "json": (HTTP, ["1", "2"]),
    "csv": ({"system": "web", "url": "table", "primary_key": "no"}, ["1", "2"]),
    "rest": ({"system": "rest", "operation": "all", "id_expression": "{{ no }}"}, ["1", "2"]),
    "sql": ({"system": "db", "table": "people", "primary_key": ["no"]}, ["1", "2"]),
}
DTL = {"type": "dtl", "rules": {"default": [["copy", "*"], ["add", "more", True]]}}
CHILDREN = {"type": "dtl", "rules": {"default": [["create-child", ["dict", "_id", ["concat", "_S._id", "-child"]]]]}}
TAGGED = {"type": "dtl", "rules": {"default": [["add", "<person>", "_S.name"]]}}
COLLECT = {"rest_system": "rest", "primary_key": "no", "share_dataset": "other", "operation_lookup": "one"}
# What is left of person 1 after each: a property and its value, or the ids of all that come out.
TRANSFORMS = {
    "dtl": (DTL, ("more", True)),
    "chained": ({"type": "chained", "transforms": [DTL, DTL]}, ("more", True)),
    "conditional": ({"type": "conditional", "condition": "x", "alternatives": {"x": DTL}}, ("more", True)),
    "emit_children": ([CHILDREN, {"type": "emit_children"}], ["1-child", "2-child"]),
    "http": ({"type": "http", "system": "web", "url": "transform"}, ("seen", 2)),
    "rest": ({"type": "rest", "system": "rest", "operation": "one"}, ("response", {"no": "1", "name": "Kari"})),
    "template": ({"type": "template", "template": "transform-collect-rest", "properties": COLLECT}, ("no", "1")),
    "json_schema": ({"type": "json_schema", "schema": {"required": ["age"]}}, ("valid", False)),
    "xml": ([TAGGED, {"type": "xml", "xml-property": "text"}], ("text", "<person>Kari</person>")),
}
# Where the entities are afterwards: asked of the service, of the database, of the node, or of one of its publishers.
SINKS = {
    "dataset": ({}, "dataset"),
    "null": ({}, "nowhere"),
    "json": ({"system": "web", "url": "push"}, "push"),
    "rest": ({"system": "rest", "operation": "put"}, "put"),
    "sql": ({"system": "db", "table": "target", "primary_key": ["name"]}, "table"),
    "conditional": (
        {"condition": "x", "alternatives": {"x": {"type": "json", "system": "web", "url": "push"}}},
        "push",
    ),
    "http_endpoint": ({}, "entities"),
    "csv_endpoint": ({"columns": ["_id", "name"]}, "csv"),
    "xml_endpoint": ({"root": "people"}, "xml"),
    "excel_endpoint": ({"columns": ["_id", "name"]}, "excel"),
}


class Web:
    """The other end of all systems; what was sent to it by path."""

    def __init__(self):
        self.got = {}

    def __call__(self, request):
        self.got.setdefault(request.path, []).append(request)
        table = [{"no": one["_id"], "name": one["name"]} for one in PEOPLE]
        if request.path == "/transform":
            return [{**one, "seen": len(request.json)} for one in request.json]
        if request.path.startswith("/one/"):
            return next(one for one in table if one["no"] == request.path[-1])
        return {"/people": PEOPLE, "/table": "no,name\n1,Kari\n2,Ola\n", "/all": table}.get(request.path, {})


@pytest.fixture
def web():
    service = Service(Web())
    yield service
    service.stop()
    assert service.faults == []


@pytest.fixture
def systems(web, tmp_path):
    path = tmp_path / "people.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE people (no TEXT PRIMARY KEY, name TEXT)")
        database.execute("CREATE TABLE target (name TEXT PRIMARY KEY)")
        database.executemany("INSERT INTO people VALUES (?, ?)", [("1", "Kari"), ("2", "Ola")])
    database.close()
    operations = {
        "all": {"url": "all", "method": "GET"},
        "one": {"url": "one/{{ entity._id }}", "method": "GET"},
        "put": {"url": "put/{{ entity._id }}", "method": "PUT", "payload": {"name": "{{ entity.name }}"}},
    }
    return [
        {"_id": "web", "type": "system:url", "base_url": f"{web.url}/"},
        {"_id": "rest", "type": "system:rest", "url_pattern": f"{web.url}/%s", "operations": operations},
        {"_id": "db", "type": "system:sqlite", "database": str(path)},
    ]


@pytest.fixture
def run(systems):
    """Runs pipe "p", fed by datasets "in" and "other", and gives the node."""

    def started(**parts):
        live = LiveNode(reach=True)
        pipe = {"_id": "p", "type": "pipe", "source": {"type": "dataset", "dataset": "in"}, **parts}
        components = [*systems, receiver("in"), receiver("other"), pipe]
        live.change(lambda old: old.with_documents(map(document_of, components)))
        live.receive("in", PEOPLE, Push())
        live.receive("other", [{"_id": "9", "name": "Kari"}], Push())
        if pipe["source"]["type"] == "http_endpoint":
            live.receive("p", [{"_id": "7"}], Push())
        with live.using() as node:
            report = node.run(outputs=True)
            assert report.ok, report.diagnostics()
        return live

    return started


def test_the_table_names_every_kind_that_is_not_said_not_to_run():
    # A replica is made of the changes of another node, which there is none of on one machine.
    assert [*SOURCES] == [*dict.fromkeys(SOURCES)]
    assert {*SOURCES} == {*schema.types("source")} - NEVER["source"]
    assert {*TRANSFORMS} == {*schema.types("transform")} - NEVER["transform"]
    assert {*SINKS} == {*schema.types("sink")} - NEVER["sink"] - {"replicated_dataset"}


@pytest.mark.parametrize("kind", SOURCES)
def test_a_source_runs(run, kind):
    config, ids = SOURCES[kind]
    node = run(source={"type": kind, **config}).state.node
    assert sorted(one["_id"] for one in node.entities("p") if one.get("_deleted") is not True) == ids


@pytest.mark.parametrize("kind", TRANSFORMS)
def test_a_transform_runs(run, kind):
    config, wanted = TRANSFORMS[kind]
    found = run(transform=config).state.node.entities("p")
    if type(wanted) is list:
        assert [one["_id"] for one in found] == wanted
        return
    name, value = wanted
    given = found[0][name]
    assert given.endswith(value) if kind == "xml" else given == value


@pytest.mark.parametrize("kind", SINKS)
def test_a_sink_runs(run, web, systems, kind):
    config, where = SINKS[kind]
    parts = {"transform": TAGGED} if kind == "xml_endpoint" else {}
    live = run(sink={"type": kind, **config}, **parts)
    got = web.answer.got
    if where == "dataset":
        assert [one["name"] for one in live.state.node.datasets["p"].live()] == ["Kari", "Ola"]
    elif where == "nowhere":
        assert (got, live.state.node.pump("p").record.written) == ({}, 2)
    elif where == "push":
        assert [one["_id"] for sent in got["/push"] for one in sent.json] == ["1", "2"]
    elif where == "put":
        assert [json.loads(one.body)["name"] for path in ("/put/1", "/put/2") for one in got[path]] == ["Kari", "Ola"]
    elif where == "table":
        with sqlite3.connect(systems[2]["database"]) as database:
            rows = database.execute("SELECT * FROM target ORDER BY 1").fetchall()
        database.close()
        assert rows == [("Kari",), ("Ola",)]
    else:
        with Server(live, port=0) as server:
            answer = requests.get(f"{server.url}/api/publishers/p/{where}", timeout=30)
        assert answer.status_code == 200
        starts = {"entities": b"[", "csv": b"_id,name\r\n1,Kari\r\n2,Ola\r\n", "xml": b"<", "excel": b"PK"}
        assert answer.content.startswith(starts[where])
        assert where == "excel" or b"Kari" in answer.content


def test_what_reaches_outside_is_known_by_the_node_that_reaches():
    found = rest_makers(None)
    assert {*found.sources} <= {*SOURCES}
    assert {*found.transforms} <= {*TRANSFORMS}
    assert {*found.sinks} <= {*SINKS}
