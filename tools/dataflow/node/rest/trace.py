"""What was asked and answered over HTTP, for people and reports: the latest exchanges, without secrets.

Rules: the `trace` property of configuration-sources-rest.rst, which has a node log the same things.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# How many exchanges are kept, and how many characters of a body.
KEPT = 1000
BODY = 2000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came of it. Times are nanoseconds since the epoch; `status` and what follows is None without an answer.

    `operation` is the name of the operation, or what the request is for, such as "oauth2 token". `error` says why there was no
    answer. Bodies are cut off; those of requests for tokens are not kept at all.
    """

    system: str
    operation: str
    method: str
    url: str
    started_ns: int
    ended_ns: int
    request_headers: Mapping[str, str]
    request_body: str | None
    status: int | None = None
    response_headers: Mapping[str, str] | None = None
    response_body: str | None = None
    error: str | None = None

    @property
    def seconds(self) -> float:
        return (self.ended_ns - self.started_ns) / 1_000_000_000

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Trace:
    """The latest exchanges of all systems, oldest first; older ones than `kept` are forgotten, `total` counts them too."""

    def __init__(self, kept: int = KEPT, body: int = BODY) -> None:
        self.body = body
        self.total = 0
        self._exchanges: deque[Exchange] = deque(maxlen=kept)

    def add(self, exchange: Exchange) -> None:
        self.total += 1
        self._exchanges.append(exchange)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(list(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)

    def of(self, system: str | None = None, operation: str | None = None) -> list[Exchange]:
        """Those of a system, or of an operation."""
        return [one for one in self if system in (None, one.system) and operation in (None, one.operation)]

    def clear(self) -> None:
        self._exchanges.clear()
        self.total = 0
