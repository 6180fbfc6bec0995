"""A request that webCRM does not do as asked."""

from __future__ import annotations

from http import HTTPStatus

from dataflow.errors import DataflowError


class Refused(DataflowError):
    """Becomes an answer of this status, with `message` and `kind` in the form of webCRM's documented refusal, that of 429."""

    def __init__(self, message: str, status: int = HTTPStatus.BAD_REQUEST, kind: str = "ValidationException") -> None:
        self.message = message
        self.status = status
        self.kind = kind
        super().__init__(message)


def not_found(noun: str, row_id: int) -> Refused:
    return Refused(f"There is no {noun} {row_id}", HTTPStatus.NOT_FOUND, "NotFoundException")
