"""hub/documentation/service-configuration/pipes: every documented kind of part loads, and what does not run says so."""

import json

import pytest
import requests

from dataflow import schema
from dataflow.errors import NotRunHere
from dataflow.node.api.server import Server
from dataflow.node.bundle import document_of
from dataflow.node.kinds import NEVER
from dataflow.node.live import LiveNode
from dataflow.node.runs import Status
from dataflow.node.sequence import Push
from dataflow.node.sinks import SINKS
from dataflow.node.sources import SOURCES
from dataflow.node.transforms import TRANSFORMS
from dataflow.project import project_of
from node.pipes import embedded, findings, node_of, reader, receiver

# One example of every kind, with what it cannot do without.
SOURCE_PARTS = {
    "binary": {"system": "s", "url": "u"},
    "conditional": {"condition": "x", "alternatives": {"x": {"type": "empty"}}},
    "csv": {"system": "s", "url": "u", "primary_key": "id"},
    "dataset": {"dataset": "a"},
    "diff_datasets": {"datasets": ["a", "b"]},
    "embedded": {"entities": [{"_id": "1"}]},
    "empty": {},
    "http_endpoint": {},
    "json": {"system": "s", "url": "u"},
    "kafka": {"system": "k", "topic": "t"},
    "ldap": {"system": "l"},
    "merge": {"datasets": ["a x"], "equality": [], "identity": "first", "version": 2},
    "merge_datasets": {"datasets": ["a"]},
    "rdf": {"system": "s", "url": "u", "format": "nt"},
    "rest": {"system": "r", "operation": "get"},
    "sdshare": {"system": "s", "url": "u"},
    "sparql": {"system": "s", "fragments_query": "q", "fragment_query": "q"},
    "sql": {"system": "d", "table": "t"},
    "union_datasets": {"datasets": ["a"]},
}
TRANSFORM_PARTS = {
    "chained": {"transforms": []},
    "conditional": {"condition": "x", "alternatives": {"x": {"type": "emit_children"}}},
    "dtl": {"rules": {"default": [["copy", "*"]]}},
    "emit_children": {},
    "http": {"system": "s", "url": "u"},
    "json_schema": {"schema": {}},
    "lower_keys": {},
    "properties_to_curies": {},
    "rdf": {"rdf-property": "x"},
    "rest": {"system": "r", "operation": "get"},
    "template": {
        "template": "transform-collect-rest",
        "properties": {
            "rest_system": "r",
            "primary_key": "id",
            "share_dataset": "b",
            "operation_lookup": "get",
        },
    },
    "undirected_graph": {"from": "a", "to": "b"},
    "upper_keys": {},
    "uris_to_curies": {},
    "xml": {"xml-property": "x"},
}
SINK_PARTS = {
    "conditional": {"condition": "x", "alternatives": {"x": {"type": "null"}}},
    "csv_endpoint": {"columns": ["_id"]},
    "dataset": {"dataset": "p"},
    "elasticsearch": {"system": "e", "default_index": "i"},
    "excel_endpoint": {"columns": ["_id"]},
    "http_endpoint": {},
    "json": {"system": "s", "url": "u"},
    "kafka": {"system": "k", "topic": "t"},
    "mail": {"system": "m", "body_template": "b", "subject_template": "s", "recipients": "r@x", "mail_from": "f@x"},
    "null": {},
    "replicated_dataset": {"dataset": "p"},
    "rest": {"system": "r", "operation": "get"},
    "sdshare": {"system": "s", "url": "u", "graph": "g"},
    "sms": {"system": "t", "body_template": "b", "recipients": "1", "from_number": "2"},
    "solr": {"system": "o"},
    "sparql": {"system": "s", "url": "u", "graph": "g"},
    "sql": {"system": "d", "table": "t", "primary_key": "id"},
    "xml_endpoint": {"wrapper": "x"},
}
SYSTEMS = [
    {"_id": "s", "type": "system:url", "base_url": "http://127.0.0.1"},
    {
        "_id": "r",
        "type": "system:rest",
        "url_pattern": "http://127.0.0.1/%s",
        "operations": {"get": {"url": "u", "method": "GET"}},
    },
    {"_id": "k", "type": "system:kafka", "bootstrap_servers": "h:1"},
    {"_id": "l", "type": "system:ldap", "host": "h", "username": "u", "password": "p"},
    {"_id": "d", "type": "system:postgresql", "host": "h", "username": "u", "password": "p", "database": "d"},
    {"_id": "e", "type": "system:elasticsearch", "hosts": ["h"]},
    {"_id": "m", "type": "system:smtp", "smtp_server": "h"},
    {"_id": "t", "type": "system:twilio", "account": "a", "token": "t"},
    {"_id": "o", "type": "system:solr", "url": "http://127.0.0.1"},
]


@pytest.mark.parametrize(
    ("noun", "parts"), [("source", SOURCE_PARTS), ("transform", TRANSFORM_PARTS), ("sink", SINK_PARTS)]
)
def test_there_is_an_example_of_everything_documented(noun, parts):
    assert sorted(parts) == list(schema.types(noun))
    assert NEVER[noun] <= parts.keys()


def test_what_never_runs_is_not_what_the_node_runs():
    assert NEVER["source"].isdisjoint(SOURCES)
    assert NEVER["transform"].isdisjoint(TRANSFORMS)
    assert NEVER["sink"].isdisjoint(SINKS)


def package(pipe):
    """The findings of a whole package with a pipe, other than warnings that something is deprecated or not known."""
    components = [*SYSTEMS, receiver("a"), receiver("b"), pipe]
    project = project_of([document_of(one) for one in components], {})
    return [one.message for one in project.diagnostics if one.code not in ("DF203", "DF206", "DF208")]


def part(kind, properties):
    return {"type": kind, **properties}


@pytest.mark.parametrize("kind", SOURCE_PARTS)
def test_every_source_loads_and_what_does_not_run_here_says_so(kind):
    pipe = {"_id": "p", "type": "pipe", "source": part(kind, SOURCE_PARTS[kind])}
    assert package(pipe) == []
    run = node_of(receiver("a"), receiver("b"), pipe).run().pipes["p"]
    if kind in NEVER["source"]:
        assert (run.status, run.failure.outside) == (Status.FAILED, True)
        assert f'a source of type "{kind}" does not run here' in run.reason
        assert run.failure.diagnostics[0].pointer == "/source"
    else:
        assert (run.failure is not None and run.failure.outside) is (kind in ("csv", "json", "rest", "sql"))
        assert "does not run here" not in (run.reason or "")


@pytest.mark.parametrize("kind", TRANSFORM_PARTS)
def test_every_transform_loads_and_what_does_not_run_here_says_so(kind):
    pipe = {**reader("p", "a"), "transform": part(kind, TRANSFORM_PARTS[kind])}
    assert package(pipe) == []
    node = node_of(receiver("a"), receiver("b"), pipe)
    node.post("a", [{"_id": "1", "n": 1}])
    run = node.run().pipes["p"]
    if kind in NEVER["transform"]:
        assert (run.status, run.failure.outside) == (Status.FAILED, True)
        assert f'a transform of type "{kind}" does not run here' in run.reason
        assert run.failure.diagnostics[0].pointer == "/transform"
        # What gets as far as there can be looked at.
        assert node.entities("p", "before-transforms") == [{"_id": "1", "n": 1}]
        with pytest.raises(NotRunHere):
            node.entities("p", "after-transforms")
    else:
        assert (run.failure is not None and run.failure.outside) is (kind in ("http", "rest", "template"))
        assert "does not run here" not in (run.reason or "")


@pytest.mark.parametrize("namespaced", [True, False])
@pytest.mark.parametrize("kind", SINK_PARTS)
def test_every_sink_loads_and_shows_what_it_would_get(kind, namespaced):
    pipe = reader("p", "a", ["copy", "*"], ["add", "m", 2], sink=part(kind, SINK_PARTS[kind]))
    assert package(pipe) == []
    node = node_of(receiver("a"), pipe, namespaced=namespaced)
    node.post("a", [{"_id": "1", "n": 1}, {"_id": "2", "n": 3, "_deleted": True}])
    run = node.run().pipes["p"]
    # Sinks that know namespaces get them, others do not (features/namespaces.rst).
    keeps = namespaced and kind in (
        "conditional",
        "dataset",
        "null",
        "replicated_dataset",
        "sdshare",
        "sparql",
        "xml_endpoint",
    )
    own, other = ("a:", "p:") if keeps else ("", "")
    assert node.entities("p") == [
        {"_id": f"{own}1", f"{own}n": 1, f"{other}m": 2},
        {"_id": f"{own}2", "_deleted": True, f"{own}n": 3, f"{other}m": 2},
    ]
    if kind in ("dataset", "replicated_dataset"):
        assert run.status is Status.OK
    else:
        chosen = "null" if kind == "conditional" else kind
        plainly = ", which does not run here" if kind in NEVER["sink"] else ""
        assert (run.status, run.reason) == (Status.SKIPPED, f"computed on demand: its sink is {chosen}{plainly}")


def test_an_unknown_kind_is_a_finding_and_not_taken_for_one_that_does_not_run():
    found = findings(embedded("p", {"_id": "1"}, sink={"type": "carrier-pigeon"}))
    assert [(one.code, one.pointer) for one in found] == [("DF204", "/sink/type")]


def test_the_command_shows_them_too(tmp_path, capsys):
    from dataflow.cli import main

    pipes = {
        "pipes/a.conf.json": embedded("a", {"_id": "1", "text": "hello"}),
        "pipes/p.conf.json": reader("p", "a", sink=part("mail", SINK_PARTS["mail"])),
        "systems/m.conf.json": SYSTEMS[6],
        "node-metadata.conf.json": {"_id": "node", "type": "metadata"},
    }
    for name, content in pipes.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(content))
    assert main(["run", "--dir", str(tmp_path), "--pipe", "p"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"_id": "1", "text": "hello"}]
    assert main(["run", "--dir", str(tmp_path)]) == 0
    assert "computed on demand: its sink is mail, which does not run here" in capsys.readouterr().out


NEVER_RUN = [(noun, kind) for noun, kinds in NEVER.items() for kind in sorted(kinds)]


@pytest.mark.parametrize(("noun", "kind"), NEVER_RUN)
def test_a_served_node_says_so_of_the_pipe_and_in_its_log(noun, kind):
    parts = {"source": SOURCE_PARTS, "transform": TRANSFORM_PARTS, "sink": SINK_PARTS}[noun]
    pipe = {**reader("p", "a"), noun: part(kind, parts[kind])}
    # Whatever it may reach: there is nothing that could run it.
    live = LiveNode(reach=True)
    live.change(lambda old: old.with_documents(map(document_of, [*SYSTEMS, receiver("a"), receiver("b"), pipe])))
    live.receive("a", [{"_id": "1"}], Push())
    says = f'a {noun} of type "{kind}" does not run here'
    with Server(live, port=0) as server:

        def ask(method, path, **options):
            return requests.request(method, f"{server.url}/api{path}", timeout=30, **options)

        assert ask("GET", "/pipes/p").json()["runtime"]["not-run-here"] == [says]
        assert ask("GET", "/pipes/a").json()["runtime"]["not-run-here"] == []
        started = ask("POST", "/pipes/p/pump", data={"operation": "start"})
        if noun == "sink":
            # There is no pump, and what it would send is what the pipe gives.
            assert (started.status_code, f"its sink is {kind}, which does not run here" in started.text) == (400, True)
            assert [one["_id"] for one in ask("GET", "/pipes/p/entities").json()] == ["1"]
        else:
            runtime = ask("GET", "/pipes/p/pump").json()["runtime"]
            assert (runtime["success"], runtime["not-run-here"]) == (False, [says])
            log = ask("GET", "/datasets/system:pump_execution:p/entities").json()
            assert [says in one["original_error_message"] for one in log if one["_id"] == "pump-failed"] == [True]
