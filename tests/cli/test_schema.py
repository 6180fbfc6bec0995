"""`dataflow schema`: the list, one schema as a whole document, and names nobody knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema

from dataflow import schema
from dataflow.cli import main

if TYPE_CHECKING:
    import pytest


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*schema.NOUNS, *schema.OTHERS]
    assert lines[0] == "pipe       Takes entities from a source, through transforms, to a sink. A file in pipes/."


def test_one_schema_needs_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "pump"]) == 0
    validator = jsonschema.Draft202012Validator(json.loads(capsys.readouterr().out))
    assert validator.is_valid({"mode": "manual"})
    assert not validator.is_valid({"mode": "on"})


def test_a_name_nobody_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "pumps"]) == 2
    assert capsys.readouterr().err == 'dataflow: no schema "pumps"; did you mean "pump"?\n'
    assert main(["schema", "x"]) == 2
    assert "there is pipe, pump" in capsys.readouterr().err


def test_settings_for_an_editor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--vscode"]) == 0
    wired = json.loads(capsys.readouterr().out)["json.schemas"]
    assert wired[0]["fileMatch"] == ["/pipes/**/*.conf.json"]
    assert main(["schema", "pipe", "--vscode"]) == 2
    assert capsys.readouterr().err == "dataflow: --vscode is about all schemas; give it alone\n"
