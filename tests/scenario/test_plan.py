"""The plan of a first run says what the run then does, and writes nothing itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataflow.cli import main
from dataflow.generate.mapping_file import read_mappings
from dataflow.report.plan import plan_lines, plan_page, summary
from dataflow.scenario.plan import Kind, plan_of
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables
from dataflow.scenario.world import Stage, World

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
THEN = "2026-06-01T10:00:00+01:00"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(ROOT) as stage:
        yield stage


def begun(stage: Stage, mode: str) -> tuple[World, Reading]:
    world = World(stage, share_pump_mode=mode)
    world.systems["webcrm"].load(
        "webcrm-organisation",
        [
            {"OrganisationId": 11, "OrganisationName": "<b>Fjord</b>", "OrganisationUpdatedAt": THEN},
            {
                "OrganisationId": 12,
                "OrganisationName": "Fjell",
                "OrganisationVatNumber": "NO 910 000 012 MVA",
                "OrganisationUpdatedAt": THEN,
            },
        ],
    )
    world.systems["webcrm"].load(
        "webcrm-person",
        [{"PersonId": 31, "PersonOrganisationId": 11, "PersonLastName": "Berg", "PersonUpdatedAt": THEN}],
    )
    world.systems["customerp"].load(
        "customerp-customer",
        [{"Id": 912, "Name": "Fjell AS", "OrganizationNumber": "910000012", "UpdatedAt": "2026-07-01T10:00:00Z"}],
    )
    environment = world.project.env
    mappings = ROOT / "pipes" / "mappings"
    return world, Reading(read_mappings(mappings), environment, read_tables(mappings, environment))


def test_plan_says_what_would_happen_and_nothing_happens(stage: Stage) -> None:
    world, reading = begun(stage, "off")
    world.round()
    plan = plan_of(world.node, reading)
    assert world.writes() == []
    told = {(line.kind, line.member, line.entity) for line in plan.lines if line.kind is not Kind.UNCHANGED}
    assert told == {
        (Kind.INSERT, "customerp-customer", "webcrm-organisation:11"),
        (Kind.MATCH, "customerp-customer", "customerp-customer:912"),
        (Kind.UPDATE, "webcrm-organisation", "webcrm-organisation:12"),
        (Kind.WAIT, "customerp-contact", "webcrm-person:31"),
    }
    (update,) = (line for line in plan.lines if line.kind is Kind.UPDATE)
    changes = {change.property: (change.before, change.after) for change in update.changes}
    assert changes["OrganisationName"] == ("Fjell", "Fjell AS")
    assert "OrganisationId" not in changes


def test_the_run_then_writes_just_that(stage: Stage) -> None:
    world, _ = begun(stage, "scheduled")
    world.sync(1)
    assert sorted(world.shown(*write) for write in world.writes()) == [
        "PATCH customerp /customers/*",
        "POST customerp /customers",
        "PUT webcrm /Organisations/*",
    ]


def test_page_shows_names_as_they_are_written(stage: Stage) -> None:
    world, reading = begun(stage, "off")
    world.round()
    plan = plan_of(world.node, reading)
    page = plan_page(plan, title="Plan")
    assert "&lt;b&gt;Fjord&lt;/b&gt;" in page
    assert "<b>Fjord</b>" not in page
    assert summary(plan) == "1 to be made, 1 to be linked, 1 to be changed, 1 waiting"
    lines = list(plan_lines(plan))
    assert any("waits for webcrm-organisation:11" in line for line in lines)


def test_command_plans_the_fixtures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--simulate", "--dir", str(ROOT), "--format", "json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["counts"]["insert"] > 20
    assert (
        main(["plan", "--simulate", "--dir", str(ROOT), "--format", "html", "--output", str(tmp_path / "p.html")]) == 0
    )
    assert (tmp_path / "p.html").read_text("utf-8").startswith("<!doctype html>")


def test_real_systems_need_their_secrets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("WEBCRM_APPLICATION_TOKEN", raising=False)
    assert main(["plan", "--dir", str(ROOT)]) == 2
    assert "WEBCRM_APPLICATION_TOKEN" in capsys.readouterr().err
