"""Operations rendered as a node renders them: what is asked fits what webCRM and the ERP's contract answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

JINJA = SandboxedEnvironment(undefined=StrictUndefined)
ENTITY = {"_id": "17", "Id": 17, "$etag": '"17-3"', "ExternalId": "2017"}

# webCRM's calls, from its published Swagger file (api.webcrm.com): each resource, and whether it can delete.
WEBCRM = {
    "Organisations": ("Organisation", False),
    "Persons": ("Person", False),
    "Users": ("User", False),
    "Products": ("Product", True),
    "Opportunities": ("Opportunity", False),
    "QuotationLines": ("QuotationLine", True),
}
# The most rows of a page on which the public clients of webCRM agree.
WEBCRM_PAGE = 250
TRANSIENT = {401, 403, 408, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]


def rendered(text: str, **context: Any) -> str:
    return JINJA.from_string(re.sub(r"\$ENV\(([^)]+)\)", r"env-\1", text)).render(context)


def request(system: dict[str, Any], name: str, **context: Any) -> Request:
    """The request of operation `name`; a value of sesam:markskip is left out, as configuration-systems-rest.rst says."""
    operation = system["operations"][name]
    context = {"page": 0, "page_size": operation.get("page_size"), **context}

    def table(key: str) -> dict[str, str]:
        values = {k: rendered(v, **context) for k, v in operation.get(key, {}).items()}
        return {k: v for k, v in values.items() if v != "sesam:markskip"}

    return Request(operation["method"], rendered(operation["url"], **context), table("params"), table("headers"))


def codes(expression: str) -> set[int]:
    found: set[int] = set()
    for part in expression.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_permanent_answers_alone_reach_the_log(systems: dict[str, Any]) -> None:
    for system in systems.values():
        for name, operation in system["operations"].items():
            assert not codes(operation.get("allowed_status_codes", "200-299")) & TRANSIENT, name
            if name.endswith(("-verify", "-lookup")):
                assert operation["allowed_status_codes"] == "200,404", name


def test_lists_come_to_an_end(systems: dict[str, Any]) -> None:
    for system in systems.values():
        for name, operation in system["operations"].items():
            if name.endswith("-list"):
                assert operation["next_page_link"].count(f"$ENV({system['_id']}-base-url)/{operation['url']}") == 1
                assert "empty-result" in operation["next_page_termination_strategy"], name
                # A constant link is the same on every page, and a server may cut its pages shorter than asked.
                assert not {"same-next-page-link", "not-full-page"} & set(operation["next_page_termination_strategy"])


class TestCustomerp:
    def calls(self, systems: dict[str, Any]) -> list[tuple[str, Request, dict[str, Any]]]:
        system = systems["customerp"]
        return [(name, request(system, name, entity=ENTITY), op) for name, op in system["operations"].items()]

    def test_the_contract_has_every_call(self, systems: dict[str, Any], contract: dict[str, Any]) -> None:
        for name, call, operation in self.calls(systems):
            path = "/" + re.sub(r"/17$", "/{id}", call.path)
            declared = contract["paths"][path][call.method.lower()]
            parameters = [
                contract["components"]["parameters"][p["$ref"].rpartition("/")[2]] if "$ref" in p else p
                for p in declared.get("parameters", [])
            ]
            assert set(call.params) <= {p["name"] for p in parameters if p["in"] == "query"}, name
            headers = {p["name"] for p in parameters if p["in"] == "header" and p["required"]}
            assert headers <= set(call.headers), name
            refused = {code for code in codes(operation.get("allowed_status_codes", "200")) if code >= 300}
            assert {str(code) for code in refused} <= set(declared["responses"]), name
            if "requestBody" in declared:
                assert operation["payload-type"] == "json"
                assert call.headers.get("Content-Type", "application/json") in declared["requestBody"]["content"], name

    def test_changes_carry_the_etag_of_the_lookup(self, systems: dict[str, Any]) -> None:
        names = [name for name in systems["customerp"]["operations"] if name.endswith(("-update", "-delete"))]
        assert len(names) == 5
        for name in names:
            assert request(systems["customerp"], name, entity=ENTITY).headers["If-Match"] == '"17-3"'

    @pytest.mark.parametrize("datatype", ["customer", "contact", "product", "order"])
    def test_list(self, datatype: str, systems: dict[str, Any], contract: dict[str, Any]) -> None:
        system, name = systems["customerp"], f"{datatype}-list"
        assert request(system, name).params == {"page": "1", "pageSize": "200"}
        later = request(system, name, page=3, since="2026-11-24T08:15:30Z")
        assert later.params == {"page": "4", "pageSize": "200", "modifiedSince": "2026-11-24T08:15:30Z"}
        link = system["operations"][name]["next_page_link"]
        assert rendered(link, body={"HasMore": True}) == f"env-customerp-base-url/{datatype}s"
        assert rendered(link, body={"HasMore": False}) == ""
        page = contract["components"]["schemas"]["PageFrame"]["properties"]
        assert {system["operations"][name]["payload_property"], "HasMore"} <= set(page)
        sizes = contract["components"]["parameters"]["PageSize"]["schema"]
        assert system["operations"][name]["page_size"] <= sizes["maximum"]

    def test_a_contact_is_found_by_either_of_its_links(self, systems: dict[str, Any]) -> None:
        system = systems["customerp"]
        person = {"ExternalId": "person:5", "UserExternalId": "user:7"}
        assert request(system, "contact-find", entity=person).params == {"externalId": "person:5"}
        for user in ({"UserExternalId": "user:7"}, {"ExternalId": None, "UserExternalId": "user:7"}):
            assert request(system, "contact-find", entity=user).params == {"externalId": "user:7"}


class TestWebcrm:
    def test_webcrm_has_every_call(self, systems: dict[str, Any]) -> None:
        offered = {
            ("POST", "Auth/ApiLogin"),
            ("GET", "Queries"),
            ("GET", "Deliveries/17"),
            ("GET", "Opportunities/4/QuotationLines"),
        }
        for path, (_, deletable) in WEBCRM.items():
            offered |= {("GET", path), ("POST", path), ("GET", f"{path}/17"), ("PUT", f"{path}/17")}
            offered |= {("DELETE", f"{path}/17")} if deletable else set()
        entity = {"_id": "17", "PersonEmail": "a@b.example", "PersonOrganisationId": 4, "QuotationLineOpportunityId": 4}
        entity |= {f"{prefix}Id": 17 for prefix, _ in WEBCRM.values()} | {"env-webcrm-customer-number-field": "1"}
        for name in systems["webcrm"]["operations"]:
            call = request(systems["webcrm"], name, entity=entity)
            assert (call.method, call.path) in offered, name

    def test_login(self, systems: dict[str, Any]) -> None:
        webcrm = systems["webcrm"]
        login = webcrm["operations"][webcrm["custom_auth"]["get_token_operation"]]
        assert login["payload-type"] == "form", "webCRM takes no JSON here"
        assert login["payload"] == {"authCode": "$SECRET(webcrm-application-token)"}
        answer = {"AccessToken": "abc", "ExpiresIn": 3600, "TokenType": "Bearer"}
        assert rendered(webcrm["headers"]["Authorization"], token=answer) == "Bearer abc"
        assert rendered(webcrm["custom_auth"]["expires_in_expression"], token=answer) == "3600"

    def test_one_writer_at_a_time(self, systems: dict[str, Any]) -> None:
        assert systems["webcrm"]["worker_threads"] == 1

    @pytest.mark.parametrize("path", WEBCRM)
    def test_list(self, path: str, systems: dict[str, Any]) -> None:
        prefix = WEBCRM[path][0]
        name = f"{prefix.lower()}-list"
        operation = systems["webcrm"]["operations"][name]
        assert request(systems["webcrm"], name, page=2).params == {"Page": "3", "Size": "200"}
        assert operation["page_size"] <= WEBCRM_PAGE
        assert rendered(operation["id_expression"], **{f"{prefix}Id": 17}) == "17"

    @pytest.mark.parametrize("table", ["Organisation", "Person", "Opportunity"])
    def test_incremental_list(self, table: str, systems: dict[str, Any]) -> None:
        system, name = systems["webcrm"], f"{table.lower()}-query-list"
        script = request(system, name, since="2026-11-24T08:15:30+00:00").params["script"]
        assert script == (
            f"SELECT * FROM {table} WHERE {table}UpdatedAt >= '2026-11-24T08:15:30+00:00' ORDER BY {table}Id ASC"
        )
        assert "'1970-01-01T00:00:00Z'" in request(system, name).params["script"]
        updated = {f"{table}UpdatedAt": "2026-11-24T08:15:30+00:00"}
        assert rendered(system["operations"][name]["updated_expression"], **updated) == "2026-11-24T08:15:30+00:00"

    def test_quotes_cannot_break_a_query(self, systems: dict[str, Any]) -> None:
        person = {"PersonEmail": "o'brien@crm.example", "PersonOrganisationId": 4}
        script = request(systems["webcrm"], "person-find", entity=person).params["script"]
        assert script == (
            "SELECT * FROM Person WHERE PersonEmail = 'o''brien@crm.example' AND PersonOrganisationId = 4"
        )
        nowhere = request(systems["webcrm"], "person-find", entity={"PersonEmail": "a@b.example"})
        assert nowhere.params["script"].endswith("AND PersonOrganisationId = 0"), "0 is how webCRM writes no reference"
        organisation = {"env-webcrm-customer-number-field": "1'0"}
        script = request(systems["webcrm"], "organisation-find", entity=organisation).params["script"]
        assert script == "SELECT * FROM Organisation WHERE env-webcrm-customer-number-field = '1''0'"
