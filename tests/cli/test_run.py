import json
import re

import pytest

from dataflow.cli import main
from package_files import dtl, pipe, write_file, write_package

READS_A = {"type": "dataset", "dataset": "a"}


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_package(
        tmp_path,
        pipe("a", {"type": "http_endpoint"}),
        pipe("b", READS_A, transform=dtl(["copy", "*"], ["if", ["eq", "_S.bad", True], ["fail!", "so bad"]])),
        pipe("e", READS_A, sink={"type": "http_endpoint"}),
    )
    write_file(tmp_path / "testdata" / "a.json", [{"_id": "2", "n": 1.5}, {"_id": "1", "t": "~t2024-01-01T00:00:00Z"}])
    return tmp_path


def test_a_table_of_what_each_pipe_did(root, capsys):
    assert main(["run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["pipe", "status", "read", "written", "runs", "ms", "reason"]
    assert [line.split()[:5] for line in lines[1:3]] == [["a", "ok", "2", "2", "1"], ["b", "ok", "2", "2", "1"]]
    assert lines[3].endswith("computed on demand: its sink is http_endpoint")
    assert lines[-1].startswith("3 pipes, 0 failures, 4 versions written in 1 pass, ")


def test_the_same_as_json(root, capsys):
    assert main(["run", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["written"] == 4
    assert [run["status"] for run in found["pipes"]] == ["ok", "ok", "skipped"]


def test_the_entities_of_one_pipe_in_transit_form_by_id(root, capsys):
    expected = [{"_id": "1", "t": "~t2024-01-01T00:00:00Z"}, {"_id": "2", "n": "~f1.5"}]
    for options in ([], ["--stage", "source"], ["--format", "json"]):
        assert main(["run", "--pipe", "e", *options]) == 0
        assert json.loads(capsys.readouterr().out) == expected


def test_a_failure_is_told_with_its_place_and_the_rest_is_shown(root, capsys):
    write_file(root / "testdata" / "a.json", [{"_id": "1", "bad": True}])
    assert main(["run"]) == 1
    shown = capsys.readouterr()
    assert "b       failed" not in shown.out
    assert "failed" in shown.out
    assert shown.err.startswith("pipes/b.conf.json:")
    assert 'DF701: b: entity "1": so bad' in shown.err


def test_a_failure_shows_the_way_to_it(root, capsys):
    write_file(root / "testdata" / "a.json", [{"_id": "1", "bad": True}])
    main(["run"])
    way = capsys.readouterr().err.split("the one that failed:\n")[1].splitlines()
    assert [re.sub(r":\d+:\d+:", ":", line) for line in way] == [
        '    pipes/b.conf.json: ["if", ["eq", "_S.bad", true], ["fail!", "so bad"]]',
        '        ["eq", "_S.bad", true] = true',
        '      pipes/b.conf.json: ["fail!", "so bad"]',
    ]
    number = int(way[-1].split(":")[1])
    assert '"fail!"' in "".join((root / "pipes" / "b.conf.json").read_text().splitlines()[number - 1 : number + 1])


def test_test_data_for_nobody_is_told(root, capsys):
    write_file(root / "testdata" / "x.json", [])
    assert main(["run"]) == 1
    assert "testdata/x.json: error DF305" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--stage", "sink"], ["--pipe", "ee"], ["--stage", "nowhere", "--pipe", "e"], ["--profile", "none"]]
)
def test_what_makes_no_sense_is_a_usage_error(root, arguments, capsys):
    assert main(["run", *arguments]) == 2
