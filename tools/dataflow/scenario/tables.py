"""Reference tables as they stand beside the mappings: what each system calls a country, a currency, a VAT code or a status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.errors import FindingsError
from dataflow.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any


@dataclass(frozen=True, slots=True)
class Tables:
    """Reference tables: (table, system, name in lower case) to the common code; `default_country` is the tenant's own."""

    codes: Mapping[tuple[str, str, str], str]
    default_country: str = "NO"

    def code(self, table: str, system: str, name: str | None) -> str | None:
        return self.codes.get((table, system, name.lower())) if name else None


def read_tables(mappings: Path, environment: dict[str, Any]) -> Tables:
    """The reference tables beside the mappings: what each system calls a country, a currency, a VAT code or a status.

    Raises FindingsError with DF101, DF104 or, for a row that lacks something, DF501.
    """
    document = read_yaml(mappings / "classification.yaml")
    codes: dict[tuple[str, str, str], str] = {}
    for table, rows in (document.value or {}).items():
        for index, row in enumerate(rows):
            if type(row) is not dict or not {"code", "webcrm", "customerp"} <= row.keys():
                fault = document.diagnostic(
                    "DF501",
                    "a row of a reference table lacks something",
                    f"/{table}/{index}",
                    expected="code, webcrm, customerp",
                )
                raise FindingsError([fault])
            for system in ("webcrm", "customerp"):
                for name in (row[system], *row.get(f"{system}-also", ())):
                    codes[table, system, str(name).lower()] = str(row["code"])
    return Tables(codes, str(environment.get("default-country", "NO")))
