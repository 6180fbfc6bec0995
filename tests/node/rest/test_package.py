"""The systems of the package under the profile of production: their operations do what the files mean, and the flows run with them.

The two systems are as small here as an answer to what is asked; what they are really like is simulated elsewhere.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from dataflow.errors import CallFailed
from dataflow.node.node import Node
from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
from dataflow.node.rest.client import Clients
from dataflow.node.rest.operation import Operation, Use
from dataflow.node.rest.pages import Asking, Pages
from dataflow.project import read_project
from node.pipes import content
from node.rest.conftest import Steps
from node.rest.service import Reply, Service

REPOSITORY = Path(__file__).parents[3]
SECRETS = {
    "webcrm-application-token": "an application token",
    "customerp-client-id": "client",
    "customerp-client-secret": "a client secret",
}


@cache
def operations():
    """(system, operation) of all there are, without the one that logs in."""
    project = read_project(REPOSITORY, "prod")
    found = [(system.id, name) for system in project.systems.values() for name in system.config["operations"]]
    return [one for one in found if one[1] != "fetch-access-token"]


class Customerp:
    """The contract as far as customers go: pages, tags, and a token."""

    def __init__(self):
        self.customers = {}
        self.version = 0

    def __call__(self, request):
        if request.path == "/oauth/token":
            return {"access_token": "a token of customerp", "expires_in": 3600}
        if request.headers.get("authorization") != "Bearer a token of customerp":
            return Reply({"title": "Unauthorized"}, 401, {"Content-Type": "application/problem+json"})
        _, _, _, resource, *rest = request.path.split("/")
        records = self.customers if resource == "customers" else {}
        if request.method == "POST":
            number = 500 + len(records) + 1
            records[number] = {**request.json, "Id": number}
            return self.tagged(records[number], 201)
        if not rest:
            wanted = request.query.get("externalId")
            found = [r for r in records.values() if wanted in (None, r["ExternalId"])]
            size, page = int(request.query.get("pageSize", 100)), int(request.query.get("page", 1))
            return {"Items": found[(page - 1) * size : page * size], "HasMore": len(found) > page * size}
        record = records.get(int(rest[0]))
        if record is None:
            return Reply({"title": "no such record", "status": 404}, 404, {"Content-Type": "application/problem+json"})
        if request.method == "PATCH":
            if request.headers.get("if-match") != record["tag"]:
                return Reply({"title": "changed"}, 412, {"Content-Type": "application/problem+json"})
            record |= request.json
            return self.tagged(record)
        return self.tagged(record, changes=False)

    def tagged(self, record, status=200, *, changes=True):
        if changes:
            self.version += 1
            record |= {"tag": f'"{self.version}"', "UpdatedAt": f"2026-06-02T00:00:{self.version:02}Z"}
        shown = {name: value for name, value in record.items() if name != "tag"}
        return Reply(shown, status, {"ETag": record["tag"]})


class Webcrm:
    """Bare lists, a form to log in with, and a limit that is met once."""

    def __init__(self, **rows):
        self.rows = {name.lower(): list(found) for name, found in rows.items()}
        self.limited = True

    def __call__(self, request):
        if request.path == "/Auth/ApiLogin":
            good = request.form == {"authCode": SECRETS["webcrm-application-token"]}
            return (
                {"AccessToken": "a token of webcrm", "ExpiresIn": 3600, "TokenType": "Bearer"}
                if good
                else Reply({}, 400)
            )
        if request.headers.get("authorization") != "Bearer a token of webcrm":
            return Reply("", 401)
        if self.limited:
            self.limited = False
            return Reply({"Message": "throttled"}, 429, {"Retry-After": "14"})
        _, resource, *rest = request.path.split("/")
        rows = self.rows.get(resource.lower(), [])
        if rest:
            return rows[0] if rows else Reply({}, 404)
        if request.method == "POST":
            return 17
        size, page = int(request.query["Size"]), int(request.query["Page"])
        return rows[(page - 1) * size : page * size]


@pytest.fixture(scope="module")
def both():
    """The two servers, and the package under the profile of production that leads to them; reading it takes its time."""
    webcrm, customerp = Service(), Service()
    variables = {
        "webcrm-base-url": webcrm.url,
        "customerp-base-url": f"{customerp.url}/api/v1",
        "customerp-token-url": f"{customerp.url}/oauth/token",
        "share-pump-mode": "scheduled",
        "if-source-empty": "accept",
    }
    project = read_project(REPOSITORY, "prod", variables)
    assert project.errors == []
    yield webcrm, customerp, project
    for service in (webcrm, customerp):
        service.stop()
        assert service.faults == []


class Made:
    """The package with servers that begin anew."""

    def __init__(self, webcrm, customerp, project):
        self.webcrm, self.customerp, self.project = webcrm, customerp, project
        webcrm.answer, customerp.answer = Webcrm(), Customerp()
        webcrm.requests.clear()
        customerp.requests.clear()
        self.clock = Steps()
        self.reach = Reach(project.systems, lambda system: SECRETS, self.clock, project.metadata)
        self.clients = Clients(self.reach)

    def ask(self, system, name, use=Use.TRANSFORM, part=None, **asking):
        operation = Operation(self.clients.of(system), name, part or {}, use)
        return list(Pages(operation, Asking(**asking)))

    def node(self):
        makers = reaching(self.reach)
        options = {"source_makers": makers.sources, "transform_makers": makers.transforms}
        return Node.from_project(self.project, clock=self.clock, **options)


@pytest.fixture
def made(both):
    return Made(*both)


ENTITY = {
    "_id": "17",
    "Id": 17,
    "$etag": '"3"',
    "ExternalId": "o'2017",
    "PersonEmail": "o'brien@crm.example",
    "PersonOrganisationId": 4,
    "QuotationLineOpportunityId": 4,
    "OrganisationExtraCustom2": "10'017",
    **{f"{name}Id": 17 for name in ("Organisation", "Person", "Opportunity", "Product", "QuotationLine", "User")},
}


@pytest.mark.parametrize(("system", "name"), operations())
def test_every_operation_makes_one_request_that_its_system_understands(made, system, name):
    server = getattr(made, system)
    server.answer = lambda request: (
        {"AccessToken": "t", "ExpiresIn": 60, "access_token": "t"}
        if "oken" in request.path + request.body.decode()
        else []
    )
    stage = name.rpartition("-")[2]
    payload = {"Name": "x"} if stage in ("insert", "update") else None
    if stage == "list":
        made.ask(system, name, Use.SOURCE)
    else:
        made.ask(system, name, entity=ENTITY, payload=payload)
    request = server.requests[-1]
    assert not any(mark in request.path + str(request.query) for mark in ("{{", "sesam:", "$ENV", "None"))
    assert request.headers["authorization"] == "Bearer t"
    assert request.method == {"insert": "POST", "delete": "DELETE"}.get(
        stage, ("PUT" if system == "webcrm" else "PATCH") if stage == "update" else "GET"
    )
    assert request.body == (b'{"Name": "x"}' if payload else b"")
    if stage in ("update", "delete") and system == "customerp":
        assert request.headers["if-match"] == '"3"'
    if stage == "update":
        assert request.headers["content-type"] == (
            "application/merge-patch+json" if system == "customerp" else "application/json"
        )
    if stage == "find":
        assert (
            "o'2017" in request.query.values()
            or "o''brien" in request.query.get("script", "")
            or "10''017" in request.query.get("script", "")
            or request.path == "/Opportunities/4/QuotationLines"
        )


def test_lists_of_webcrm_are_bare_arrays_paged_until_an_empty_one(made):
    made.webcrm.answer = Webcrm(persons=[{"PersonId": number} for number in range(450)])
    pages = made.ask("webcrm", "person-list", Use.SOURCE)
    assert [page.count for page in pages] == [200, 200, 50, 0]
    asked = [request.query for request in made.webcrm.requests if request.path == "/Persons"]
    assert asked[0] == asked[1], "the first request met the limit"
    assert [(query["Page"], query["Size"]) for query in asked[1:]] == [(str(page), "200") for page in (1, 2, 3, 4)]
    assert made.clock.slept == [15]


def test_queries_of_webcrm_go_on_where_the_last_one_ended(made):
    made.webcrm.answer = Webcrm(queries=[])
    made.ask("webcrm", "person-query-list", Use.SOURCE)
    made.ask("webcrm", "person-query-list", Use.SOURCE, since="2026-11-24T08:15:30+00:00")
    scripts = [r.query["script"] for r in made.webcrm.requests if r.path == "/Queries"]
    assert [script.partition(">= ")[2] for script in scripts[-2:]] == [
        "'1970-01-01T00:00:00Z' ORDER BY PersonId ASC",
        "'2026-11-24T08:15:30+00:00' ORDER BY PersonId ASC",
    ]


def test_lists_of_customerp_end_where_it_says_so(made):
    made.customerp.answer.customers |= {number: {"Id": number, "ExternalId": "", "tag": ""} for number in range(450)}
    pages = made.ask("customerp", "customer-list", Use.SOURCE, since="2026-11-24T08:15:30Z")
    assert [page.count for page in pages] == [200, 200, 50]
    assert {r.query["modifiedSince"] for r in made.customerp.requests[1:]} == {"2026-11-24T08:15:30Z"}
    assert made.customerp.requests[0].form == {"grant_type": "client_credentials", "scope": "sync"}


def test_a_problem_of_customerp_is_data_where_it_is_let_through(made):
    (page,) = made.ask("customerp", "customer-lookup", entity={"Id": 99})
    assert (page.answer.status, page.result["title"]) == (404, "no such record")
    with pytest.raises(CallFailed, match="answered 404 Not Found"):
        made.ask("customerp", "customer-lookup", part={"allowed_status_codes": "200"}, entity={"Id": 99})


def test_a_record_travels_is_linked_and_stays_in_step(made):
    rows = json.loads((REPOSITORY / "testdata" / "webcrm-organisation-all.json").read_text("utf-8"))
    row = {name: value for name, value in rows[0].items() if name != "_id"}
    row |= {"OrganisationId": 2017, "OrganisationName": "Bjørn & Sønner", "OrganisationCity": "Oslo"}
    made.webcrm.answer = Webcrm(organisations=[row])
    customers = made.customerp.answer.customers
    node = made.node()

    def run():
        made.webcrm.requests.clear()
        made.customerp.requests.clear()
        report = node.run()
        assert report.ok, [found.message for found in report.diagnostics()]
        return [r for r in made.customerp.requests if r.method in ("POST", "PATCH") and "/oauth/" not in r.path]

    (post,) = run()
    assert (post.json["Name"], post.json["ExternalId"]) == ("Bjørn & Sønner", "2017")
    assert content(node, "webcrm-organisation-all")["2017"]["OrganisationCity"] == "Oslo"
    log = content(node, "customerp-customer-share")
    assert [(e["$operation"], e["$generated_id"], e["$success"]) for e in log.values()] == [("insert", "501", True)]

    # Seen in both systems: nothing is left to be done.
    assert run() == []
    assert run() == []

    row |= {"OrganisationCity": "Bergen", "OrganisationUpdatedAt": "2026-07-01T10:00:00+00:00"}
    (patch,) = run()
    assert (patch.path, patch.json, patch.headers["if-match"]) == ("/api/v1/customers/501", {"City": "Bergen"}, '"1"')
    assert customers[501]["City"] == "Bergen"
    assert run() == []

    customers[501] |= {"City": "Voss", "UpdatedAt": "2026-08-01T10:00:00Z", "tag": '"9"'}
    assert run() == []
    put = [request for request in made.webcrm.requests if request.method == "PUT"]
    assert [(request.path, request.json) for request in put] == [
        ("/Organisations/2017", {"OrganisationId": 2017, "OrganisationCity": "Voss"})
    ]
    whole = json.dumps([exchange.as_json() for exchange in made.reach.trace])
    assert not any(secret in whole for secret in (*SECRETS.values(), "a token of"))
