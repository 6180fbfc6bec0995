"""The journal of a simulated system: every request that reached it, and what became of it."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.simulators.exchange import Request


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `status` is None when no answer was sent, `handled` how often the system acted on it, `fault` the kind that was
    played; `at_ns` is the system's own time. Of a `private` request, a login, query and body are not kept."""

    number: int
    at_ns: int
    method: str
    path: str
    query_string: str
    body: bytes
    status: int | None
    handled: int
    fault: str | None
    private: bool

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    def json(self) -> Any:
        """The body as JSON; None when there is none."""
        return orjson.loads(self.body) if self.body else None

    def shown(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {**asdict(self), "body": self.body.decode("utf-8", "replace")}

    def __str__(self) -> str:
        target = self.path + (f"?{unquote(self.query_string)}" if self.query_string else "")
        fault = f" ({self.fault})" if self.fault else ""
        return f"{self.number} {self.method} {target} -> {self.status or 'no answer'}{fault}"


class Journal:
    """Append-only. Entries are numbered from 1 in the order their outcome was decided, before the answer was sent."""

    def __init__(self, *, bodies: bool = True) -> None:
        """Without `bodies` it forgets what was sent, for long runs."""
        self._bodies = bodies
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def append(
        self, request: Request, *, at_ns: int, status: int | None, handled: int, fault: str | None, private: bool
    ) -> None:
        query = "" if private else request.query_string
        body = b"" if private or not self._bodies else request.body
        with self._lock:
            number = len(self._entries) + 1
            self._entries.append(
                Entry(number, at_ns, request.method, request.path, query, body, status, handled, fault, private)
            )

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.since(0))

    def since(self, number: int) -> list[Entry]:
        """Entries after the one of this number: `mark = len(journal)`, and later `journal.since(mark)`."""
        with self._lock:
            return self._entries[number:]

    def of(self, method: str | None = None, path: str = "", *, since: int = 0) -> list[Entry]:
        """Entries of a method whose path begins with `path`, without regard to case."""
        start = path.lower()
        return [
            entry
            for entry in self.since(since)
            if method in (None, entry.method) and entry.path.lower().startswith(start)
        ]

    def writes(self, *, since: int = 0) -> list[Entry]:
        """Entries that may have changed something: all but GET, HEAD, OPTIONS, and logins."""
        return [
            entry for entry in self.since(since) if entry.method not in ("GET", "HEAD", "OPTIONS") and not entry.private
        ]
