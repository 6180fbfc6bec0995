"""Rows from fixtures: what the package's tests say a webCRM holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.simulators.webcrm import bookkeeping, rules, times
from dataflow.simulators.webcrm.resource import RESOURCES, Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dataflow.simulators.webcrm.store import Row
    from dataflow.simulators.webcrm.tenant import Tenant


def seed_from(tenant: Tenant, folder: Path) -> dict[str, int]:
    """Rows from `webcrm-<noun>-all.json`, for each noun that has such a file; how many of each. Raises UsageError."""
    counts: dict[str, int] = {}
    for noun in RESOURCES:
        file = folder / f"webcrm-{noun}-all.json"
        if not file.is_file():
            continue
        try:
            entities = json.loads(file.read_text(encoding="utf-8"))
            seed(tenant, noun, entities)
        except (ValueError, TypeError, KeyError, UsageError) as error:
            raise UsageError(f"{file} has something that webCRM does not: {error}") from None
        counts[noun] = tenant.store.count(noun)
    if not counts:
        raise UsageError(f"{folder} has no webcrm-...-all.json")
    return counts


def seed(tenant: Tenant, noun: str, entities: Iterable[Mapping[str, Any]]) -> None:
    """Rows from raw records with an `_id`, as a collecting pipe has them; of an id that comes twice the last one counts, and a
    deleted one is not there. What a record leaves out is empty, or made as webCRM makes it. Raises UsageError."""
    one = RESOURCES[noun]
    latest: dict[int, Mapping[str, Any]] = {}
    for entity in entities:
        row_id = int(entity["_id"])
        latest.pop(row_id, None)
        if not entity.get("_deleted"):
            latest[row_id] = entity
        tenant.store.delete(noun, row_id)
    tenant.put(noun, ((row_id, _row(tenant, one, entity)) for row_id, entity in sorted(latest.items())))


def _row(tenant: Tenant, one: Resource, entity: Mapping[str, Any]) -> Row:
    given = {name: value for name, value in entity.items() if name[0] not in "_$" and name != one.key}
    row: Row = {**one.template, **rules.typed(one, given)}
    bookkeeping.derive(one, row, tenant.behaviour)
    if one.created in row and row[one.created] == times.NULL:
        row[one.created] = row[one.updated]
    return row
