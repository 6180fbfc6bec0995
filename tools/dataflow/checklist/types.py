"""What the third column of a property table says: the type of the target property.

Customerp's types are those of the mappings, which are its contract's. webCRM's are those of its rows; published documents say
`string` for every one of them, so that fits too. `N/A` and expressions stand for a value that is worked out, whatever its type.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.checklist.checks.direction import OUT
from dataflow.checklist.tables import PLAIN
from dataflow.simulators.webcrm.resource import RESOURCES

if TYPE_CHECKING:
    from dataflow.checklist.checks.direction import Direction
    from dataflow.generate.mapping import Row

_OF_WEBCRM = {"integer": "integer", "number": "float", "boolean": "boolean", "time": "date", "date": "date"}
_SAME = {"float": "decimal"}


def type_of(row: Row, direction: Direction, prop: str) -> str:
    """The type of the property that a row writes in one direction, as a document has it; `prop` is its name there."""
    if direction is OUT:
        # The part hangs on the property that holds the whole's id as text.
        return "string" if row.kind == "parent" else row.type
    found = RESOURCES[row.webcrm_member.partition("-")[2]].fields.get(prop)
    return _OF_WEBCRM.get(found.kind, "string") if found is not None else "string"


def fits(stated: str, row: Row, direction: Direction, prop: str) -> bool:
    """Whether a type that a document states can be the row's."""
    if not PLAIN.fullmatch(stated) or (stated == "string" and direction is not OUT):
        return True
    return _SAME.get(stated, stated) == _SAME.get(own := type_of(row, direction, prop), own)


def is_of(kind: str, value: Any) -> bool:
    """Whether a value of an API is of a type, as `type_of` names it; nothing is of any."""
    return value is None or (isinstance(value, _JSON[kind]) and (type(value) is not bool or kind == "boolean"))


_JSON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "decimal": (int, float, Decimal),
    "float": (int, float),
    "boolean": (bool,),
    "date": (str,),
}
