"""The part of the door (`/_simulator/...`) that is Customerp's own: its records, as somebody in the ERP sees and edits them.

| Request | What it does |
| --- | --- |
| `GET records/{noun}` | every record; `records/{noun}/{id}`: one |
| `POST records/{noun}` | add a record; any property but ids and moments |
| `PUT records/{noun}/{id}` | edit one; what is not named stays |
| `DELETE records/{noun}/{id}` | delete one that no other refers to |
| `POST advance` | the ERP goes on with its orders: all, or `{"ids": [5001]}` |
| `DELETE tokens` | no token that was given out is good any more |
| `GET habits`, `PUT habits` | what this ERP does (`Habits`) |
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.simulators.customerp.refused import Refused
from dataflow.simulators.exchange import json_answer

if TYPE_CHECKING:
    from dataflow.simulators.customerp.application import Customerp
    from dataflow.simulators.exchange import Answer, Request


def administer(customerp: Customerp, request: Request) -> Answer | None:
    """None for what there is not. Raises UsageError for what makes no sense."""
    erp = customerp.erp
    match (request.method, request.segments[1:]):
        case ("POST", ["advance"]):
            ids = _object(request).get("ids")
            if ids is not None and not (type(ids) is list and all(type(one) is int for one in ids)):
                raise UsageError('orders are named as {"ids": [5001, 5002]}')
            return json_answer(erp.advance(ids))
        case ("DELETE", ["tokens"]):
            customerp.tokens.revoke()
            return json_answer({})
        case ("GET" | "PUT", ["habits"]):
            if request.method == "PUT":
                try:
                    erp.habits = replace(erp.habits, **_object(request))
                except TypeError:
                    known = ", ".join(asdict(erp.habits))
                    raise UsageError(f"this ERP has no such habit; it has {known}") from None
            return json_answer(asdict(erp.habits))
        case (_, ["records", noun, *rest]):
            try:
                return _records(customerp, request, noun, rest)
            except Refused as refused:
                return json_answer({"error": str(refused)}, refused.status)
    return None


def _records(customerp: Customerp, request: Request, noun: str, rest: list[str]) -> Answer | None:
    erp = customerp.erp
    record_id = int(rest[0]) if rest and rest[0].isdecimal() else 0
    match (request.method, rest):
        case ("GET", []):
            return json_answer(erp.all(noun))
        case ("POST", []):
            return json_answer(erp.get(noun, erp.add(noun, **_object(request))), HTTPStatus.CREATED)
        case ("GET", [_]) if record_id:
            return json_answer(erp.get(noun, record_id))
        case ("PUT", [_]) if record_id:
            erp.edit(noun, record_id, **_object(request))
            return json_answer(erp.get(noun, record_id))
        case ("DELETE", [_]) if record_id:
            erp.remove(noun, record_id)
            return json_answer({})
    return None


def _object(request: Request) -> dict[str, Any]:
    """The JSON object that is the body, empty where there is none, with fractions as Decimal. Raises UsageError."""
    try:
        found = json.loads(request.body or b"{}", parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UsageError(f"the body is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError("the body is a JSON object")
    return found
