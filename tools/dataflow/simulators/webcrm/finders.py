"""The lists beside the plain ones: by organisation, by responsible, by dates, and what hangs on a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.simulators.webcrm import times
from dataflow.simulators.webcrm.column import sql_of
from dataflow.simulators.webcrm.refused import Refused
from dataflow.simulators.webcrm.resource import RESOURCES, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow.simulators.webcrm.paging import Page
    from dataflow.simulators.webcrm.store import Row
    from dataflow.simulators.webcrm.tenant import Tenant

# Name in the address -> member, per kind of row; all are `Name/{value}`.
_BY_MEMBER = {
    "person": {"byorganisation": "PersonOrganisationId"},
    "opportunity": {
        "byorganisation": "OpportunityOrganisationId",
        "byresponsible": "OpportunityAssignedTo",
        "byresponsible2": "OpportunityAssignedTo2",
        "bypipelinelevel": "OpportunityLevel",
    },
    "delivery": {
        "byorganisation": "DeliveryOrganisationId",
        "byresponsible": "DeliveryAssignedTo",
        "byresponsible2": "DeliveryAssignedTo2",
        "bystatus": "DeliveryStatus",
    },
}
_BY_DATES = {"findbycreatedates": ("organisation", "opportunity", "delivery"), "findbyupdatedates": ("organisation",)}
# `{id}/Name` -> kind of row.
_OF_ROW = {
    "organisation": {"persons": "person", "products": "product"},
    "opportunity": {"quotationlines": "quotationline"},
    "delivery": {"quotationlines": "quotationline"},
}
NO_ACCESS = 1


def found(tenant: Tenant, one: Resource, parts: Sequence[str], query: dict[str, str], page: Page) -> list[Row] | None:
    """The rows at an address below a resource, given by its parts; None when there is no such list. Raises Refused."""
    paging: dict[str, Any] = {"limit": page.limit, "offset": page.offset}
    name = parts[0].lower()
    match parts:
        case [_, value] if name in _BY_MEMBER.get(one.noun, {}):
            field = one.fields[_BY_MEMBER[one.noun][name]]
            try:
                kept = field.taken(value)
            except ValueError as error:
                raise Refused(str(error)) from None
            return tenant.rows(one.noun, f"{sql_of(one, field)} = ?", (kept,), **paging)
        case [_, start, end] if one.noun in _BY_DATES.get(name, ()):
            field = one.fields[one.created if name == "findbycreatedates" else one.updated]
            column = sql_of(one, field)
            try:
                limits = [times.instant(text) or 0 for text in (start, end)]
            except ValueError as error:
                raise Refused(str(error)) from None
            return tenant.rows(one.noun, f"{column} >= ? AND {column} < ?", limits, **paging)
        case [number, below] if number.isdecimal() and below.lower() in _OF_ROW.get(one.noun, {}):
            other = RESOURCES[_OF_ROW[one.noun][below.lower()]]
            if other.noun == "quotationline":
                paging["order"] = f"{sql_of(other, other.fields['QuotationLineSortOrder'])}, r.id"
            return tenant.rows(other.noun, "r.owner = ?", (int(number),), **paging)
        case [_] if (one.noun, name) == ("user", "allactive"):
            column = sql_of(one, one.fields["UserAccessLevel"])
            return tenant.rows("user", f"{column} > ?", (NO_ACCESS,), **paging)
        case [_] if (one.noun, name) == ("person", "search"):
            columns = [sql_of(one, one.fields[member]) for member in ("PersonName", "PersonEmail")]
            where = " OR ".join(f"instr(folded({column}), ?) > 0" for column in columns)
            return tenant.rows("person", f"({where})", (query.get("input", "").casefold(),) * 2, **paging)
    return None
