"""Records from fixtures: what the package's tests say Customerp holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import FindingsError, UsageError
from dataflow.node.testdata import entities_of
from dataflow.simulators.customerp.refused import Refused
from dataflow.source import read_json

if TYPE_CHECKING:
    from pathlib import Path

    from dataflow.simulators.customerp.erp import Erp


def seed_from(erp: Erp, folder: Path) -> dict[str, int]:
    """Records from `customerp-<noun>-all.json`, for each noun that has such a file; how many of each.

    Of several versions of a record the last counts; one that is deleted in the end is not there. What begins with `_` or `$` is not
    the ERP's. Raises FindingsError for what cannot be read or does not fit the contract, UsageError when there is no file at all.
    """
    counts: dict[str, int] = {}
    for noun in erp.books.kinds:
        file = folder / f"customerp-{noun}-all.json"
        if not file.is_file():
            continue
        document = read_json(file, exact=True)
        latest = {entity["_id"]: (position, entity) for position, entity in enumerate(entities_of(document))}
        for position, entity in latest.values():
            if entity.get("_deleted") is True:
                continue
            try:
                erp.put(noun, [{name: value for name, value in entity.items() if name[0] not in "_$"}])
            except Refused as refused:
                message = f"a {noun} that Customerp cannot have: {refused}"
                raise FindingsError([document.diagnostic("DF201", message, f"/{position}")]) from None
        counts[noun] = erp.count(noun)
    if not counts:
        raise UsageError(f"{folder} has no customerp-...-all.json")
    return counts
