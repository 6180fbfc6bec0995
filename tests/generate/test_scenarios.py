"""The scenarios of expected/README.md in code: what the expected files must hold, reasoned from the fixtures, not from a run."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

EXPECTED = Path(__file__).parents[2] / "expected"
WRITES = {"insert", "update", "delete"}
UNCHANGED = "discard-entity-not-changed"


@cache
def published(pipe: str) -> dict[str, Any]:
    entities = json.loads((EXPECTED / f"{pipe}-endpoint.json").read_text("utf-8"))
    return {entity["_id"]: plain(entity) for entity in entities}


def plain(value: Any) -> Any:
    """Decimals as numbers; everything else as it stands."""
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return float(value[2:]) if isinstance(value, str) and value.startswith("~f") else value


def share(target: str, entity: str) -> Any:
    return published(f"{target}-share")[entity]


def state(target: str, entity: str) -> Any:
    return published(f"{target}-transform")[entity]


def ids(concept: str, entity: str) -> list[str]:
    """The `$ids` of the global entity that holds one id."""
    (found,) = [e for e in published(f"global-{concept}").values() if f"~:{entity}" in e["$ids"]]
    return sorted(i[2:] for i in found["$ids"])


TARGETS = {
    "customerp-customer": ("webcrm-organisation", 50000),
    "customerp-contact": ("webcrm-person", 50000),
    "customerp-product": ("webcrm-product", 50000),
    "customerp-order": ("webcrm-opportunity", 50000),
}
WEBCRM = ("organisation", "person", "user", "product", "opportunity", "quotationline")


def test_t0_own_organisation_is_nowhere() -> None:
    for path in EXPECTED.glob("*-endpoint.json"):
        if "-collect-" not in path.name:
            found = {e["_id"] for e in json.loads(path.read_text("utf-8"))}
            assert not found & {"webcrm-organisation:1", "webcrm-person:2", "webcrm-opportunity:3"}, path.name


def test_secrets_are_stripped_on_arrival() -> None:
    for datatype in ("person", "user"):
        text = (EXPECTED / f"webcrm-{datatype}-collect-endpoint.json").read_text("utf-8")
        assert "secret" not in text
        assert "Password" not in text
        assert "Ticket" not in text
        assert "AccessLevel" not in text


@pytest.mark.parametrize(
    ("target", "entity", "made"),
    [
        ("customerp-customer", "webcrm-organisation:101", "50101"),
        ("customerp-contact", "webcrm-person:101", "50101"),
        ("customerp-contact", "webcrm-person:102", "50102"),
        ("customerp-contact", "webcrm-user:101", "50110"),
        ("customerp-product", "webcrm-product:101", "50101"),
        ("customerp-order", "webcrm-opportunity:101", "50101"),
    ],
)
def test_t1_new_in_webcrm_is_inserted(target: str, entity: str, made: str) -> None:
    log = share(target, entity)
    assert (log["$operation"], log["$generated_id"], log["$success"]) == ("insert", made, True)
    assert log["$origin"] == f"~:{entity}"


def test_t1_payloads() -> None:
    customer = share("customerp-customer", "webcrm-organisation:101")["payload"]
    assert customer == {
        "Name": "Company 101",
        "OrganizationNumber": "900000101",
        "Phone": "+442079460101",
        "Website": "www.t1.example.com",
        "StreetAddress1": "T1 street",
        "StreetAddress2": "T1 floor\nT1 box",
        "ZipCode": "AB1 1AA",
        "City": "London",
        "CountryCode": "GB",
        "Description": "T1 note\nsecond line",
        "SalesRepresentativeId": 50905,
        "ExternalId": "101",
    }
    person = share("customerp-contact", "webcrm-person:101")["payload"]
    assert person == {
        "Email": "p101@example.com",
        "Phone": "+4722000102",
        "MobilePhone": "+4790000102",
        "JobTitle": "T1 title",
        "CustomerId": 50901,
        "IsActive": True,
        "ContactType": "customer",
        "ExternalId": "person:101",
    }
    resigned = share("customerp-contact", "webcrm-person:102")["payload"]
    assert (resigned["IsActive"], resigned["LastName"], "Email" in resigned) == (False, "Last102", False)
    user = share("customerp-contact", "webcrm-user:101")["payload"]
    assert user == {
        "FirstName": "First Middle",
        "LastName": "Last",
        "Email": "u101@example.com",
        "Phone": "+4722000101",
        "MobilePhone": "+46700000101",
        "JobTitle": "Seller",
        "ContactType": "internal",
        "UserExternalId": "user:101",
    }
    order = share("customerp-order", "webcrm-opportunity:101")["payload"]
    lines = order.pop("Lines")
    assert order == {
        "ExternalId": "101",
        "Reference": "101",
        "Description": "Deal 101",
        "CustomerId": 50901,
        "ContactId": 50901,
        "SalesRepresentativeId": 50905,
        "OrderDate": "2026-07-15",
        "CurrencyCode": "SEK",
        "DiscountPercent": 2.5,
        "InternalNote": "T1 internal",
        "Status": "Confirmed",
    }
    assert [(line["ExternalId"], line["LineNumber"], line["ProductId"]) for line in lines] == [
        ("102", 10, None),
        ("101", 20, 50901),
    ]
    assert {
        k: lines[1][k] for k in ("Description", "Quantity", "UnitPrice", "DiscountPercent", "VatPercent", "UnitCost")
    } == {
        "Description": "T1 line b",
        "Quantity": 2.5,
        "UnitPrice": 99.95,
        "DiscountPercent": 12.5,
        "VatPercent": 15,
        "UnitCost": 50.5,
    }
    product = share("customerp-product", "webcrm-product:101")["payload"]
    assert (product["ProductNumber"], product["Name"], product["VatCode"]) == ("N-101", "Product 101", "MEDIUM")
    assert (product["Description"], product["UnitPrice"], product["UnitCost"]) == ("T1 text", 10.5, 4.25)


@pytest.mark.parametrize(
    ("datatype", "entity"),
    [
        ("organisation", "customerp-customer:50201"),
        ("person", "customerp-contact:50201"),
        ("product", "customerp-product:50201"),
        ("quotationline", "customerp-orderline:50201-70201"),
    ],
)
def test_t2_born_in_customerp_is_not_pushed(datatype: str, entity: str) -> None:
    log = share(f"webcrm-{datatype}", entity)
    assert log["$operation"] == "discard-by-connector"
    assert "create-in-webcrm is off" in log["$discard"]


def test_t2_leaves_customerp_alone() -> None:
    for target in TARGETS:
        assert share(target, f"{target}:50201")["$operation"] == UNCHANGED
    assert "customerp-order:50201" not in published("webcrm-opportunity-transform")


@pytest.mark.parametrize(
    ("concept", "webcrm", "customerp", "payload"),
    [
        ("organisation", "webcrm-organisation:301", "customerp-customer:50301", {"ExternalId": "301"}),
        ("person", "webcrm-person:301", "customerp-contact:50301", {"ExternalId": "person:301"}),
        ("person", "webcrm-user:301", "customerp-contact:50302", {"UserExternalId": "user:301"}),
        ("product", "webcrm-product:301", "customerp-product:50301", {"ExternalId": "301"}),
        ("order", "webcrm-opportunity:301", "customerp-order:50301", {"ExternalId": "301"}),
        ("organisation", "webcrm-organisation:401", "customerp-customer:50401", {"ExternalId": "401"}),
        ("organisation", "webcrm-organisation:402", "customerp-customer:50402", {"ExternalId": "402"}),
        ("person", "webcrm-user:401", "customerp-contact:50401", {"UserExternalId": "user:401"}),
        ("product", "webcrm-product:401", "customerp-product:50401", {"ExternalId": "401"}),
        ("product", "webcrm-product:402", "customerp-product:50402", {"ExternalId": "402"}),
        ("person", "webcrm-person:401", "customerp-contact:50402", {"ExternalId": "person:401"}),
        ("person", "webcrm-person:402", "customerp-contact:50403", {"ExternalId": "person:402"}),
    ],
)
def test_t3_t4_linked_and_the_link_is_written(
    concept: str, webcrm: str, customerp: str, payload: dict[str, str]
) -> None:
    assert ids(concept, webcrm) == sorted([webcrm, customerp])
    target = customerp.split(":", maxsplit=1)[0]
    log = share(target, customerp)
    assert (log["$operation"], log["payload"]) == ("update", payload)
    assert webcrm not in published(f"{target}-share")


def test_t4_order_and_line_linked_by_their_maker() -> None:
    assert ids("order", "webcrm-opportunity:401") == ["customerp-order:50401", "webcrm-opportunity:401"]
    assert ids("orderline", "webcrm-quotationline:401") == [
        "customerp-orderline:50401-70401",
        "webcrm-quotationline:401",
    ]
    payload = share("customerp-order", "customerp-order:50401")["payload"]
    (line,) = payload.pop("Lines")
    assert payload == {"ExternalId": "401"}
    assert (line["Id"], line["ExternalId"]) == (70401, "401")


T5 = {
    "customerp-customer:50501": {
        "Name": "501 name webcrm",
        "OrganizationNumber": "900000501",
        "Phone": "+4622000501",
        "Website": "501.webcrm.example.com",
        "StreetAddress1": "501 street webcrm",
        "StreetAddress2": "501 floor webcrm\n501 box webcrm",
        "ZipCode": "1111",
        "City": "501 city webcrm",
        "CountryCode": "SE",
        "Description": "501 note webcrm",
        "SalesRepresentativeId": 50905,
    },
    "customerp-contact:50501": {
        "FirstName": "501 first webcrm",
        "LastName": "501 last webcrm",
        "Email": "p501.webcrm@example.com",
        "Phone": "+4722002501",
        "MobilePhone": "+4790002501",
        "JobTitle": "501 title webcrm",
        "CustomerId": 50501,
        "IsActive": False,
    },
    "customerp-contact:50511": {
        "FirstName": "501 First",
        "LastName": "webcrm",
        "Email": "u501.webcrm@example.com",
        "Phone": "+4722001501",
        "MobilePhone": "+4790001501",
        "JobTitle": "501 user title webcrm",
    },
    "customerp-product:50501": {
        "Name": "501 name webcrm",
        "Description": "501 text webcrm",
        "UnitPrice": 11.25,
        "UnitCost": 5.5,
        "VatCode": "HIGH",
    },
    "customerp-order:50501": {
        "Reference": "501-webcrm",
        "Description": "501 deal webcrm",
        "CustomerId": 50501,
        "ContactId": 50501,
        "SalesRepresentativeId": 50905,
        "OrderDate": "2026-08-01",
        "CurrencyCode": "EUR",
        "DiscountPercent": 3.5,
        "InternalNote": "501 internal webcrm",
        "Status": "Confirmed",
        "Lines": [
            {
                "Id": 70501,
                "ExternalId": "501",
                "LineNumber": 20,
                "ProductId": 50901,
                "Description": "501 line webcrm",
                "Quantity": 1.5,
                "UnitPrice": 77.7,
                "DiscountPercent": 6.5,
                "VatPercent": 15,
                "UnitCost": 44.4,
            }
        ],
    },
}


@pytest.mark.parametrize("entity", T5)
def test_t5_edited_later_in_webcrm(entity: str) -> None:
    log = share(entity.split(":", maxsplit=1)[0], entity)
    assert (log["$operation"], log["payload"]) == ("update", T5[entity])


def test_t5_webcrm_receives_only_what_customerp_owns() -> None:
    assert share("webcrm-organisation", "webcrm-organisation:501")["payload"] == {
        "OrganisationId": 501,
        "OrganisationExtraCustom2": "10501",
    }
    assert share("webcrm-product", "webcrm-product:501")["payload"] == {"ProductId": 501, "ProductQuantity": 42.5}
    assert share("webcrm-opportunity", "webcrm-opportunity:501")["payload"] == {
        "OpportunityId": 501,
        "OpportunityErpId": "SO-501",
    }
    for datatype in ("person", "user", "quotationline"):
        assert share(f"webcrm-{datatype}", f"webcrm-{datatype}:501")["$operation"] == UNCHANGED


T6 = {
    "webcrm-organisation:601": {
        "OrganisationId": 601,
        "OrganisationName": "601 name customerp",
        "OrganisationVatNumber": "910000601",
        "OrganisationTelephone": "+4723000601",
        "OrganisationWww": "601.customerp.example.com",
        "OrganisationAddress": "601 street customerp\r\n601 floor customerp",
        "OrganisationPostCode": "2222",
        "OrganisationCity": "601 city customerp",
        "OrganisationCountry": "Danmark",
        "OrganisationComment": "601 note customerp",
        "OrganisationExtraCustom2": "10601",
    },
    "webcrm-person:601": {
        "PersonId": 601,
        "PersonFirstName": "601 first customerp",
        "PersonLastName": "601 last customerp",
        "PersonEmail": "p601.customerp@example.com",
        "PersonDirectPhone": "+4723002601",
        "PersonMobilePhone": "+4791002601",
        "PersonTitle": "601 title customerp",
    },
    "webcrm-user:601": {
        "UserId": 601,
        "UserEmail": "u601.customerp@example.com",
        "UserName": "601 Given customerp",
        "UserTelephone": "+4723001601",
        "UserMobilePhone": "+4791001601",
        "UserTitle": "601 user title customerp",
    },
    "webcrm-product:601": {
        "ProductId": 601,
        "ProductCustom2": "601 name customerp",
        "ProductMemo": "601 text customerp",
        "ProductPrice": 22.75,
        "ProductCostPrice": 8.125,
        "ProductVatCode": "33",
        "ProductQuantity": 42.5,
    },
    "webcrm-opportunity:601": {
        "OpportunityId": 601,
        "OpportunityNumber": "601-customerp",
        "OpportunityDescription": "601 deal customerp",
        "OpportunityOrderDate": "2026-08-31T00:00:00+00:00",
        "OpportunityCurrencyName": "GBP",
        "OpportunityDiscount": 7.25,
        "OpportunityComment": "601 internal customerp",
        "OpportunityWinYesNo": False,
        "OpportunityLostDate": "2026-10-01T00:00:00+00:00",
        "OpportunityErpId": "SO-601",
    },
    "webcrm-quotationline:601": {
        "QuotationLineId": 601,
        "QuotationLineMemo": "601 line customerp",
        "QuotationLineQuantity": 2.75,
        "QuotationLinePrice": 88.5,
        "QuotationLineDiscount": 4.5,
        "QuotationLineVatPercentage": 12,
        "QuotationLineCostPrice": 33.3,
        "QuotationLineSortOrder": 30,
    },
}


@pytest.mark.parametrize("entity", T6)
def test_t6_edited_later_in_customerp(entity: str) -> None:
    log = share(entity.split(":", maxsplit=1)[0], entity)
    assert (log["$operation"], log["payload"]) == ("update", T6[entity])


def test_t6_customerp_receives_only_what_webcrm_owns() -> None:
    assert share("customerp-customer", "customerp-customer:50601")["payload"] == {"SalesRepresentativeId": 50905}
    assert share("customerp-contact", "customerp-contact:50601")["payload"] == {"CustomerId": 50601, "IsActive": False}
    assert share("customerp-contact", "customerp-contact:50611")["$operation"] == UNCHANGED
    assert share("customerp-product", "customerp-product:50601")["$operation"] == UNCHANGED
    order = share("customerp-order", "customerp-order:50601")["payload"]
    (line,) = order.pop("Lines")
    assert order == {"CustomerId": 50601, "ContactId": 50601, "SalesRepresentativeId": 50905}
    assert (line["ProductId"], line["Description"], line["Quantity"]) == (50901, "601 line customerp", 2.75)


def test_t7_each_property_by_itself() -> None:
    assert share("customerp-customer", "customerp-customer:50701")["payload"] == {"Phone": "+4722000799"}
    assert share("webcrm-organisation", "webcrm-organisation:701")["payload"] == {
        "OrganisationId": 701,
        "OrganisationCity": "Bergen",
    }


def test_t7_ties() -> None:
    assert share("customerp-customer", "customerp-customer:50702")["payload"] == {"Name": "702 webcrm"}
    assert share("customerp-contact", "customerp-contact:50702")["payload"] == {"JobTitle": "702 webcrm"}
    assert share("webcrm-organisation", "webcrm-organisation:702")["$operation"] == UNCHANGED
    assert share("webcrm-person", "webcrm-person:702")["$operation"] == UNCHANGED
    assert share("webcrm-product", "webcrm-product:702")["payload"]["ProductCustom2"] == "702 customerp"
    assert share("webcrm-opportunity", "webcrm-opportunity:702")["payload"]["OpportunityDescription"] == "702 customerp"
    assert share("webcrm-quotationline", "webcrm-quotationline:702")["payload"]["QuotationLineMemo"] == "702 customerp"
    for target in ("customerp-product", "customerp-order"):
        assert share(target, f"{target}:50702")["$operation"] == UNCHANGED


def test_t8_changed_meanwhile_is_not_overwritten() -> None:
    for target, entity in (
        ("customerp-customer", "customerp-customer:50801"),
        ("webcrm-product", "webcrm-product:801"),
    ):
        log = share(target, entity)
        assert (log["$operation"], "payload" in log) == ("discard-modified-in-system", False)
    gone = share("customerp-customer", "customerp-customer:50802")
    assert (gone["$operation"], gone["$error"], gone["$success"]) == ("lookup", "404: cannot be looked up", False)


def test_t9_nothing_to_do_anywhere() -> None:
    logs = [share(f"webcrm-{datatype}", f"webcrm-{datatype}:901") for datatype in WEBCRM]
    logs += [share(target, f"{target}:50901") for target in TARGETS]
    logs.append(share("customerp-contact", "customerp-contact:50905"))
    assert {(log["$operation"], log["$success"]) for log in logs} == {(UNCHANGED, True)}


def test_t10_duplicates() -> None:
    found = ids("organisation", "webcrm-organisation:1001")
    assert found == ["customerp-customer:51001", "webcrm-organisation:1001", "webcrm-organisation:1002"]
    assert share("customerp-customer", "customerp-customer:51001")["$operation"] == UNCHANGED
    for number in (1001, 1002):
        payload = share("webcrm-organisation", f"webcrm-organisation:{number}")["payload"]
        assert payload == {"OrganisationId": number, "OrganisationTelephone": "+4722001099"}
    inserts = [
        e for e in published("customerp-product-share").values() if e.get("payload", {}).get("Name") == "Product 1003"
    ]
    assert [e["_id"] for e in inserts] == ["webcrm-product:1003"]


def test_t11_deleted_in_webcrm() -> None:
    for target, entity in (
        ("customerp-customer", "51101"),
        ("customerp-contact", "51101"),
        ("customerp-product", "51101"),
    ):
        log = share(target, f"{target}:{entity}")
        assert log["$operation"] == UNCHANGED
        assert log["$report"] == ["its counterpart in webCRM has been deleted"]
    for datatype, entity in (
        ("organisation", "customerp-customer:51101"),
        ("person", "customerp-contact:51101"),
        ("product", "customerp-product:51101"),
        ("quotationline", "customerp-orderline:51101-71102"),
    ):
        assert share(f"webcrm-{datatype}", entity)["$discard"].startswith("deleted in webCRM: not made again")
    order = share("customerp-order", "customerp-order:51103")
    assert (order["$operation"], order["$report"]) == (UNCHANGED, ["its counterpart in webCRM has been deleted"])
    (line,) = share("customerp-order", "customerp-order:51101")["payload"]["Lines"]
    assert (line["Id"], line["ExternalId"]) == (71101, "1101")
    assert share("webcrm-opportunity", "webcrm-opportunity:1104")["$discard"] == "has become a delivery"
    assert ids("order", "webcrm-opportunity:1104") == ["customerp-order:51104", "webcrm-opportunity:1104"]
    assert share("customerp-order", "customerp-order:51104")["$operation"] == UNCHANGED


def test_t11_deleted_in_customerp() -> None:
    for target, datatype in (("customerp-customer", "organisation"), ("customerp-product", "product")):
        log = share(f"webcrm-{datatype}", f"webcrm-{datatype}:1105")
        assert (log["$operation"], log["$report"]) == (UNCHANGED, ["its counterpart in Customerp has been deleted"])
        again = share(target, f"webcrm-{datatype}:1105")
        assert (again["$operation"], again["$discard"]) == (
            "discard-by-connector",
            "deleted in Customerp: not made again",
        )


def test_t12_waits_and_says_for_what() -> None:
    assert share("customerp-contact", "webcrm-person:1201")["$discard"] == "waits for webcrm-organisation:1201"
    assert share("customerp-customer", "webcrm-organisation:1204")["$discard"] == "waits for webcrm-user:1299"
    waiting = share("customerp-order", "webcrm-opportunity:1201")["$discard"]
    assert waiting == "waits for webcrm-organisation:1201; waits for webcrm-person:1201"
    assert share("customerp-order", "webcrm-opportunity:1202")["$discard"] == "waits for product N-1201"
    assert share("customerp-order", "webcrm-opportunity:1203")["$operation"] == "insert"
    assert share("customerp-customer", "webcrm-organisation:1201")["$generated_id"] == "51201"
    assert share("customerp-product", "webcrm-product:1201")["$generated_id"] == "51201"
    assert share("webcrm-quotationline", "webcrm-quotationline:1204")["$report"] == [
        "waits for webcrm-opportunity:1299"
    ]
    assert not [e for e in published("customerp-order-transform").values() if "1204" in json.dumps(e.get("Lines", []))]


def test_t13_the_same_in_another_form_is_left_alone() -> None:
    for target in TARGETS:
        assert share(target, f"{target}:51301")["$operation"] == UNCHANGED
    for datatype in ("organisation", "person", "product", "opportunity"):
        assert share(f"webcrm-{datatype}", f"webcrm-{datatype}:1301")["$operation"] == UNCHANGED


def test_t14_lines_changed_removed_and_added_in_customerp() -> None:
    assert share("webcrm-quotationline", "webcrm-quotationline:1401")["payload"] == {
        "QuotationLineId": 1401,
        "QuotationLineQuantity": 3,
    }
    removed = share("webcrm-quotationline", "webcrm-quotationline:1402")
    assert (removed["$operation"], removed["$report"]) == (UNCHANGED, ["its counterpart in Customerp has been deleted"])
    added = share("webcrm-quotationline", "customerp-orderline:51401-71403")
    assert added["$discard"] == "born in Customerp: create-in-webcrm is off"
    order = share("customerp-order", "customerp-order:51401")
    assert order["$operation"] == UNCHANGED
    assert order["$report"] == [
        "line 1402 was removed in Customerp and is not put back",
        "line 71403 was added in Customerp and is kept",
    ]
    assert [line["Id"] for line in state("customerp-order", "customerp-order:51401")["Lines"]] == [71401, 71403]


def test_t15_refusals() -> None:
    refused = share("customerp-customer", "customerp-customer:51501")
    assert (refused["$success"], refused["$error"]) == (False, "422: XX is not a country.")
    locked = share("webcrm-product", "webcrm-product:1501")
    assert (locked["$success"], locked["$error"]) == (False, "200: The product is locked.")
    taken = share("customerp-customer", "webcrm-organisation:1502")
    assert (taken["$operation"], taken["$generated_id"], taken["$success"]) == (
        "discard-already-inserted",
        "51502",
        True,
    )
    found = share("customerp-product", "webcrm-product:1502")
    assert (found["$operation"], found["$generated_id"], "payload" in found) == (
        "discard-already-inserted",
        "51502",
        False,
    )
    invalid = share("customerp-product", "webcrm-product:1503")
    assert (invalid["$operation"], invalid["$success"], "$generated_id" in invalid) == ("insert", False, False)


def test_t16_users_who_are_persons() -> None:
    assert ids("person", "customerp-contact:51601") == [
        "customerp-contact:51601",
        "webcrm-person:1601",
        "webcrm-user:1601",
    ]
    tie = share("customerp-contact", "customerp-contact:51601")["payload"]
    assert tie == {"FirstName": "Person", "JobTitle": "title of the person"}
    assert share("webcrm-user", "webcrm-user:1601")["payload"] == {
        "UserId": 1601,
        "UserName": "Person 1601",
        "UserTitle": "title of the person",
    }
    assert share("webcrm-person", "webcrm-person:1601")["$operation"] == UNCHANGED
    assert share("webcrm-user", "webcrm-user:1602")["payload"] == {"UserId": 1602, "UserTitle": "title from customerp"}
    assert share("webcrm-person", "webcrm-person:1602")["payload"] == {
        "PersonId": 1602,
        "PersonTitle": "title from customerp",
    }
    both = share("customerp-contact", "webcrm-person:1603")["payload"]
    assert (both["ExternalId"], both["UserExternalId"], both["ContactType"]) == ("person:1603", "user:1603", "internal")
    assert "webcrm-user:1603" not in published("customerp-contact-share")


def test_t16_shared_address_matches_nobody() -> None:
    for entity in ("webcrm-person:1604", "webcrm-person:1605", "webcrm-user:1607", "customerp-contact:51606"):
        assert ids("person", entity) == [entity]
        assert "more than one customer" in share("customerp-contact", entity)["$report"][0]
    customers = {n: share("customerp-contact", f"webcrm-person:{n}")["payload"]["CustomerId"] for n in (1604, 1605)}
    assert customers == {1604: 50901, 1605: 51301}


def test_t17_not_in_the_list_is_not_deleted() -> None:
    assert ids("organisation", "webcrm-organisation:1701") == ["customerp-customer:51701", "webcrm-organisation:1701"]
    assert share("customerp-customer", "customerp-customer:51701")["$operation"] == UNCHANGED
    assert ids("person", "customerp-contact:51702") == ["customerp-contact:51702", "webcrm-person:1702"]


def test_t19_one_way_properties_are_put_back() -> None:
    customer = share("customerp-customer", "customerp-customer:51901")
    assert customer["payload"] == {"SalesRepresentativeId": 50905, "ExternalId": "1901"}
    assert sorted(customer["$drift"]) == ["ExternalId", "SalesRepresentativeId"]
    contact = share("customerp-contact", "customerp-contact:51901")
    assert contact["payload"] == {"CustomerId": 51901, "IsActive": True, "ContactType": "customer"}
    assert contact["$report"] == ["moved to another customer in Customerp, which webCRM cannot follow"]
    organisation = share("webcrm-organisation", "webcrm-organisation:1901")
    assert organisation["payload"] == {"OrganisationId": 1901, "OrganisationExtraCustom2": "101901"}
    assert organisation["$drift"] == ["OrganisationExtraCustom2"]
    assert share("customerp-product", "customerp-product:51901")["$drift"] == ["ExternalId"]
    assert share("webcrm-product", "webcrm-product:1901")["payload"] == {"ProductId": 1901, "ProductQuantity": 5}
    opportunity = share("webcrm-opportunity", "webcrm-opportunity:1901")
    assert opportunity["payload"] == {"OpportunityId": 1901, "OpportunityErpId": "SO-1901"}
    assert "TotalAmount 12.5 differs from OpportunityOrderValue" in opportunity["$report"][0]
    order = share("customerp-order", "customerp-order:51901")["payload"]
    (line,) = order.pop("Lines")
    assert order == {"CustomerId": 51901, "ContactId": 51901, "SalesRepresentativeId": 50905}
    assert line["ProductId"] == 50901


def test_t20_clearing_travels_and_never_filled_does_not() -> None:
    assert share("customerp-customer", "customerp-customer:52001")["payload"] == {"Description": None}
    assert share("webcrm-organisation", "webcrm-organisation:2001")["payload"] == {
        "OrganisationId": 2001,
        "OrganisationTelephone": "",
    }
    assert share("webcrm-person", "webcrm-person:2001")["payload"] == {"PersonId": 2001, "PersonLastName": "-"}
    assert share("customerp-product", "customerp-product:52001")["payload"] == {"UnitPrice": 0}
    cleared = share("webcrm-opportunity", "webcrm-opportunity:2001")["payload"]
    assert cleared == {"OpportunityId": 2001, "OpportunityOrderDate": "0001-01-01T00:00:00+00:00"}
    assert share("customerp-customer", "customerp-customer:52002")["payload"] == {"Website": "www.t20.example.com"}
    assert share("webcrm-organisation", "webcrm-organisation:2002")["payload"] == {
        "OrganisationId": 2002,
        "OrganisationComment": "only here",
    }


def test_t21_statuses() -> None:
    for number in (2101, 2103, 2104, 2107, 2108):
        assert share("customerp-order", f"customerp-order:5{number}")["$operation"] == UNCHANGED
    written = {n: share("customerp-order", f"customerp-order:5{n}")["payload"] for n in (2102, 2105, 2106)}
    assert written == {2102: {"Status": "Cancelled"}, 2105: {"Status": "Draft"}, 2106: {"Status": "Confirmed"}}
    assert state("customerp-order", "customerp-order:52101")["Status"] == "Invoiced"
    for number in (2101, 2102, 2105, 2106, 2108):
        assert share("webcrm-opportunity", f"webcrm-opportunity:{number}")["$operation"] == UNCHANGED
    assert share("webcrm-opportunity", "webcrm-opportunity:2103")["payload"] == {
        "OpportunityId": 2103,
        "OpportunityWinYesNo": False,
        "OpportunityLostDate": "2026-11-02T00:00:00+00:00",
    }
    assert share("webcrm-opportunity", "webcrm-opportunity:2104")["payload"] == {
        "OpportunityId": 2104,
        "OpportunityWinYesNo": True,
    }
    assert share("webcrm-opportunity", "webcrm-opportunity:2107")["payload"] == {
        "OpportunityId": 2107,
        "OpportunityLostDate": "0001-01-01T00:00:00+00:00",
    }


def test_t21_product_numbers_are_set_once() -> None:
    assert share("customerp-product", "customerp-product:52101")["$operation"] == UNCHANGED
    assert share("webcrm-product", "webcrm-product:2101")["$operation"] == UNCHANGED
    assert share("webcrm-product", "webcrm-product:2102")["payload"] == {"ProductId": 2102, "ProductCustom1": "C-2102"}
    assert share("customerp-product", "customerp-product:52103")["payload"] == {"ProductNumber": "W-2103"}


def test_every_write_has_a_payload_and_every_other_entry_has_none() -> None:
    for target in (*TARGETS, *(f"webcrm-{datatype}" for datatype in WEBCRM)):
        for entity, log in published(f"{target}-share").items():
            named = log["$operation"] in WRITES or (
                log["$operation"] == "discard-already-inserted" and "payload" in log
            )
            assert named == ("payload" in log), entity
