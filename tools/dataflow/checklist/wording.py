"""How the checklist speaks of rows and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.scenario.normal import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.checklist.checks.direction import Direction
    from dataflow.generate.mapping import Row
    from dataflow.scenario.reading import Reading


def row_title(reading: Reading, row: Row, direction: Direction) -> str:
    """`OrganisationName → Name`: webCRM's property on the left, whichever way it goes."""
    left = " and ".join(reading.properties(row, "webcrm")) or "–"
    right = " and ".join(reading.properties(row, "customerp")) or "–"
    return f"{left} {direction.arrow} {right}"


def values_shown(values: Mapping[str, Any], properties: tuple[str, ...]) -> str:
    """The values of some properties on one line; line ends as ⏎."""

    def one(value: Any) -> str:
        if value is None:
            return "nothing"
        return f'"{value}"' if type(value) is str else str(value).lower() if type(value) is bool else str(value)

    return " ".join(one(plain(values.get(name))).replace("\r\n", "\n").replace("\n", "⏎") for name in properties)
