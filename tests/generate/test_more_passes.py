"""What one replay cannot show: the second pass after an insert, an edit made while we wrote, a retry, and both switches on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dataflow.dtl.transit import decode, encode
from dataflow.node.node import Node
from dataflow.project import load_project

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]

ORGANISATION = {
    "_id": "7",
    "OrganisationId": 7,
    "OrganisationName": "Seven",
    "OrganisationOwner": 0,
    "OrganisationCity": "Oslo",
    "OrganisationUpdatedAt": "2026-06-01T10:00:00+01:00",
}
CUSTOMER = {
    "_id": "70",
    "Id": 70,
    "ExternalId": "7",
    "Name": "Seven",
    "City": "Oslo",
    "UpdatedAt": "2026-06-01T09:05:00Z",
}


class Pair:
    """The package on a node, fed by hand."""

    def __init__(self, root: Path) -> None:
        self.node = Node.from_project(load_project(root))

    def feed(self, pipe: str, *entities: dict[str, Any]) -> None:
        self.node.post(pipe, [decode(entity) for entity in entities])

    def answer(self, key: str, status: int, body: Any = None) -> None:
        self.feed("mock-response", {"_id": key, "status": status, **({} if body is None else {"body": body})})

    def rest(self) -> None:
        report = self.node.run()
        assert list(report.failures) == []

    def log(self, target: str, entity: str) -> dict[str, Any]:
        (found,) = [e for e in self.node.entities(f"{target}-share-endpoint") if e["_id"] == entity]
        return encode(found)  # type: ignore[no-any-return]

    def logs(self, target: str) -> set[str]:
        return {e["_id"] for e in self.node.entities(f"{target}-share-endpoint")}


@pytest.fixture
def pair(tmp_path: Path) -> Callable[..., Pair]:
    def make(**variables: Any) -> Pair:
        for folder in ("pipes", "systems"):
            shutil.copytree(ROOT / folder, tmp_path / folder)
        shutil.copy(ROOT / "node-metadata.conf.json", tmp_path)
        env = json.loads((ROOT / "test-env.json").read_text("utf-8"))
        env.update({name.replace("_", "-"): value for name, value in variables.items()})
        (tmp_path / "test-env.json").write_text(json.dumps(env), "utf-8")
        return Pair(tmp_path)

    return make


def linked(pair: Callable[..., Pair], **variables: Any) -> Pair:
    both = pair(**variables)
    both.feed("webcrm-organisation-all", ORGANISATION)
    both.feed("customerp-customer-all", CUSTOMER)
    both.rest()
    return both


def test_insert_happens_once_and_the_new_record_is_linked(pair: Callable[..., Pair]) -> None:
    crm = pair()
    crm.feed("webcrm-organisation-all", ORGANISATION)
    crm.answer("customerp-customer-insert|webcrm-organisation:7", 201, {"Id": 70})
    crm.rest()
    assert crm.log("customerp-customer", "webcrm-organisation:7")["$operation"] == "insert"

    later = {**ORGANISATION, "OrganisationName": "Seven, renamed", "OrganisationUpdatedAt": "2026-06-01T10:02:00+01:00"}
    crm.feed("webcrm-organisation-all", later)
    crm.rest()
    again = crm.log("customerp-customer", "webcrm-organisation:7")
    assert (again["$operation"], again["$generated_id"]) == ("discard-already-inserted", "70")

    crm.feed("customerp-customer-all", {**CUSTOMER, "ExternalId": None})
    crm.rest()
    written = crm.log("customerp-customer", "customerp-customer:70")
    assert (written["$operation"], written["payload"]) == ("update", {"Name": "Seven, renamed", "ExternalId": "7"})
    assert crm.log("webcrm-organisation", "webcrm-organisation:7")["$operation"] == "discard-entity-not-changed"
    assert "customerp-customer:70" not in crm.logs("webcrm-organisation")


def test_refused_insert_is_tried_again_when_the_record_changes(pair: Callable[..., Pair]) -> None:
    crm = pair()
    crm.feed("webcrm-organisation-all", ORGANISATION)
    crm.answer("customerp-customer-insert|webcrm-organisation:7", 422, {"detail": "No."})
    crm.rest()
    assert crm.log("customerp-customer", "webcrm-organisation:7")["$error"] == "422: No."
    crm.answer("customerp-customer-insert|webcrm-organisation:7", 201, {"Id": 70})
    crm.feed("webcrm-organisation-all", {**ORGANISATION, "OrganisationCity": "Bergen"})
    crm.rest()
    log = crm.log("customerp-customer", "webcrm-organisation:7")
    assert (log["$operation"], log["$success"], log["$generated_id"]) == ("insert", True, "70")


def test_our_own_write_coming_back_is_no_edit(pair: Callable[..., Pair]) -> None:
    both = linked(pair)
    both.feed(
        "webcrm-organisation-all",
        {**ORGANISATION, "OrganisationCity": "Bergen", "OrganisationUpdatedAt": "2026-06-02T10:00:00+01:00"},
    )
    both.rest()
    assert both.log("customerp-customer", "customerp-customer:70")["payload"] == {"City": "Bergen"}
    # Our write stamps the customer at 11:00; the user edited the organisation once more at 10:30, before that.
    both.feed("customerp-customer-all", {**CUSTOMER, "City": "Bergen", "UpdatedAt": "2026-06-02T10:00:00Z"})
    both.feed(
        "webcrm-organisation-all",
        {**ORGANISATION, "OrganisationCity": "Tromsø", "OrganisationUpdatedAt": "2026-06-02T10:30:00+01:00"},
    )
    both.rest()
    assert both.log("customerp-customer", "customerp-customer:70")["payload"] == {"City": "Tromsø"}
    assert both.log("webcrm-organisation", "webcrm-organisation:7")["$operation"] == "discard-entity-not-changed"


def test_edit_in_customerp_after_our_write_counts(pair: Callable[..., Pair]) -> None:
    both = linked(pair)
    both.feed(
        "webcrm-organisation-all",
        {**ORGANISATION, "OrganisationCity": "Bergen", "OrganisationUpdatedAt": "2026-06-02T10:00:00+01:00"},
    )
    both.rest()
    both.feed("customerp-customer-all", {**CUSTOMER, "City": "Bergen", "UpdatedAt": "2026-06-02T10:00:00Z"})
    both.rest()
    both.feed("customerp-customer-all", {**CUSTOMER, "City": "Bodø", "UpdatedAt": "2026-06-03T10:00:00Z"})
    both.rest()
    assert both.log("webcrm-organisation", "webcrm-organisation:7")["payload"] == {
        "OrganisationId": 7,
        "OrganisationCity": "Bodø",
    }


def test_second_run_over_the_same_data_changes_nothing(pair: Callable[..., Pair]) -> None:
    both = linked(pair)
    before = both.log("customerp-customer", "customerp-customer:70"), both.logs("customerp-customer")
    both.feed("webcrm-organisation-all", ORGANISATION)
    both.feed("customerp-customer-all", CUSTOMER)
    both.rest()
    assert (both.log("customerp-customer", "customerp-customer:70"), both.logs("customerp-customer")) == before


def test_record_deleted_in_customerp_is_not_made_again(pair: Callable[..., Pair]) -> None:
    both = linked(pair)
    both.feed("customerp-customer-all", {**CUSTOMER, "_deleted": True})
    both.rest()
    log = both.log("customerp-customer", "webcrm-organisation:7")
    assert log["$operation"] == "discard-already-inserted"
    assert both.log("webcrm-organisation", "webcrm-organisation:7")["$operation"] == "discard-entity-not-changed"


def test_waiting_order_is_released_by_its_customer(pair: Callable[..., Pair]) -> None:
    crm = pair()
    crm.feed("webcrm-organisation-all", ORGANISATION)
    crm.feed(
        "webcrm-opportunity-all",
        {
            "_id": "9",
            "OpportunityId": 9,
            "OpportunityOrganisationId": 7,
            "OpportunityUpdatedAt": "2026-06-01T10:00:00+01:00",
        },
    )
    crm.answer("customerp-customer-insert|webcrm-organisation:7", 201, {"Id": 70})
    crm.answer("customerp-order-insert|webcrm-opportunity:9", 201, {"Id": 90})
    crm.rest()
    assert crm.log("customerp-order", "webcrm-opportunity:9")["$discard"] == "waits for webcrm-organisation:7"
    crm.feed("customerp-customer-all", CUSTOMER)
    crm.rest()
    log = crm.log("customerp-order", "webcrm-opportunity:9")
    assert (log["$operation"], log["payload"]["CustomerId"]) == ("insert", 70)


def test_create_in_webcrm(pair: Callable[..., Pair]) -> None:
    erp = pair(create_in_webcrm=True)
    erp.feed("customerp-customer-all", {**CUSTOMER, "ExternalId": None, "CustomerNumber": "A-70"})
    erp.feed(
        "customerp-contact-all",
        {
            "_id": "71",
            "Id": 71,
            "FirstName": "A",
            "LastName": None,
            "CustomerId": 70,
            "UpdatedAt": "2026-06-01T09:00:00Z",
        },
    )
    erp.answer("webcrm-organisation-insert|customerp-customer:70", 200, 7)
    erp.answer("webcrm-person-insert|customerp-contact:71", 200, 8)
    erp.rest()
    made = erp.log("webcrm-organisation", "customerp-customer:70")
    assert (made["$operation"], made["$generated_id"]) == ("insert", "7")
    assert made["payload"]["OrganisationId"] == 0
    assert made["payload"]["OrganisationExtraCustom2"] == "A-70"
    assert erp.log("webcrm-person", "customerp-contact:71")["$discard"] == "waits for customerp-customer:70"

    erp.feed("webcrm-organisation-all", {**ORGANISATION, "OrganisationExtraCustom2": "A-70"})
    erp.rest()
    person = erp.log("webcrm-person", "customerp-contact:71")
    assert (person["$operation"], person["$generated_id"]) == ("insert", "8")
    assert (person["payload"]["PersonOrganisationId"], person["payload"]["PersonLastName"]) == (7, "-")
    assert "webcrm-organisation:7" not in erp.logs("customerp-customer")


def test_deletes_are_propagated_only_where_switched_on_and_possible(pair: Callable[..., Pair]) -> None:
    both = linked(pair, propagate_deletes=True)
    product = {"_id": "5", "ProductId": 5, "ProductCustom1": "P-5", "ProductUpdatedAt": "2026-06-01T10:00:00+01:00"}
    both.feed("webcrm-product-all", product)
    both.feed(
        "customerp-product-all",
        {"_id": "50", "Id": 50, "ExternalId": "5", "ProductNumber": "P-5", "UpdatedAt": "2026-06-01T09:00:00Z"},
    )
    both.rest()
    both.feed("webcrm-product-all", {**product, "_deleted": True})
    both.feed("webcrm-organisation-all", {**ORGANISATION, "_deleted": True})
    both.rest()
    log = both.log("customerp-product", "customerp-product:50")
    assert (log["$operation"], log["$deleted"], log["$success"]) == ("delete", True, True)
    assert both.log("customerp-customer", "customerp-customer:70")["$operation"] == "discard-deletes-not-enabled"
    both.feed("customerp-product-all", {"_id": "50", "Id": 50, "_deleted": True})
    both.rest()
    assert both.log("customerp-product", "customerp-product:50")["$operation"] == "discard-delete-non-existent"
