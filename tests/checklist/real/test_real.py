"""The checklist against a node and tenants over HTTP only, as if they were real: our own node, both systems simulated."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from dataflow.checklist.binding import read_words
from dataflow.checklist.facts import OWN_DOCUMENTS
from dataflow.checklist.real.setup import MARK
from dataflow.checklist.rst import read_document
from dataflow.cli import main
from dataflow.cli.checklist_node import run_real
from dataflow.clock import FixedClock
from dataflow.node.api.server import Server
from dataflow.node.live import LiveNode
from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
from dataflow.project import load_project
from dataflow.results import Verdict
from dataflow.scenario.systems import SimulatedCustomerp, SimulatedWebcrm
from dataflow.scenario.world import BEGIN_NS

ROOT = Path(__file__).parents[3]
TOKEN = "e30.e30.c2VjcmV0"
# What the contract keeps to the ERP and no record made here has, and what cannot be seen of requests.
UNPROVEN = {"stock", "total", "amount"}


class Place:
    """A node that runs the package, and both systems, at addresses of their own."""

    def __init__(self, stack, monkeypatch):
        self.clock = FixedClock(BEGIN_NS)
        self.systems = [SimulatedWebcrm(), SimulatedCustomerp(ROOT)]
        variables, secrets = json.loads((ROOT / "live-env.json").read_text("utf-8")), {}
        for system in self.systems:
            stack.enter_context(system)
            system.begin(self.clock)
            variables |= system.variables
            secrets |= system.secrets
        self.crm, self.erp = self.systems
        self.crm.create("webcrm-organisation", {"OrganisationName": "The vendor"})
        self.crm.create(
            "webcrm-organisation", {"OrganisationName": "Somebody else", "OrganisationVatNumber": "987654321"}
        )
        project = load_project(ROOT, "live", variables)
        makers = reaching(Reach(project.systems, lambda _: secrets, self.clock, project.metadata))
        live = LiveNode(clock=self.clock, source_makers=makers.sources, transform_makers=makers.transforms)
        self.server = stack.enter_context(Server(live, port=0, token=TOKEN))
        parts = [*sorted((ROOT / "pipes").glob("*.conf.json")), *sorted((ROOT / "systems").glob("*.conf.json"))]
        parts.append(ROOT / "node-metadata.conf.json")
        self.put("/env", variables)
        self.put("/secrets", secrets)
        self.put("/config", [json.loads(path.read_text("utf-8")) for path in parts])
        monkeypatch.setenv("JWT", TOKEN)
        for name, value in secrets.items():
            monkeypatch.setenv(name.upper().replace("-", "_"), value)

    def put(self, path, value):
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": f"bearer {TOKEN}"}
            answer = session.put(f"{self.server.url}/api{path}", json=value, headers=headers, timeout=30)
        assert answer.ok, answer.text

    def writes(self):
        return [entry for system in self.systems for entry in system.journal.writes()]

    def records(self):
        return {member: records for system in self.systems for member, records in system.records().items()}


@pytest.fixture
def place(monkeypatch):
    with ExitStack() as stack:
        yield Place(stack, monkeypatch)


def test_every_row_is_proven_over_http_and_what_can_be_is_cleaned_up(place):
    told = []
    played = run_real(
        ROOT,
        place.server.url,
        read_document(ROOT / OWN_DOCUMENTS[0])[0],
        read_words(ROOT),
        go=True,
        profile=None,
        only=None,
        tell=told.append,
        clock=place.clock,
    )
    results = [one for report in played.reports for one in report.results]
    assert TOKEN in played.secrets
    assert {one.properties.get("row", one.id) for one in results if one.verdict is not Verdict.PASS} == UNPROVEN
    assert all(one.verdict is not Verdict.FAIL for one in results)
    records = place.records()
    names = {record["OrganisationName"] for record in records["webcrm-organisation"].values()}
    assert {"The vendor", "Somebody else"} < names
    ours = records["webcrm-organisation"].keys() - {"1", "2"}
    assert ours
    assert sum(name.startswith(MARK) for name in names) > 1
    assert records["webcrm-product"] == records["webcrm-quotationline"] == records["customerp-product"] == {}
    left = next(line for line in told if line.startswith("cleaned up"))
    assert all(f"webcrm-organisation:{one}" in left for one in ours)
    assert "webcrm-organisation:2," not in left
    assert "webcrm-product" not in left
    assert "customerp-order:" in left
    assert "orderline" not in left


def test_a_plan_is_told_and_nothing_written(place, capsys):
    before = place.records()
    assert main(["checklist", "--node", place.server.url, "--dir", str(ROOT)]) == 0
    out = capsys.readouterr().out
    assert f"... node      {place.server.url}" in out
    assert f"... webcrm    {place.crm.server.url}" in out
    assert f"names begin with {MARK}" in out
    assert out.endswith("... nothing has been written; with --go it will be\n")
    assert place.records() == before
    assert place.writes() == []
    assert TOKEN not in out


@pytest.mark.parametrize("variable", ["JWT", "WEBCRM_APPLICATION_TOKEN", "CUSTOMERP_CLIENT_SECRET"])
def test_a_token_that_is_not_set_is_a_mistake_of_the_user(place, monkeypatch, capsys, variable):
    monkeypatch.delenv(variable)
    assert main(["checklist", "--node", place.server.url, "--dir", str(ROOT), "--go"]) == 2
    assert f"set {variable} in the environment" in capsys.readouterr().err
    assert place.writes() == []


def test_a_node_without_the_package_is_left_alone(monkeypatch, capsys):
    monkeypatch.setenv("JWT", TOKEN)
    with Server(LiveNode(), port=0, token=TOKEN) as server:
        assert main(["checklist", "--node", server.url, "--dir", str(ROOT), "--go"]) == 2
    assert "upload this package to it first" in capsys.readouterr().err


def test_a_node_that_does_not_answer(monkeypatch, capsys):
    monkeypatch.setenv("JWT", "secret-token")
    assert main(["checklist", "--node", "http://127.0.0.1:9", "--dir", str(ROOT)]) == 2
    err = capsys.readouterr().err
    assert "does not answer" in err
    assert "secret-token" not in err
