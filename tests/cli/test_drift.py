"""The drift report as a command: of simulated systems, and of a node that is served elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from dataflow.cli import main
from dataflow.node.api.server import Server
from dataflow.node.live import LiveNode

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

# A log with one record of each kind; the entities are written by hand, as a share would have left them.
LOG = [
    {
        "_id": "customerp-product:1",
        "$operation": "insert",
        "$success": True,
        "$generated_id": "1",
        "payload": {"ExternalId": "41", "Name": "Vare"},
    },
    {
        "_id": "webcrm-product:42",
        "$operation": "insert",
        "$success": False,
        "$error": "422: Two values cannot be kept.",
        "$response": {"status": 422, "body": {"detail": "Two values cannot be kept."}},
        "payload": {"Name": "Vare to", "UnitPrice": "~f1.5"},
    },
    {"_id": "webcrm-product:43", "$operation": "discard-by-connector", "$discard": "waits for product N-9"},
    {
        "_id": "webcrm-product:44",
        "$operation": "discard-by-connector",
        "$discard": "born in Customerp: create-in-webcrm is off; waits for webcrm-organisation:11",
        "$report": ["its counterpart in webCRM has been deleted"],
    },
]
PUT_BACK = {**LOG[0], "_id": "customerp-product:1", "$operation": "update", "payload": {"ExternalId": "41"}}
# The record was refused first and written later: nothing to report.
SETTLED = {"_id": "webcrm-product:42", "$operation": "insert", "$success": True, "payload": {"Name": "Vare to"}}


PIPE = {
    "_id": "customerp-product-share",
    "type": "pipe",
    "source": {"type": "http_endpoint"},
    "namespaced_identifiers": False,
}


def send(method: str, address: str, entities: list[dict[str, Any]]) -> None:
    with requests.Session() as session:
        session.trust_env = False
        assert session.request(method, address, json=entities, timeout=30).ok


def logged(node: str, *entities: dict[str, Any]) -> None:
    send("POST", f"{node}/api/receivers/{PIPE['_id']}/entities", list(entities))


@pytest.fixture
def node() -> Iterator[str]:
    with Server(LiveNode(), port=0) as server:
        send("PUT", f"{server.url}/api/config", [PIPE])
        logged(server.url, *LOG)
        logged(server.url, PUT_BACK)
        yield server.url


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["drift", *arguments, "--dir", str(ROOT)]) == 0
    return capsys.readouterr().out


def test_every_kind_is_told_of_a_node_elsewhere(
    node: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JWT", "e30.e30.e30")
    found = json.loads(asked(capsys, "--node", node, "--format", "json"))
    assert found["counts"] == {"refused": 1, "waits": 1, "held": 1, "report": 1, "put-back": 1}
    refused = found["lines"][0]
    assert (refused["kind"], refused["member"], refused["entity"]) == (
        "refused",
        "customerp-product",
        "webcrm-product:42",
    )
    assert refused["request"] == {"operation": "insert", "payload": {"Name": "Vare to", "UnitPrice": 1.5}}
    assert refused["response"] == {"status": 422, "body": {"detail": "Two values cannot be kept."}}
    assert found["lines"][-1]["why"] == "ExternalId"
    shown = asked(capsys, "--node", f"{node}/api/")
    assert re.search(r"^refused +customerp-product +webcrm-product:42 +422: Two values cannot be kept\.$", shown, re.M)
    assert re.search(r'^ +request +\{"operation": "insert", "payload"', shown, re.M)
    assert re.search(r'^ +response +\{.*"status": 422\}$', shown, re.M)
    assert shown.endswith("1 refused, 1 waiting, 1 held back, 1 to know of, 1 put back.\n")
    logged(node, SETTLED)
    assert asked(capsys, "--node", node).endswith("\n1 waiting, 1 held back, 1 to know of, 1 put back.\n")


def test_simulated_systems_are_in_step_but_for_what_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(asked(capsys, "--simulate", "--format", "json"))
    assert "refused" not in found["counts"]
    lines = {(line["kind"], line["entity"]): line["why"] for line in found["lines"]}
    assert lines["waits", "webcrm-organisation:1204"] == "waits for webcrm-user:1299"
    assert lines["held", "customerp-product:50201"] == "born in Customerp: create-in-webcrm is off"
    assert lines["report", "webcrm-opportunity:1401"] == "TotalAmount 500 differs from OpportunityOrderValue 400"
    assert lines["put-back", "webcrm-organisation:1901"] == "OrganisationExtraCustom2"


def test_a_node_needs_its_token_and_an_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("JWT", raising=False)
    assert main(["drift", "--node", "http://127.0.0.1:9", "--dir", str(ROOT)]) == 2
    assert "set JWT in the environment" in capsys.readouterr().err
    monkeypatch.setenv("JWT", "secret-token")
    assert main(["drift", "--node", "http://127.0.0.1:9", "--dir", str(ROOT)]) == 2
    told = capsys.readouterr().err
    assert "the node does not answer" in told
    assert "secret-token" not in told


def test_a_wrong_token_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JWT", "a.b.c")
    with Server(LiveNode(), port=0, token="d.e.f") as server:
        assert main(["drift", "--node", server.url, "--dir", str(ROOT)]) == 2
    assert "is JWT the token of this node?" in capsys.readouterr().err
