"""Customerp over HTTP: the contract's door, the token endpoint, and what tests and people may do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dataflow.simulators.clock import SimulatedClock
from dataflow.simulators.customerp import administration
from dataflow.simulators.customerp.api import Api
from dataflow.simulators.customerp.erp import Erp
from dataflow.simulators.customerp.refused import Refused
from dataflow.simulators.customerp.tokens import Tokens
from dataflow.simulators.server import Server

if TYPE_CHECKING:
    from pathlib import Path

    from dataflow.clock import Clock
    from dataflow.simulators.contract.description import Description
    from dataflow.simulators.customerp.habits import Habits
    from dataflow.simulators.exchange import Answer, Request

CLIENT_ID = "webcrm-sync"
CLIENT_SECRET = "not-a-secret"


class Customerp:
    """A simulated Customerp. `erp` has its records, `clock` its time, `tokens` who may ask.

    customerp = Customerp(read_description(root / FILE))
    with customerp.served() as server:
        variables, secrets = customerp.variables(server.url), customerp.secrets
    """

    def __init__(
        self,
        description: Description,
        *,
        clock: SimulatedClock | Clock | None = None,
        path: Path | None = None,
        habits: Habits | None = None,
        client_secret: str = CLIENT_SECRET,
    ) -> None:
        """State in memory, or in the sqlite file `path`."""
        self.description = description
        self.clock = clock if isinstance(clock, SimulatedClock) else SimulatedClock(clock)
        self.erp = Erp(description, self.clock, path=path, habits=habits)
        self.tokens = Tokens(
            (CLIENT_ID, client_secret), description.scope, self.clock, lambda: self.erp.habits.token_life
        )
        self.api = Api(self.erp, self.tokens, description)
        self.private_paths = frozenset({description.token_path.lower()})
        self.secrets = {"customerp-client-id": CLIENT_ID, "customerp-client-secret": client_secret}

    def served(self, **options: Any) -> Server:
        """A server of this system, not started yet; `options` are those of `Server`."""
        return Server(self, clock=self.clock, **options)

    def variables(self, url: str) -> dict[str, str]:
        """The variables that point the package to a server of this system."""
        return {
            "customerp-base-url": url + self.description.base,
            "customerp-token-url": url + self.description.token_path,
            "customerp-scope": self.description.scope,
        }

    def answer(self, request: Request) -> Answer:
        if request.path == self.description.token_path:
            return self.tokens.answer(request)
        return self.api.answer(request)

    def refusal(self, status: int, retry_after: int | None) -> Answer:
        answer = self.api.refused(Refused(HTTPStatus(status), "Try again later."))
        if retry_after is not None or status == HTTPStatus.TOO_MANY_REQUESTS:
            answer.headers["Retry-After"] = str(retry_after or 0)
        return answer

    def administer(self, request: Request) -> Answer | None:
        return administration.administer(self, request)
