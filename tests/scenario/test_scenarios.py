"""Every scenario of the package comes out as it says, and they show every case of the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataflow.cli import main
from dataflow.cli.scenario import played
from dataflow.generate.mapping_file import read_mappings
from dataflow.results import Verdict
from dataflow.scenario.script_file import read_scenario, scenario_files
from dataflow.scenario.world import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.scenario.script import Scenario

ROOT = Path(__file__).parents[2]
FILES = scenario_files([ROOT / "tests" / "scenarios"])
CASES = {f"T{number}" for number in range(1, 18)}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(ROOT) as stage:
        yield stage


@pytest.fixture(scope="module")
def members() -> list[str]:
    return [m for concept in read_mappings(ROOT / "pipes" / "mappings").values() for m in concept.members]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path, stage: Stage, members: list[str]) -> None:
    result = played(read_scenario(path, members), stage)
    assert result.verdict is Verdict.PASS, [evidence.note for evidence in result.evidence]


def test_every_case_is_shown_and_many_more(members: list[str]) -> None:
    scenarios: list[Scenario] = [read_scenario(path, members) for path in FILES]
    assert CASES - {case for one in scenarios for case in one.about} == set()
    assert len([one for one in scenarios if not CASES.intersection(one.about)]) >= 30


WRONG = """\
title: What is not so
given:
  webcrm-organisation:
  - {OrganisationId: 11, OrganisationName: Fjord}
steps:
- sync:
- expect:
    counts: {customerp-customer: 2}
    writes: [POST customerp /customers]
    records: {customerp-customer of webcrm-organisation 11: {Name: Fjell}}
    requests: {POST customerp /customers: 2}
    failed: [customerp-customer-share]
    waited: 60
    plan: {insert: 1}
- edit: webcrm-organisation 12
  set: {OrganisationName: Vik}
"""


def test_what_is_not_as_expected_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG, "utf-8")
    assert main(["scenario", "run", str(path), "--dir", str(ROOT)]) == 1
    shown = capsys.readouterr().out
    for words in (
        "line 7: there are 1 customerp-customer, not 2",
        "line 7: written: POST customerp /customers, PUT webcrm /Organisations/*; expected: POST customerp /customers",
        "'Fjord'",
        "line 7: POST customerp /customers: 1 times, not 2",
        "line 7: failed: none, not customerp-customer-share",
        "seconds, not 60 or more",
        "line 7: the plan is",
        "line 15: ",
        "0 of 1 scenarios as expected, 1 not",
    ):
        assert words in shown, shown
