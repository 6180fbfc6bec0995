"""Chapter "UUIDs"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl import kinds
from dataflow.dtl.mapping import IGNORED, each, first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import UUID

if TYPE_CHECKING:
    from dataflow.dtl.context import Context
    from dataflow.dtl.values import Value

uuids = Chapter("UUIDs", "dtl-functions-uuids.rst")


@uuids.expression(
    "is-uuid",
    "VALUES(value-expression{1})",
    returns="boolean",
    examples=[
        Example(["is-uuid", ["uuid"]], True),
        Example(["is-uuid", "5f0c2a4e-0000-4000-8000-0123456789ab"], False),
        Example(["is-uuid", ["list", "~u5f0c2a4e-0000-4000-8000-0123456789ab", 5]], True),
    ],
)
def is_uuid(values: Value) -> bool:
    """True when the value, or the first of a list, is a UUID."""
    return type(first(values)) is UUID


# Two ways to call it, because a VALUES that is null must not count as left out.
@uuids.expression(
    "uuid",
    "",
    "VALUES(value-expression{1})",
    context=True,
    flags={"random"},
    accepts=kinds.STRING | kinds.UUID,
    gives=kinds.UUID,
    examples=[
        Example(["uuid"], {"type": "uuid"}, kind="type"),
        Example(["uuid", "5F0C2A4E-0000-4000-8000-0123456789AB"], "~u5f0c2a4e-0000-4000-8000-0123456789ab"),
        Example(["uuid", ["list", "elm", 5, None]], []),
        Example(["uuid", "_S.missing"], None, source={}),
    ],
)
def uuid(ctx: Context, *values: Value) -> Value:
    """Without an argument a new random UUID (version 4), otherwise the UUIDs that strings name; other values are ignored."""
    return each(values[0], _uuid) if values else UUID.of(ctx.random.uuid4())


def _uuid(value: Value) -> Value:
    if type(value) is not str:
        return value if type(value) is UUID else IGNORED
    try:
        return UUID.parse(value)
    except ValueError:
        return IGNORED
