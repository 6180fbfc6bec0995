"""Every way in which two systems can be out of step is noticed, and named in the one place it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dataflow.results import Verdict
from dataflow.scenario.convergence import in_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.scenario.reading import Reading

    Records = dict[str, dict[str, dict[str, Any]]]


def faults(reading: Reading, records: Records, **more: Any) -> dict[str, str]:
    return {r.id: str(r.reason) for r in in_step(reading, records, **more) if r.verdict is Verdict.FAIL}


def test_systems_in_step(reading: Reading, records: Records) -> None:
    assert faults(reading, records) == {}
    ids = [result.id for result in in_step(reading, records)]
    assert len(ids) == len(set(ids)) == sum(2 + len(flow.rows) for flow in reading.flows)


def put(member: str, record: str, prop: str, value: object) -> Callable[[Records], None]:
    def change(records: Records) -> None:
        records[member][record][prop] = value

    return change


def copied(member: str, record: str, other: str) -> Callable[[Records], None]:
    def change(records: Records) -> None:
        records[member][other] = dict(records[member][record])

    return change


BREAKS: dict[str, tuple[Callable[[Records], None], str, str]] = {
    "a value that differs": (
        put("customerp-customer", "911", "Name", "Fjorden"),
        "webcrm-organisation-customerp-customer.name",
        "webCRM says 'Fjord', Customerp 'Fjorden'",
    ),
    "half of a shared field": (
        put("customerp-customer", "911", "StreetAddress2", None),
        "webcrm-organisation-customerp-customer.street-more",
        "'Inngang B', Customerp None",
    ),
    "a reference to somebody else": (
        put("customerp-customer", "911", "SalesRepresentativeId", 931),
        "webcrm-organisation-customerp-customer.owner-ni",
        "'921', Customerp '931'",
    ),
    "a reference that is not there": (
        put("customerp-order", "951", "CustomerId", None),
        "webcrm-opportunity-customerp-order.organisation-ni",
        "'911', Customerp None",
    ),
    "a record without a counterpart": (
        put("customerp-contact", "931", "ExternalId", None),
        "webcrm-person-customerp-contact.covered",
        "webcrm-person:31 has no customerp-contact",
    ),
    "a record made twice": (
        copied("customerp-contact", "931", "932"),
        "webcrm-person-customerp-contact.linked-once",
        "webcrm-person:31 is named by customerp-contact:931, customerp-contact:932",
    ),
    "the wrong product": (
        put("customerp-orderline", "951-961", "ProductId", 7),
        "webcrm-quotationline-customerp-orderline.product-key",
        "'941', Customerp '7'",
    ),
    "the wrong kind of contact": (
        put("customerp-contact", "921", "ContactType", "customer"),
        "webcrm-user-customerp-contact.contact-type",
        "'internal', Customerp 'customer'",
    ),
    "a status that means something else": (
        put("customerp-order", "951", "Status", "Cancelled"),
        "webcrm-opportunity-customerp-order.status",
        "'won', Customerp 'lost'",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_break_is_named(reading: Reading, records: Records, name: str) -> None:
    change, result, words = BREAKS[name]
    change(records)
    found = faults(reading, records)
    assert list(found) == [result]
    assert words in found[result]


def test_line_in_the_order_of_another_opportunity(reading: Reading, records: Records) -> None:
    records["customerp-order"]["952"] = {"Id": 952, "ExternalId": "52"}
    records["webcrm-opportunity"]["52"] = {"OpportunityId": 52}
    records["customerp-orderline"]["952-961"] = records["customerp-orderline"].pop("951-961")
    assert (
        "customerp-orderline:952-961" in faults(reading, records)["webcrm-quotationline-customerp-orderline.order-ni"]
    )


def test_whoever_waits_may_be_alone(reading: Reading, records: Records) -> None:
    del records["customerp-contact"]["931"]
    assert faults(reading, records, waiting={("webcrm-person", "31")}) == {}


def test_folded_record_is_covered_by_its_key(reading: Reading, records: Records) -> None:
    records["webcrm-product"]["42"]["ProductCustom1"] = "N-2"
    assert list(faults(reading, records)) == ["webcrm-product-customerp-product.covered"]
