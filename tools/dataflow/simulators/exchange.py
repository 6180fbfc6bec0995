"""What a simulated system is asked and what it answers, as plain data, and what the server wants of an application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, unquote

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.simulators.faults import Fault

JSON = "application/json; charset=utf-8"


@dataclass(slots=True)
class Request:
    """`path` begins with a slash and is not decoded; `headers` is looked up without regard to case; `fault` is for the application
    to play, and only where it concerns the content of a list (see `faults`)."""

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = "127.0.0.1"
    fault: Fault | None = None

    @property
    def query(self) -> list[tuple[str, str]]:
        """Names and values, decoded, in the order they came in; a name may occur more than once."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    @property
    def segments(self) -> list[str]:
        """The parts of the path between slashes, decoded; a slash at the end counts for nothing."""
        return [unquote(part) for part in self.path.strip("/").split("/")]

    @property
    def media_type(self) -> str:
        """Of the body, in lower case and without parameters."""
        return (self.headers.get("content-type") or "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body. Raises ValueError when it is no JSON."""
        return orjson.loads(self.body)


@dataclass(slots=True)
class Answer:
    """Status, body, and headers beside Content-Length, Date and Connection, which the server adds."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """`headers` by their names with `_` for `-`: `Retry_After="14"`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, orjson.dumps(value), {"Content-Type": JSON, **named})


class Application(Protocol):
    """A simulated system behind its server. `answer` is called from several threads at once."""

    private_paths: frozenset[str]
    """Paths, in lower case, whose query and body are secret: the journal does not keep them."""

    def answer(self, request: Request) -> Answer:
        """What the system answers; whatever this raises is a fault of the simulator."""

    def refusal(self, status: int, retry_after: int | None) -> Answer:
        """How the system, or what stands before it, looks when it is out of order: 401, 429, 500, 502, 503 and the like."""

    def administer(self, request: Request) -> Answer | None:
        """`/_simulator/...` as far as it concerns this system only; None for a path it does not know."""
