"""`dataflow test`, `verify` and `update` on a package of two pipes."""

import json
import re
from xml.etree import ElementTree

import pytest

from dataflow.cli import main


@pytest.fixture
def package(datadir, monkeypatch):
    root = datadir / "package"
    monkeypatch.chdir(root)
    return root


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def break_run(package):
    path = package / "pipes" / "crm-person.conf.json"
    pipe = json.loads(path.read_text("utf-8"))
    pipe["transform"] = {"type": "dtl", "rules": {"default": [["copy", "*"], ["fail!", "no good"]]}}
    path.write_text(json.dumps(pipe), "utf-8")


def run(capsys, *arguments):
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, re.sub(r"\d+\.\d s\)", "0.0 s)", out), err


@pytest.mark.parametrize("command", ["test", "verify"])
def test_as_expected(package, capsys, command):
    assert run(capsys, command) == (0, "1 of 1 endpoints as expected (0.0 s)\n", "")


def test_a_failing_pipe_shows_entity_pointer_and_both_values(package, capsys):
    change(package / "pipes" / "person-endpoint.conf.json", '"upper"', '"lower"')
    code, out, err = run(capsys, "test")
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "fail  person-endpoint as in expected/person-endpoint.json: content differs",
        "      1 /name",
        '        expected  "KARI"',
        '        actual    "kari"',
        "      2 /name",
        '        expected  "OLA"',
        '        actual    "ola"',
        "0 of 1 endpoints as expected (0.0 s)",
    ]


def test_missing_and_unexpected_entities(package, capsys):
    change(package / "testdata" / "crm-person.json", '"2"', '"3"')
    code, out, _ = run(capsys, "test")
    assert code == 1
    assert '      2  missing\n        expected  {"_id": "2", "name": "OLA"}' in out
    assert '      3  unexpected\n        actual    {"_id": "3", "name": "OLA"}' in out


def test_the_number_of_entities_counts(package, capsys):
    change(package / "expected" / "person-endpoint.json", "[", '[{"_id": "0"},')
    assert "expected 3 entities, got 2" in run(capsys, "test")[1]


def test_a_pipe_that_failed_in_the_run_is_named_with_the_reason(package, capsys):
    break_run(package)
    code, out, err = run(capsys, "test")
    assert code == 1
    assert re.search(r"^fail  crm-person runs: .*no good", out, re.MULTILINE)
    assert re.match(r"pipes/crm-person\.conf\.json:1:\d+: error DF701: crm-person: entity \"1\": no good\n", err)
    assert re.search(r"pipes/crm-person\.conf\.json:1:\d+: \[\"fail!\", \"no good\"\]$", err, re.MULTILINE)
    assert "1 pipe failed in the run" in out


def test_json(package, capsys):
    change(package / "pipes" / "person-endpoint.conf.json", '"upper"', '"lower"')
    code, out, _ = run(capsys, "test", "--format", "json")
    assert code == 1
    (result,) = json.loads(out)
    assert (result["id"], result["verdict"], result["pipe"]) == ("expect:person-endpoint", "fail", "person-endpoint")
    assert result["detail"] == "content differs"
    assert result["differences"][0] == {
        "pipe": "person-endpoint",
        "entity": "1",
        "pointer": "/name",
        "expected": "KARI",
        "actual": "kari",
        "note": "changed",
    }


def test_junit(package, capsys):
    change(package / "pipes" / "person-endpoint.conf.json", '"upper"', '"lower"')
    code, out, _ = run(capsys, "test", "--format", "junit")
    suite = ElementTree.fromstring(out)
    assert code == 1
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("1", "1", "0")
    assert suite.find("testcase/failure").get("message") == "content differs"
    assert '"KARI"' in suite.find("testcase/failure").text


def test_a_folder_below_the_package_will_do(package, capsys, monkeypatch):
    monkeypatch.chdir(package.parent)
    assert run(capsys, "test", "--dir", "package/pipes")[0] == 0


def test_only_the_pipe_asked_for(package, capsys):
    assert run(capsys, "test", "--pipe", "person-endpoint")[0] == 0


@pytest.mark.parametrize("command", ["test", "update"])
def test_an_unknown_pipe_is_a_mistake_of_the_user(package, capsys, command):
    code, _, err = run(capsys, command, "--pipe", "person-endpont")
    assert code == 2
    assert 'did you mean "person-endpoint"?' in err


def test_an_unknown_profile_is_a_mistake_of_the_user(package, capsys):
    code, _, err = run(capsys, "test", "--profile", "staging")
    assert code == 2
    assert "staging" in err


def test_a_malformed_spec_has_a_place(package, capsys):
    (package / "expected" / "person-endpoint.test.json").write_text('{\n  "blacklist": [1]\n}')
    code, out, err = run(capsys, "test")
    assert code == 1
    assert out.startswith("fail  person-endpoint as in expected/person-endpoint.test.json")
    assert "expected/person-endpoint.test.json:2:16" in err
    assert "DF601" in err


def test_a_missing_expected_file_is_told(package, capsys):
    (package / "expected" / "person-endpoint.json").unlink()
    code, _, err = run(capsys, "test")
    assert code == 1
    assert "DF602" in err
    assert "dataflow update" in err


def test_without_specs_there_is_a_warning(package, capsys):
    (package / "expected" / "person-endpoint.test.json").unlink()
    code, out, err = run(capsys, "test")
    assert (code, out) == (0, "0 of 0 endpoints as expected (0.0 s)\n")
    assert "DF603" in err


def test_update_when_all_is_well_changes_nothing(package, capsys):
    before = (package / "expected" / "person-endpoint.json").read_bytes()
    code, out, _ = run(capsys, "update")
    assert (code, out) == (0, "unchanged  expected/person-endpoint.json\n1 unchanged\n")
    assert (package / "expected" / "person-endpoint.json").read_bytes() == before


def test_update_then_test(package, capsys):
    for path in (package / "expected").iterdir():
        path.unlink()
    code, out, _ = run(capsys, "update")
    assert code == 0
    assert out.splitlines() == [
        "created  expected/person-endpoint.test.json",
        "created  expected/person-endpoint.json",
        "2 created",
    ]
    assert run(capsys, "test")[0] == 0


def test_update_writes_nothing_after_a_failed_run(package, capsys):
    before = (package / "expected" / "person-endpoint.json").read_bytes()
    break_run(package)
    code, out, err = run(capsys, "update")
    assert (code, out) == (1, "")
    assert "nothing was written" in err
    assert "crm-person" in err
    assert (package / "expected" / "person-endpoint.json").read_bytes() == before


# --- packages of strangers --------------------------------------------------------------------------------------------


def add_pipe(package, pipe_id, **properties):
    path = package / "pipes" / f"{pipe_id}.conf.json"
    path.write_text(json.dumps({"_id": pipe_id, "type": "pipe", **properties}), "utf-8")
    return path


def test_what_stops_no_pipe_stops_no_test(package, capsys):
    add_pipe(package, "odd", source={"type": "empty"}, metadata={"origin": 1}, pump={"schedule_interval": "$ENV(gone)"})
    (package / "pipes" / "odd.conf.json").rename(package / "pipes" / "another-name.conf.json")
    change(package / "test-env.json", "{", '{"twice": 1, "twice": 2')
    code, out, err = run(capsys, "test")
    assert (code, out) == (0, "1 of 1 endpoints as expected (0.0 s)\n")
    assert "2 other findings that stop no pipe: `dataflow validate` lists them" in err


def test_an_impossible_pipe_fails_alone_and_is_named(package, capsys):
    add_pipe(package, "worse", source={"type": "dataset", "dataset": 7})
    (package / "pipes" / "broken.conf.json").write_text("{", "utf-8")
    code, out, _ = run(capsys, "test")
    assert code == 1
    assert re.search(r"^fail  worse runs: .*needs \"dataset\"", out, re.MULTILINE)
    assert re.search(r"^fail  broken runs: pipes/broken.conf.json:1:2: ", out, re.MULTILINE)
    assert "1 of 1 endpoints as expected, 2 pipes failed in the run" in out


def test_kinds_that_do_not_run_here_are_skipped_and_said_so(package, capsys):
    add_pipe(package, "rows", source={"type": "sql", "system": "s", "table": "t"})
    add_pipe(package, "magic", source={"type": "wand"})
    template = {"type": "template", "template": "transform-share-rest", "properties": {"rest_system": "crm"}}
    add_pipe(package, "share", source={"type": "dataset", "dataset": "crm-person"}, transform=template)
    code, out, _ = run(capsys, "test", "--format", "json")
    found = {item["pipe"]: item for item in json.loads(out)}
    assert code == 0
    assert {pipe: item["verdict"] for pipe, item in found.items()} == {
        "rows": "skip",
        "magic": "skip",
        "share": "skip",
        "person-endpoint": "pass",
    }
    assert 'a source of type "wand" is not run offline' in found["magic"]["detail"]
    assert 'calls lookup, insert, update, delete of REST system "crm"' in found["share"]["detail"]
    assert "it lacks primary_key, share_dataset" in found["share"]["detail"]


def test_an_undecided_pipe_fails_with_the_condition(package, capsys):
    source = {"type": "conditional", "condition": "$ENV(gone)", "alternatives": {"a": {"type": "empty"}}}
    add_pipe(package, "torn", source=source)
    code, out, _ = run(capsys, "test")
    assert code == 1
    assert 'torn runs: the source is undecided: its condition "$ENV(gone)" selects no alternative' in out


def test_a_dataset_nobody_writes_is_empty_and_reported(package, capsys):
    add_pipe(package, "reader", source={"type": "dataset", "dataset": "nowhere"})
    code, _, err = run(capsys, "test")
    assert code == 0
    assert 'no pipe writes dataset "nowhere"; it is empty' in err


def test_test_data_for_no_receiver_is_a_failure_and_stops_nothing(package, capsys):
    (package / "testdata" / "gone.json").write_text("[]", "utf-8")
    code, out, _ = run(capsys, "test")
    assert code == 1
    assert 'fail  testdata/gone.json runs: there is no receiver "gone"' in out
    assert "1 of 1 endpoints as expected" in out


def test_a_csv_publisher_is_compared(package, capsys):
    source = {"type": "dataset", "dataset": "crm-person"}
    add_pipe(package, "table", source=source, sink={"type": "csv_endpoint", "columns": ["_id", "name"]})
    (package / "expected" / "table.test.json").write_text('{"endpoint": "csv", "file": "table.csv"}', "utf-8")
    path = package / "expected" / "table.csv"
    path.write_bytes(b"")
    assert run(capsys, "update", "--pipe", "table")[0] == 0
    assert path.read_bytes().startswith(b"_id,name\r\n1,")
    assert run(capsys, "test")[:2] == (0, "2 of 2 endpoints as expected (0.0 s)\n")
