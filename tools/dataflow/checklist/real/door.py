"""How the checklist speaks HTTP: with the node's own client, so that tokens, waiting and what is hidden are as they are there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.errors import PumpFailed, UsageError
from dataflow.node.rest.call import Call, NotJson
from dataflow.node.rest.client import Client
from dataflow.node.rest.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.node.reach import Reach
    from dataflow.node.rest.call import Answer
    from dataflow.project import System


class Door:
    """`base` is an address without a final slash; paths begin with one."""

    def __init__(self, system: System, reach: Reach, base: str) -> None:
        self.base = base
        self._client = Client(system, reach)
        self._patience = Patience.of(system.config)

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, whatever its status. Raises UsageError when there is none, or no token to be had."""
        content = None if body is None else json.dumps(body).encode()
        own = {**({} if content is None else {"Content-Type": "application/json"}), **(headers or {})}

        def build() -> Call:
            sent = self._client.plain_headers(own, accept="application/json")
            return Call("checklist", method, self.base + path, params or {}, sent, content)

        try:
            return self._client.connection.exchange(build, patience=self._patience, accepts=lambda _: True)[1]
        except PumpFailed as error:
            raise UsageError(f"{self._client.id} does not answer: {error}") from None

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of a successful answer. Raises UsageError for any other."""
        return self.told(self.ask("GET", path, params=params), f"GET {path}")

    def told(self, answer: Answer, asked: str) -> Any:
        """What a successful answer says; None for one without a body."""
        try:
            if answer.ok:
                return json.loads(answer.text) if answer.content else None
        except (ValueError, NotJson):
            raise UsageError(f"{self._client.id}: {asked} is answered with something that is no JSON") from None
        raise UsageError(
            f"{self._client.id}: {asked} is answered {answer.title}: {self._client.connection.excerpt(answer)}"
        )
