"""Waivers: rows that may fail for a while, because somebody answers for it (decision 0720).

`tests/checklist-waivers.yaml` is a list of `{row, name, reason, until}`: `row` is the name of a row as reports show it,
`organisations-customer.website.to-webcrm`, in which `*` stands for anything; `name` is who answers for it; `until` is the last
day on which it counts.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

from dataflow.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "tests/checklist-waivers.yaml"
_KEYS = ("row", "name", "reason", "until")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry; `until` is its last day."""

    row: str
    name: str
    reason: str
    until: date

    def covers(self, row: str) -> bool:
        return fnmatch.fnmatchcase(row, self.row)

    def is_over(self, today: date) -> bool:
        return today > self.until

    def __str__(self) -> str:
        return f"{self.row}, by {self.name} until {self.until}: {self.reason}"


def read_waivers(path: Path, *, named: bool = False) -> tuple[Waiver, ...]:
    """The waivers of a file; none when there is no file, unless somebody `named` it.

    Raises UsageError for a file that cannot be used.
    """
    if not named and not path.exists():
        return ()
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    try:
        entries = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if type(entries) is not list:
        raise UsageError(f"{path}: expected a list of waivers, each with {', '.join(_KEYS)}")
    return tuple(_waiver(f"{path}: waiver {number}", entry) for number, entry in enumerate(entries, 1))


def _waiver(place: str, entry: Any) -> Waiver:
    if type(entry) is not dict or set(entry) != set(_KEYS):
        found = ", ".join(map(str, entry)) if type(entry) is dict else repr(entry)
        raise UsageError(f"{place}: expected {', '.join(_KEYS)}, and found {found}")
    for key in _KEYS[:3]:
        if type(entry[key]) is not str or not entry[key].strip():
            raise UsageError(f"{place}: {key} is a text that says something, and found {entry[key]!r}")
    if type(entry["until"]) is not date:
        raise UsageError(f"{place}: until is a day, 2027-01-31, and found {entry['until']!r}")
    return Waiver(entry["row"], entry["name"], entry["reason"], entry["until"])
