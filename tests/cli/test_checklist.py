"""`dataflow checklist` on the package itself, sound and sabotaged."""

import json
import re
import shutil
from pathlib import Path

import pytest

from dataflow.cli import main

PACKAGE = Path(__file__).parents[2]
PARTS = ("pipes", "systems", "testdata", "expected", "node-metadata.conf.json", "test-env.json")


@pytest.fixture
def package(tmp_path, monkeypatch):
    for part in PARTS:
        source = PACKAGE / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / part)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *arguments, against="replay"):
    code = main(["checklist", *arguments, "--against", against])
    out, err = capsys.readouterr()
    return code, out, err


def failing(capsys, *arguments):
    """The ids of the results that fail, without those of the expected output."""
    code, out, _ = run(capsys, "--format", "json", *arguments)
    found = {result["id"] for result in json.loads(out)["results"] if result["verdict"] == "fail"}
    return code, {name for name in found if not name.startswith("expect:")}


def edit(package, pipe, change):
    path = package / "pipes" / f"{pipe}.conf.json"
    config = json.loads(path.read_text("utf-8"))
    change(config)
    path.write_text(json.dumps(config), "utf-8")


def without_rule(rules, prop):
    """The rules without those that add one property, at any depth."""
    if type(rules) is dict:
        return {key: without_rule(inner, prop) for key, inner in rules.items()}
    if type(rules) is list:
        return [
            without_rule(inner, prop) for inner in rules if not (type(inner) is list and inner[:2] == ["add", prop])
        ]
    return rules


def drop(prop):
    return lambda config: config.update(transform=without_rule(config["transform"], prop))


def oldest_wins(golden):
    """In a global: of the claims on one property the first in time counts, not the last."""

    def turned(rules):
        if type(rules) is list and rules[:2] == ["add-if", golden]:
            text = json.dumps(rules)
            assert '["last", ["sorted"' in text
            return json.loads(text.replace('["last", ["sorted"', '["first", ["sorted"'))
        if type(rules) is dict:
            return {key: turned(inner) for key, inner in rules.items()}
        return [turned(inner) for inner in rules] if type(rules) is list else rules

    return lambda config: config.update(transform=turned(config["transform"]))


# A pipe, what is done to it, and the rows that fail for it.
SABOTAGE = {
    "dropped on the way out": (
        "customerp-customer-transform",
        drop("Website"),
        {"organisations-customer.website.to-customerp"},
    ),
    "dropped on the way back": (
        "webcrm-person-transform",
        drop("PersonMobilePhone"),
        {"persons-contact.mobile.to-webcrm"},
    ),
    "an order without its date": (
        "customerp-order-transform",
        drop("OrderDate"),
        {"opportunities-order.order-date.to-customerp"},
    ),
    "a line without its text": (
        "customerp-order-transform",
        drop("Description"),
        {"opportunities-order.description.to-customerp", "quotationline-order.text.to-customerp"},
    ),
    "the direction swapped": (
        "global-product",
        oldest_wins("global-product:unit-price"),
        {"products-product.unit-price.to-customerp", "products-product.unit-price.to-webcrm"},
    ),
}


@pytest.mark.parametrize(("pipe", "change", "rows"), SABOTAGE.values(), ids=SABOTAGE.keys())
def test_sabotage_fails_exactly_the_rows_concerned(package, capsys, pipe, change, rows):
    edit(package, pipe, change)
    code, failed = failing(capsys)
    # A record with no other edit is then told nothing at all: the sync statement of that flow and way may fail with it.
    sync = {f"{row.split('.')[0]}.sync-{row.split('.')[2]}" for row in rows}
    assert code == 1
    assert rows <= failed <= rows | sync


def test_a_duplicate_link_fails_the_links_of_its_flow(package, capsys, monkeypatch):
    from dataflow.node.node import Node

    real = Node.entities

    def entities(self, pipe_id, stage=None):
        found = real(self, pipe_id, stage)
        if pipe_id == "global-product":
            linked = next(e for e in found if len(e["$ids"]) == 2 and e.get("_deleted") is not True)
            found = [*found, {**linked, "_id": "again"}]
        return found

    monkeypatch.setattr(Node, "entities", entities)
    assert failing(capsys) == (1, {"products-product.linked"})


def test_six_flows_hold(capsys, monkeypatch):
    monkeypatch.chdir(PACKAGE)
    code, out, err = run(capsys)
    assert err == ""
    assert re.fullmatch(r"6 of 6 flows hold: \d+ properties proven, \d+ unproven", out.splitlines()[-1])
    assert code == 0
    assert re.search(r"^expected output: (\d+) of \1 endpoints as expected$", out, re.MULTILINE)
    assert "\x1b" not in out


def test_every_row_of_every_mapping_has_a_result_in_each_way_it_may_go(capsys, monkeypatch):
    from dataflow.generate.mapping_file import read_mappings

    monkeypatch.chdir(PACKAGE)
    _, out, _ = run(capsys, "--format", "json")
    told = {
        (r["group"], r["properties"]["row"], r["properties"]["direction"])
        for r in json.loads(out)["results"]
        if "row" in r["properties"]
    }
    ways = {"both": ("to-customerp", "to-webcrm"), "crm": ("to-customerp",), "erp": ("to-webcrm",)}
    for mapping in read_mappings(PACKAGE / "pipes" / "mappings").values():
        for flow in mapping.flows:
            source, target = re.fullmatch(r"Webcrm (\w+) to Customerp (\w+)", flow.title).groups()
            for row in flow.rows:
                for way in ways[row.way]:
                    told.remove((f"{source}-{target}".lower(), row.golden, way))
    assert told == set()


def test_both_systems_are_simulated_unless_told_otherwise(capsys, monkeypatch):
    monkeypatch.chdir(PACKAGE)
    assert main(["checklist"]) == 0
    out = capsys.readouterr().out
    assert "... both systems are simulated: webcrm at http://127.0.0.1:" in out
    assert out.splitlines()[-1] == "6 of 6 flows hold: 62 properties proven, 0 unproven"


def test_one_flow(capsys, monkeypatch):
    monkeypatch.chdir(PACKAGE)
    code, out, _ = run(capsys, "--flow", "organisations")
    assert code == 0
    assert out.startswith("Webcrm Organisations to Customerp Customer\n")
    assert out.splitlines()[-1].startswith("1 of 1 flows hold: ")


def test_a_line_that_is_not_understood_fails_the_checklist(package, capsys):
    text = "===\nWebcrm to Customerp Dataflow\n===\n\nGenerated: 2024-09-10 15:43:43\n\nAnd more.\n"
    (package / "checklist.rst").write_text(text, "utf-8")
    code, _, err = run(capsys, "checklist.rst")
    assert code == 1
    assert "checklist.rst:7:1" in err
    assert "DF605" in err


def test_read_prints_the_rows_of_any_number_of_documents(capsys):
    samples = PACKAGE / "tests" / "data" / "dataflow-documents"
    paths = [str(samples / f"{name}.rst") for name in ("shape-4-upsert", "statement-keep")]
    code, out, err = run(capsys, "read", *paths)
    assert (code, err) == (0, "")
    assert out.count("  Flow  Bookshelf Reader to Lendit Borrower\n") == 2
    assert "shape-4-upsert.rst:42    Property  Name → title (string)\n" in out
    code, out, _ = run(capsys, "read", *paths, "--format", "json")
    assert code == 0
    documents = json.loads(out)["documents"]
    assert [row["kind"] for row in documents[0]["rows"]] == [
        "Flow",
        "Coverage",
        "MergeKeys",
        "KeepInSync",
        "Property",
        "Property",
    ]
    assert documents[0]["rows"][-1]["type"] == "integer"


def test_read_says_of_an_empty_file_that_it_has_no_title(capsys, tmp_path):
    (tmp_path / "empty.rst").write_text("", encoding="utf-8")
    code, out, err = run(capsys, "read", str(tmp_path / "empty.rst"))
    assert (code, out.strip().endswith("empty.rst: (no title)")) == (1, True)
    assert "the document has no title" in err


def test_read_fails_for_one_line_that_is_not_understood(capsys):
    unknown = PACKAGE / "tests" / "data" / "dataflow-documents" / "unknown" / "sentence.rst"
    code, out, err = run(capsys, "read", str(unknown))
    assert code == 1
    assert "Coverage" in out
    assert "sentence.rst:18:1" in err


@pytest.mark.parametrize("words", [["read"], ["one.rst", "two.rst"]])
def test_a_wrong_number_of_documents_is_a_mistake_of_the_user(capsys, words):
    code, _, err = run(capsys, *words)
    assert code == 2
    assert "document" in err


def test_a_document_that_is_not_there(package, capsys):
    code, _, err = run(capsys, "nothing.rst")
    assert code == 1
    assert "DF101" in err


def waive(package, row, until="2999-01-01"):
    text = f"- {{row: {row}, name: Kari Nordmann, reason: their next release, until: {until}}}\n"
    (package / "tests").mkdir(exist_ok=True)
    (package / "tests" / "checklist-waivers.yaml").write_text(text, "utf-8")


def test_a_row_that_is_waived_fails_nothing_and_is_named(package, capsys):
    edit(package, "customerp-customer-transform", drop("Website"))
    waive(package, "organisations-customer.*")
    code, out, _ = run(capsys, "--flow", "organisations")
    assert "waived: organisations-customer.website.to-customerp: their next release" in out
    assert out.splitlines()[-1].startswith("1 of 1 flows hold: ")
    # The flow holds; what is expected of its endpoint is no row.
    assert "what keeps a flow from holding" not in out
    assert code == 1


def test_a_waiver_that_has_expired_fails(package, capsys):
    waive(package, "organisations-customer.website.*", until="2020-01-01")
    code, out, _ = run(capsys)
    assert code == 1
    assert "a waiver has expired: organisations-customer.website.*, by Kari Nordmann until 2020-01-01" in out


def test_a_waiver_that_nothing_needs_is_told(package, capsys):
    waive(package, "organisations-customer.website.*")
    code, out, _ = run(capsys)
    assert code == 0
    assert "a waiver is not needed any more: organisations-customer.website.*" in out


def test_waivers_that_cannot_be_read(package, capsys):
    (package / "tests").mkdir(exist_ok=True)
    (package / "tests" / "checklist-waivers.yaml").write_text("- nothing\n", "utf-8")
    code, _, err = run(capsys)
    assert code == 2
    assert "expected row, name, reason, until" in err


def test_a_report_tells_what_broke_since_the_run_before(package, capsys):
    folder = package / "build" / "checklist"
    assert run(capsys, "--report", str(folder))[0] == 0
    edit(package, "customerp-customer-transform", drop("Website"))
    code, out, _ = run(capsys, "--report", str(folder))
    assert code == 1
    assert "broke since the run before: organisations-customer.website.to-customerp" in out
    assert out.splitlines()[-1] == f"report: {folder / 'index.html'}"
    told = json.loads((folder / "checklist.json").read_text("utf-8"))
    assert "organisations-customer.website.to-customerp" in told["since"]["broke"]


def test_a_report_of_living_systems_has_evidence_and_no_secrets(tmp_path, capsys, monkeypatch):
    from dataflow.simulators.customerp.application import CLIENT_SECRET
    from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN

    monkeypatch.chdir(PACKAGE)
    code, out, _ = run(capsys, "--report", str(tmp_path), against="live")
    assert code == 0, out
    texts = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert set(texts) == {"index.html", "junit.xml", "checklist.json", "checklist.md", "history.jsonl"}
    assert not [name for name, text in texts.items() if APPLICATION_TOKEN in text or CLIENT_SECRET in text]
    page = texts["index.html"]
    assert "Pipes it passed" in page
    assert re.search(r"PATCH customerp /\S*customers/\d+ → 200", page)
    assert "<svg" in page


def test_a_secret_that_a_pipe_leaks_is_not_in_the_report(package, tmp_path, capsys):
    from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN

    shutil.copy(PACKAGE / "live-env.json", package)
    pipe = package / "pipes" / "customerp-customer-transform.conf.json"
    text = pipe.read_text("utf-8")
    assert text.count('["add", "Website",') == 1
    pipe.write_text(
        text.replace('["add", "Website",', f'["add", "Website", "{APPLICATION_TOKEN}"], ["comment",'), "utf-8"
    )
    code, _, _ = run(capsys, "--report", str(tmp_path / "report"), against="live")
    assert code == 1
    for path in (tmp_path / "report").iterdir():
        assert APPLICATION_TOKEN not in path.read_text("utf-8"), path.name
    assert "&#34;Website&#34;: &#34;***&#34;" in (tmp_path / "report" / "index.html").read_text("utf-8")
