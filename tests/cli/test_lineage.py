"""`dataflow lineage` on the package."""

import json
from pathlib import Path

import pytest

from dataflow.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_a_tree_with_the_rules_of_each_step(capsys):
    assert main(["lineage", "Name", "--pipe", "customerp-customer-transform"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "dataset customerp-customer-transform: Name  comes from"
    assert "  dataset customerp-customer-transform-split: global-organisation:name" in out
    assert any(line.lstrip() == "comes in at webcrm-organisation-all: OrganisationName" for line in out)
    by = [line for line in out if '["add", "Name"' in line]
    place = by[0].split()[1].rsplit(":", 1)
    assert place[0] == "pipes/customerp-customer-transform.conf.json"
    assert (ROOT / place[0]).read_text("utf-8").splitlines()[int(place[1]) - 1].lstrip().startswith('["add", "Name"')
    assert "dataset customerp-customer-transform: Name  goes to" in out
    assert "  dataset customerp-customer-share: payload.Name" in out


def test_without_a_pipe_everything_that_has_to_do_with_it(capsys):
    assert main(["lineage", "OrganisationWww"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("comes in at webcrm-organisation-all: OrganisationWww  goes to\n")
    assert "dataset customerp-customer-share: payload.Website" in out


def test_json(capsys):
    arguments = ["lineage", "Name", "--pipe", "customerp-customer-transform", "--format", "json", "--decisions"]
    assert main(arguments) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["way"], first["place"], first["component"]) == (
        "comes from",
        "dataset",
        "customerp-customer-transform",
    )
    kinds = {(branch["path"], branch["kind"]) for branch in first["branches"]}
    assert ("global-organisation:name", "value") in kinds
    deciding = [branch for branch in _below(first) if branch["kind"] == "decision"]
    assert deciding
    assert all(branch["note"] and not branch["branches"] for branch in deciding)
    assert second["way"] == "goes to"
    assert first["branches"][0]["rules"][0]["file"] == "pipes/customerp-customer-transform.conf.json"


def _below(branch):
    for inner in branch["branches"]:
        yield inner
        yield from _below(inner)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["OrganisationNam"], 'did you mean "OrganisationName"?'),
        (["Name", "--pipe", "customerp-customer-transfrm"], "there is no pipe or dataset"),
        (["a..b"], "is no path"),
    ],
)
def test_a_mistake_of_the_user(arguments, said, capsys):
    assert main(["lineage", *arguments]) == 2
    assert said in capsys.readouterr().err
