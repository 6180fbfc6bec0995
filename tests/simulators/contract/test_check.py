"""The check as a whole: it passes on a sound server, leaves others' records alone, and says what it could not do."""

from __future__ import annotations

import sys

import pytest

from dataflow.errors import UsageError
from dataflow.results import Verdict
from dataflow.simulators.contract.check import check, intention
from dataflow.simulators.contract.client import Access, Client
from dataflow.simulators.contract.rules import RULES
from dataflow.simulators.customerp.seed import seed_from
from dataflow.simulators.exchange import Answer
from simulators.contract.conftest import REPOSITORY


def bad(outcome):
    return [(result.id, result.reason) for result in outcome.results if result.verdict is not Verdict.PASS]


def test_it_passes_on_the_simulator_among_records_of_others(description, customerp, checked):
    seed_from(customerp.erp, REPOSITORY / "testdata")
    before = {noun: customerp.erp.all(noun) for noun in description.resources}
    outcome = checked()
    assert bad(outcome) == []
    assert list(dict.fromkeys(result.group for result in outcome.results)) == list(description.operations)
    for noun, records in before.items():
        assert customerp.erp.all(noun)[: len(records)] == records


def test_every_rule_is_tried_on_every_operation_it_is_about(description, checked):
    tried = {result.id for result in checked().results}
    wanted = {
        f"{resource.operations[rule.kind].id}.{rule.name}"
        for resource in description.resources.values()
        for rule in RULES
        if rule.kind in resource.operations and (rule.nouns is None or resource.noun in rule.nouns)
    }
    assert tried == wanted | {f"{name}.form" for name in description.operations}
    assert len(wanted) > 150


def test_what_it_leaves(description, customerp, checked):
    outcome = checked()
    erp = customerp.erp
    assert erp.count("product") == 0
    left = [
        f"{noun} {record['Id']} (unlinked)" for noun in ("order", "customer", "contact") for record in erp.all(noun)
    ]
    assert outcome.left == left
    assert all(erp.count(noun) == 3 for noun in ("customer", "contact", "order"))
    for noun, resource in description.resources.items():
        for record in erp.all(noun):
            assert [record[name] for name in resource.external] == [None] * len(resource.external)
            assert "dataflow contract check, may be removed" in record.values()
    assert {(order["Status"], len(order["Lines"])) for order in erp.all("order")} == {("Cancelled", 0)}
    assert not any(contact["IsActive"] for contact in erp.all("contact"))


def test_it_can_be_run_again(customerp, checked):
    assert bad(checked()) == []
    customerp.clock.advance(5)
    assert bad(checked()) == []


def test_what_it_says_before_it_begins(description):
    told = intention(description, "https://erp.example.com/api/v1")
    assert "makes 3 records or a few more of each kind (customers, contacts, products, orders)" in told
    assert "https://erp.example.com/api/v1" in told


def test_some_operations_only(checked, server):
    outcome = checked(only=["getProduct"])
    assert bad(outcome) == []
    assert {result.group for result in outcome.results} == {"getProduct"}
    assert server.journal.of(path="/api/v1/orders") == []


def test_values_that_suit_the_erp(customerp, checked):
    sent = []
    post = customerp.erp.post
    customerp.erp.post = lambda noun, values: sent.append((noun, values)) or post(noun, values)
    checked(only=["createProduct"], values={"product": {"VatCode": "3"}})
    assert {values["VatCode"] for noun, values in sent if "UnitPrice" in values} == {"3"}


class TestTrouble:
    def test_a_limit_is_waited_out(self, server, checked):
        server.faults.add("429", path="/products", count=3, retry_after=7)
        assert bad(checked(only=["listProducts"])) == []

    def test_a_lost_connection_costs_one_rule(self, server, checked):
        server.faults.add("reset", path="externalId=", method="GET")
        ((name, reason),) = bad(checked(only=["listProducts"]))
        assert name == "listProducts.external-id"
        assert reason.endswith("the connection failed")

    def test_without_records_of_its_own(self, customerp, checked):
        answer = customerp.api.answer
        customerp.api.answer = lambda request: (
            customerp.refusal(503, None) if request.method == "POST" else answer(request)
        )
        outcome = checked(only=["createProduct", "updateProduct"])
        verdicts = {result.id: (result.verdict, result.reason) for result in outcome.results}
        assert verdicts["createProduct.new"][0] is Verdict.FAIL
        told = "needs a product of its own, but POST /products answers 503 Try again later."
        assert verdicts["updateProduct.change"] == (Verdict.UNPROVEN, told)
        assert verdicts["updateProduct.nothing-there"][0] is Verdict.PASS

    def test_records_that_cannot_be_put_away(self, server, checked):
        server.faults.add("reset", path="/products/", method="DELETE", count=None)
        outcome = checked(only=["getProduct"])
        assert outcome.left == [f"product {number} (still linked)" for number in (1001, 1002, 1003)]

    def test_nobody_there(self, description):
        client = Client("http://127.0.0.1:9/api/v1", Access("token"))
        with pytest.raises(UsageError, match="the connection failed"):
            check(description, client)

    def test_nobody_is_let_in(self, description, customerp, server):
        variables = customerp.variables(server.url)
        access = Access(None, variables["customerp-token-url"], "webcrm-sync", "hushhush", "sync")
        with pytest.raises(UsageError, match="no access token") as failed:
            check(description, Client(variables["customerp-base-url"], access))
        assert "hushhush" not in str(failed.value)
        assert "hushhush" not in repr(access)

    def test_an_address_that_ends_too_early(self, description, customerp, server):
        variables = customerp.variables(server.url)
        access = Access(None, variables["customerp-token-url"], "webcrm-sync", "not-a-secret", "sync")
        with pytest.raises(UsageError, match=r"none of /customers, .* is there; the contract has them under /api/v1"):
            check(description, Client(server.url, access))
        answer = customerp.api.answer
        customerp.api.answer = lambda request: (
            customerp.refusal(404, None) if request.path.endswith("/customers") else answer(request)
        )
        outcome = check(description, Client(variables["customerp-base-url"], access), only=["listProducts"])
        assert all(result.verdict is Verdict.PASS for result in outcome.results)

    def test_an_operation_that_there_is_not(self, checked):
        with pytest.raises(UsageError, match='no operation "getProdct"; did you mean "getProduct"'):
            checked(only=["getProdct"])


def test_a_token_that_is_good_already(description, customerp, server):
    token = "given-by-hand"
    customerp.tokens._until[token] = 2**63
    client = Client(customerp.variables(server.url)["customerp-base-url"], Access(token), clock=customerp.clock)
    assert bad(check(description, client, only=["getProduct"])) == []
    assert server.journal.of("POST", "/oauth/token") == []


class TestForm:
    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            (Answer(200, b"[]", {"Content-Type": "application/json", "ETag": '"1"'}), "the body must be object"),
            (Answer(200, b"{", {"Content-Type": "application/json", "ETag": '"1"'}), "the body is no JSON: {"),
            (Answer(200, b"{}", {"Content-Type": "application/json"}), "200 without the header ETag"),
            (Answer(200, b"{}", {"Content-Type": "application/json", "ETag": 'W/"1"'}), 'header ETag must fit ^"[^"]+"$'),
            (Answer(200, b"{}", {"Content-Type": "text/html", "ETag": '"1"'}), "200 comes as text/html, not as application/json"),
            (Answer(204), "the contract has no answer 204 here"),
            (Answer(404, b'{"type": "x", "title": "x", "status": 410}', {"Content-Type": "application/problem+json"}),
             "the problem says 410 and the answer 404"),
            (Answer(500, b"oops"), "the server failed: 500"),
        ],
    )  # fmt: skip
    def test_of_an_answer(self, customerp, checked, answer, fault):
        customerp.api._read = customerp.api._kinds["read"] = lambda *_: answer
        form = next(result for result in checked(only=["getProduct"]).results if result.id == "getProduct.form")
        assert form.verdict is Verdict.FAIL
        assert fault in form.reason


class TestMadeUp:
    def test_a_sound_server(self, customerp, checked):
        """Of every kind of operation one, and those with lines."""
        tried = ["listProducts", "getProduct", "deleteProduct", "createOrder", "updateOrder"]
        outcome = checked(only=tried, examples=2)
        assert bad(outcome) == []
        assert [result.group for result in outcome.results if result.id.endswith(".made-up")] == tried
        assert customerp.erp.count("order") == 3

    def test_a_server_that_some_requests_break(self, customerp, checked):
        answer = customerp.api.answer

        def falls(request):
            """Over what it should refuse; which wrong requests are made up is the library's business."""
            given = answer(request)
            return Answer(500, b"oops") if given.status == 400 else given

        customerp.api.answer = falls
        ((name, reason),) = [one for one in bad(checked(only=["listProducts"], examples=40)) if "made-up" in one[0]]
        assert name == "listProducts.made-up"
        assert "Server error" in reason

    def test_without_schemathesis(self, checked, monkeypatch):
        monkeypatch.setitem(sys.modules, "schemathesis", None)
        skipped = [r for r in checked(only=["getProduct"], examples=1).results if r.verdict is Verdict.SKIP]
        assert [result.id for result in skipped] == ["getProduct.made-up"]
        assert "pip install 'webcrm-customerp[contract]'" in skipped[0].reason
