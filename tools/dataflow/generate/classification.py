"""Reference tables: what each system calls a country, a currency, a VAT code or an order status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.reading import Reader
from dataflow.yaml_text import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

# The countries whose telephone and VAT prefixes are known; a phone number's region must be a constant in DTL.
COUNTRIES = ("NO", "SE", "DK", "FI", "GB", "DE", "NL")

FILE = "classification.yaml"


def classification_pipe(folder: Path) -> dict[str, Any]:
    """The embedded pipe `global-classification`: one entity per row, `_id` = `<table>|<code>`.

    `webcrm` and `customerp` are what is written to a system; `<system>-names` are the names it may show, each behind its
    table's name.
    Raises `FindingsError` with DF501.
    """
    reader = Reader(read_yaml(folder / FILE))
    entities = []
    for table in reader.mapping(""):
        for number in range(len(reader.sequence(f"/{table}"))):
            at = f"/{table}/{number}"
            row = reader.mapping(
                at, required=("code", "webcrm", "customerp"), optional=("webcrm-also", "customerp-also")
            )
            entity: dict[str, Any] = {"_id": f"{table}|{row.get('code')}", "code": row.get("code")}
            for system in ("webcrm", "customerp"):
                names = (
                    [row.get(system), *reader.texts(f"{at}/{system}-also")]
                    if f"{system}-also" in row
                    else [row.get(system)]
                )
                entity[system] = row.get(system)
                entity[f"{system}-names"] = [f"{table}|{str(name).lower()}" for name in names]
            entities.append(entity)
    reader.finish()
    return {
        "_id": "global-classification",
        "type": "pipe",
        "description": "What webCRM and Customerp call countries, currencies, VAT codes and order statuses.",
        "source": {"type": "embedded", "entities": entities},
        "sink": {"type": "dataset", "dataset": "global-classification"},
        "namespaced_identifiers": False,
    }
