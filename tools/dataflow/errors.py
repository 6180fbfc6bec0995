"""Exceptions: control flow of the toolkit. What is wrong in a user's files is a `Diagnostic`, not an exception."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataflow.diagnostics import Diagnostic


class DataflowError(Exception):
    """Base of everything the toolkit raises on purpose; `exit_code` is what a command ends with."""

    exit_code = 1


class UsageError(DataflowError):
    """The command line, or the place it was given in, makes no sense."""

    exit_code = 2


class FindingsError(DataflowError):
    """Files have faults that make going on pointless; carries every diagnostic that was collected."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))


class Step(NamedTuple):
    """One expression on the way to a fault: `met` are the expressions evaluated for it before, each with its value."""

    rule: str
    pointer: str
    expression: str
    met: tuple[tuple[str, str], ...] = ()

    def below(self, pointer: str) -> Step:
        """The same step in a larger document, in which the rules are at `pointer`."""
        return self._replace(pointer=pointer + self.pointer)


class DtlError(DataflowError):
    """A DTL expression failed while it ran on an entity.

    `where` is the JSON pointer of the failing expression inside the pipe's `transform` and is filled in when known.
    """

    def __init__(self, message: str, *, where: str | None = None) -> None:
        self.message = message
        self.where = where
        super().__init__(message)


class TransformFailed(DtlError):
    """An entity broke a transform: says which pipe, entity, rule and expression.

    `trace` is the way from the outermost expression to the one that failed, with the values met on it.
    """

    def __init__(
        self,
        message: str,
        *,
        pipe: str,
        entity_id: str | None,
        rule: str,
        where: str,
        trace: Sequence[Step] = (),
    ) -> None:
        super().__init__(message, where=where)
        self.pipe = pipe
        self.entity_id = entity_id
        self.rule = rule
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between worker processes."""
        where = self.where or ""
        again = partial(
            TransformFailed, pipe=self.pipe, entity_id=self.entity_id, rule=self.rule, where=where, trace=self.trace
        )
        return again, (self.message,)


class PumpFailed(DataflowError):
    """A pipe's run could not go on; other pipes are not concerned.

    `retries` are properties of a pump, such as `max_retries_per_entity`, that go with this very failure.
    """

    retries: Mapping[str, Any] = MappingProxyType({})


class NotRunHere(PumpFailed):
    """A part of a pipe reaches outside, or is of a kind that the node does not know; `where` is its JSON pointer.

    `entity` is the id of the entity that got that far, where one did.
    """

    def __init__(self, message: str, *, where: str, entity: str | None = None) -> None:
        self.where = where
        self.entity = entity
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between worker processes."""
        return partial(NotRunHere, where=self.where, entity=self.entity), (str(self),)


class CallFailed(PumpFailed):
    """A request outside was not answered as it has to be; the message holds no secret.

    `status` is that of the answer, None when there was none. `retries` are the properties of a pump (`max_retries_per_entity`,
    ...) that the system has for such an answer. It has been tried as often as reading and rate limits allow. `where` is the
    JSON pointer of the part of the pipe that called, `entity` the id of the entity it called for.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retries: Mapping[str, Any] | None = None,
        where: str | None = None,
        entity: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retries: Mapping[str, Any] = retries or {}
        self.where = where
        self.entity = entity

    def at(self, where: str, entity: str | None = None) -> CallFailed:
        """The same, placed."""
        return CallFailed(str(self), status=self.status, retries=self.retries, where=where, entity=entity)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between worker processes."""
        fields: dict[str, Any] = {"status": self.status, "retries": dict(self.retries)}
        fields |= {"where": self.where, "entity": self.entity}
        return partial(CallFailed, **fields), (str(self),)
