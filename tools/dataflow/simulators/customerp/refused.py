"""What Customerp refuses, and why."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dataflow.errors import DataflowError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow.simulators.contract.schemas import Fault


class Refused(DataflowError):
    """A request, or an edit of a user's, that is not carried out; nothing was written."""

    def __init__(
        self, status: HTTPStatus, detail: str, *, faults: Sequence[Fault] = (), existing_id: int | None = None
    ) -> None:
        self.status = status
        self.detail = detail
        self.faults = list(faults)
        self.existing_id = existing_id
        told = "".join(f"; {fault.pointer or '/'} {fault.detail}" for fault in faults)
        super().__init__(f"{status.value}: {detail}{told}")

    def problem(self) -> dict[str, Any]:
        """The body of the answer (RFC 9457)."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": TITLES.get(self.status, self.status.phrase),
            "status": self.status.value,
            "detail": self.detail,
        }
        if self.faults:
            body["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in self.faults]
        if self.existing_id is not None:
            body["existingId"] = self.existing_id
        return body


# RFC 9110 renamed it; Python's phrase is the old one.
TITLES = {HTTPStatus.UNPROCESSABLE_ENTITY: "Unprocessable Content"}


def not_kept(faults: Sequence[Fault]) -> Refused:
    number = len(faults)
    detail = "One value cannot be kept." if number == 1 else f"{number} values cannot be kept."
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, detail, faults=faults)


def not_there(noun: str, record_id: object) -> Refused:
    return Refused(HTTPStatus.NOT_FOUND, f"There is no {noun} {record_id}.")


def conflict(detail: str, existing_id: int | None = None) -> Refused:
    return Refused(HTTPStatus.CONFLICT, detail, existing_id=existing_id)
