"""What the package cannot do without is missed by a scenario when it is taken out, and by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataflow.cli.scenario import played
from dataflow.generate.mapping_file import read_mappings
from dataflow.results import Verdict
from dataflow.scenario.script_file import read_scenario
from dataflow.scenario.world import Stage
from scenario.breaks import BREAKS, broken

if TYPE_CHECKING:
    from dataflow.results import Result

ROOT = Path(__file__).parents[2]


def play_in(package: Path, name: str) -> Result:
    members = [m for concept in read_mappings(ROOT / "pipes" / "mappings").values() for m in concept.members]
    with Stage(package) as stage:
        return played(read_scenario(ROOT / "tests" / "scenarios" / f"{name}.yaml", members), stage)


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_noticed_by_a_scenario(name: str, tmp_path: Path) -> None:
    _, scenario, words = BREAKS[name]
    result = play_in(broken(ROOT, tmp_path / "package", name), scenario)
    notes = [evidence.note for evidence in result.evidence]
    assert result.verdict is Verdict.FAIL
    assert any(words in str(note) for note in notes), notes


@pytest.mark.parametrize("name", sorted({scenario for _, scenario, _ in BREAKS.values()}))
def test_the_scenario_is_as_expected_without_the_break(name: str) -> None:
    assert play_in(ROOT, name).verdict is Verdict.PASS
