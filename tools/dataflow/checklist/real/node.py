"""A node that runs elsewhere, over the platform's API.

Rules: hub/swagger_public.yaml (`/env`, `/pipes`, `/datasets/{dataset_id}/entities`); sesam-py, `run` (`/pipes/run-all-pipes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.checklist.real.door import Door
from dataflow.node.reach import Reach
from dataflow.project import System
from dataflow.source import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dataflow.clock import Clock

_MISSING = 404
_FAILED = "failed: "  # and the pipes; a run with some is a success all the same


@dataclass(frozen=True, slots=True)
class Failure:
    """What the node says went wrong in a run."""

    pipe: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    failures: tuple[Failure, ...] = ()


class RemoteNode:
    """`url` is a node's address, with or without `/api`; `token` the JWT that opens it. Raises UsageError without an answer."""

    def __init__(self, url: str, token: str, clock: Clock) -> None:
        self.url = url.rstrip("/").removesuffix("/api")
        config: dict[str, Any] = {
            "_id": "node",
            "type": "system:rest",
            "url_pattern": f"{self.url}/api/%s",
            "verify_ssl": True,
            "authentication": "jwt",
            "jwt_token": "$SECRET(token)",
        }
        system = System("node", Document(None, "", config), config, config)
        self._door = Door(system, Reach({"node": system}, lambda _: {"token": token}, clock), f"{self.url}/api")

    def env(self) -> dict[str, Any]:
        """Its variables."""
        found: dict[str, Any] = self._door.get("/env")
        return found

    def pipes(self) -> list[str]:
        return [str(pipe["_id"]) for pipe in self._door.get("/pipes")]

    def run(self) -> Report:
        """Every pipe until nothing is left to do; what the node holds is kept."""
        kept = {"reset_pipes_and_delete_sink_datasets": "false", "delete_input_datasets": "false"}
        answer = self._door.told(
            self._door.ask("POST", "/pipes/run-all-pipes", params=kept), "POST /pipes/run-all-pipes"
        )
        told = str(answer.get("additional_info") or "")
        if told.startswith(_FAILED):
            return Report(tuple(Failure(pipe, "failed") for pipe in told.removeprefix(_FAILED).split(", ")))
        if answer.get("status") != "success":
            return Report((Failure("run-all-pipes", told or str(answer)),))
        return Report()

    def versions(self) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
        """Every dataset of a pipe with all versions of its entities."""
        for pipe in self.pipes():
            answer = self._door.ask("GET", f"/datasets/{pipe}/entities", params={"history": "true"})
            if answer.status != _MISSING:
                yield pipe, self._door.told(answer, f"GET /datasets/{pipe}/entities")
