"""What a Customerp begins with: fixtures, or made-up records."""

from __future__ import annotations

import json

import pytest

from dataflow.errors import FindingsError, UsageError
from dataflow.simulators.contract.schemas import Schema, exact
from dataflow.simulators.customerp import Customerp
from dataflow.simulators.customerp.generate import Sizes, generate
from dataflow.simulators.customerp.seed import seed_from
from dataflow.simulators.webcrm import Webcrm
from dataflow.simulators.webcrm.generate import Sizes as WebcrmSizes
from dataflow.simulators.webcrm.generate import generate as generate_webcrm
from simulators.customerp.conftest import REPOSITORY

TESTDATA = REPOSITORY / "testdata"


@pytest.fixture
def erp(description):
    erp = Customerp(description).erp
    yield erp
    erp.close()


def written(folder, **records):
    for noun, entities in records.items():
        (folder / f"customerp-{noun}-all.json").write_text(json.dumps(entities), "utf-8")
    return folder


def test_the_fixtures_of_the_package(erp, description):
    counts = seed_from(erp, TESTDATA)
    for noun in description.resources:
        latest = {}
        for entity in json.loads((TESTDATA / f"customerp-{noun}-all.json").read_text("utf-8")):
            latest[entity["_id"]] = entity
        expected = {
            entity["Id"]: {name: value for name, value in entity.items() if name[0] not in "_$"}
            for entity in latest.values()
            if not entity.get("_deleted")
        }
        assert {record["Id"]: record for record in erp.all(noun)} == expected
        assert counts[noun] == len(expected) > 0


def test_numbering_goes_on_after_the_fixtures(erp):
    seed_from(erp, TESTDATA)
    customer = erp.add("customer")
    assert customer == max(record["Id"] for record in erp.all("customer")) > 50000
    lines = {line["Id"] for order in erp.all("order") for line in order["Lines"]}
    order = erp.get("order", erp.add("order", CustomerId=customer, Lines=[{}]))
    assert order["Lines"][0]["Id"] > max(lines)


def test_numbering_goes_on_after_the_largest_id(erp):
    whole = erp.get("customer", erp.add("customer"))
    erp.put("customer", [{**whole, "Id": number, "CustomerNumber": str(number)} for number in (2005, 2003, 5)])
    assert erp.add("customer") == 2006


def test_of_several_versions_the_last_counts(erp, tmp_path):
    whole = json.loads((TESTDATA / "customerp-product-all.json").read_text("utf-8"))[0]
    one = {**whole, "_id": "1", "Id": 1, "ExternalId": "1", "ProductNumber": "1"}
    two = {**whole, "_id": "2", "Id": 2, "ExternalId": "2", "ProductNumber": "2"}
    versions = [{**one, "Name": "first"}, two, {**one, "Name": "last"}, {"_id": "2", "_deleted": True}]
    seed_from(erp, written(tmp_path, product=versions))
    assert [record["Name"] for record in erp.all("product")] == ["last"]


def test_a_record_that_the_contract_does_not_allow(erp, tmp_path):
    with pytest.raises(FindingsError) as failed:
        seed_from(erp, written(tmp_path, product=[{"_id": "1", "Id": 1, "Name": 5}]))
    (finding,) = failed.value.diagnostics
    assert (finding.code, finding.pointer, finding.line) == ("DF201", "/0", 1)
    assert "/Name must be string or null" in finding.message
    assert erp.count("product") == 0


def test_a_folder_without_fixtures(erp, tmp_path):
    with pytest.raises(UsageError, match=r"has no customerp-\.\.\.-all\.json"):
        seed_from(erp, tmp_path)


def test_generated_records_fit_the_contract_and_each_other(erp, description):
    counts = generate(erp, Sizes.read("customers=4,contacts=5,products=3,orders=4,lines=9"))
    assert counts == {"customer": 4, "contact": 5, "product": 3, "order": 4}
    for noun, resource in description.resources.items():
        for record in erp.all(noun):
            assert Schema(resource.record).faults(exact(record)) == []
            assert record["ExternalId"] is None
    assert sum(len(order["Lines"]) for order in erp.all("order")) == 9
    assert {line["ProductId"] for order in erp.all("order") for line in order["Lines"]} == {1001, 1002, 1003}


def test_the_natural_keys_are_those_of_a_generated_webcrm(erp):
    tenant = Webcrm().tenant
    generate_webcrm(tenant, WebcrmSizes.read("organisations=5,persons=5,products=5"))
    generate(erp, Sizes.read("customers=5,contacts=5,products=5"))

    def common(noun, key, other, name):
        return {row[key] for row in tenant.all(noun)} & {record[name] for record in erp.all(other)} - {"", None}

    # webCRM's own organisation and person have no counterpart.
    assert len(common("organisation", "OrganisationVatNumber", "customer", "OrganizationNumber")) == 4
    assert len(common("person", "PersonEmail", "contact", "Email")) == 4
    assert len(common("product", "ProductCustom1", "product", "ProductNumber")) == 5


def test_sizes():
    assert Sizes.read("10") == Sizes(customers=10, contacts=30, products=5, orders=20, lines=60)
    assert Sizes.read("contacts=3") == Sizes(contacts=3)
    for text in ("customer=3", "customers=x", "customers=", "orders=3", "customers=1,lines=2"):
        with pytest.raises(UsageError):
            Sizes.read(text)
