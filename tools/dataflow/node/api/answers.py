"""Answers: JSON, entities in transit form, and one shape for everything that went wrong.

An error is a problem in the sense of RFC 9457: `type`, `title`, `status` and `detail`, and where files are concerned `findings`; a
configuration that is refused also has the platform's `validation_errors` (hub/swagger_public.yaml, PipeConfigError).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from dataflow.dtl import transit
from dataflow.errors import DataflowError, DtlError, FindingsError, PumpFailed, UsageError
from dataflow.node.configuration import TooManyDeletions
from dataflow.node.live import InvalidConfiguration
from dataflow.node.runner import RunBusy
from dataflow.node.sequence import SequenceConflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

    from dataflow.dtl.values import Entity

# What an error of the toolkit is to a client; the first that fits counts.
STATUS: tuple[tuple[type[DataflowError], HTTPStatus], ...] = (
    (FindingsError, HTTPStatus.BAD_REQUEST),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (RunBusy, HTTPStatus.CONFLICT),
    (TooManyDeletions, HTTPStatus.CONFLICT),
    (SequenceConflict, HTTPStatus.CONFLICT),
    (DtlError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (PumpFailed, HTTPStatus.INTERNAL_SERVER_ERROR),
    (DataflowError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


class Refused(Exception):
    """A request that is not answered with what it asks for."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(detail)


def not_found(noun: str, name: str) -> Refused:
    return Refused(HTTPStatus.NOT_FOUND, f'there is no {noun} "{name}"')


def answer(value: Any, status: int = HTTPStatus.OK) -> Response:
    """Any JSON value."""
    return Response(json.dumps(value, ensure_ascii=False), status, media_type="application/json")


def entities_answer(entities: Iterable[Entity], headers: Mapping[str, str] | None = None) -> Response:
    """A JSON array of entities in transit form."""
    text = "[" + ",\n".join(transit.dumps(entity) for entity in entities) + "]"
    return Response(text, media_type="application/json", headers=headers)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """An error answer."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail, **more}
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, media_type="application/problem+json", headers=headers)


def on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem(error.status, error.detail)


def on_http(request: Request, error: Exception) -> Response:
    """What the router itself refuses: an unknown path, or a method that the path does not have."""
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"this node has no {request.url.path}"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.url.path} does not answer {request.method}"
    return problem(error.status_code, detail, error.headers)


def on_failure(request: Request, error: Exception) -> Response:
    """What the toolkit raises on purpose."""
    assert isinstance(error, DataflowError)
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    if isinstance(error, InvalidConfiguration):
        detail = "the configuration is not valid; the one before it stays"
        found = error.configuration.validation_errors()
        return problem(status, detail, validation_errors=found, findings=_shown(error))
    if isinstance(error, FindingsError):
        return problem(status, str(error), findings=_shown(error))
    return problem(status, str(error))


def on_fault(request: Request, error: Exception) -> Response:
    """A fault of ours; its traceback goes to the server's log and not to the client."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"internal error: {type(error).__name__}")


def _shown(error: FindingsError) -> list[dict[str, Any]]:
    return [asdict(found) for found in error.diagnostics]
