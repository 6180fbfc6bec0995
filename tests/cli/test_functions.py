"""`dataflow functions`: the list, one function, and names nobody knows."""

from __future__ import annotations

import json

import pytest

from dataflow.cli import main


def test_list_has_every_function_under_its_chapter(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines.index("Strings") < next(i for i, line in enumerate(lines) if line.startswith("  upper "))
    assert sum(line.startswith("  ") for line in lines) == 175


def test_one_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "upper"]) == 0

    out = capsys.readouterr().out
    assert out.startswith("upper (expression, Strings)\n  upper VALUES(value-expression{1})\n")
    assert "Examples:" in out
    assert "Rules: hub/dtl/dtl-functions-strings.rst" in out


def test_expression_and_transform_of_one_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "filter", "--format", "json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert [(f["name"], f["kind"], f["least"], f["most"]) for f in found] == [
        ("filter", "expression", 2, 2),
        ("filter", "transform", 0, 1),
    ]


def test_all_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "--format", "json"]) == 0

    found = {f["name"]: f for f in json.loads(capsys.readouterr().out)}
    assert found["curie"]["deprecated"]
    assert found["coalesce"]["signatures"] == ["FUNCTION(function-expression{0|1}) VALUES(value-expression{1})"]
    assert all(f["doc"] and f["examples"] for f in found.values())


def test_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "uppr"]) == 1
    assert capsys.readouterr().err == 'dataflow: unknown function "uppr"; did you mean "upper"?\n'
    assert main(["functions", "zzzzzz"]) == 1
    assert capsys.readouterr().err == 'dataflow: unknown function "zzzzzz"\n'


@pytest.mark.parametrize("more", [["upper"], ["--format", "json"]])
def test_markdown_is_the_whole_page(capsys: pytest.CaptureFixture[str], more: list[str]) -> None:
    assert main(["functions", "--markdown", *more]) == 2
    assert "give it alone" in capsys.readouterr().err


def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("# DTL functions\n")
