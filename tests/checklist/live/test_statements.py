"""Keys, links that come first and conditions, against both systems simulated: what the package does, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataflow.checklist.binding import Words, read_words
from dataflow.checklist.document import (
    Condition,
    Coverage,
    CreateIfConnected,
    Document,
    Flow,
    KeepInSync,
    KeyPair,
    LinkFirst,
    MergeKeys,
    Term,
)
from dataflow.checklist.facts import OWN_DOCUMENTS
from dataflow.checklist.live.runner import run_live
from dataflow.checklist.rst import read_document
from dataflow.generate.mapping_file import read_mappings
from dataflow.results import Verdict
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables
from dataflow.scenario.world import Stage, World

ROOT = Path(__file__).parents[3]


def played(document, words=None, **variables):
    with Stage(ROOT) as stage:
        world = World(stage, **variables)
        mappings = ROOT / "pipes" / "mappings"
        reading = Reading(read_mappings(mappings), world.project.env, read_tables(mappings, world.project.env))
        return run_live(document, world, reading, words=words or read_words(ROOT))


def verdicts(reports, name):
    return {report.id: one.verdict.value for report in reports for one in report.results if one.id.endswith(name)}


@pytest.fixture(scope="module", params=OWN_DOCUMENTS)
def reports(request):
    return played(read_document(ROOT / request.param)[0])


def test_every_statement_and_row_is_proven_both_ways(reports):
    assert len(reports) == 6
    results = [one for report in reports for one in report.results]
    assert {one.verdict for one in results} == {Verdict.PASS}
    rows = {
        (report.title, one.properties["row"], one.properties["direction"])
        for report in reports
        for one in report.results
        if "row" in one.properties
    }
    assert len(rows) == 57 + 45 + 2  # each way, and what is only compared
    assert all(one.evidence for one in results if "row" in one.properties)


def test_what_can_be_cleared_was_cleared_and_what_is_owned_was_put_back(reports):
    notes = {
        f"{one.properties['row']}.{one.properties['direction']}": " ".join(str(e.note) for e in one.evidence)
        for report in reports
        if "rganisations" in report.title
        for one in report.results
        if "row" in one.properties
    }
    for row in ("website", "city", "description", "vat", "phone", "country"):
        for direction in ("to-customerp", "to-webcrm"):
            assert "(edited in" in notes[f"{row}.{direction}"]
            assert "(cleared in" in notes[f"{row}.{direction}"]
    assert "has been put back" in notes["customer-number.to-webcrm"]
    assert "has been put back" in notes["owner-ni.to-customerp"]
    assert "cleared" not in notes["name.to-customerp"]  # webCRM demands a name


def test_a_link_does_not_come_first_where_records_may_be_made():
    """With the switch on, what Customerp has is made in webCRM, and a document that forbids it fails."""
    flow = Flow("Customerp Customer", "Webcrm Organisations", (LinkFirst(), KeepInSync()))
    found = played(Document("Customerp", "Webcrm", (flow,)), create_in_webcrm=True)
    assert verdicts(found, ".link-first") == {"customer-organisations": "fail"}


VENDOR = "If a Webcrm Persons does not work for the vendor"
WON = "When a Webcrm Opportunities is won"
WORDS = Words(
    conditions={
        VENDOR: {"holds": {"PersonOrganisationId": 2}, "fails": {"PersonOrganisationId": 1}},
        WON: {"holds": {"OpportunityWinYesNo": True}, "fails": {"OpportunityWinYesNo": False}},
    }
)


def test_conditions_that_the_package_has_and_has_not():
    persons = Flow("Webcrm Persons", "Customerp Contact", (Condition(VENDOR), KeepInSync()))
    orders = Flow("Webcrm Opportunities", "Customerp Order", (Condition(WON), KeepInSync()))
    users = Flow("Webcrm Users", "Customerp Contact", (Condition("If a Webcrm Users is nice"), KeepInSync()))
    found = played(Document("Webcrm", "Customerp", (persons, orders, users)), WORDS)
    assert verdicts(found, ".condition") == {
        "persons-contact": "pass",
        "opportunities-order": "fail",
        "users-contact": "unproven",
    }
    (failed,) = [one for report in found for one in report.results if one.verdict is Verdict.FAIL]
    assert failed.reason.endswith("does not satisfy it, and has a counterpart")
    (passed,) = [one for one in found[0].results if one.id.endswith(".condition")]
    assert [one.note for one in passed.evidence] == [
        "satisfies it, and has a counterpart",
        "does not satisfy it, and has no counterpart",
        "satisfies it by now, and has a counterpart",
    ]


def test_what_is_made_though_nothing_refers_to_it():
    stated = CreateIfConnected("Webcrm", ("Opportunities", "Quotationline"), "Customerp")
    flow = Flow("Webcrm Persons", "Customerp Contact", (LinkFirst(), stated, KeepInSync()))
    found = played(Document("Webcrm", "Customerp", (flow,)))
    assert verdicts(found, ".connected") == {"persons-contact": "fail"}


def test_a_key_that_is_none_fails_as_a_row_that_binds_to_nothing():
    pairs = (KeyPair(Term("OrganisationName"), Term("Name")),)
    flow = Flow("Webcrm Organisations", "Customerp Customer", (Coverage(), MergeKeys(pairs), KeepInSync()))
    found = played(Document("Webcrm", "Customerp", (flow,)))
    assert verdicts(found, ".stated.OrganisationName-Name") == {"organisations-customer": "fail"}
