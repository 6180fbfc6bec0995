"""Tokens that expire: fetched when needed, renewed a little before their time is over.

Rules: configuration-systems-rest.rst (`refresh_window`, `expires_at`), configuration-systems-url.rst (`oauth2`).
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from dataflow.dtl import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from requests.auth import AuthBase

    from dataflow.node.rest.connection import Connection

REFRESH_WINDOW = 30
SECOND = 1_000_000_000
# Shorter texts guard nothing, and to hide them would make messages unreadable.
SHORTEST = 4
# What stands beside a token in an answer and is no secret.
_HARMLESS = frozenset({"tokentype", "scope", "expiresin", "expiresat", "expirydate"})


class Tokens(ABC):
    """Credentials whose token is good until `expires_ns`; for ever where that is None."""

    auth: AuthBase | None = None
    overrides = False

    def __init__(self, connection: Connection, refresh_window: Any) -> None:
        self.serial = 0
        self.expires_ns: int | None = None
        self._connection = connection
        self._window = refresh_window if type(refresh_window) in (int, float) else REFRESH_WINDOW
        self._has_token = False
        self._fetching = threading.RLock()

    @abstractmethod
    def fetch(self) -> None:
        """Get a token. Raises PumpFailed."""

    def ensure(self) -> None:
        """See to it that there is a token that is good. Raises PumpFailed."""
        with self._fetching:
            if not self._has_token or self.is_over(self.expires_ns):
                self.fetch()
                self._has_token = True
                self.serial += 1

    def is_over(self, expires_ns: int | None) -> bool:
        return expires_ns is not None and self._connection.clock.now_ns() >= expires_ns - self._window * SECOND

    def renew(self) -> bool:
        self._has_token = False
        return True

    def headers(self) -> Mapping[str, str]:
        return {}

    def variables(self) -> dict[str, Any]:
        return {}

    def known(self) -> dict[str, Any]:
        return {}

    def learn(self, answer: Any) -> None:
        """Every text of an answer with a token may be one."""
        self._connection.redacted.learn(*_texts(answer))


def _texts(value: Any, name: str = "") -> Iterator[str]:
    if type(value) is dict:
        for key, inner in value.items():
            yield from _texts(inner, key)
    elif type(value) is list:
        for inner in value:
            yield from _texts(inner, name)
    elif type(value) is str and len(value) >= SHORTEST and name.replace("_", "").lower() not in _HARMLESS:
        yield value


def after(now_ns: int, seconds: float) -> int:
    return now_ns + int(seconds * SECOND)


def moment(text: str) -> int:
    """Nanoseconds since the epoch of a date or time in ISO 8601, UTC unless it says otherwise. Raises ValueError."""
    from datetime import UTC, datetime

    found = datetime.fromisoformat(text.strip())
    zoned = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    since = zoned - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds * 1000


def shown(ns: int) -> str:
    """A moment in whole seconds, as `expiry_date` has it."""
    return instant.text(ns - ns % SECOND)
