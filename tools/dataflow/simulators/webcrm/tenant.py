"""A tenant of webCRM: its rows, and what may be done with them, through the API or in the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.simulators.webcrm import bookkeeping, rules, times
from dataflow.simulators.webcrm.behaviour import Behaviour
from dataflow.simulators.webcrm.refused import Refused, not_found
from dataflow.simulators.webcrm.resource import HANGS_ON, RESOURCES, Resource, resource
from dataflow.simulators.webcrm.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dataflow.clock import Clock
    from dataflow.simulators.webcrm.store import Row

SOMEBODY = "Test Testesen"
# Where a row keeps what its other half, opportunity or delivery, has no member for.
REST = "rest"


class Tenant:
    """Rows are dicts of all members that a plain read shows. Nouns are those of `resource.RESOURCES`; UsageError for others.

    `create`, `update` and `delete` are what the API does, with its rules (Refused); `add`, `edit`, `remove`, `convert` and `move`
    what somebody does in the screens, who is named by `by`. Both move UpdatedAt.
    """

    def __init__(self, clock: Clock, *, store: Store | None = None, behaviour: Behaviour | None = None) -> None:
        self.clock = clock
        self.store = store or Store()
        self.behaviour = behaviour or Behaviour()

    @property
    def token_user(self) -> str:
        """How the application token signs."""
        return f"api2 {self.behaviour.token_name}"

    def read(self, noun: str, row_id: int) -> Row | None:
        found = self.store.get(resource(noun).noun, row_id)
        return None if found is None else whole(RESOURCES[noun], row_id, found)

    def get(self, noun: str, row_id: int) -> Row:
        """The row. Raises Refused (404)."""
        row = self.read(noun, row_id)
        if row is None:
            raise not_found(noun, row_id)
        return row

    def all(self, noun: str) -> list[Row]:
        """Every row, by id."""
        return self.rows(noun)

    def rows(self, noun: str, where: str = "1", values: Sequence[Any] = (), **paging: Any) -> list[Row]:
        """The rows for which an SQL condition holds; see `Store.select`."""
        one = resource(noun)
        return [whole(one, row_id, row) for row_id, row in self.store.select(noun, where, values, **paging)]

    def create(self, noun: str, members: Mapping[str, Any]) -> int:
        """The id of the new row. Raises Refused."""
        one = RESOURCES[noun]
        with self.store.lock:
            given = rules.taken(one, members, self.behaviour, None)
            row = self._new(one, given)
            rules.check(self.store, one, row, self.behaviour, row_id=0, given=given)
            row_id = self._insert(one, row, self.token_user)
            self._won(noun, row_id, given)
            return row_id

    def update(self, noun: str, row_id: int, members: Mapping[str, Any]) -> None:
        """Merge members into a row. Raises Refused."""
        one = RESOURCES[noun]
        with self.store.lock:
            before = self.get(noun, row_id)
            given = rules.taken(one, members, self.behaviour, before)
            row = {**before, **given}
            rules.check(self.store, one, row, self.behaviour, row_id=row_id, given=given)
            self._change(one, row_id, row, self.token_user)
            self._won(noun, row_id, given)

    def upsert(self, noun: str, members: Mapping[str, Any]) -> int | None:
        """What PATCH does with one row: the id of a new one, None for a changed one. Raises Refused."""
        one = RESOURCES[noun]
        field = one.fields[one.key]
        named = next((value for name, value in members.items() if name.lower() == one.key.lower()), 0)
        try:
            row_id = field.taken(named)
        except ValueError as error:
            raise Refused(str(error)) from None
        if isinstance(row_id, int) and row_id:
            self.update(noun, row_id, members)
            return None
        return self.create(noun, members)

    def delete(self, noun: str, row_id: int) -> None:
        """Raises Refused (404)."""
        with self.store.lock:
            row = self.get(noun, row_id)
            self.store.delete(noun, row_id)
            self._lines_changed(noun, row)

    def add(self, noun: str, by: str = SOMEBODY, **members: Any) -> int:
        """A new row, typed in by somebody; the id. Raises UsageError for members there are not."""
        one = resource(noun)
        with self.store.lock:
            return self._insert(one, self._new(one, rules.typed(one, members)), by)

    def edit(self, noun: str, row_id: int, by: str = SOMEBODY, **members: Any) -> None:
        """Somebody changes a row. Raises Refused when it is not there, UsageError for members there are not."""
        one = resource(noun)
        with self.store.lock:
            self._change(one, row_id, {**self.get(noun, row_id), **rules.typed(one, members)}, by)

    def remove(self, noun: str, row_id: int) -> None:
        """Somebody deletes a row, whatever it is, and with it what hangs on it. Raises Refused when it is not there."""
        with self.store.lock:
            for other in HANGS_ON.get(resource(noun).noun, ()):
                for hanging, _ in self.store.select(other, "r.owner = ?", (row_id,)):
                    self.remove(other, hanging)
            self.delete(noun, row_id)

    def move(self, noun: str, row_id: int, organisation: int, by: str = SOMEBODY) -> None:
        """Give an opportunity or a delivery another organisation. Raises Refused."""
        one = resource(noun)
        with self.store.lock:
            row = self.get(noun, row_id)
            if self.store.get("organisation", organisation) is None:
                raise Refused(f"There is no organisation {organisation}")
            self._change(one, row_id, {**row, str(one.owner): organisation}, by)

    def convert(self, noun: str, row_id: int, by: str = SOMEBODY, level: int | None = None) -> int:
        """Make an opportunity a delivery, or a delivery an opportunity of a level; the id, which stays. Raises Refused."""
        one = resource(noun)
        other = RESOURCES["delivery" if noun == "opportunity" else "opportunity"]
        with self.store.lock:
            row = self.get(noun, row_id)
            kept = (self.store.get(noun, row_id) or {}).get(REST, {})
            became: Row = {**other.template, **{name: value for name, value in kept.items() if name in other.template}}
            rest: Row = {}
            for name, value in row.items():
                twin = other.prefix + name.removeprefix(one.prefix)
                if twin in other.template:
                    became[twin] = value
                if twin not in other.template or name in other.raw:
                    rest[name] = value
            if noun == "opportunity":
                became["DeliveryWonDate"] = times.date_taken(times.shown(self._now()))
                became["DeliveryOpportunityDescription"] = row["OpportunityDescription"]
                became["DeliveryOpportunityPersonId"] = row["OpportunityPersonId"]
            else:
                became["OpportunityLevel"] = level or 0
            self.store.delete(noun, row_id)
            self._change(other, row_id, became, by, rest)
        return row_id

    def put(self, noun: str, rows: Iterable[tuple[int, Row]]) -> None:
        """Rows as they are, by id, members that are missing being empty: how fixtures and generated data come in."""
        one = resource(noun)
        last = 0

        def prepared() -> Iterable[tuple[int, int, int, int, Row]]:
            nonlocal last
            for row_id, row in rows:
                last = max(last, row_id)
                yield (row_id, *_marks(one, row), sparse(one, row))

        with self.store.lock:
            self.store.put_many(noun, prepared())
            self.store.used(one.series or noun, last)

    def _won(self, noun: str, row_id: int, given: Row) -> None:
        level = self.behaviour.won_level
        if noun == "opportunity" and level is not None and given.get("OpportunityLevel") == level:
            self.convert("opportunity", row_id, by=self.token_user)

    def _now(self) -> int:
        return self.clock.now_ns() // 1_000_000_000

    def _new(self, one: Resource, given: Row) -> Row:
        """A whole row with what is given, and what it takes over from the catalogue."""
        item_id = given.pop("QuotationLineLinkedDataId", 0)
        row = {**one.template, **given}
        if item_id:
            item = self.get("catalogue", item_id)
            prefix = RESOURCES["catalogue"].prefix
            texts = {f"QuotationLineData{n}": item[f"{prefix}Data{n}"] for n in range(1, 10)}
            prices = {f"QuotationLine{name}": item[prefix + name] for name in ("Price", "CostPrice")}
            row |= texts | prices | {"QuotationLineMemo": item[f"{prefix}DataMemo"]} | given
        return row

    def _insert(self, one: Resource, row: Row, by: str) -> int:
        series = one.series or one.noun
        row_id = self.store.next_id(series)
        number = f"{one.prefix}Number"
        if self.behaviour.numbering and series == "opportunity" and not row[number]:
            row[number] = str(row_id)
        self._change(one, row_id, row, by, new=True)
        return row_id

    def _change(
        self, one: Resource, row_id: int, row: Row, by: str, rest: Row | None = None, *, new: bool = False
    ) -> None:
        bookkeeping.derive(one, row, self.behaviour)
        bookkeeping.stamp(one, row, self._now(), by, self.behaviour.hours_from_london, new=new)
        self._store(one, row_id, row, rest)
        self._lines_changed(one.noun, row)

    def _store(self, one: Resource, row_id: int, row: Row, rest: Row | None = None) -> None:
        if rest is None:
            rest = (self.store.get(one.noun, row_id) or {}).get(REST)
        created, updated, owner = _marks(one, row)
        kept = sparse(one, row) | ({REST: rest} if rest else {})
        self.store.put(one.noun, row_id, created=created, updated=updated, owner=owner, row=kept)

    def _lines_changed(self, noun: str, line: Row) -> None:
        """What a change of a line does to its header."""
        behaviour = self.behaviour
        if noun != "quotationline" or not (behaviour.lines_set_value or behaviour.lines_touch_header):
            return
        owner = line["QuotationLineOpportunityId"]
        for header in ("opportunity", "delivery"):
            row = self.read(header, owner)
            if row is None:
                continue
            one = RESOURCES[header]
            if behaviour.lines_set_value:
                lines = self.rows("quotationline", "r.owner = ?", (owner,))
                value, margin = bookkeeping.totals(lines)
                row |= {f"{one.prefix}OrderValue": value, f"{one.prefix}OrderGmValue": margin}
            if behaviour.lines_touch_header:
                row[one.updated] = times.shown(self._now())
            self._store(one, owner, row)


def whole(one: Resource, row_id: int, kept: Row) -> Row:
    """A row with all its members, from what is kept of it."""
    row = {**one.template, **kept, one.key: row_id}
    row.pop(REST, None)
    return row


def sparse(one: Resource, row: Row) -> Row:
    """What is kept of a row: members that are not empty. The id has its own place."""
    template, key = one.template, one.key
    return {name: value for name, value in row.items() if value != template[name] and name != key}


def _marks(one: Resource, row: Row) -> tuple[int, int, int]:
    """What lists and queries ask for: when it was made and changed, and what it hangs on."""
    created, updated = (times.instant(row.get(name, times.NULL)) or 0 for name in (one.created, one.updated))
    return int(created), int(updated), row.get(one.owner, 0) if one.owner else 0
