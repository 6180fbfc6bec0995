"""The lines of an order: what a request makes of them, and what they come to."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

from dataflow.simulators.contract.schemas import Fault, plain
from dataflow.simulators.customerp.refused import not_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Line = dict[str, Any]

# Products of three decimals of 15 digits are exact in it.
_EXACT = Context(prec=64, rounding=ROUND_HALF_UP)
_CENT = Decimal("0.01")
_LARGEST = Decimal("99999999999.9999")
_PRICED = ("Quantity", "UnitPrice", "DiscountPercent")


def rewritten(lines: list[Line], entries: list[Line], empty: Line, next_id: Callable[[], int]) -> list[Line]:
    """All lines of an order after a request names `entries`; see `Lines` of the schema OrderUpdate.

    New lines begin as `empty`. Raises Refused (422).
    """
    by_id = {line["Id"]: line for line in lines}
    by_external = {line["ExternalId"]: line for line in lines if line["ExternalId"] is not None}
    faults: list[Fault] = []
    named: set[int] = set()
    found: list[tuple[Line, Line]] = []
    for position, entry in enumerate(entries):
        place = f"/Lines/{position}"
        if "Id" in entry:
            line = by_id.get(entry["Id"])
            if line is None:
                faults.append(Fault(f"{place}/Id", f"There is no line {entry['Id']} in this order."))
        else:
            line = by_external.get(entry.get("ExternalId"))
        if line is not None and line["Id"] in named:
            faults.append(Fault(place, f"Line {line['Id']} is named twice."))
        elif line is not None:
            named.add(line["Id"])
        before = line or empty
        found.append((before, {**before, **entry}))
    externals = [line["ExternalId"] for _, line in found]
    for position, external in enumerate(externals):
        if external is not None and external in externals[:position]:
            faults.append(Fault(f"/Lines/{position}/ExternalId", f"Another line of this order has {external}."))
    if faults:
        raise not_kept(faults)
    for position, (before, line) in enumerate(found):
        if before is empty or any(line[name] != before[name] for name in _PRICED):
            line["Amount"] = _kept(amount(line), f"/Lines/{position}/Quantity")
        if before is empty:
            line["Id"] = next_id()
    return in_order(line for _, line in found)


def in_order(lines: Iterable[Line]) -> list[Line]:
    """By line number, lines without one at the end, and by id."""
    return sorted(lines, key=lambda line: (line["LineNumber"] is None, line["LineNumber"] or 0, line["Id"]))


def amount(line: Line) -> Decimal | None:
    """What a line comes to, in whole cents, halves away from zero; None without a quantity or a price."""
    if line["Quantity"] is None or line["UnitPrice"] is None:
        return None
    gross = _EXACT.multiply(_exact(line["Quantity"]), _exact(line["UnitPrice"]))
    return _less(gross, line["DiscountPercent"])


def total(order: dict[str, Any]) -> int | float:
    """What an order comes to: the amounts of its lines, less its own discount. Raises Refused (422)."""
    amounts = [_exact(line["Amount"]) for line in order["Lines"] if line["Amount"] is not None]
    found = _kept(_less(sum(amounts, Decimal(0)), order["DiscountPercent"]), "/Lines")
    assert found is not None
    return found


def _less(gross: Decimal, percent: float | None) -> Decimal:
    rest = _EXACT.subtract(100, _exact(percent or 0))
    return _EXACT.quantize(_EXACT.divide(_EXACT.multiply(gross, rest), 100), _CENT)


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _kept(value: Decimal | None, place: str) -> int | float | None:
    if value is not None and abs(value) > _LARGEST:
        raise not_kept([Fault(place, "The amount is too large.")])
    found: int | float | None = plain(value)
    return found
