"""Page and Size of a list, and the faults that concern pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.simulators.webcrm.refused import Refused

if TYPE_CHECKING:
    from dataflow.simulators.exchange import Request
    from dataflow.simulators.webcrm.behaviour import Behaviour

SIZE = 50
LARGEST_NUMBER = 1_000_000


@dataclass(frozen=True, slots=True)
class Page:
    limit: int
    offset: int


def page_of(request: Request, behaviour: Behaviour) -> Page:
    """The page that is asked for; other names than Page and Size, which ignore case, are ignored too. Raises Refused."""
    asked = {name.lower(): value for name, value in request.query}
    number = _number(asked.get("page", "1"), "Page", LARGEST_NUMBER, behaviour)
    size = _number(asked.get("size", str(SIZE)), "Size", behaviour.largest_page, behaviour)
    offset = (number - 1) * size
    fault = request.fault
    if fault is not None and fault.kind == "empty-page":
        size = 0
    elif fault is not None and fault.kind == "shifted-rows":
        offset = max(0, offset + fault.rows)
    return Page(size, offset)


def _number(text: str, name: str, largest: int, behaviour: Behaviour) -> int:
    number = int(text) if text.strip().lstrip("-").isdecimal() else 0
    if 1 <= number <= largest:
        return number
    if behaviour.big_page == "cap" and number:
        return min(max(number, 1), largest)
    raise Refused(f"{name} is a number from 1 to {largest}, not {text!r}")
