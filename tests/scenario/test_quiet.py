"""What a run costs: with nothing to do the collecting reads alone, and after an edit one run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataflow.scenario.world import Stage, World

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
# Two pages of each list: webCRM's ends with an empty one, Customerp says itself that there is no more.
READS = {
    "GET webcrm /Organisations": 2,
    "GET webcrm /Persons": 2,
    "GET webcrm /Users": 2,
    "GET webcrm /Products": 2,
    "GET webcrm /Opportunities": 2,
    "GET webcrm /QuotationLines": 2,
    "GET customerp /customers": 1,
    "GET customerp /contacts": 1,
    "GET customerp /products": 1,
    "GET customerp /orders": 1,
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The fixtures of the package in both systems, in step."""
    with Stage(ROOT) as stage:
        world = World(stage)
        for system in world.systems.values():
            system.seed(ROOT / "testdata")
        world.sync()
        yield world
        world.close()


def asked(world: World) -> Counter[str]:
    """All requests of one round, as scenarios write them."""
    marks = {system_id: len(system.journal) for system_id, system in world.systems.items()}
    report = world.round()
    assert report is not None
    assert not report.failures
    return Counter(
        world.shown(system_id, entry)
        for system_id, system in world.systems.items()
        for entry in system.journal.since(marks[system_id])
    )


def test_a_run_with_nothing_to_do_writes_nothing_and_reads_what_collecting_reads(world: World) -> None:
    for _ in range(3):
        assert asked(world) == READS
        assert world.reports[-1].written == 0


@pytest.mark.parametrize(
    ("member", "record", "changes", "writes"),
    [
        ("webcrm-organisation", "501", {"OrganisationCity": "Voss"}, {"PATCH customerp /customers/*": 1}),
        ("customerp-contact", "50501", {"JobTitle": "Leder"}, {"PUT webcrm /Persons/*": 1}),
        ("webcrm-quotationline", "501", {"QuotationLineQuantity": 7.5}, {"PATCH customerp /orders/*": 1}),
        ("customerp-product", "50501", {"UnitPrice": 12.75}, {"PUT webcrm /Products/*": 1}),
    ],
)
def test_an_edit_is_on_the_other_side_after_the_one_run_that_reads_it(
    world: World, member: str, record: str, changes: dict[str, object], writes: dict[str, int]
) -> None:
    world.wait(60)
    world.systems[member.partition("-")[0]].edit(member, record, changes)
    found = asked(world)
    looks = {f"GET {request.partition(' ')[2]}": number for request, number in writes.items()}
    assert found == READS | writes | looks
    # The next one knows what it wrote, and has nothing more to do.
    assert asked(world) == READS
