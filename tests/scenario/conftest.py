"""The package's own mappings, and a few records of both systems that are in step."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from dataflow.generate.mapping_file import read_mappings
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables

ROOT = Path(__file__).parents[2]

RECORDS = {
    "webcrm-organisation": {
        "1": {"OrganisationId": 1, "OrganisationName": "Vendor"},
        "11": {
            "OrganisationId": 11,
            "OrganisationName": "Fjord",
            "OrganisationCountry": "Norge",
            "OrganisationAddress": "Gate 1\r\nInngang B",
            "OrganisationOwner": 21,
        },
    },
    "webcrm-user": {"21": {"UserId": 21, "UserName": "Kari Moe", "UserEmail": "kari@example.com"}},
    "webcrm-person": {
        "31": {"PersonId": 31, "PersonLastName": "-", "PersonOrganisationId": 11, "PersonStatus": "Active"}
    },
    "webcrm-product": {
        "41": {"ProductId": 41, "ProductCustom1": "N-1", "ProductPrice": 10.5},
        "42": {"ProductId": 42, "ProductCustom1": "n-1", "ProductPrice": 10.5},
    },
    "webcrm-opportunity": {
        "51": {"OpportunityId": 51, "OpportunityOrganisationId": 11, "OpportunityWinYesNo": True},
    },
    "webcrm-quotationline": {
        "61": {
            "QuotationLineId": 61,
            "QuotationLineOpportunityId": 51,
            "QuotationLineData1": "N-1",
            "QuotationLineQuantity": 2,
        }
    },
    "customerp-customer": {
        "911": {
            "Id": 911,
            "ExternalId": "11",
            "Name": "Fjord",
            "CountryCode": "NO",
            "StreetAddress1": "Gate 1",
            "StreetAddress2": "Inngang B",
            "SalesRepresentativeId": 921,
        }
    },
    "customerp-contact": {
        "921": {
            "Id": 921,
            "UserExternalId": "user:21",
            "FirstName": "Kari",
            "LastName": "Moe",
            "Email": "Kari@example.com",
            "ContactType": "internal",
        },
        "931": {
            "Id": 931,
            "ExternalId": "person:31",
            "CustomerId": 911,
            "IsActive": True,
            "ContactType": "customer",
        },
    },
    "customerp-product": {"941": {"Id": 941, "ExternalId": "41", "ProductNumber": "N-1", "UnitPrice": 10.50}},
    "customerp-order": {"951": {"Id": 951, "ExternalId": "51", "CustomerId": 911, "Status": "Invoiced"}},
    "customerp-orderline": {"951-961": {"Id": 961, "ExternalId": "61", "ProductId": 941, "Quantity": 2.0}},
}


@pytest.fixture(scope="session")
def reading() -> Reading:
    environment = json.loads((ROOT / "test-env.json").read_text("utf-8"))
    mappings = ROOT / "pipes" / "mappings"
    return Reading(read_mappings(mappings), environment, read_tables(mappings, environment))


@pytest.fixture
def records() -> dict[str, dict[str, dict[str, object]]]:
    return copy.deepcopy(RECORDS)
