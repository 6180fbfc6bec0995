from __future__ import annotations

from pathlib import Path

import pytest

from dataflow.canonical import config_text, expected_text
from dataflow.cli import main
from package_files import pipe, write_file

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Some files in form, and some not."""
    monkeypatch.chdir(tmp_path)
    write_file(tmp_path / "pipes" / "a.conf.json", config_text(pipe("a")))
    write_file(tmp_path / "pipes" / "b.conf.json", config_text(pipe("b")).replace("[]", "[\n    ]"))
    write_file(tmp_path / "pipes" / "more" / "c.conf.json", "\ufeff" + config_text(pipe("c")))
    write_file(
        tmp_path / "systems" / "s.conf.json",
        config_text({"_id": "s", "type": "system:rest", "url_pattern": "x"}).replace("\n", "\r\n"),
    )
    write_file(tmp_path / "testdata" / "a.json", '[{"b": 1e3, "_id": "1"}]')
    write_file(tmp_path / "expected" / "a.json", '[{"b": "<", "_id": "1"}]')
    write_file(tmp_path / "expected" / "a.test.json", '{"pipe":"a"}')
    write_file(tmp_path / "expected" / "b.json", expected_text([]))
    write_file(tmp_path / "node-metadata.conf.json", '{"type": "metadata", "_id": "node"}')
    write_file(tmp_path / "test-env.json", '{"b":1}')
    write_file(tmp_path / "pipes" / "notes.json", '{"b":1}')
    return tmp_path


def test_the_whole_package_is_formatted_once(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format"]) == 0
    assert capsys.readouterr() == (
        """\
formatted expected/a.json
formatted node-metadata.conf.json
formatted pipes/b.conf.json
formatted pipes/more/c.conf.json
formatted systems/s.conf.json
formatted testdata/a.json
8 files: 6 formatted
""",
        "",
    )
    assert (root / "pipes" / "b.conf.json").read_text("utf-8") == config_text(pipe("b"))
    assert (root / "pipes" / "more" / "c.conf.json").read_bytes() == config_text(pipe("c")).encode()
    assert b"\r" not in (root / "systems" / "s.conf.json").read_bytes()
    assert (root / "testdata" / "a.json").read_text("utf-8") == '[{\n  "_id": "1",\n  "b": 1000.0\n}]\n'
    assert (root / "expected" / "a.json").read_text("utf-8") == '[\n  {\n    "_id": "1",\n    "b": "\\u003c"\n  }\n]\n'
    untouched = ("expected/a.test.json", "test-env.json", "pipes/notes.json")
    assert [(root / name).read_text("utf-8") for name in untouched] == ['{"pipe":"a"}', '{"b":1}', '{"b":1}']
    assert main(["format"]) == 0
    assert capsys.readouterr().out == "8 files: 0 formatted\n"
    assert main(["format", "--check"]) == 0
    assert capsys.readouterr().out == "8 files: 0 not formatted\n"


def test_check_says_where_and_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*.json")}
    assert main(["format", "--check", "pipes", "testdata/a.json"]) == 1
    assert capsys.readouterr() == (
        """\
pipes/b.conf.json:6:1: error DF107: not in canonical format from here on
  hint: run `dataflow format`
pipes/more/c.conf.json:1:1: error DF107: not in canonical format from here on
  hint: run `dataflow format`
testdata/a.json:1:1: error DF107: not in canonical format from here on
  hint: run `dataflow format`
4 files: 3 not formatted
""",
        "",
    )
    assert before == {path: path.read_bytes() for path in root.rglob("*.json")}


def test_a_broken_file_is_reported_and_left_alone_and_the_others_are_formatted(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_file(root / "pipes" / "a.conf.json", "{'a': 1}")
    assert main(["format", "pipes/a.conf.json", "pipes/b.conf.json"]) == 1
    assert capsys.readouterr() == (
        """\
formatted pipes/b.conf.json
pipes/a.conf.json:1:2: error DF102: single quotes
  hint: strings stand in double quotes: "..."
2 files: 1 formatted
""",
        "",
    )
    assert (root / "pipes" / "a.conf.json").read_text("utf-8") == "{'a': 1}"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("pipes/none.conf.json", "there is no such file"),
        ("test-env.json", "only pipes, systems, testdata, expected and node-metadata.conf.json have a canonical form"),
    ],
)
def test_paths_without_a_form(root: Path, capsys: pytest.CaptureFixture[str], path: str, why: str) -> None:
    assert main(["format", path]) == 2
    assert capsys.readouterr() == ("", f"dataflow: {path} cannot be formatted: {why}\n")


def test_expected_output_that_is_no_list_is_left_alone(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_file(root / "expected" / "a.json", '{"b":1, "a":2}')
    assert main(["format", "--check", "expected"]) == 0
    assert capsys.readouterr().out == "2 files: 0 not formatted\n"


def test_the_package_of_this_repository(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", "--check", "--dir", str(REPOSITORY)]) == 0, capsys.readouterr().out
