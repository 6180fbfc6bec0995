"""Our own documents: true to the mappings, complete, and the same after being read and written again."""

import shutil
from pathlib import Path

import pytest

from dataflow.checklist.binding import Binding, read_words
from dataflow.checklist.checks.direction import BACK, OUT, directions
from dataflow.checklist.document import Coverage, LinkFirst, MergeKeys, Property
from dataflow.checklist.facts import OWN_DOCUMENTS, own_document
from dataflow.checklist.rst import read_document, read_rst
from dataflow.checklist.statement import document_of
from dataflow.checklist.types import type_of
from dataflow.checklist.writer import rst_of
from dataflow.cli import main
from dataflow.diagnostics import Severity
from dataflow.generate.mapping_file import read_mappings
from dataflow.project import load_project
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "data" / "dataflow-documents"
WAYS = pytest.mark.parametrize(
    ("name", "direction"), list(zip(OWN_DOCUMENTS, (OUT, BACK), strict=True)), ids=("out", "back")
)


def binding(**variables):
    mappings, environment = ROOT / "pipes" / "mappings", load_project(ROOT, "test", variables).env
    return Binding(Reading(read_mappings(mappings), environment, read_tables(mappings, environment)), read_words(ROOT))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.rst")), ids=lambda path: path.stem)
def test_a_document_that_is_read_and_written_again_says_the_same(path):
    document, _ = read_document(path)
    text = rst_of(document)
    again, findings = read_rst(text, "again.rst")
    assert [f for f in findings if f.severity is Severity.ERROR] == []
    assert again == document
    assert rst_of(again) == text


@WAYS
def test_write_read_write_is_the_identity(name, direction):
    document = document_of(binding(), direction, "2026-03-02 08:00:00")
    text = rst_of(document)
    again, findings = read_rst(text, name)
    assert findings == []
    assert again == document
    assert rst_of(again) == text


@WAYS
def test_the_committed_documents_are_true(name, direction):
    """After a change of the mappings: dataflow checklist write."""
    text = (ROOT / name).read_text("utf-8")
    stamp = read_rst(text, name)[0].generated
    assert text == rst_of(document_of(binding(), direction, stamp))


@WAYS
def test_every_mapping_property_that_is_written_stands_in_it_with_its_type(name, direction):
    known = binding()
    document, _ = read_document(ROOT / name)
    stated = {
        (flow.source, flow.target, row.source.name, row.target.name): row.type
        for flow in document.flows
        for row in flow.of(Property)
    }
    wanted = {}
    for flow in known.reading.flows:
        labels = flow.title.split(" to ") if direction is OUT else flow.title.split(" to ")[::-1]
        for row in flow.rows:
            if direction in directions(row) and row.kind != "compared":
                targets = known.names(row, direction.target)
                for own, target in zip(known.reading.properties(row, direction.target) or ("",), targets, strict=True):
                    for source in known.names(row, direction.source):
                        wanted[(*labels, source, target)] = type_of(row, direction, own)
    assert stated == wanted
    assert len(stated) == {OUT: 58, BACK: 46}[direction]
    assert stated.get(("Webcrm Products", "Customerp Product", "ProductPrice", "UnitPrice"), "decimal") == "decimal"


@WAYS
def test_it_binds_whole_and_leaves_only_what_is_compared(name, direction):
    known = binding()
    bound = [known.bind(flow) for flow in read_document(ROOT / name)[0].flows]
    assert len(bound) == 6
    assert [one.fault for flow in bound for one in (*flow.rows, *flow.keys) if one.fault] == []
    assert {row.kind for flow in bound for row in flow.beyond} <= {"compared"}


def test_it_states_all_that_the_first_document_did():
    flows = {flow.title: flow.rows for flow in read_document(ROOT / OWN_DOCUMENTS[0])[0].flows}
    for flow in own_document().flows:
        assert set(flow.rows) <= set(flows[flow.title])


def test_towards_webcrm_a_link_comes_first_until_the_switch_lets_records_be_made():
    flows = {flow.source: flow for flow in document_of(binding(), BACK, "").flows}
    assert all(flow.states(LinkFirst) and not flow.states(Coverage) for flow in flows.values())
    made = document_of(binding(**{"create-in-webcrm": True}), BACK, "")
    assert {flow.target for flow in made.flows if flow.states(Coverage)} == {
        "Webcrm Organisations",
        "Webcrm Persons",
        "Webcrm Products",
        "Webcrm Quotationline",
    }


def test_a_line_makes_no_order():
    lines = next(flow for flow in document_of(binding(), OUT, "").flows if flow.source == "Webcrm Quotationline")
    assert lines.of(MergeKeys) == ()


@pytest.fixture
def copy(tmp_path, monkeypatch):
    for part in ("pipes", "systems", "testdata", "expected", "node-metadata.conf.json", "test-env.json"):
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / part)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_tells_when_a_mapping_has_changed(copy, capsys):
    assert main(["checklist", "write"]) == 0
    assert main(["checklist", "write", "--check"]) == 0
    written = (copy / OWN_DOCUMENTS[0]).read_bytes()
    assert main(["checklist", "write"]) == 0
    assert (copy / OWN_DOCUMENTS[0]).read_bytes() == written
    mapping = copy / "pipes" / "mappings" / "organisation.yaml"
    mapping.write_text(mapping.read_text("utf-8").replace("customerp: City", "customerp: Town"), "utf-8")
    assert main(["checklist", "write", "--check"]) == 1
    assert f"{OWN_DOCUMENTS[0]} is not what the mappings say" in capsys.readouterr().err
    assert (copy / OWN_DOCUMENTS[0]).read_bytes() == written
    assert main(["checklist", "write"]) == 0
    assert "     - Town\n" in (copy / OWN_DOCUMENTS[0]).read_text("utf-8")
