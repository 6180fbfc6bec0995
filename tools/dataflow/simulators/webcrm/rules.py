"""What of a write webCRM takes, and what it refuses.

Rules: webCRM's API, on reading and writing; where that says nothing, tools/docs/decisions/0512-webcrm-unknowns.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.simulators.webcrm.column import sql_of
from dataflow.simulators.webcrm.field import NULL
from dataflow.simulators.webcrm.refused import Refused
from dataflow.simulators.webcrm.resource import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.simulators.webcrm.behaviour import Behaviour
    from dataflow.simulators.webcrm.field import Field
    from dataflow.simulators.webcrm.resource import Resource
    from dataflow.simulators.webcrm.store import Row, Store


def taken(resource: Resource, members: Mapping[str, Any], behaviour: Behaviour, before: Row | None) -> Row:
    """What a request writes: unknown and read-only members count for nothing. `before` is None for a new row. Raises Refused."""
    found: Row = {}
    for name, value in members.items():
        field = resource.by_lower_name.get(name.lower())
        if field is None or "readonly" in field or "raw" in field or ("writeonly" in field and before is not None):
            continue
        kept = _value(field, value)
        if kept is NULL:
            if behaviour.null_clears and before is not None:
                found[field.name] = field.empty
        elif "createonly" in field and before is not None:
            if kept != before[field.name] and behaviour.moved == "refuse":
                raise Refused(f"{field.name} cannot be changed")
        else:
            found[field.name] = _fitting(field, kept, behaviour)
    return found


def typed(resource: Resource, members: Mapping[str, Any]) -> Row:
    """What somebody in the screens, or a fixture, sets: anything but the id. Raises UsageError for what webCRM does not have."""
    found: Row = {}
    for name, value in members.items():
        field = resource.fields.get(name)
        if field is None or "raw" in field or name == resource.key:
            raise UsageError(f'"{name}" of a {resource.noun} cannot be set')
        try:
            kept = field.taken(value)
        except ValueError as error:
            raise UsageError(str(error)) from None
        found[name] = field.empty if kept is NULL else kept
    return found


def check(store: Store, resource: Resource, row: Row, behaviour: Behaviour, *, row_id: int, given: Row) -> None:
    """Whether a whole row may stand; `row_id` 0 is a new one, `given` what the request sets. Raises Refused."""
    for field in resource.fields.values():
        if "required" not in field:
            continue
        if field.kind == "text" and not row[field.name].strip():
            raise Refused(f"{field.name} is mandatory")
        if field.kind == "integer" and not row_id and field.name not in given:
            raise Refused(f"{field.name} is mandatory")
    _check_owner(store, resource, row)
    if resource.noun == "catalogue":
        for number in range(1, 10):
            if not row[f"QuotationLineLinkedDataItemData{number}"].strip():
                raise Refused(f"QuotationLineLinkedDataItemData{number} may not be empty")
    unique = {"organisation": behaviour.unique, "user": {"UserInitials"}}.get(resource.noun, set())
    for name in sorted(unique & given.keys()):
        if row[name] and _others(store, resource, name, row[name], row_id):
            raise Refused(f"{name} has to be unique, and {row[name]!r} is in use")
    if resource.noun == "delivery" and behaviour.numbering and row_id:
        number = row["DeliveryNumber"]
        if number and _others(store, resource, "DeliveryNumber", number, row_id):
            raise Refused(f"The delivery is locked, since another one has the number {number}")


def _check_owner(store: Store, resource: Resource, row: Row) -> None:
    """A row hangs on one that is there; a product or a delivery may also hang on none."""
    if resource.owner is None:
        return
    owner = row[resource.owner]
    if resource.noun == "quotationline":
        there = any(store.get(noun, owner) is not None for noun in ("opportunity", "delivery"))
    else:
        there = store.get("organisation", owner) is not None or (not owner and resource.noun in ("product", "delivery"))
    if not there:
        raise Refused(f"{resource.owner}: there is no {owner}")


def _value(field: Field, value: Any) -> Any:
    try:
        return field.taken(value)
    except ValueError as error:
        raise Refused(str(error)) from None


def _fitting(field: Field, value: Any, behaviour: Behaviour) -> Any:
    if field.length is None or len(value) <= field.length:
        return value
    if behaviour.long_text == "cut":
        return value[: field.length]
    raise Refused(f"{field.name} may have {field.length} characters, not {len(value)}")


def _others(store: Store, resource: Resource, name: str, value: Any, row_id: int) -> bool:
    where = f"{sql_of(resource, resource.fields[name])} = ? COLLATE CRM AND r.id <> ?"
    return bool(store.select(resource.noun, where, (value, row_id), limit=1))


def noun_of_table(name: str) -> Resource:
    """The rows that a query calls so. Raises Refused."""
    for one in RESOURCES.values():
        if one.table is not None and one.table.lower() == name.lower():
            return one
    raise Refused(f"There is no table {name}", kind="QueryException")
