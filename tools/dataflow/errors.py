"""Exceptions: control flow of the toolkit. What is wrong in a user's files is a `Diagnostic`, not an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class DtlError(DataflowError):
    """A DTL expression failed while it ran on an entity.

    `where` is the JSON pointer of the failing expression inside the pipe's `transform` and is filled in when known.
    """

    def __init__(self, message: str, *, where: str | None = None) -> None:
        self.message = message
        self.where = where
        super().__init__(message)


class TransformFailed(DtlError):
    """An entity broke a transform: says which pipe, entity, rule and expression, with the values it met."""

    def __init__(self, message: str, *, pipe: str, entity_id: str | None, rule: str, where: str, trace: str) -> None:
        super().__init__(message, where=where)
        self.pipe = pipe
        self.entity_id = entity_id
        self.rule = rule
        self.trace = trace


class PumpFailed(DataflowError):
    """A pipe's run could not go on; other pipes are not concerned."""
