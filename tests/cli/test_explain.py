"""`dataflow explain` on the package."""

import json
from pathlib import Path

import pytest

from dataflow.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_a_tree_with_values_and_rules(capsys):
    assert main(["explain", "customerp-customer-transform", "webcrm-organisation:101", "Name"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == 'customerp-customer-transform "webcrm-organisation:101"'
    assert out[1].startswith("    Name = ")
    assert out[2].startswith("    by pipes/customerp-customer-transform.conf.json:")
    assert any(line.lstrip().startswith('source: webcrm-organisation-all "101"') for line in out)


def test_json(capsys):
    assert main(["explain", "customerp-customer-transform", "webcrm-organisation:101", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["pipe"], found["via"]) == ("customerp-customer-transform", "result")
    assert found["value"]["_id"] == "webcrm-organisation:101"
    assert found["inputs"][0]["pipe"] == "customerp-customer-transform-split"


def test_a_mistake_of_the_user(capsys):
    assert main(["explain", "customerp-customer-transform", "nobody"]) == 2
    assert "gives no entity" in capsys.readouterr().err
