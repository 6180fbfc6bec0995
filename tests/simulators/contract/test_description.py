"""The contract as objects."""

from __future__ import annotations

import pytest

from dataflow.errors import FindingsError
from dataflow.simulators.contract.description import read_description, references


def test_the_contract_of_the_package(description):
    assert (description.base, description.token_path, description.scope) == ("/api/v1", "/oauth/token", "sync")
    assert {noun: (one.path, sorted(one.operations)) for noun, one in description.resources.items()} == {
        "customer": ("/customers", ["create", "list", "read", "update"]),
        "contact": ("/contacts", ["create", "list", "read", "update"]),
        "product": ("/products", ["create", "delete", "list", "read", "update"]),
        "order": ("/orders", ["create", "list", "read", "update"]),
    }
    assert description.resources["contact"].external == ["ExternalId", "UserExternalId"]
    assert description.resources["product"].unique == ["ExternalId", "ProductNumber"]
    assert references(description.resources["order"].properties) == {
        "CustomerId": "/customers",
        "ContactId": "/contacts",
        "SalesRepresentativeId": "/contacts",
    }
    assert "Id" not in description.resources["order"].writable
    assert "Lines" in description.resources["order"].writable


def test_an_operation(description):
    operation = description.operations["updateOrder"]
    assert (operation.method, operation.path) == ("PATCH", "/orders/{id}")
    assert {(one.name, one.place, one.required) for one in operation.parameters} == {
        ("id", "path", True),
        ("If-Match", "header", True),
    }
    assert set(operation.bodies) == {"application/json", "application/merge-patch+json"}
    assert set(operation.answer(200).headers) == {"ETag"}
    assert operation.answer(418) is operation.answers["default"]


@pytest.mark.parametrize("text", ["", "[]", "paths: {}", "openapi: 3.1.0\npaths: {/x: {get: {}}}"])
def test_a_file_that_is_no_such_contract(tmp_path, text):
    path = tmp_path / "contract.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(FindingsError) as failed:
        read_description(path)
    assert failed.value.diagnostics[0].code == "DF201"
