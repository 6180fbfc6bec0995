"""`dataflow rules`: the list, one rule, and ids nobody knows."""

from __future__ import annotations

import json

import pytest

from dataflow.cli import main
from dataflow.rules import RULES


def test_list_has_every_rule_under_its_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in lines if line.startswith("  DF")) == sorted(RULES)
    assert lines.index("Security (security)") < lines.index("  DF803  warning  certificate that is not verified")
    assert "  DF844  info     inbound pipe without a schedule (when asked for)" in lines


def test_one_rule_with_its_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "DF303"]) == 0
    assert (
        capsys.readouterr().out
        == """\
DF303 environment variable without a value (error, references)

  A variable without a value in this profile. Its name stays in the text as it is.

  Rests on hub/documentation/service-configuration/environment-variables/environment-variables.rst

  Bad:

    --- test-env.json
    {}
    --- and, the same in both: pipes/erp-order.conf.json

    pipes/erp-order.conf.json:8:13: error DF303: environment variable "pump-mode" has no value
      at /pump/mode
      hint: give it a value in the profile's -env.json

  Good:

    --- test-env.json
    {
      "pump-mode": "manual"
    }
    --- and, the same in both: pipes/erp-order.conf.json

    no findings
"""
    )


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "json"]) == 0
    found = {one["code"]: one for one in json.loads(capsys.readouterr().out)}
    assert found.keys() == RULES.keys()
    assert (found["DF844"]["usual"], found["DF844"]["severity"], found["DF844"]["family"]) == (
        False,
        "info",
        "settings",
    )
    assert all(one["bad"] and one["good"] and one["text"] for one in found.values())


def test_an_unknown_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "DF3011"]) == 1
    assert capsys.readouterr().err == 'dataflow: unknown rule "DF3011"; did you mean "DF301"?\n'
    assert main(["rules", "x"]) == 1
    assert capsys.readouterr().err == 'dataflow: unknown rule "x"; `dataflow rules` lists them\n'


@pytest.mark.parametrize("more", [["DF301"], ["--format", "json"]])
def test_markdown_is_the_whole_page(capsys: pytest.CaptureFixture[str], more: list[str]) -> None:
    assert main(["rules", "--markdown", *more]) == 2
    assert "give it alone" in capsys.readouterr().err


def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("# Rules\n")
