"""The part of the door (`/_simulator/...`) that is webCRM's own: its rows, as somebody in the screens sees and edits them.

| Request | What it does |
| --- | --- |
| `GET records/{noun}` | every row; `records/{noun}/{id}`: one |
| `POST records/{noun}` | add a row |
| `PUT records/{noun}/{id}` | edit one: UpdatedAt moves |
| `DELETE records/{noun}/{id}` | delete one, and what hangs on it |
| `POST records/{noun}/{id}/convert` | make an opportunity a delivery, or the other way round (`{"level": 5}`) |
| `POST records/{noun}/{id}/move` | give an opportunity or a delivery another organisation (`{"organisation": 17}`) |
| `DELETE tokens` | no token that was given out is good any more |
| `PUT limit` | `{"requests": 250}` in a minute, or null for no limit |

`?by=name` says who it was.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.simulators.door import object_of
from dataflow.simulators.exchange import json_answer
from dataflow.simulators.webcrm.refused import Refused
from dataflow.simulators.webcrm.resource import resource
from dataflow.simulators.webcrm.tenant import SOMEBODY

if TYPE_CHECKING:
    from dataflow.simulators.exchange import Answer, Request
    from dataflow.simulators.webcrm.application import Webcrm


def administer(crm: Webcrm, request: Request) -> Answer | None:
    """None for what there is not. Raises UsageError for what makes no sense."""
    match (request.method, request.segments[1:]):
        case ("DELETE", ["tokens"]):
            crm.tokens.revoke()
        case ("PUT", ["limit"]):
            limit = object_of(request).get("requests")
            if limit is not None and (type(limit) is not int or limit < 1):
                raise UsageError('a limit is {"requests": 250}, or null for none')
            crm.throttle.limit = limit
        case (_, ["records", noun, *rest]):
            try:
                return _records(crm, request, resource(noun).noun, rest)
            except Refused as refused:
                return json_answer({"error": refused.message}, refused.status)
        case _:
            return None
    return json_answer({})


def _records(crm: Webcrm, request: Request, noun: str, rest: list[str]) -> Answer | None:
    tenant = crm.tenant
    by = dict(request.query).get("by", SOMEBODY)
    row_id = int(rest[0]) if rest and rest[0].isdecimal() else 0
    match (request.method, rest):
        case ("GET", []):
            return json_answer(tenant.all(noun))
        case ("POST", []):
            return json_answer(tenant.add(noun, by, **object_of(request)), HTTPStatus.CREATED)
        case ("GET", [_]) if row_id:
            return json_answer(tenant.get(noun, row_id))
        case ("PUT", [_]) if row_id:
            tenant.edit(noun, row_id, by, **object_of(request))
            return json_answer(tenant.get(noun, row_id))
        case ("DELETE", [_]) if row_id:
            tenant.remove(noun, row_id)
            return json_answer({})
        case ("POST", [_, "convert"]) if row_id and noun in ("opportunity", "delivery"):
            level = object_of(request).get("level") if request.body else None
            return json_answer(tenant.convert(noun, row_id, by, level))
        case ("POST", [_, "move"]) if row_id and noun in ("opportunity", "delivery"):
            tenant.move(noun, row_id, int(object_of(request).get("organisation", 0)), by)
            return json_answer(tenant.get(noun, row_id))
    return None
