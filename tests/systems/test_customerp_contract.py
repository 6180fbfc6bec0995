"""The contract of the ERP's adapter: valid, with examples that keep it, and the same properties as the mappings."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate
from referencing import Registry
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS = ["Customer", "Contact", "Product", "Order"]
SCHEMA_OF_DATATYPE = {
    "customer": "Customer",
    "contact": "Contact",
    "product": "Product",
    "order": "Order",
    "orderline": "OrderLine",
}
INTERFACE = {"Id", "CreatedAt", "UpdatedAt", "Lines"}
WRITABLE = {"Customer": "CustomerUpdate", "Contact": "ContactUpdate", "Product": "ProductUpdate"} | {
    "Order": "OrderUpdate",
    "OrderLine": "OrderLineWrite",
}
PROBLEMS_OF_A_CHANGE = {"404", "409", "412", "428"}


@pytest.fixture(scope="session")
def registry(contract: dict[str, Any]) -> Any:
    return Registry().with_resource("urn:contract", DRAFT202012.create_resource(contract))


def validator(pointer: str, registry: Registry[Any]) -> Draft202012Validator:
    schema = {"$ref": f"urn:contract#{pointer}"}
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())


def named(schema: str, registry: Registry[Any]) -> Draft202012Validator:
    return validator(f"/components/schemas/{schema}", registry)


def resolved(schema: dict[str, Any], contract: dict[str, Any]) -> dict[str, Any]:
    """`schema` with what its reference says merged under it."""
    if "$ref" not in schema:
        return schema
    target: Any = contract
    for part in schema["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return resolved({**target, **{key: value for key, value in schema.items() if key != "$ref"}}, contract)


def kind(schema: dict[str, Any]) -> str:
    """The type of a property in the words of the mappings."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    (name,) = set(types) - {"null"}
    return str(schema["format"] if schema.get("format") in ("decimal", "date") else name)


def operations(contract: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in contract["paths"].items():
        for method in {"get", "post", "patch", "put", "delete"} & set(item):
            yield path, method, item[method]


def examples(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Each example with the pointer of the schema it must fit."""
    if isinstance(value, dict):
        if pointer.startswith("/components/schemas/"):
            for example in value.get("examples", []):
                yield pointer, example
        elif "example" in value:
            yield f"{pointer}/schema", value["example"]
        for key, inner in value.items():
            if key not in ("example", "examples"):
                yield from examples(inner, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from examples(inner, f"{pointer}/{position}")


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from numbers(inner)
    elif isinstance(value, float):
        yield value


def test_is_a_valid_openapi_description(contract: dict[str, Any]) -> None:
    assert contract["openapi"].startswith("3.1.")
    validate(contract)


def test_every_example_fits_its_schema(contract: dict[str, Any], registry: Registry[Any]) -> None:
    found = list(examples(contract))
    for pointer, example in found:
        errors = [error.message for error in validator(pointer, registry).iter_errors(example)]
        assert errors == [], pointer
    bodies = {name for name, schema in contract["components"]["schemas"].items() if schema.get("examples")}
    assert {f"{record}{form}" for record in RECORDS for form in ("", "Create", "Update", "Page")} <= bodies
    assert {"OrderLine", "OrderLineWrite"} <= bodies
    answered = {pointer.split("/")[3] for pointer, _ in found if pointer.startswith("/components/responses/")}
    assert answered == set(contract["components"]["responses"])


@pytest.mark.parametrize("record", [*RECORDS, "OrderLine"])
def test_answers_name_every_property(record: str, contract: dict[str, Any], registry: Registry[Any]) -> None:
    schema = contract["components"]["schemas"][record]
    assert set(schema["required"]) == set(schema["properties"])
    for example in schema["examples"]:
        for name in schema["properties"]:
            less = {key: value for key, value in example.items() if key != name}
            assert not named(record, registry).is_valid(less), name


@pytest.mark.parametrize("record", [*RECORDS, "OrderLine"])
def test_requests_hold_what_is_writable_and_nothing_else(
    record: str, contract: dict[str, Any], registry: Registry[Any]
) -> None:
    schemas = contract["components"]["schemas"]
    properties = schemas[record]["properties"]
    writable = {name for name, schema in properties.items() if not schema.get("readOnly")}
    assert set(schemas[WRITABLE[record]]["properties"]) == writable
    for name, schema in schemas[WRITABLE[record]]["properties"].items():
        if name != "Lines":
            assert schema["$ref"] == f"#/components/schemas/{record}/properties/{name}"
    update = named(WRITABLE[record], registry)
    for example in schemas[WRITABLE[record]]["examples"]:
        assert update.is_valid(example)
        for name in {*properties, "Unheard"} - writable:
            assert not update.is_valid({**example, name: schemas[record]["examples"][0].get(name)}), name


@pytest.mark.parametrize("record", RECORDS)
def test_a_page_holds_records(record: str, contract: dict[str, Any], registry: Registry[Any]) -> None:
    page = {"Items": copy.deepcopy(contract["components"]["schemas"][record]["examples"])}
    frame = {"Page": 1, "PageSize": 200, "HasMore": False}
    assert named(f"{record}Page", registry).is_valid(page | frame)
    del page["Items"][0]["UpdatedAt"]
    assert not named(f"{record}Page", registry).is_valid(page | frame)
    assert not named(f"{record}Page", registry).is_valid(page)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ("Decimal", [0, 0.1, -12.5, 99999999999.9999, None], ["0.1", 100000000000, True]),
        ("Moment", ["2026-11-24T08:15:30Z"], ["2026-11-24T08:15:30.1Z", "2026-11-24T08:15:30+00:00", "2026-11-24"]),
        ("Id", [1, 9007199254740993], [0, -1, 1.5, "1", None]),
        ("Reference", [1, None], [0, "1"]),
    ],
)
def test_values_have_one_form(schema: str, good: list[Any], bad: list[Any], registry: Registry[Any]) -> None:
    check = named(schema, registry)
    assert [value for value in good if not check.is_valid(value)] == []
    assert [value for value in bad if check.is_valid(value)] == []


def test_the_erp_alone_sets_its_own_statuses(contract: dict[str, Any], registry: Registry[Any]) -> None:
    invoiced = {**contract["components"]["schemas"]["Order"]["examples"][0], "Status": "Invoiced"}
    assert named("Order", registry).is_valid(invoiced)
    assert not named("OrderUpdate", registry).is_valid({"Status": "Invoiced"})


def test_the_amounts_of_the_example_order_are_right(contract: dict[str, Any]) -> None:
    (order,) = contract["components"]["schemas"]["Order"]["examples"]

    def exact(value: float) -> Decimal:
        return Decimal(str(value))

    for line in order["Lines"]:
        net = exact(line["UnitPrice"]) * exact(line["Quantity"]) * (1 - exact(line["DiscountPercent"]) / 100)
        assert exact(line["Amount"]) == net
    assert exact(order["TotalAmount"]) == sum(exact(line["Amount"]) for line in order["Lines"])


def test_decimals_in_examples_keep_to_four_digits(contract: dict[str, Any]) -> None:
    found = [number for _, example in examples(contract) for number in numbers(example)]
    assert found
    assert [number for number in found if len(str(number).partition(".")[2]) > 4] == []


def test_the_properties_are_those_of_the_mappings(contract: dict[str, Any], mappings: list[dict[str, Any]]) -> None:
    wanted: dict[str, dict[str, tuple[str, str]]] = {schema: {} for schema in SCHEMA_OF_DATATYPE.values()}
    for mapping in mappings:
        for flow in mapping["flows"]:
            schema = SCHEMA_OF_DATATYPE[mapping["members"][flow["customerp"]]["type"]]
            for row in flow["rows"]:
                if row["customerp"] != "-":
                    wanted[schema][row["customerp"]] = (row["type"], row["way"])
    offered = {
        schema: {
            name: (kind(resolved(facts, contract)), facts.get("x-way"))
            for name, facts in contract["components"]["schemas"][schema]["properties"].items()
            if name not in INTERFACE
        }
        for schema in wanted
    }
    assert offered == wanted


@pytest.mark.parametrize("record", [*RECORDS, "OrderLine"])
def test_what_the_erp_owns_is_read_only(record: str, contract: dict[str, Any]) -> None:
    for name, schema in contract["components"]["schemas"][record]["properties"].items():
        if name not in INTERFACE:
            assert schema.get("readOnly", False) is (schema["x-way"] == "erp"), name


@pytest.mark.parametrize("record", [*RECORDS, "OrderLine"])
def test_what_the_text_says_of_uniqueness_and_references_is_said_to_programs_too(
    record: str, contract: dict[str, Any]
) -> None:
    lists = {path.strip("/"): path for path in contract["paths"]}
    for name, schema in contract["components"]["schemas"][record]["properties"].items():
        refers = schema.get("$ref", "").endswith("/Reference") or (name == "CustomerId")
        assert ("x-refers-to" in schema) is refers, name
        assert schema.get("x-refers-to", "orders") in lists
        assert schema.get("x-unique", False) is ("Unique" in schema.get("description", "") and name != "Id"), name


def test_changes_are_guarded_by_the_etag(contract: dict[str, Any]) -> None:
    guard = {"$ref": "#/components/parameters/IfMatch"}
    assert contract["components"]["parameters"]["IfMatch"]["required"] is True
    for path, method, operation in operations(contract):
        if method in ("patch", "put", "delete"):
            assert guard in operation["parameters"], (path, method)
            assert set(operation["responses"]) >= PROBLEMS_OF_A_CHANGE, (path, method)
        for status in {"200", "201"} & set(operation["responses"]):
            if "{id}" in path or method == "post":
                assert "ETag" in operation["responses"][status]["headers"], (path, method)


def test_a_created_record_can_be_found(contract: dict[str, Any]) -> None:
    posts = [operation for _, method, operation in operations(contract) if method == "post"]
    assert len(posts) == len(RECORDS)
    for operation in posts:
        assert set(operation["responses"]["201"]["headers"]) == {"Location", "ETag"}
        assert {"409", "422"} <= set(operation["responses"])
    for path, method, operation in operations(contract):
        if method == "get" and "{id}" not in path:
            names = {resolved(parameter, contract)["name"] for parameter in operation["parameters"]}
            assert names == {"modifiedSince", "page", "pageSize", "externalId"}


def test_every_refusal_is_a_problem(contract: dict[str, Any]) -> None:
    for path, method, operation in operations(contract):
        assert {"401", "429", "default"} <= set(operation["responses"]), (path, method)
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                assert set(resolved(response, contract)["content"]) == {"application/problem+json"}, (path, status)
    assert "Retry-After" in contract["components"]["responses"]["TooManyRequests"]["headers"]


def test_books_are_not_deleted(contract: dict[str, Any]) -> None:
    assert [path for path, method, _ in operations(contract) if method == "delete"] == ["/products/{id}"]
