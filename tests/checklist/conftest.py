"""A package of one concept, small enough to see through: its mapping and fixtures are files, its replay is made up in the tests."""

from __future__ import annotations

import json

import pytest

from dataflow.checklist.view import View
from dataflow.dtl.values import NI
from dataflow.generate.mapping_file import read_mappings
from dataflow.scenario.tables import read_tables

ENVIRONMENT = {"webcrm-own-organisation": "1", "webcrm-vat-field": "OrganisationExtraCustom1", "default-country": "NO"}

MAPPING = """
concept: organisation
tie: webcrm
deletes: switch
members:
  webcrm-organisation:
    {type: organisation, pk: OrganisationId, updated: UpdatedAt, insert: switch, leave-out: OrganisationId}
  customerp-customer:
    {type: customer, pk: Id, updated: UpdatedAt, insert: always, links: {ExternalId: {to: webcrm-organisation}}}
match:
  vat-key: {row: vat, as: vat}
flows:
  - title: Webcrm Organisations to Customerp Customer
    webcrm: webcrm-organisation
    customerp: customerp-customer
    rows:
      - {golden: name, webcrm: OrganisationName, customerp: Name, type: string, way: both, as: text}
      - {golden: vat, webcrm: $ENV(webcrm-vat-field), customerp: OrganizationNumber, type: string, way: both, as: vat}
      - {golden: city, webcrm: OrganisationCity, customerp: City, type: string, way: both, as: text}
      - {golden: active, webcrm: OrganisationStatus, customerp: IsActive, type: boolean, way: crm, as: active}
      - {golden: number, webcrm: OrganisationNumber, customerp: CustomerNumber, type: string, way: erp, as: text}
      - {golden: external-id, webcrm: OrganisationId, customerp: ExternalId, type: string, way: crm, as: link}
"""

TABLES = """
country:
  - {code: "NO", webcrm: Norge, customerp: "NO"}
"""

EARLY, LATE = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00+00:00"


def organisation(number, at, **values):
    given = {"OrganisationName": "N", "OrganisationCity": "", "OrganisationStatus": "Active", "OrganisationNumber": ""}
    return {"_id": str(number), "OrganisationId": number, "UpdatedAt": at, **given, **values}


def customer(number, at, **values):
    given = {"Name": "N", "City": None, "IsActive": True, "CustomerNumber": None, "ExternalId": None}
    return {"_id": str(number), "Id": number, "UpdatedAt": at, **given, **values}


def group(*refs):
    return {"_id": refs[0], "$ids": [NI.of(ref) for ref in refs]}


def state(ref, ids, **values):
    return {"_id": ref, "$ids": [NI.of(one) for one in ids], **values}


class Scene:
    """Fixtures and the replay that would follow from them; tests change one thing and look at what fails."""

    def __init__(self, root):
        self.root = root
        pair = ("webcrm-organisation:10", "customerp-customer:100")
        other = ("webcrm-organisation:11", "customerp-customer:101")
        new = ("webcrm-organisation:12",)
        self.organisations = [
            organisation(1, LATE, OrganisationName="The vendor"),
            organisation(10, LATE, OrganisationName="New name", OrganisationNumber=""),
            organisation(11, EARLY, OrganisationName="Old", OrganisationStatus="Closed"),
            organisation(12, EARLY, OrganisationName="Unknown there", OrganisationExtraCustom1="NO 987 654 321"),
        ]
        self.customers = [
            customer(100, EARLY, Name="Old name", City="Bergen", CustomerNumber="C7", ExternalId="10"),
            customer(101, LATE, Name="New", OrganizationNumber="123"),
        ]
        self.datasets = {
            "global-organisation": [group(*pair), group(*other), group(*new)],
            "customerp-customer-transform": [
                state(pair[1], pair, Id=100, Name="New name", City="Bergen", IsActive=True, ExternalId="10"),
                state(other[1], other, Id=101, Name="New", OrganizationNumber="123", IsActive=False, ExternalId="11"),
                state(
                    new[0], new, Name="Unknown there", OrganizationNumber="987654321", IsActive=True, ExternalId="12"
                ),
            ],
            "webcrm-organisation-transform": [
                state(pair[0], pair, OrganisationName="New name", OrganisationCity="Bergen", OrganisationNumber="C7"),
                state(other[0], other, OrganisationName="New", OrganisationExtraCustom1="123", OrganisationNumber=""),
            ],
        }

    def entities(self, pipe_id, stage=None):
        return self.datasets[pipe_id]

    def view(self):
        mappings, testdata = self.root / "pipes" / "mappings", self.root / "testdata"
        mappings.mkdir(parents=True)
        testdata.mkdir()
        (mappings / "organisation.yaml").write_text(MAPPING, "utf-8")
        (mappings / "classification.yaml").write_text(TABLES, "utf-8")
        (testdata / "webcrm-organisation-all.json").write_text(json.dumps(self.organisations), "utf-8")
        (testdata / "customerp-customer-all.json").write_text(json.dumps(self.customers), "utf-8")
        concepts = read_mappings(mappings)
        return View(self.root, concepts, self, ENVIRONMENT, read_tables(mappings, ENVIRONMENT))


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)
