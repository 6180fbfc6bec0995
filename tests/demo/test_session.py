"""Edits, syncs and explanations, without the pages."""

import pytest

from dataflow.demo.travel import part_of, places, stops
from dataflow.errors import UsageError


@pytest.fixture
def session(demo):
    return demo.session


def pair(session, flow="persons-contact", record="1"):
    return session.pairing().pair(session.flow(flow), record)


def lines(session, which):
    return {line.row.golden: line for line in session.pairing().lines(which)}


def test_it_begins_in_step_and_every_flow_has_records(session):
    assert list(session.flows) == [
        "opportunities-order",
        "quotationline-order",
        "organisations-customer",
        "persons-contact",
        "users-contact",
        "products-product",
    ]
    for name, flow in session.flows.items():
        pairs = session.pairing().pairs(flow)
        assert pairs, name
        for one in pairs:
            assert one.counterpart is not None
            assert not any(line.differs for line in session.pairing().lines(one)), one
    assert not session.sync().requests


@pytest.mark.parametrize("flow", ["organisations-customer", "users-contact"])
def test_a_property_with_two_rows_has_one_field(session, flow):
    which = session.pairing().pairs(session.flow(flow))[0]
    for system in ("webcrm", "customerp"):
        names = [one.name for line in session.pairing().lines(which) for one in line.fields[system]]
        assert len(names) == len(set(names))
    assert any(line.above["webcrm"] for line in session.pairing().lines(which))


@pytest.mark.parametrize(
    ("system", "typed", "other"),
    [("webcrm", "PersonTitle", "JobTitle"), ("customerp", "JobTitle", "PersonTitle")],
)
def test_an_edit_waits_for_a_sync_and_then_arrives(session, system, typed, other):
    which = pair(session)
    assert session.edit(which, system, {typed: "Arkitekt"}) == [typed]
    assert session.pending == [f"{which.place(system)} {typed}"]
    assert lines(session, which)["job-title"].differs
    journey = session.sync()
    (there,) = lines(session, which)["job-title"].fields["customerp" if system == "webcrm" else "webcrm"]
    assert (there.name, there.text) == (other, "Arkitekt")
    assert session.pending == []
    assert len(journey.requests) == 1
    assert "Arkitekt" in journey.requests[0].body


@pytest.mark.parametrize("first", ["webcrm", "customerp"])
def test_of_two_edits_the_later_one_counts(session, first):
    which = pair(session)
    second = "customerp" if first == "webcrm" else "webcrm"
    names = {"webcrm": "PersonTitle", "customerp": "JobTitle"}
    session.edit(which, first, {names[first]: "Earlier"})
    session.edit(which, second, {names[second]: "Later"})
    session.sync()
    fields = lines(session, which)["job-title"].fields
    assert [one.text for side in fields.values() for one in side] == ["Later", "Later"]


def test_what_is_not_changed_is_not_written(session):
    which = pair(session)
    as_shown = {one.name: one.text for line in session.pairing().lines(which) for one in line.fields["webcrm"]}
    assert session.edit(which, "webcrm", as_shown) == []
    assert session.edit(which, "webcrm", {name: text.replace("\n", "\r\n") for name, text in as_shown.items()}) == []


def test_what_nobody_may_edit_is_not_edited(session):
    assert session.edit(pair(session), "webcrm", {"PersonId": "99", "Nothing": "1"}) == []


def test_a_value_that_a_system_refuses(session):
    customer = session.pairing().pairs(session.flow("organisations-customer"))[0]
    with pytest.raises(UsageError, match=r"Customerp refuses that: .*CountryCode"):
        session.edit(customer, "customerp", {"CountryCode": "Norway"})
    assert session.pending == []


def test_every_stop_of_a_journey_says_what_its_pipe_is_there_for(session):
    session.edit(pair(session), "customerp", {"JobTitle": "Arkitekt"})
    journey = session.sync()
    found = stops(journey)
    assert [one.pipe for one in found][:4] == [
        "customerp-contact-all",
        "customerp-contact-collect",
        "customerp-contact-enrich",
        "global-person",
    ]
    assert all(one.part for one in found)
    assert [told.name for one in found[:4] for told in one.told] == [
        "JobTitle",
        "JobTitle",
        "claims.job-title",
        "job-title",
    ]
    # What is sent is told by its request.
    assert not [told.name for one in found for told in one.told if told.name.startswith("payload.")]
    assert places(journey)["datatype:customerp-contact"] == 0
    assert places(journey)["global:global-person"] == 3
    assert set(places(journey)) <= {item.id for item in session.picture.items}


def test_every_pipe_that_runs_has_a_part(session):
    assert [
        pipe.id for pipe in session.world.node.pipes if not part_of(pipe.id) and not pipe.id.endswith("-endpoint")
    ] in (
        [],
        ["mock-response"],
    )


def test_why_tells_whose_claim_counts(session):
    session.edit(pair(session), "customerp", {"JobTitle": "Arkitekt"})
    session.sync()
    found = session.why("webcrm-person", "1", "PersonTitle")
    assert (found.value, found.title) == ("Arkitekt", "PersonTitle ↔ JobTitle")
    assert [(claim.place.partition(":")[0], claim.wins, claim.since is not None) for claim in found.claims] == [
        ("webcrm-person", False, False),
        ("customerp-contact", True, True),
    ]
    assert found.chain is not None
    assert found.chain.pipe == "webcrm-person-transform"


def test_every_value_shown_can_be_explained(session):
    for flow in session.flows.values():
        which = session.pairing().pairs(flow)[0]
        for line in session.pairing().lines(which):
            for system in ("webcrm", "customerp"):
                for one in line.fields[system]:
                    member, _, record_id = which.place(system).partition(":")
                    found = session.why(member, record_id, one.name)
                    assert found.rule
                    linked = line.row.kind in ("link", "parent", "contact-type", "compared")
                    assert found.chain is not None or linked or found.value in (None, 0, ""), one.name


@pytest.mark.parametrize(
    "what", [("webcrm-person", "99", "PersonTitle"), ("webcrm-person", "1", "Nothing"), ("nobody", "1", "x")]
)
def test_what_is_not_there_cannot_be_explained(session, what):
    with pytest.raises(UsageError):
        session.why(*what)


def test_counts_are_of_what_both_systems_hold(session):
    counts = session.counts()
    assert counts["datatype:webcrm-person"] == 4
    assert counts["datatype:customerp-contact"] == 6
    assert counts["global:global-person"] == 6


def test_beginning_again_forgets_everything(session):
    session.edit(pair(session), "webcrm", {"PersonTitle": "Arkitekt"})
    session.sync()
    session.begin()
    assert (session.pending, session.journey) == ([], None)
    (title,) = lines(session, pair(session))["job-title"].fields["webcrm"]
    assert title.text == "Daglig leder"
