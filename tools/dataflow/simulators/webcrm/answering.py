"""What a query finds: its conditions in SQL, and its rows as webCRM shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.simulators.webcrm import times
from dataflow.simulators.webcrm.column import sql_of
from dataflow.simulators.webcrm.query import Comparison, parse
from dataflow.simulators.webcrm.refused import Refused
from dataflow.simulators.webcrm.resource import RESOURCES, Resource
from dataflow.simulators.webcrm.rules import noun_of_table
from dataflow.simulators.webcrm.tenant import REST, whole

if TYPE_CHECKING:
    from dataflow.simulators.webcrm.field import Field
    from dataflow.simulators.webcrm.query import Condition, Select
    from dataflow.simulators.webcrm.store import Row
    from dataflow.simulators.webcrm.tenant import Tenant

# Queries show the catalogue under shorter names, and take both.
CATALOGUE = RESOURCES["catalogue"]
_SHORT = CATALOGUE.prefix.removeprefix("QuotationLine")


def rows_of(tenant: Tenant, script: str, *, limit: int, offset: int) -> list[Row]:
    """The rows of a page of a query. Raises Refused."""
    return _Query(tenant, parse(script)).rows(limit, offset)


class _Query:
    def __init__(self, tenant: Tenant, select: Select) -> None:
        self._tenant = tenant
        self._select = select
        self._tables: dict[str, Resource] = {"r": noun_of_table(select.table)}
        if select.join is not None:
            self._tables["j"] = noun_of_table(select.join[0])
        self._values: list[Any] = []

    def rows(self, limit: int, offset: int) -> list[Row]:
        select, store, main = self._select, self._tenant.store, self._tables["r"]
        columns = [self._shown(*self._column(name)[1:]) for name in select.columns]
        where = "1" if select.where is None else self._condition(select.where)
        order = "r.id"
        if select.order is not None:
            expression, field, _ = self._column(select.order)
            text = " COLLATE CRM" if field.kind in ("text", "choice") else ""
            order = f"{expression}{text} {'DESC' if select.descending else 'ASC'}, r.id"
        paging: Any = {"order": order, "limit": limit, "offset": offset}
        found: list[Row] = []
        if select.join is None:
            for row_id, kept in store.select(main.noun, where, self._values, **paging):
                found.append(self._row("r", row_id, kept))
        else:
            on = " = ".join(self._column(name)[0] for name in select.join[1:])
            other = self._tables["j"]
            for one, first, two, second in store.select_joined(
                main.noun, other.noun, on, where, self._values, **paging
            ):
                found.append(self._row("j", two, second) | self._row("r", one, first))
        for number, row in enumerate(found, offset + 1):
            row["RowNumber"] = number
        return [{name: row[name] for name in columns} for row in found] if columns else found

    def _row(self, table: str, row_id: int, kept: Row) -> Row:
        one = self._tables[table]
        row = {**one.raw, **kept.get(REST, {}), **whole(one, row_id, kept)}
        row = {name: value for name, value in row.items() if name in one.fields}
        if one is CATALOGUE:
            return {self._shown(field, one): row[name] for name, field in one.fields.items()}
        return row

    def _shown(self, field: Field, one: Resource) -> str:
        return field.name.replace(CATALOGUE.prefix, _SHORT) if one is CATALOGUE else field.name

    def _condition(self, condition: Condition) -> str:
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        inside = f" {condition.joined} ".join(self._condition(part) for part in condition.parts)
        return f"({inside})"

    def _comparison(self, comparison: Comparison) -> str:
        expression, field, one = self._column(comparison.name)
        try:
            value = _value(field, comparison.value)
        except ValueError:
            raise Refused(f"{field.name} cannot be compared with {comparison.value!r}", kind="QueryException") from None
        if value is None:
            # The null date is before every other one, and equal only to itself.
            return "1" if comparison.operator == ">=" else f"{expression} IS NULL"
        self._values.append(value)
        if isinstance(value, str) and comparison.operator == "=":
            self._tenant.store.index(one.noun, sql_of(one, field, ""))
        return f"{expression} {comparison.operator} ?{' COLLATE CRM' if isinstance(value, str) else ''}"

    def _column(self, name: str) -> tuple[str, Field, Resource]:
        """A name in SQL, its field, and what it belongs to. Raises Refused."""
        table, _, member = name.rpartition(".")
        for alias, one in self._tables.items():
            if table and table.lower() != (one.table or "").lower():
                continue
            wanted = member.lower()
            if one is CATALOGUE and wanted.startswith(_SHORT.lower()):
                wanted = f"quotationline{wanted}"
            field = one.by_lower_name.get(wanted)
            if field is not None and "writeonly" not in field and field.kind != "country":
                return sql_of(one, field, alias), field, one
        raise Refused(f"There is no column {name}", kind="QueryException")


def _value(field: Field, value: str | float) -> Any:
    """A value as the column has it. Raises ValueError."""
    if field.kind in ("time", "date"):
        return times.instant(str(value))
    if field.kind in ("integer", "number"):
        return float(value)
    if field.kind == "boolean":
        return int(field.taken(value if isinstance(value, str) else int(value)))
    if field.kind == "choice":
        return field.choices[int(value)] if isinstance(value, float) else value
    return value if isinstance(value, str) else f"{value:g}"
