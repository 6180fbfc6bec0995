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
    code, out, _ = run(capsys, "test")
    assert code == 1
    assert re.search(r"^fail  crm-person runs: .*no good", out, re.MULTILINE)
    assert "1 pipe failed in the run" in out


def test_json(package, capsys):
    change(package / "pipes" / "person-endpoint.conf.json", '"upper"', '"lower"')
    code, out, _ = run(capsys, "test", "--format", "json")
    document = json.loads(out)
    assert code == 1
    assert document["counts"] == {"pass": 0, "fail": 1, "unproven": 0, "skip": 0}
    (result,) = document["results"]
    assert (result["id"], result["verdict"], result["group"]) == ("expect:person-endpoint", "fail", "person-endpoint")
    assert result["evidence"][0] == {
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
    assert (code, out) == (1, "")
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
