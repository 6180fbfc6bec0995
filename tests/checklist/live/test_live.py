"""The living checklist holds for the package, and fails in the rows concerned, and no others, when one thing is broken."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataflow.checklist.facts import own_document
from dataflow.checklist.live.runner import run_live
from dataflow.generate.mapping_file import read_mappings
from dataflow.results import Verdict
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables
from dataflow.scenario.world import Stage, World

if TYPE_CHECKING:
    from dataflow.checklist.runner import FlowReport

ROOT = Path(__file__).parents[3]


def played(root: Path) -> list[FlowReport]:
    with Stage(root) as stage:
        world = World(stage)
        environment = world.project.env
        mappings = ROOT / "pipes" / "mappings"
        reading = Reading(read_mappings(mappings), environment, read_tables(mappings, environment))
        return run_live(own_document(), world, reading)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("pipes", "systems"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for file in ("live-env.json", "node-metadata.conf.json"):
        shutil.copy(ROOT / file, tmp_path)
    return tmp_path


def failing(reports: list[FlowReport]) -> set[str]:
    """Title of the flow, and of each result that does not pass."""
    return {f"{r.title}: {one.title}" for r in reports for one in r.results if one.verdict is not Verdict.PASS}


def test_every_flow_holds() -> None:
    reports = played(ROOT)
    assert failing(reports) == set()
    assert len(reports) == 6
    rows = [result for report in reports for result in report.results if "row" in result.properties]
    assert len(rows) > 90
    assert all(result.evidence for result in rows)


BREAKS = {
    "a property that does not go back": (
        "webcrm-organisation-transform",
        '["add", "OrganisationCity",',
        '["add", "_city",',
        {
            "Webcrm Organisations to Customerp Customer: OrganisationCity ← City",
            "Webcrm Organisations to Customerp Customer: in sync, Customerp to webCRM: 19 edits arrived",
        },
    ),
    "the oldest edit wins": (
        "global-product",
        '["last",',
        '["first",',
        {
            "Webcrm Products to Customerp Product: ProductCustom2 → Name",
        },
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_break_shows_in_its_rows(copy: Path, name: str) -> None:
    pipe, old, new, expected = BREAKS[name]
    path = copy / "pipes" / f"{pipe}.conf.json"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    found = failing(played(copy))
    assert expected <= found, sorted(found)
    flow = next(iter(expected)).partition(":")[0]
    others = {one for one in found if not one.startswith(flow)}
    assert others == set()


def test_every_edit_is_told_from_end_to_end() -> None:
    """The records at both ends before and after, the pipes it passed, the request that wrote it."""
    passages = {
        f"{report.id}.{result.properties['row']}.{result.properties['direction']}": evidence.passage
        for report in played(ROOT)
        for result in report.results
        for evidence in result.evidence
        if evidence.passage is not None and "row" in result.properties
    }
    assert len(passages) > 80
    for name, passage in passages.items():
        source, target = passage.records
        assert any(source.before[one] != source.after[one] for one in source.marked), name
        assert any(target.before[one] != target.after[one] for one in target.marked), name
        assert any(pipe.endswith("-share") for pipe in passage.pipes), name
        assert any(one in sent.body for sent in passage.requests for one in target.marked), name
        assert all(sent.status in (200, 201, 204) for sent in passage.requests), name
