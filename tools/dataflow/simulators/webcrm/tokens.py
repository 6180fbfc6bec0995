"""Access to webCRM: an application token is swapped for one that is good for an hour."""

from __future__ import annotations

import hmac
import threading
from typing import TYPE_CHECKING, Any

from dataflow.clock import Randomness

if TYPE_CHECKING:
    from dataflow.clock import Clock
    from dataflow.simulators.webcrm.behaviour import Behaviour

APPLICATION_TOKEN = "00000000-0000-4000-8000-000000000000"
SYSTEM_ID = 10001


class Tokens:
    """The tokens that were given out; they end with the process."""

    def __init__(self, clock: Clock, behaviour: Behaviour, application_token: str) -> None:
        self._clock = clock
        self._behaviour = behaviour
        self._application_token = application_token
        self._chance = Randomness()
        self._ends_ns: dict[str, int] = {}
        self._refresh: set[str] = set()
        self._lock = threading.Lock()

    def login(self, code: str) -> dict[str, Any] | None:
        """The answer to a login, None to a wrong one."""
        right = hmac.compare_digest(code.strip().lower().encode(), self._application_token.lower().encode())
        return self._new() if right else None

    def refreshed(self, token: str) -> dict[str, Any] | None:
        """The same for a refresh token, which is good as long as nobody revokes it."""
        return self._new() if token in self._refresh else None

    def good(self, authorization: str) -> bool:
        """Whether an Authorization header opens the door now; the name of the scheme ignores case."""
        scheme, _, token = authorization.partition(" ")
        ends = self._ends_ns.get(token.strip()) if scheme.lower() == "bearer" else None
        return ends is not None and self._clock.now_ns() < ends

    def revoke(self) -> None:
        """From now on no token is good that was given out before."""
        with self._lock:
            self._ends_ns.clear()
            self._refresh.clear()

    def _new(self) -> dict[str, Any]:
        life = self._behaviour.token_life
        with self._lock:
            access, refresh = self._chance.uuid4(), self._chance.uuid4()
            self._ends_ns[access] = self._clock.now_ns() + life * 1_000_000_000
            self._refresh.add(refresh)
        return {
            "AccessToken": access,
            "RefreshToken": refresh,
            "Error": None,
            "ErrorDescription": None,
            "IsError": False,
            "ExpiresIn": life,
            "TokenType": "Bearer",
            "SystemId": SYSTEM_ID,
        }


def failure(error: str, description: str) -> dict[str, Any]:
    """The body of a failed login."""
    return {
        "AccessToken": None,
        "RefreshToken": None,
        "Error": error,
        "ErrorDescription": description,
        "IsError": True,
        "ExpiresIn": 0,
        "TokenType": None,
        "SystemId": None,
    }
