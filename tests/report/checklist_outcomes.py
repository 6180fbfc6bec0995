"""A made-up outcome of a checklist: two flows, every verdict, evidence of an edit on its way, and waivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from dataflow.checklist.outcome import Outcome
from dataflow.checklist.runner import FlowReport
from dataflow.checklist.waivers import Waiver
from dataflow.results import Evidence, Passage, Result, Seen, Sent, Verdict

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
TAG = "<script>alert(1)</script>"

PASSAGE = Passage(
    (
        Seen(
            "webcrm-person:1",
            {"PersonFirstName": "Kari", "PersonTitle": "Boss"},
            {"PersonFirstName": TAG, "PersonTitle": "Boss"},
            ("PersonFirstName",),
        ),
        Seen("customerp-contact:7", None, {"FirstName": TAG}, ("FirstName",)),
    ),
    ("webcrm-person-all", "global-person", "customerp-contact-share"),
    (Sent("PATCH customerp /contacts/7", '{"FirstName": "sent"}', 200),),
)


def row(name, direction, verdict=Verdict.PASS, reason=None, *evidence):
    arrow = "→" if direction == "to-customerp" else "←"
    about = {"row": name, "way": "both", "direction": direction}
    return Result(f"x.{name}.{direction}", f"Person{name} {arrow} {name}", verdict, reason, evidence, properties=about)


EDIT = Evidence(None, "customerp-contact:7", note="now | it", passage=PASSAGE)
PERSONS = FlowReport(
    "persons-contact",
    "Webcrm Persons to Customerp Contact",
    (
        Result("persons-contact.linked-once", "each link stands once", Verdict.PASS),
        row("first-name", "to-customerp", Verdict.PASS, None, EDIT),
        row("first-name", "to-webcrm", Verdict.FAIL, "webCRM says nothing"),
        row("email", "to-customerp"),
    ),
)
PRODUCTS = FlowReport(
    "products-product",
    "Webcrm Products to Customerp Product",
    (row("price", "to-customerp"), row("price", "to-webcrm", Verdict.UNPROVEN, "nobody could edit it")),
)
FAILS = "persons-contact.first-name.to-webcrm"


def waiver(row_name, until=date(2026, 12, 1), reason="until their next release"):
    return Waiver(row_name, "Kari Nordmann", reason, until)


def outcome(*waivers, flows=(PERSONS, PRODUCTS), at=AT, **more):
    return Outcome("Webcrm to Customerp Dataflow", "live", at, tuple(flows), tuple(waivers), **more)


def mended():
    """The same, and nothing fails."""
    rows = tuple(replace(one, verdict=Verdict.PASS, reason=None) for one in PERSONS.results)
    return outcome(flows=(replace(PERSONS, results=rows), PRODUCTS))
