"""A rule of the contract that a server is held to, and what to work with while doing so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.errors import DataflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.simulators.contract.client import Client, Reply
    from dataflow.simulators.contract.description import Operation, Resource
    from dataflow.simulators.contract.workshop import Sample, Workshop


@dataclass(frozen=True)
class Rule:
    """`kind` says which operation it is about: list, create, read, update or delete of every resource, or of `nouns` only.

    `check` raises Broken; what it needs from records that could not be made is Unproven.
    """

    name: str
    kind: str
    says: str
    check: Callable[[Trial], None]
    nouns: frozenset[str] | None = None

    def concerns(self, resource: Resource) -> bool:
        return self.kind in resource.operations and (self.nouns is None or resource.noun in self.nouns)


class Broken(DataflowError):
    """A server does not keep a rule; `asked` is the request that shows it."""

    def __init__(self, message: str, *, asked: str = "", expected: Any = None, actual: Any = None) -> None:
        self.asked = asked
        self.expected = expected
        self.actual = actual
        super().__init__(message)


class Unproven(DataflowError):
    """A rule that cannot be tried, because something it needs is not there."""


@dataclass
class Trial:
    """One rule, tried on one resource."""

    client: Client
    resource: Resource
    workshop: Workshop

    def operation(self, kind: str) -> Operation:
        return self.resource.operations[kind]

    def ask(self, kind: str, **options: Any) -> Reply:
        return self.client.call(self.operation(kind), **options)

    def sample(self, position: int) -> Sample:
        """A record of the check's own. Raises Unproven when it could not be made."""
        return self.workshop.sample(self.resource.noun, position)

    def read(self, position: int) -> Reply:
        """A sample as it is now. Raises Broken when it cannot be read."""
        return wants(self.ask("read", record_id=self.sample(position).id), 200)

    def change(self, position: int, values: dict[str, Any]) -> Reply:
        """Write values into a sample, with its present ETag. Raises Broken unless that succeeds."""
        etag = self.read(position).etag
        return wants(self.ask("update", record_id=self.sample(position).id, etag=etag, body=values), 200)


def wants(reply: Reply, *statuses: int) -> Reply:
    """The reply, if it has one of these statuses and the form that the contract gives it. Raises Broken."""
    if reply.status not in statuses:
        expected = statuses[0] if len(statuses) == 1 else list(statuses)
        raise Broken(f"answers {reply.told}", asked=reply.asked, expected=expected, actual=reply.status)
    if reply.faults:
        raise Broken("; ".join(reply.faults), asked=reply.asked)
    return reply


def equal(expected: Any, actual: Any, what: str, reply: Reply) -> None:
    """Raises Broken."""
    if expected != actual:
        raise Broken(f"{what} is not as expected", asked=reply.asked, expected=expected, actual=actual)


def holds(truth: bool, message: str, reply: Reply, *, expected: Any = None, actual: Any = None) -> None:
    """Raises Broken."""
    if not truth:
        raise Broken(message, asked=reply.asked, expected=expected, actual=actual)
