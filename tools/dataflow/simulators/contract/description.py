"""An OpenAPI 3.1 document as objects: operations with their parameters, bodies and answers, and the lists of records they work on.

Both the simulator, which answers by it, and the check, which asks by it, read the contract from here and say none of it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic
from dataflow.errors import FindingsError
from dataflow.simulators.contract.schemas import Schema, inlined, pointed, properties
from dataflow.source import shown
from dataflow.yaml_text import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

FILE = "systems/customerp.openapi.yaml"

_METHODS = ("get", "post", "patch", "put", "delete")


@dataclass(frozen=True)
class Parameter:
    """`place` is path, query or header."""

    name: str
    place: str
    required: bool
    schema: Schema


@dataclass(frozen=True)
class Answer:
    """What may come back under one status: header names with their schemas, and a schema per media type."""

    headers: dict[str, Schema]
    bodies: dict[str, Schema]


@dataclass(frozen=True)
class Operation:
    """`path` begins with a slash and has `{id}` where one is named; `answers` may have a `default`."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    bodies: dict[str, Schema]
    answers: dict[str, Answer]

    def answer(self, status: int) -> Answer | None:
        return self.answers.get(str(status)) or self.answers.get("default")


@dataclass
class Resource:
    """One list of records: its noun ("customer"), its address ("/customers"), its record and what can be done with it."""

    noun: str
    path: str
    record: dict[str, Any]
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def properties(self) -> dict[str, Any]:
        return properties(self.record)

    @property
    def writable(self) -> list[str]:
        return [name for name, schema in self.properties.items() if not schema.get("readOnly")]

    @property
    def unique(self) -> list[str]:
        """The properties of which no two records have the same value."""
        return [name for name, schema in self.properties.items() if schema.get("x-unique")]

    @property
    def external(self) -> list[str]:
        """The unique properties that hold an id of webCRM's; `externalId` of the list looks into these."""
        return [name for name in self.unique if self.properties[name].get("x-way") == "crm"]


@dataclass(frozen=True)
class Description:
    """`base` is the path of the address that everything else stands under, such as `/api/v1`."""

    base: str
    token_path: str
    scope: str
    operations: dict[str, Operation]
    resources: dict[str, Resource]
    document: dict[str, Any]

    def of_path(self, path: str) -> Resource:
        return next(resource for resource in self.resources.values() if resource.path == path)


def references(members: dict[str, Any]) -> dict[str, str]:
    """Property to the path of the list it refers into, of the properties of a record or of a part of one."""
    return {name: f"/{schema['x-refers-to']}" for name, schema in members.items() if "x-refers-to" in schema}


# What is done with a list, or with one of its records.
KINDS = {("get", False): "list", ("post", False): "create"} | {
    ("get", True): "read",
    ("patch", True): "update",
    ("delete", True): "delete",
}


def read_description(path: Path) -> Description:
    """The contract in a file. Raises FindingsError when it cannot be read, or is no OpenAPI document of this kind."""
    document = read_yaml(path).value
    try:
        return description(document)
    except (AttributeError, KeyError, TypeError, StopIteration) as error:
        detail = f"the contract lacks something, or has it in an unexpected form: {error}"
        raise FindingsError([Diagnostic("DF201", detail, shown(path), expected="an OpenAPI 3.1 document")]) from None


def description(document: dict[str, Any]) -> Description:
    from urllib.parse import urlsplit

    operations: dict[str, Operation] = {}
    resources: dict[str, Resource] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method not in item:
                continue
            operation = _operation(method, path, item, document)
            operations[operation.id] = operation
            collection = path.removesuffix("/{id}")
            noun, record = _record(document, collection)
            resource = resources.setdefault(noun, Resource(noun, collection, record))
            resource.operations[KINDS[method, path != collection]] = operation
    (scheme,) = document["components"]["securitySchemes"].values()
    flow = scheme["flows"]["clientCredentials"]
    return Description(
        urlsplit(document["servers"][0]["url"]).path.rstrip("/"),
        urlsplit(flow["tokenUrl"]).path,
        next(iter(flow["scopes"])),
        operations,
        resources,
        document,
    )


def _record(document: dict[str, Any], collection: str) -> tuple[str, dict[str, Any]]:
    """The noun and the schema of what a list holds, from the answer of reading one."""
    answer = document["paths"][collection + "/{id}"]["get"]["responses"]["200"]
    reference = answer["content"]["application/json"]["schema"]
    return reference["$ref"].rpartition("/")[2].lower(), inlined(reference, document)


def _operation(method: str, path: str, item: dict[str, Any], document: dict[str, Any]) -> Operation:
    content = item[method]
    parameters = [*item.get("parameters", ()), *content.get("parameters", ())]
    body = content.get("requestBody", {}).get("content", {})
    return Operation(
        content["operationId"],
        method.upper(),
        path,
        tuple(_parameter(_resolved(parameter, document), document) for parameter in parameters),
        {media: Schema(inlined(inner["schema"], document)) for media, inner in body.items()},
        {status: _answer(_resolved(answer, document), document) for status, answer in content["responses"].items()},
    )


def _parameter(content: dict[str, Any], document: dict[str, Any]) -> Parameter:
    schema = Schema(inlined(content["schema"], document))
    return Parameter(content["name"], content["in"], content.get("required", False), schema)


def _answer(content: dict[str, Any], document: dict[str, Any]) -> Answer:
    headers = {name: _resolved(header, document) for name, header in content.get("headers", {}).items()}
    return Answer(
        {name: Schema(inlined(header["schema"], document)) for name, header in headers.items()},
        {media: Schema(inlined(inner["schema"], document)) for media, inner in content.get("content", {}).items()},
    )


def _resolved(content: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pointed(content["$ref"], document) if "$ref" in content else content
    return found
