"""Faults: what goes wrong between a client and a simulated system, aimed at requests and repeatable by seed.

A fault is played on the requests that fit its aim, which are numbered from 1: from the `nth` on, each with its `probability`, at
most `count` times. Whether a number is hit depends on the seed, the fault and that number alone. The kinds:

| Kind | What the client meets | May be `after` |
| --- | --- | --- |
| `timeout` | no answer, until it gives up or `seconds` are over | yes |
| `reset` | the connection is torn down without an answer | yes |
| `status`, or the number itself: `429`, `503` ... | that status, with `retry_after`; `200`: only the body refuses | yes |
| `broken-off` | half an answer, then the connection ends | always |
| `truncated` | a whole answer with half of its JSON | always |
| `hollow` | a whole answer with an empty JSON object where there was more | always |
| `slow` | the answer, `seconds` later; what is asked takes effect late as well | no |
| `duplicate` | the request arrives twice; what is answered is the second answer | no |
| `skew` | nothing; from now on the system's clock is `seconds` ahead of where it was, or behind | no |
| `empty-page` | a page without rows | no |
| `shifted-rows` | a page that begins `rows` later (rows are missed) or, negative, earlier (rows come twice) | no |
| `call` | nothing; `call(request)` runs before it, e.g. somebody's edit between a lookup and an update | no |

`after` means that the system has acted before things go wrong; otherwise it never saw the request.
"""

from __future__ import annotations

import re
import threading
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dataflow.simulators.exchange import Request

KINDS = (
    "timeout",
    "reset",
    "status",
    "broken-off",
    "truncated",
    "hollow",
    "slow",
    "duplicate",
    "skew",
    "empty-page",
    "shifted-rows",
    "call",
)
# Played by the application, since only it knows what a page is.
OF_PAGES = frozenset({"empty-page", "shifted-rows"})
_ONE = 1 << 64
_ERROR_IN_BODY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`path` is a regular expression, searched in path and query string as sent (`^/Persons\\?`), without regard to case; a `count`
    of None is without end."""

    kind: str
    method: str | None = None
    path: str | None = None
    nth: int = 1
    count: int | None = 1
    probability: float = 1.0
    after: bool = False
    seconds: float | None = None
    status: int = 503
    retry_after: int | None = None
    rows: int = 1
    call: Callable[[Request], object] | None = None

    def __post_init__(self) -> None:
        """Raises UsageError for what makes no fault."""
        if self.kind not in KINDS:
            raise UsageError(
                f'"{self.kind}" is no fault; {did_you_mean(self.kind, KINDS) or "faults: " + ", ".join(KINDS)}'
            )
        if self.kind in ("slow", "skew") and self.seconds is None:
            raise UsageError(f'the fault "{self.kind}" needs "seconds"')
        if (self.kind == "call") != (self.call is not None):
            raise UsageError('the fault "call" needs something to call, and no other fault takes that')
        if self.nth < 1 or not (self.count is None or self.count > 0) or not 0 <= self.probability <= 1:
            raise UsageError("a fault has nth >= 1, count >= 1 or all, and a probability from 0 to 1")
        if self.kind == "status" and self.status != _ERROR_IN_BODY and not 400 <= self.status <= 599:
            raise UsageError(f"a refusal has a status from 400 to 599, or 200, not {self.status}")
        try:
            re.compile(self.path or "")
        except re.error as error:
            raise UsageError(f'"{self.path}" is no regular expression: {error}') from None

    @property
    def name(self) -> str:
        """The kind as the journal gives it: `reset`, `reset-after`, `503`."""
        kind = str(self.status) if self.kind == "status" else self.kind
        return f"{kind}-after" if self.after else kind

    def fits(self, request: Request) -> bool:
        if self.method is not None and self.method.upper() != request.method:
            return False
        target = f"{request.path}?{request.query_string}" if request.query_string else request.path
        return self.path is None or re.search(self.path, target, re.IGNORECASE) is not None

    def shown(self) -> dict[str, Any]:
        """As JSON; `made` reads it back."""
        return {name: value for name, value in asdict(self).items() if name != "call"}


def made(settings: Mapping[str, Any]) -> Fault:
    """A fault from JSON. Raises UsageError for unknown names and values that do not fit."""
    types = {
        "nth": int,
        "count": int,
        "status": int,
        "retry_after": int,
        "rows": int,
        "probability": float,
        "seconds": float,
    }
    known = {field.name for field in fields(Fault)} - {"call"}
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in known:
            raise UsageError(f'a fault has no "{name}"; it has {", ".join(sorted(known))}')
        if value is None or (name == "count" and value == "all"):
            found[name] = None
            continue
        try:
            found[name] = types[name](value) if name in types else value
        except (TypeError, ValueError):
            raise UsageError(f'"{name}" of a fault is a number, not "{value}"') from None
    kind = str(found.pop("kind", ""))
    if re.fullmatch(r"200|[45]\d\d", kind):
        kind, found["status"] = "status", int(kind)
    return Fault(kind=kind, **found)


def read(text: str) -> Fault:
    """A fault from the command line: `reset,after,method=POST,path=^/Persons$,nth=3`. Raises UsageError."""
    kind, *rest = re.split(r",(?=after\b|[a-z_]+=)", text)
    settings: dict[str, Any] = {"kind": kind}
    for part in rest:
        name, equals, value = part.partition("=")
        if not equals and name != "after":
            raise UsageError(f'"{part}" in a fault is not name=value')
        settings[name] = value if equals else True
    if isinstance(settings.get("after"), str):
        settings["after"] = settings["after"].lower() in ("true", "yes", "1")
    return made(settings)


@dataclass(slots=True)
class Armed:
    """A fault that is switched on: how many requests fitted its aim, and how often it was played."""

    fault: Fault
    number: int
    matched: int = 0
    played: int = 0


class Faults:
    """The faults that are switched on. Of several that hit a request the first is played; all count it."""

    def __init__(self, *faults: Fault, seed: int = 0) -> None:
        self.seed = seed
        self._armed: list[Armed] = []
        self._made = 0
        self._lock = threading.Lock()
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault | str, /, **aim: Any) -> Armed:
        """Switch on a fault, given as such or by kind and settings: `add("503", path="^/Persons", count=5)`. Raises UsageError."""
        if isinstance(fault, str):
            call = aim.pop("call", None)
            fault = Fault(kind=fault, call=call, **aim) if call else made({"kind": fault, **aim})
        with self._lock:
            self._made += 1
            armed = Armed(fault, self._made)
            self._armed.append(armed)
        return armed

    def clear(self) -> None:
        """Switch off all faults."""
        with self._lock:
            self._armed.clear()

    def remove(self, armed: Armed) -> None:
        """Switch off one."""
        with self._lock:
            self._armed = [one for one in self._armed if one is not armed]

    def __iter__(self) -> Iterator[Armed]:
        with self._lock:
            return iter(list(self._armed))

    def play(self, request: Request) -> Fault | None:
        """The fault to be played on this request, which every fault counts that it fits."""
        if not self._armed:
            return None
        chosen: Fault | None = None
        with self._lock:
            for armed in self._armed:
                if not armed.fault.fits(request):
                    continue
                armed.matched += 1
                if chosen is None and self._hits(armed):
                    armed.played += 1
                    chosen = armed.fault
        return chosen

    def _hits(self, armed: Armed) -> bool:
        fault = armed.fault
        if armed.matched < fault.nth or (fault.count is not None and armed.played >= fault.count):
            return False
        if fault.probability >= 1:
            return True
        digest = blake2b(f"{self.seed}/{armed.number}/{armed.matched}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") < fault.probability * _ONE
