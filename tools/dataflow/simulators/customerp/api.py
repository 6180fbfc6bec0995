"""The contract's door: answers every operation of the OpenAPI document as the document says."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dataflow.simulators.customerp.refused import Refused, not_kept, not_there
from dataflow.simulators.exchange import Answer

if TYPE_CHECKING:
    from dataflow.simulators.contract.description import Description, Operation, Parameter, Resource
    from dataflow.simulators.customerp.erp import Erp
    from dataflow.simulators.customerp.records import Stored
    from dataflow.simulators.customerp.tokens import Tokens
    from dataflow.simulators.exchange import Request

_JSON = "application/json"
_PROBLEM = "application/problem+json"
# More records than there can be, and few enough for sqlite.
_FAR = 2**62


class Api:
    def __init__(self, erp: Erp, tokens: Tokens, description: Description) -> None:
        self._erp = erp
        self._tokens = tokens
        self._base = description.base
        self._resources = {resource.path: resource for resource in description.resources.values()}
        self._kinds = {
            "list": self._list,
            "create": self._create,
            "read": self._read,
            "update": self._update,
            "delete": self._delete,
        }

    def answer(self, request: Request) -> Answer:
        try:
            fault = self._tokens.fault(request.headers.get("authorization"))
            if fault is not None:
                raise Refused(HTTPStatus.UNAUTHORIZED, fault)
            resource, record_id = self._place(request)
            for kind, operation in resource.operations.items():
                if operation.method == request.method and ("{" in operation.path) == (record_id is not None):
                    return self._kinds[kind](request, resource, operation, record_id)
            return self._not_allowed(request, resource, record_id)
        except Refused as refused:
            return self.refused(refused)

    def refused(self, refused: Refused) -> Answer:
        headers = {"WWW-Authenticate": "Bearer"} if refused.status == HTTPStatus.UNAUTHORIZED else {}
        return self.problem(refused.status, refused.problem(), headers)

    def problem(self, status: int, problem: dict[str, Any], headers: dict[str, str]) -> Answer:
        return Answer(status, _json(problem), {"Content-Type": _PROBLEM, **headers})

    # --- operations ---------------------------------------------------------------------------------------------------

    def _list(self, request: Request, resource: Resource, operation: Operation, _: str | None) -> Answer:
        asked = _parameters(request, operation)
        size = min(asked["pageSize"], self._erp.habits.largest_page or asked["pageSize"])
        skip = min((asked["page"] - 1) * size, _FAR)
        kind = None if request.fault is None else request.fault.kind
        if request.fault is not None and kind == "shifted-rows":
            skip = max(0, skip + request.fault.rows)
        since, external = asked.get("modifiedSince"), asked.get("externalId")
        items, more = self._erp.page(resource.noun, since=since, external=external, skip=skip, size=size)
        if kind == "empty-page":
            items = []
        return self.page(items, asked["page"], size, more=more)

    def page(self, items: list[str], page: int, size: int, *, more: bool) -> Answer:
        frame = f'"Page":{page},"PageSize":{size},"HasMore":{"true" if more else "false"}'
        return Answer(200, f'{{"Items":[{",".join(items)}],{frame}}}'.encode(), {"Content-Type": _JSON})

    def _create(self, request: Request, resource: Resource, operation: Operation, _: str | None) -> Answer:
        stored = self._erp.post(resource.noun, _body(request, operation))
        return self.record(stored, HTTPStatus.CREATED, {"Location": f"{self._base}{resource.path}/{stored.id}"})

    def _read(self, _: Request, resource: Resource, __: Operation, record_id: str | None) -> Answer:
        return self.record(self._erp.stored(resource.noun, _id(resource, record_id)), HTTPStatus.OK, {})

    def _update(self, request: Request, resource: Resource, operation: Operation, record_id: str | None) -> Answer:
        etag = _parameters(request, operation)["If-Match"]
        values = _body(request, operation)
        stored = self._erp.patch(resource.noun, _id(resource, record_id), etag, values)
        return self.record(stored, HTTPStatus.OK, {})

    def _delete(self, request: Request, resource: Resource, operation: Operation, record_id: str | None) -> Answer:
        self._erp.drop(resource.noun, _id(resource, record_id), _parameters(request, operation)["If-Match"])
        return Answer(HTTPStatus.NO_CONTENT)

    def record(self, stored: Stored, status: int, headers: dict[str, str]) -> Answer:
        headers = {"Content-Type": _JSON, "ETag": self._erp.etag(stored), **headers}
        return Answer(status, stored.body.encode(), headers)

    # --- addresses ----------------------------------------------------------------------------------------------------

    def _place(self, request: Request) -> tuple[Resource, str | None]:
        """The list a request is about, and the id it names, if any."""
        rest = request.path.removeprefix(self._base)
        path, slash, record_id = rest[1:].partition("/")
        resource = self._resources.get(f"/{path}")
        if resource is None or rest == request.path or "/" in record_id or (slash and not record_id):
            raise Refused(HTTPStatus.NOT_FOUND, f"There is no {request.path} here.")
        return resource, record_id or None

    def _not_allowed(self, request: Request, resource: Resource, record_id: str | None) -> Answer:
        methods = [one.method for one in resource.operations.values() if ("{" in one.path) == (record_id is not None)]
        refused = Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.path} does not answer {request.method}.")
        return self.problem(refused.status, refused.problem(), {"Allow": ", ".join(methods)})


def _id(resource: Resource, text: str | None) -> int:
    if text is None or not re.fullmatch("[1-9][0-9]{0,17}", text):
        raise not_there(resource.noun, text)
    return int(text)


def _parameters(request: Request, operation: Operation) -> dict[str, Any]:
    """The parameters of query and header, with their defaults. Raises Refused (400, 428)."""
    query = request.query
    given = dict(query)
    known = {parameter.name: parameter for parameter in operation.parameters if parameter.place != "path"}
    for name in given:
        if name not in known or known[name].place != "query":
            raise Refused(HTTPStatus.BAD_REQUEST, f"There is no parameter {name}.")
    if len(given) < len(query):
        raise Refused(HTTPStatus.BAD_REQUEST, "A parameter is given twice.")
    found = {}
    for name, parameter in known.items():
        text = given.get(name) if parameter.place == "query" else request.headers.get(name)
        if text is not None:
            found[name] = _value(text, parameter)
        elif "default" in parameter.schema.content:
            found[name] = parameter.schema.content["default"]
        elif parameter.required:
            raise Refused(HTTPStatus.PRECONDITION_REQUIRED, f"Send the ETag of the record as {name}.")
    return found


def _value(text: str, parameter: Parameter) -> Any:
    number = parameter.schema.content["type"] == "integer" and re.fullmatch("-?[0-9]{1,40}", text)
    value = int(text) if number else text
    for fault in parameter.schema.faults(value):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{parameter.name} {fault.detail}.")
    return value


def _body(request: Request, operation: Operation) -> dict[str, Any]:
    """The values a request brings. Raises Refused (400, 415, 422)."""
    schema = operation.bodies.get(request.media_type)
    if schema is None:
        detail = f"The body must be {' or '.join(operation.bodies)}."
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    try:
        value = json.loads(request.body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error}.") from None
    except ArithmeticError:
        raise Refused(HTTPStatus.BAD_REQUEST, "The body has a number that is out of reach.") from None
    faults = schema.faults(value)
    if faults:
        raise not_kept(faults)
    values: dict[str, Any] = value
    return values


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
