"""The forms of webCRM's answers and of what it is sent, apart from rows.

Rules: webCRM's API, sections 1, 3 and 10.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dataflow.simulators.exchange import Answer, json_answer
from dataflow.simulators.webcrm.refused import Refused

if TYPE_CHECKING:
    from dataflow.simulators.exchange import Request
    from dataflow.simulators.webcrm.resource import Resource

JSON_BODIES = frozenset({"application/json", "application/json-patch+json", "text/json", "application/*+json"})
# What a refusal names when a test plays it where there is no limit.
LIMIT = 250


def json_of(request: Request) -> Any:
    if request.media_type not in JSON_BODIES:
        message = f"{request.media_type or 'A body without a Content-Type'} is not taken here"
        raise Refused(message, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaTypeException")
    try:
        return request.json()
    except ValueError as error:
        raise Refused(f"The body is no JSON: {error}") from None


def object_of(request: Request) -> dict[str, Any]:
    body = json_of(request)
    if not isinstance(body, dict):
        raise Refused("The body is an object")
    return body


def change_of(request: Request, one: Resource, row_id: int) -> dict[str, Any]:
    """The body of a PUT; an id in it has to be the one of the address. Raises Refused."""
    body = object_of(request)
    for name, value in body.items():
        if name.lower() == one.key.lower() and value is not None and str(value) != str(row_id):
            raise Refused(f"{one.key} is {row_id} in the address and {value} in the body")
    return body


def media_type(request: Request) -> str:
    """JSON is offered under three names."""
    wanted = (request.headers.get("accept") or "*/*").lower()
    if "application/json" in wanted or "*/*" in wanted:
        return "application/json"
    return next((offered for offered in ("text/json", "text/plain") if offered in wanted), "application/json")


def unauthorized() -> Answer:
    body = {"Message": "Authorization has been denied for this request.", "Type": "UnauthorizedException"}
    return json_answer(body, HTTPStatus.UNAUTHORIZED, WWW_Authenticate="Bearer")


def throttled(limit: int, seconds: int) -> Answer:
    body = {
        "RetryAfterSeconds": seconds,
        "Message": f"The request was throttled. The limit of {limit} requests per minute is reached",
        "Type": "TooManyRequestsException",
    }
    return json_answer(body, HTTPStatus.TOO_MANY_REQUESTS, Retry_After=str(seconds))


def nowhere(request: Request, status: int = HTTPStatus.NOT_FOUND) -> Refused:
    kind = "NotFoundException" if status == HTTPStatus.NOT_FOUND else "MethodNotAllowedException"
    return Refused(f"There is no {request.method} {request.path}", status, kind)
