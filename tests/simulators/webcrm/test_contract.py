"""What the package asks is answered, and what is answered has the published form."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from dataflow.simulators.webcrm.resource import RESOURCES
from dataflow.simulators.webcrm.seed import seed_from
from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN

ROOT = Path(__file__).parents[3]
SYSTEM = json.loads((ROOT / "systems" / "webcrm.conf.json").read_text("utf-8"))
ENV = json.loads((ROOT / "test-env.json").read_text("utf-8"))
REFERENCE = ROOT.parent / "shared" / "reference" / "webcrm"
JINJA = SandboxedEnvironment(undefined=StrictUndefined)
# What the stages of an operation send, beside the primary key; `{}` is the prefix of the members.
PAYLOADS = {
    "organisation-insert": {"OrganisationName": "Ny AS"},
    "person-insert": {"PersonLastName": "Ny", "PersonOrganisationId": 901},
    "product-insert": {"ProductCustom1": "N-1"},
    "quotationline-insert": {"QuotationLineOpportunityId": 901},
}
# Of the published paths the flows need these not.
NOT_SERVED = {"/FieldsMetadata", "/FieldsMetadata/{entityTypes}"}
needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference is not beside this checkout")


def rendered(text, **context):
    text = re.sub(r"\$ENV\(([^)]+)\)", lambda match: str(ENV[match[1]]), text)
    text = text.replace("$SECRET(webcrm-application-token)", APPLICATION_TOKEN)
    return JINJA.from_string(text).render(context)


@pytest.fixture(scope="module")
def sketch():
    return yaml.load((REFERENCE / "openapi-sketch.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)


@pytest.fixture
def seeded(start):
    crm, _, api = start()
    seed_from(crm.tenant, ROOT / "testdata")
    return crm.tenant, api


@pytest.mark.parametrize("name", SYSTEM["operations"])
def test_every_operation_of_the_package_is_answered(seeded, name):
    tenant, api = seeded
    operation = SYSTEM["operations"][name]
    noun, _, stage = name.partition("-")
    key = RESOURCES[noun].key if noun in RESOURCES else ""
    entity = {"_id": "901", key: 901, "PersonEmail": "p901@example.com", "PersonOrganisationId": 901}
    entity["QuotationLineOpportunityId"] = tenant.get("quotationline", 901)["QuotationLineOpportunityId"]
    entity[ENV["webcrm-customer-number-field"]] = "K-901"
    if noun == "delivery":
        tenant.convert("opportunity", 901)
    context = {
        "entity": entity,
        "page": 0,
        "page_size": operation.get("page_size"),
        "since": "2026-06-01T00:00:00+01:00",
    }
    answer = api.request(
        operation["method"],
        "/" + rendered(operation["url"], **context),
        params={parameter: rendered(text, **context) for parameter, text in operation.get("params", {}).items()},
        json=PAYLOADS.get(name, {key: 901}) if operation.get("payload-type") == "json" else None,
        data={field: rendered(text) for field, text in operation.get("payload", {}).items()} or None,
    )
    assert answer.status_code == 200, answer.text
    if stage.endswith("list"):
        rows = answer.json()
        assert len(rows) == min(len(tenant.all(noun)), operation["page_size"]) > 0
        ids = [rendered(operation["id_expression"], **row) for row in rows]
        assert ids == [str(row[key]) for row in tenant.all(noun)][: operation["page_size"]]
        if "updated_expression" in operation:
            assert all(rendered(operation["updated_expression"], **row) for row in rows)
    elif stage in ("lookup", "verify"):
        assert answer.json()[key] == 901
    elif stage == "find":
        assert answer.json() == [] or [row[key] for row in answer.json()] == [901]
    elif stage == "insert":
        assert answer.json() == max(row[key] for row in tenant.all(noun)) > 901
    elif stage == "delete":
        assert tenant.read(noun, 901) is None
    elif stage == "update":
        assert answer.content == b""
        assert tenant.get(noun, 901)[f"{RESOURCES[noun].prefix}UpdatedBy"] == "api2 sesam"
    else:
        assert rendered(SYSTEM["headers"]["Authorization"], token=answer.json()).startswith("Bearer ")


def test_a_text_with_a_quote_is_found(seeded):
    tenant, api = seeded
    tenant.edit("person", 901, PersonEmail="O'Brien@crm.example")
    template = SYSTEM["operations"]["person-find"]["params"]["script"]
    entity = {
        "PersonEmail": "o'brien@crm.example",
        "PersonOrganisationId": tenant.get("person", 901)["PersonOrganisationId"],
    }
    assert api.ids("/Queries", script=rendered(template, entity=entity)) == [901]


@needs_reference
class TestReference:
    def test_rows_have_exactly_the_published_members(self):
        samples = json.loads((REFERENCE / "samples.json").read_text("utf-8"))
        samples |= json.loads((REFERENCE / "samples-related.json").read_text("utf-8"))
        names = {
            "opportunity": "opportunities",
            "organisation": "organisations",
            "person": "persons",
            "user": "users",
            "product": "products",
            "quotationline": "quotationline",
            "delivery": "delivery",
            "catalogue": "catalogue_item",
        }
        for noun, name in names.items():
            assert RESOURCES[noun].template.keys() == samples[name].keys(), noun

    def test_what_is_answered_fits_the_published_schemas(self, seeded, sketch):
        tenant, api = seeded
        tenant.convert("opportunity", 901)
        tenant.add("catalogue", QuotationLineLinkedDataItemData1="x")
        document = "urn:webcrm"
        registry = Registry().with_resource(document, DRAFT202012.create_resource(sketch))
        concrete = {
            "{id}": "1",
            "{organisationId}": "901",
            "{responsibleId}": "901",
            "{pipelineLevel}": "5",
            "{status}": "New",
        }
        concrete |= {"{startDate}": "2020-01-01", "{endDate}": "2030-01-01"}
        seen = 0
        for path, methods in sketch["paths"].items():
            if "get" not in methods or path in NOT_SERVED:
                continue
            schema = methods["get"]["responses"]["200"].get("content", {}).get("application/json", {}).get("schema")
            if schema is None:
                continue
            if path.endswith("/{id}"):
                listed = api.ids(path.removesuffix("/{id}"))
                concrete["{id}"] = str(listed[0])
            elif "{id}" in path:
                concrete["{id}"] = "101"
            address = re.sub(r"\{\w+\}", lambda match: concrete[match[0]], path)
            found = api.rows(address, script="SELECT * FROM Organisation", input="First")
            pointer = path.replace("~", "~0").replace("/", "~1")
            ref = f"{document}#/paths/{pointer}/get/responses/200/content/application~1json/schema"
            Draft202012Validator({"$ref": ref}, registry=registry).validate(found)
            seen += bool(found)
        assert seen >= 25

    def test_every_published_path_is_served_but_the_ones_named(self, seeded, sketch):
        _, api = seeded
        missing = set()
        for path, methods in sketch["paths"].items():
            address = re.sub(r"\{\w+\}", "901", path)
            for method in methods.keys() & {"get", "post", "put", "patch", "delete"}:
                answer = api.request(method.upper(), address, json={})
                refusal = (
                    answer.json()
                    if answer.content and answer.headers["content-type"].startswith("application/json")
                    else {}
                )
                if isinstance(refusal, dict) and str(refusal.get("Message", "")).startswith(
                    "There is no " + method.upper()
                ):
                    missing.add(path)
        assert missing == NOT_SERVED
