"""A journey tells which pipes an edit passed, what they wrote of it, and which requests that led to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataflow.checklist.live import cast
from dataflow.scenario.journey import Change, Recorder
from dataflow.scenario.world import Stage, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.scenario.journey import Journey

ROOT = Path(__file__).parents[2]
COMPANY = {"webcrm-organisation:2", "customerp-customer:1001"}


@pytest.fixture(scope="module")
def journey() -> Iterator[Journey]:
    with Stage(ROOT) as stage:
        world = World(stage)
        cast.enter(world)
        world.sync()
        world.wait(60)
        world.systems["webcrm"].edit("webcrm-organisation", "2", {"OrganisationName": "Nordlys AS"})
        world.systems["customerp"].edit("customerp-contact", "1005", {"JobTitle": "Sjef"})
        recorder = Recorder(world)
        world.sync(watch=recorder.watch)
        yield recorder.journey
        world.close()


def test_the_pipes_come_in_the_order_they_were_passed(journey: Journey) -> None:
    passed = journey.of(COMPANY).pipes
    wanted = [
        "webcrm-organisation-all",
        "webcrm-organisation-collect",
        "webcrm-organisation-enrich",
        "global-organisation",
        "customerp-customer-transform-split",
        "customerp-customer-transform",
        "customerp-customer-share",
    ]
    assert [pipe for pipe in passed if pipe in wanted] == wanted


def test_what_is_about_other_records_is_left_out(journey: Journey) -> None:
    assert "webcrm-person-share" in journey.pipes
    assert "webcrm-person-share" not in journey.of(COMPANY).pipes
    (request,) = journey.of(COMPANY).requests
    assert str(request) == "PATCH /api/v1/customers/1001 → 200"
    assert request.body == '{"Name": "Nordlys AS"}'


def test_each_way_has_its_request(journey: Journey) -> None:
    assert [(r.system, r.record_id) for r in journey.requests] == [("customerp", "1001"), ("webcrm", "1")]


def test_a_version_says_what_changed(journey: Journey) -> None:
    step = next(step for step in journey.of(COMPANY).steps if step.pipe == "global-organisation")
    assert step.round == 1
    (version,) = step.versions
    assert version.names == COMPANY
    assert version.changes == (Change("name", "Firma 1", "Nordlys AS"),)
    assert not version.made
    assert not version.deleted


def test_changes_go_into_objects(journey: Journey) -> None:
    step = next(step for step in journey.of(COMPANY).steps if step.pipe == "customerp-customer-share")
    assert any(change.name == "payload.Name" and change.after == "Nordlys AS" for change in step.versions[0].changes)
