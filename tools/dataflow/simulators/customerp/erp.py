"""The ERP in Python: what its users do, what it does by itself, and what the contract's door asks of it."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.errors import UsageError
from dataflow.simulators.contract.schemas import plain
from dataflow.simulators.customerp.books import STAGES, Books
from dataflow.simulators.customerp.habits import Habits
from dataflow.simulators.customerp.kinds import Kind
from dataflow.simulators.customerp.records import Records, Stored
from dataflow.simulators.customerp.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from dataflow.clock import Clock
    from dataflow.simulators.contract.description import Description
    from dataflow.simulators.customerp.kinds import Record


class Erp:
    """Records are named by noun (customer, contact, product, order; UsageError for others) and id. Safe for several threads.

    `add`, `edit`, `remove` and `advance` are what users and the ERP itself do; `page`, `stored`, `post`, `patch` and `drop` what
    the contract offers. Whatever writes raises Refused, and then has written nothing.
    """

    def __init__(
        self, description: Description, clock: Clock, *, path: Path | None = None, habits: Habits | None = None
    ) -> None:
        """State in memory, or in the sqlite file `path`, which may hold some already."""
        self.habits = habits or Habits()
        self._records = Records(path)
        kinds = {noun: Kind(resource, description) for noun, resource in description.resources.items()}
        self.books = Books(self._records, kinds, clock)
        self._lock = threading.RLock()

    def close(self) -> None:
        with self._lock:
            self._records.close()

    # --- reading ------------------------------------------------------------------------------------------------------

    def read(self, noun: str, record_id: int) -> Record | None:
        with self._lock:
            stored = self._records.get(self._kind(noun).noun, record_id)
        return None if stored is None else stored.record

    def get(self, noun: str, record_id: int) -> Record:
        """Raises Refused (404)."""
        return self.stored(noun, record_id).record

    def all(self, noun: str) -> list[Record]:
        """Every record, by id."""
        with self._lock:
            return self._records.every(self._kind(noun).noun)

    def find(self, noun: str, **values: Any) -> list[Record]:
        """The records that have all these values."""
        return [record for record in self.all(noun) if all(record[name] == values[name] for name in values)]

    def count(self, noun: str) -> int:
        with self._lock:
            return self._records.count(self._kind(noun).noun)

    def total(self) -> int:
        """How many records there are of all kinds together."""
        return sum(self.count(noun) for noun in self.books.kinds)

    # --- what its users do, and what it does by itself ----------------------------------------------------------------

    def add(self, noun: str, /, **values: Any) -> int:
        """A new record, typed in by somebody; its id. Any property may be given but ids and moments."""
        self._kind(noun).check_names(values)
        with self._lock, self._records.writing():
            stored = self.books.make(noun, plain(values), numbered=self._numbered(noun))
            self._kind(noun).check(stored.record)
            return stored.id

    def edit(self, noun: str, record_id: int, /, **values: Any) -> None:
        """Somebody changes a record, whatever its status; `Lines` are given as the contract has them."""
        self._kind(noun).check_names(values)
        with self._lock, self._records.writing():
            stored = self.books.change(noun, self.books.stored(noun, record_id), plain(values), guarded=False)
            self._kind(noun).check(stored.record)

    def remove(self, noun: str, record_id: int) -> None:
        """Somebody deletes a record, of any kind, that no other refers to."""
        self._kind(noun)
        with self._lock, self._records.writing():
            self.books.stored(noun, record_id)
            self.books.remove(noun, record_id)

    def advance(self, ids: Collection[int] | None = None) -> list[int]:
        """Go on with all orders, or those named: what is confirmed is delivered, what is delivered is invoiced. Their ids."""
        with self._lock:
            due = [
                order
                for order in self.all("order")
                if order["Status"] in STAGES and (ids is None or order["Id"] in ids)
            ]
            for order in due:
                self.edit("order", order["Id"], Status=STAGES[order["Status"]])
        return [order["Id"] for order in due]

    def put(self, noun: str, records: Iterable[Record]) -> None:
        """Put whole records in, with the ids, moments and numbers they have; references are not looked at."""
        self._kind(noun)
        with self._lock, self._records.writing():
            for record in records:
                self.books.enter(noun, plain(record))

    def _kind(self, noun: str) -> Kind:
        kind = self.books.kinds.get(noun)
        if kind is None:
            hint = did_you_mean(noun, self.books.kinds) or "there are " + ", ".join(self.books.kinds)
            raise UsageError(f'Customerp has no "{noun}"; {hint}')
        return kind

    def _numbered(self, noun: str) -> bool:
        return noun != "product" or self.habits.number_products

    # --- what the contract's door asks; values have passed its schemas ------------------------------------------------

    def page(
        self, noun: str, *, since: str | None, external: str | None, skip: int, size: int
    ) -> tuple[list[str], bool]:
        """Records as JSON texts by id, and whether there are more."""
        with self._lock:
            ids = None
            if external is not None:
                holders = (self._records.holder(noun, name, external) for name in self._kind(noun).resource.external)
                ids = [holder for holder in holders if holder is not None]
            return self._records.page(noun, since=since, ids=ids, skip=skip, size=size)

    def stored(self, noun: str, record_id: int) -> Stored:
        """Raises Refused (404)."""
        self._kind(noun)
        with self._lock:
            return self.books.stored(noun, record_id)

    def post(self, noun: str, values: Record) -> Stored:
        """Raises Refused (409, 422)."""
        with self._lock, self._records.writing():
            return self.books.make(noun, plain(values), numbered=self._numbered(noun))

    def patch(self, noun: str, record_id: int, etag: str, values: Record) -> Stored:
        """Raises Refused (404, 409, 412, 422)."""
        with self._lock, self._records.writing():
            return self.books.change(noun, self._demanded(noun, record_id, etag), plain(values))

    def drop(self, noun: str, record_id: int, etag: str) -> None:
        """Raises Refused (404, 409, 412)."""
        with self._lock, self._records.writing():
            self._demanded(noun, record_id, etag)
            self.books.remove(noun, record_id)

    def etag(self, stored: Stored) -> str:
        return f'"{stored.id}-{stored.version}"'

    def _demanded(self, noun: str, record_id: int, etag: str) -> Stored:
        stored = self.books.stored(noun, record_id)
        if self.etag(stored) != etag:
            raise Refused(HTTPStatus.PRECONDITION_FAILED, f"The {noun} has been changed.")
        return stored
