"""Keeps secrets out of what the checklist shows: a pipe that leaks one shall not leak it into the report as well."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from dataflow.node.rest.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataflow.checklist.runner import FlowReport

# What is shorter stands in too many other words.
_SHORTEST = 8


def without_secrets(reports: Sequence[FlowReport], secrets: Iterable[str]) -> tuple[FlowReport, ...]:
    """The reports with `***` for every secret, wherever in titles, reasons, records and requests it stands."""
    known = [secret for secret in secrets if len(secret) >= _SHORTEST]
    redact = Redactor(lambda: known)
    return tuple(_hidden(report, redact) for report in reports) if known else tuple(reports)


def _hidden(value: Any, redact: Redactor) -> Any:
    if type(value) is str:
        return redact(value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _hidden(getattr(value, one.name), redact) for one in fields(value)})
    if type(value) is dict:
        return {key: _hidden(inner, redact) for key, inner in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_hidden(inner, redact) for inner in value)
    return value
