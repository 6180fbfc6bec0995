"""What a member of a row is in SQL, so that lists and queries can ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.simulators.webcrm.field import Field
    from dataflow.simulators.webcrm.resource import Resource


def sql_of(resource: Resource, field: Field, table: str = "r") -> str:
    """An expression; a time is seconds since the epoch, or NULL for the null date. `table` is the alias, empty in an index."""
    if field.name == resource.key:
        return f"{table}.id"
    if field.name == resource.updated:
        return f"{table}.updated"
    if field.name == resource.created:
        return f"{table}.created"
    if field.name == resource.owner:
        return f"{table}.owner"
    data, path = f"{table}.data" if table else "data", f"rest.{field.name}" if "raw" in field else field.name
    value = f"json_extract({data}, '$.{path}')"
    if field.kind in ("time", "date"):
        return f"instant({value})"
    if field.empty is None:
        return value
    if isinstance(field.empty, str):
        quoted = field.empty.replace("'", "''")
        return f"ifnull({value}, '{quoted}')"
    return f"ifnull({value}, {field.empty:d})" if field.kind != "number" else f"ifnull({value}, {field.empty})"
