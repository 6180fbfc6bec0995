"""The books of the ERP: how records are made, changed and removed, whoever asks for it. Every method runs inside a transaction.

Where the contract leaves something to the ERP: tools/docs/decisions/0520-the-simulated-customerp.md.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from dataflow.simulators.contract.schemas import Fault
from dataflow.simulators.customerp.lines import in_order, rewritten, total
from dataflow.simulators.customerp.refused import conflict, not_kept, not_there

if TYPE_CHECKING:
    from dataflow.clock import Clock
    from dataflow.simulators.customerp.kinds import Kind, Record
    from dataflow.simulators.customerp.records import Records, Stored

_FIRST_ID = 1001
# The next status of an order, and those in which it is not given up, and in which it is not changed at all.
STAGES = {"Confirmed": "Delivered", "Delivered": "Invoiced"}
_BINDING = frozenset({"Delivered", "Invoiced"})
_CLOSED = frozenset({"Invoiced"})


class Books:
    def __init__(self, records: Records, kinds: dict[str, Kind], clock: Clock) -> None:
        self.records = records
        self.kinds = kinds
        self.clock = clock

    def stored(self, noun: str, record_id: int) -> Stored:
        """Raises Refused (404)."""
        stored = self.records.get(noun, record_id)
        if stored is None:
            raise not_there(noun, record_id)
        return stored

    def make(self, noun: str, values: Record, *, numbered: bool = True) -> Stored:
        """A new record; without `numbered` it gets no number of its own. Raises Refused (409, 422)."""
        kind = self.kinds[noun]
        self._check_references(kind, values)
        self._check_unique(kind, values, None)
        record = {**kind.blank(), **values, "Id": self.records.next(noun, _FIRST_ID)}
        if "Lines" in record:
            record["Lines"] = self._lines(kind, [], record["Lines"])
            record["TotalAmount"] = total(record)
        if kind.number is not None and numbered and record[kind.number[0]] is None:
            record[kind.number[0]] = self._number(kind)
        record["CreatedAt"] = record["UpdatedAt"] = self._now()
        return self.put(kind, record, 1)

    def change(self, noun: str, stored: Stored, values: Record, *, guarded: bool = True) -> Stored:
        """The record after `values` were written into it; what changes nothing leaves all as it was.

        `guarded` minds what may not be changed any more. Raises Refused (409, 422).
        """
        kind = self.kinds[noun]
        before = stored.record
        self._check_references(kind, values)
        record = {**before, **values}
        if "Lines" in values:
            record["Lines"] = self._lines(kind, before["Lines"], values["Lines"])
        if record == before:
            return stored
        if guarded:
            self._guard(noun, before, record)
        self._check_unique(kind, values, stored.id)
        if "Lines" in record and any(record[name] != before[name] for name in ("Lines", "DiscountPercent")):
            record["TotalAmount"] = total(record)
        record["UpdatedAt"] = max(self._now(), before["UpdatedAt"])
        return self.put(kind, record, stored.version + 1)

    def remove(self, noun: str, record_id: int) -> None:
        """Raises Refused (409) when something refers to the record."""
        referring = self.records.referring(noun, record_id)
        if referring is not None:
            raise conflict(f"{referring[0].capitalize()} {referring[1]} refers to {noun} {record_id}.")
        self.records.remove(noun, record_id)

    def enter(self, noun: str, record: Record) -> None:
        """Put a whole record in as it is; numbering goes on after it. Raises Refused (409, 422)."""
        kind = self.kinds[noun]
        kind.check(record)
        self._check_unique(kind, record, record["Id"])
        if "Lines" in record:
            record = {**record, "Lines": in_order(record["Lines"])}
            for line in record["Lines"]:
                self.records.beyond("line", line["Id"])
        before = self.records.get(noun, record["Id"])
        self.put(kind, record, 1 if before is None else before.version + 1)
        self.records.beyond(noun, record["Id"])

    def put(self, kind: Kind, record: Record, version: int) -> Stored:
        unique = {name: record[name] for name in kind.unique if record[name] is not None}
        referred = {place: (noun, target) for place, noun, target in kind.referred(record)}
        return self.records.put(kind.noun, record, version, unique=unique, references=referred)

    def _lines(self, kind: Kind, before: list[Record], entries: list[Record]) -> list[Record]:
        return rewritten(before, entries, kind.blank_line(), partial(self.records.next, "line", _FIRST_ID))

    def _number(self, kind: Kind) -> str:
        assert kind.number is not None
        name, form, first = kind.number
        while True:
            number = form.format(self.records.next(name, first))
            if self.records.holder(kind.noun, name, number) is None:
                return number

    def _check_references(self, kind: Kind, values: Record) -> None:
        faults = [
            Fault(place, f"There is no {noun} {target}.")
            for place, noun, target in kind.referred(values)
            if not self.records.exists(noun, target)
        ]
        if faults:
            raise not_kept(faults)

    def _check_unique(self, kind: Kind, values: Record, record_id: int | None) -> None:
        for name in kind.unique:
            if values.get(name) is not None:
                holder = self.records.holder(kind.noun, name, values[name])
                if holder not in (None, record_id):
                    raise conflict(f"{kind.noun.capitalize()} {holder} has this {name}.", holder)

    def _guard(self, noun: str, before: Record, after: Record) -> None:
        if noun == "product" and before["ProductNumber"] not in (None, after["ProductNumber"]):
            raise conflict(f"Product {before['Id']} has its ProductNumber for good.")
        if noun == "order" and before["Status"] in _CLOSED:
            raise conflict(f"Order {before['Id']} is {before['Status']} and closed to changes.")
        if noun == "order" and before["Status"] in _BINDING and after["Status"] != before["Status"]:
            raise conflict(f"Order {before['Id']} is {before['Status']}, which only the ERP takes further.")

    def _now(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock.now_ns() // 1_000_000_000))
