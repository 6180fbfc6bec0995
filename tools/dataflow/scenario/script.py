"""Scenarios as objects: what both systems hold, what happens on either side and on the way, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.simulators.faults import Fault


@dataclass(frozen=True, slots=True)
class Ref:
    """A record: of `member` with an id, or the one of `member` that the record `of` another member is linked with."""

    member: str
    id: str
    of: str | None = None

    def __str__(self) -> str:
        return f"{self.member} of {self.of} {self.id}" if self.of else f"{self.member} {self.id}"


@dataclass(frozen=True, slots=True)
class Sync:
    """Both systems are collected and everything that follows is done, until a round writes nothing, or for some `rounds`."""

    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody changes a record in the system it lives in; at once, or right before that system gets a `request`."""

    record: Ref
    changes: Mapping[str, Any]
    before: Aim | None = None


@dataclass(frozen=True, slots=True)
class Create:
    member: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delete:
    record: Ref


@dataclass(frozen=True, slots=True)
class Advance:
    """A system goes on with a record by itself: an order to its next status, an opportunity to being a delivery."""

    record: Ref


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes, for everybody."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """From now on a system has a fault; None is the end of all its faults."""

    system: str
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class Aim:
    """A request to a system: method, and a path that begins so."""

    method: str
    system: str
    path: str


@dataclass(frozen=True, slots=True)
class Kill:
    """The node dies when such a request has been answered, or before it is sent, and is started again from what it has stored."""

    at: Aim
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Reset:
    """Pipes start from the beginning: those whose names match."""

    pipes: str


@dataclass(frozen=True, slots=True)
class Decide:
    """An operator lets pipes go on whose circuit breaker has tripped, and keeps what it held back."""

    pipe: str


@dataclass(frozen=True, slots=True)
class Expect:
    """What must be true now; what is None is not looked at. Writes, requests and `waited` (seconds at least) are counted from
    where the last sync began."""

    records: Mapping[Ref, Mapping[str, Any] | None] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    writes: tuple[str, ...] | None = None
    logs: Mapping[Ref, Mapping[str, Any]] = field(default_factory=dict)
    failed: tuple[str, ...] | None = None
    in_step: bool = False
    plan: Mapping[str, int] | None = None
    drift: Mapping[str, int] | None = None
    requests: Mapping[str, int] = field(default_factory=dict)
    waited: float | None = None


Action = Sync | Edit | Create | Delete | Advance | Wait | Trouble | Kill | Reset | Decide | Expect


@dataclass(frozen=True, slots=True)
class Step:
    action: Action
    line: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """`id` is the name of the file; `about` names the cases of the catalogue it shows; `open` says why it does not end in step.

    `switches` are settings of the simulated systems, by system.
    """

    id: str
    title: str
    file: str
    about: tuple[str, ...]
    env: Mapping[str, Any]
    given: Mapping[str, tuple[Mapping[str, Any], ...]]
    steps: tuple[Step, ...]
    open: str | None = None
    switches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
