"""Every way a replay can go wrong makes the rows concerned fail, and no others."""

import pytest

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
    Property,
    Term,
)
from dataflow.checklist.runner import run
from dataflow.errors import FindingsError, UsageError
from dataflow.results import Verdict
from dataflow.scenario.tables import read_tables

from .conftest import EARLY, LATE, customer, group, organisation, state

FLOW = Flow("Webcrm Organisations", "Customerp Customer", (Coverage(), KeepInSync()))
ID = "organisations-customer"

SOUND = {
    "covered": "pass",
    "linked": "pass",
    "sync-to-customerp": "pass",
    "sync-to-webcrm": "pass",
    "name.to-customerp": "pass",
    "name.to-webcrm": "pass",
    "vat.to-customerp": "pass",
    "vat.to-webcrm": "pass",
    "city.to-customerp": "unproven",
    "city.to-webcrm": "pass",
    "active.to-customerp": "pass",
    "number.to-webcrm": "pass",
    "external-id.to-customerp": "pass",
}


def report(scene, *flows, only=None):
    (found,) = run(Document("Webcrm", "Customerp", flows or (FLOW,)), scene.view(), only=only)
    return found


def verdicts(found):
    return {result.id.removeprefix(f"{ID}."): result.verdict.value for result in found.results}


def changed(found):
    """What is no longer as in a sound replay."""
    return {row: verdict for row, verdict in verdicts(found).items() if verdict != SOUND[row]}


def result(found, row):
    return next(one for one in found.results if one.id == f"{ID}.{row}")


def test_a_sound_replay(scene):
    found = report(scene)
    assert verdicts(found) == SOUND
    assert found.holds
    assert found.rows(Verdict.UNPROVEN) == ["city"]
    assert result(found, "covered").title == (
        "every record is covered: 3 of 3 (2 linked, 1 to be made, 1 of the vendor's own organisation left out)"
    )
    proof = result(found, "name.to-customerp").evidence[0]
    assert (proof.pipe, proof.entity) == ("customerp-customer-transform", "customerp-customer:100")
    assert proof.note == '"Old name" becomes "New name" (newest: webcrm-organisation:10)'


def test_an_update_is_better_proof_than_a_new_record(scene):
    found = report(scene)
    assert result(found, "vat.to-customerp").evidence[0].note.startswith('made with "987654321"')


def drop(pipe, prop):
    def sabotage(scene):
        for entity in scene.datasets[pipe]:
            entity.pop(prop, None)

    return sabotage


def swap(scene):
    """The older name wins."""
    scene.datasets["customerp-customer-transform"][0]["Name"] = "Old name"
    scene.datasets["webcrm-organisation-transform"][0]["OrganisationName"] = "Old name"


def wrong_way(scene):
    scene.datasets["webcrm-organisation-transform"][1]["OrganisationStatus"] = "Active"


def wrong_type(scene):
    scene.datasets["customerp-customer-transform"][0]["IsActive"] = "true"


def number_for_text(scene):
    scene.organisations[1]["OrganisationName"] = "77"
    scene.datasets["customerp-customer-transform"][0]["Name"] = 77
    scene.datasets["webcrm-organisation-transform"][0]["OrganisationName"] = "77"


def blank(scene):
    """A value that nobody edited is lost on the way."""
    scene.datasets["customerp-customer-transform"][0]["City"] = None


def other_link(scene):
    scene.datasets["customerp-customer-transform"][1]["ExternalId"] = "10"


def forget(scene):
    del scene.datasets["customerp-customer-transform"][2]


def duplicate_link(scene):
    scene.datasets["global-organisation"].append(group("webcrm-organisation:12", "customerp-customer:101"))


def named_but_apart(scene):
    scene.organisations.append(organisation(13, EARLY))
    scene.customers.append(customer(103, EARLY, ExternalId="13"))
    scene.datasets["global-organisation"] += [group("webcrm-organisation:13"), group("customerp-customer:103")]
    ids = ("webcrm-organisation:13",)
    made = state(ids[0], ids, Name="N", IsActive=True, ExternalId="13")
    scene.datasets["customerp-customer-transform"].append(made)


def made_again(scene):
    ids = ("webcrm-organisation:10", "customerp-customer:100")
    again = state(ids[0], ids, Name="New name", City="Bergen", IsActive=True, ExternalId="10")
    scene.datasets["customerp-customer-transform"].append(again)


def untold(scene):
    del scene.datasets["webcrm-organisation-transform"][0]


# What is done to the replay, and the rows that fail for it.
SABOTAGE = {
    "property dropped on the way out": (
        drop("customerp-customer-transform", "Name"),
        {"name.to-customerp", "sync-to-customerp"},
    ),
    # It was the one newer edit of its record, so that record is not in sync either.
    "property dropped on the way back": (
        drop("webcrm-organisation-transform", "OrganisationCity"),
        {"city.to-webcrm", "sync-to-webcrm"},
    ),
    "one-way property dropped": (drop("webcrm-organisation-transform", "OrganisationNumber"), {"number.to-webcrm"}),
    "external id dropped": (drop("customerp-customer-transform", "ExternalId"), {"external-id.to-customerp"}),
    "the older edit wins": (swap, {"name.to-customerp", "name.to-webcrm", "sync-to-customerp"}),
    "a one-way property goes back": (wrong_way, {"active.to-customerp"}),
    "a text where a boolean belongs": (wrong_type, {"active.to-customerp"}),
    "a number where a text belongs": (number_for_text, {"name.to-customerp", "sync-to-customerp"}),
    "a value blanked": (blank, {"city.to-customerp"}),
    "an external id of another": (other_link, {"external-id.to-customerp"}),
    "a record forgotten": (forget, {"covered"}),
    "a duplicate link": (duplicate_link, {"linked"}),
    "linked by its external id, but apart": (named_but_apart, {"linked"}),
    "made again": (made_again, {"linked"}),
    "a linked record nobody speaks of": (untold, {"sync-to-webcrm"}),
}


@pytest.mark.parametrize(("sabotage", "failing"), SABOTAGE.values(), ids=SABOTAGE.keys())
def test_sabotage(scene, sabotage, failing):
    sabotage(scene)
    found = report(scene)
    assert {row for row, verdict in verdicts(found).items() if verdict == "fail"} == failing
    assert not found.holds
    assert all(one.reason and one.evidence for one in found.results if one.verdict is Verdict.FAIL)


def test_what_no_record_tells_is_unproven_and_never_passed(scene):
    scene.organisations = [organisation(10, LATE)]
    scene.customers = [customer(100, EARLY, ExternalId="10")]
    ids = ("webcrm-organisation:10", "customerp-customer:100")
    scene.datasets = {
        "global-organisation": [group(*ids)],
        "customerp-customer-transform": [state(ids[1], ids, Id=100, Name="N", IsActive=True, ExternalId="10")],
        "webcrm-organisation-transform": [state(ids[0], ids, OrganisationName="N", OrganisationNumber="")],
    }
    found = report(scene)
    assert {row for row, verdict in verdicts(found).items() if verdict == "pass"} == {"covered", "linked"}
    assert "fail" not in verdicts(found).values()
    assert not found.holds
    assert result(found, "name.to-customerp").reason == "none of 1 records differs with the newer edit in webCRM"


def test_no_fixtures_prove_nothing(scene):
    scene.organisations, scene.customers = [], []
    scene.datasets = {name: [] for name in scene.datasets}
    found = report(scene)
    assert set(verdicts(found).values()) == {"unproven"}
    assert not found.holds


def test_a_value_keeps_its_time_while_it_is_unchanged(scene):
    # The record was changed last in webCRM, its name before that of the customer.
    scene.organisations[1] = organisation(10, "2023-01-01T00:00:00Z", OrganisationName="Old name")
    scene.organisations.append(organisation(10, LATE, OrganisationName="Old name", OrganisationCity="Oslo"))
    scene.customers[0]["Name"] = "New name"
    scene.datasets["customerp-customer-transform"][0]["City"] = "Oslo"
    scene.datasets["webcrm-organisation-transform"][0]["OrganisationCity"] = "Oslo"
    found = report(scene)
    assert result(found, "name.to-webcrm").verdict is Verdict.PASS
    assert result(found, "city.to-customerp").evidence[0].note.startswith('"Bergen" becomes "Oslo"')
    assert found.holds


def test_an_edit_of_a_duplicate_in_the_same_system_proves_no_direction(scene):
    ids = ("webcrm-organisation:10", "webcrm-organisation:14", "customerp-customer:100")
    scene.organisations = [
        organisation(10, LATE, OrganisationName="New"),
        organisation(14, EARLY, OrganisationName="Old"),
    ]
    scene.customers = [customer(100, EARLY, Name="New", ExternalId="10")]
    scene.datasets = {
        "global-organisation": [group(*ids)],
        "customerp-customer-transform": [state(ids[2], ids, Id=100, Name="New", IsActive=True, ExternalId="10")],
        "webcrm-organisation-transform": [
            state(one, ids, OrganisationName="New", OrganisationNumber="") for one in ids[:2]
        ],
    }
    assert result(report(scene), "name.to-webcrm").verdict is Verdict.UNPROVEN


def test_a_cleared_value_is_an_edit_and_one_that_never_was_is_none(scene):
    scene.organisations[1] = organisation(10, EARLY, OrganisationName="New name", OrganisationCity="Bergen")
    scene.organisations.append(organisation(10, LATE, OrganisationName="New name", OrganisationCity=""))
    scene.datasets["webcrm-organisation-transform"][0]["OrganisationCity"] = ""
    assert result(report(scene), "city.to-customerp").verdict is Verdict.FAIL


def test_an_exact_tie_goes_to_the_side_the_mapping_says(scene):
    scene.customers[0]["UpdatedAt"] = LATE
    assert result(report(scene), "name.to-customerp").verdict is Verdict.PASS


def test_what_waits_is_covered_and_told(scene):
    scene.datasets["customerp-customer-transform"][2]["$discard"] = "waits for its owner"
    covered = result(report(scene), "covered")
    assert covered.verdict is Verdict.PASS
    assert "1 waiting" in covered.title
    assert covered.evidence[0].note == "waits for its owner"


def test_a_deleted_record_needs_no_counterpart(scene):
    scene.organisations.append({"_id": "14", "_deleted": True})
    assert result(report(scene), "covered").title.startswith("every record is covered: 3 of 3")


def test_a_flow_without_a_mapping_fails(scene):
    found = report(scene, Flow("Webcrm Meetings", "Customerp Task", (Coverage(), KeepInSync())))
    assert [(one.verdict.value, one.title) for one in found.results] == [("fail", "the flow exists")]


def test_rows_of_the_document_must_be_rows_of_the_mapping(scene):
    rows = (
        Property(Term("OrganisationName"), Term("Name"), "string"),
        Property(Term("OrganisationFax"), Term("Fax"), "string"),
        Property(Term("OrganisationNumber"), Term("CustomerNumber"), "string"),
    )
    found = report(scene, Flow(FLOW.source, FLOW.target, (*FLOW.rows, *rows)))
    stated = [(one.verdict.value, one.reason) for one in found.results if ".stated." in one.id]
    assert stated == [
        ("fail", "no row of the mapping"),
        ("fail", "the mapping has it the other way only"),
    ]


@pytest.mark.parametrize("name", ["organisations", "Organisations-Customer", "Webcrm Organisations"])
def test_a_flow_by_name(scene, name):
    assert report(scene, only=name).id == ID


def test_an_unknown_flow_is_a_mistake_of_the_user(scene):
    with pytest.raises(UsageError, match='no flow "organisation"; did you mean "organisations-customer"'):
        report(scene, only="organisation")


def test_a_reference_table_without_a_name_has_a_place(tmp_path):
    (tmp_path / "classification.yaml").write_text("country:\n  - {code: SE, webcrm: Sverige}\n", "utf-8")
    with pytest.raises(FindingsError) as caught:
        read_tables(tmp_path, {})
    assert [(fault.code, fault.line) for fault in caught.value.diagnostics] == [("DF501", 2)]


def keyed(scene):
    """The same VAT number on both sides of the pair that nothing else links."""
    scene.organisations[2]["OrganisationExtraCustom1"] = "NO 123"
    pairs = [
        KeyPair(Term(one), Term(two))
        for one, two in (("OrganisationExtraCustom1", "OrganizationNumber"), ("OrganisationId", "ExternalId"))
    ]
    return Flow(FLOW.source, FLOW.target, (Coverage(), MergeKeys(tuple(pairs)), KeepInSync()))


def test_keys_that_link_alone(scene):
    found = report(scene, keyed(scene))
    vat, named = result(found, "key-vat"), result(found, "key-external-id")
    assert (vat.verdict, named.verdict) == (Verdict.PASS, Verdict.PASS)
    assert vat.evidence[0].note == "are linked by OrganizationNumber alone"
    assert named.evidence[0].entity == "webcrm-organisation:10 and customerp-customer:100"


def test_records_with_the_same_key_that_are_apart(scene):
    flow = keyed(scene)
    scene.datasets["global-organisation"][1:2] = [group("webcrm-organisation:11"), group("customerp-customer:101")]
    scene.datasets["global-organisation"][0:1] = [group("webcrm-organisation:10"), group("customerp-customer:100")]
    found = report(scene, flow)
    assert result(found, "key-vat").reason.endswith("have the same OrganizationNumber and are apart")
    assert result(found, "key-external-id").reason.endswith("are apart although ExternalId names it")


def test_a_key_that_two_records_of_a_side_have_links_nobody(scene):
    flow = keyed(scene)
    scene.organisations.append(organisation(15, EARLY, OrganisationExtraCustom1="123"))
    scene.datasets["global-organisation"].append(group("webcrm-organisation:15"))
    assert result(report(scene, flow), "key-vat").verdict is Verdict.UNPROVEN


def test_a_link_comes_first(scene):
    flow = Flow("Customerp Customer", "Webcrm Organisations", (LinkFirst(), KeepInSync()))

    def told():
        (found,) = run(Document("Customerp", "Webcrm", (flow,)), scene.view())
        return next(one for one in found.results if one.id.endswith(".link-first"))

    ids = ("customerp-customer:104",)
    scene.customers.append(customer(104, EARLY))
    scene.datasets["global-organisation"].append(group(*ids))
    assert told().verdict is Verdict.PASS
    scene.root = scene.root / "again"
    scene.root.mkdir()
    scene.datasets["webcrm-organisation-transform"].append(state(ids[0], ids, OrganisationName="N"))
    assert told().reason == "1 would be made: customerp-customer:104"


def test_what_only_living_systems_tell_is_unproven(scene):
    stated = (Condition("If it is raining"), CreateIfConnected("Webcrm", ("Persons",), "Customerp"), KeepInSync())
    found = report(scene, Flow(FLOW.source, FLOW.target, stated))
    assert (result(found, "condition").verdict, result(found, "connected").verdict) == (Verdict.UNPROVEN,) * 2
    assert not found.holds


def test_what_a_document_does_not_claim_is_beyond_it(scene):
    found = report(
        scene, Flow(FLOW.source, FLOW.target, (Coverage(), Property(Term("OrganisationName"), Term("Name"), "string")))
    )
    assert found.beyond == (
        "OrganisationExtraCustom1 → OrganizationNumber",
        "OrganisationCity → City",
        "OrganisationStatus → IsActive",
        "OrganisationId → ExternalId",
    )
