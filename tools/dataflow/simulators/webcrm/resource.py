"""The kinds of rows webCRM has, by the noun the package calls them: where they are in the API, and what they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dataflow.errors import UsageError
from dataflow.simulators.webcrm.field import Field, all_fields


@dataclass(frozen=True)
class Resource:
    """`path` as in addresses, `prefix` of its members; `owner` is the member that says what a row hangs on, `table` the name in
    queries, `series` the noun that the ids are shared with."""

    noun: str
    path: str
    prefix: str
    owner: str | None = None
    table: str | None = None
    deletable: bool = False
    series: str | None = None

    @cached_property
    def fields(self) -> dict[str, Field]:
        return all_fields()[self.noun]

    @cached_property
    def by_lower_name(self) -> dict[str, Field]:
        return {name.lower(): field for name, field in self.fields.items()}

    @cached_property
    def template(self) -> dict[str, Any]:
        """A row with nothing in it, as plain reads show it."""
        return {
            name: field.empty for name, field in self.fields.items() if "raw" not in field and "writeonly" not in field
        }

    @cached_property
    def raw(self) -> dict[str, Any]:
        """What queries show beside that, empty."""
        return {name: field.empty for name, field in self.fields.items() if "raw" in field}

    @property
    def key(self) -> str:
        return f"{self.prefix}Id"

    @property
    def created(self) -> str:
        return f"{self.prefix}CreatedAt"

    @property
    def updated(self) -> str:
        return f"{self.prefix}UpdatedAt"


RESOURCES: dict[str, Resource] = {
    one.noun: one
    for one in (
        Resource("organisation", "Organisations", "Organisation", table="Organisation"),
        Resource("person", "Persons", "Person", owner="PersonOrganisationId", table="Person"),
        Resource("user", "Users", "User"),
        Resource("opportunity", "Opportunities", "Opportunity", owner="OpportunityOrganisationId", table="Opportunity"),
        Resource(
            "delivery",
            "Deliveries",
            "Delivery",
            owner="DeliveryOrganisationId",
            table="Delivery",
            series="opportunity",
        ),
        Resource(
            "quotationline", "QuotationLines", "QuotationLine", owner="QuotationLineOpportunityId", deletable=True
        ),
        Resource("product", "Products", "Product", owner="ProductOrganisationId", deletable=True),
        Resource(
            "catalogue",
            "QuotationLines/LinkedData",
            "QuotationLineLinkedDataItem",
            table="LinkedData",
            deletable=True,
        ),
    )
}
BY_PATH = {one.path.lower(): one for one in RESOURCES.values() if "/" not in one.path}
# What goes with a row that is deleted in the screens.
HANGS_ON = {
    "organisation": ("person", "opportunity", "delivery", "product"),
    "opportunity": ("quotationline",),
    "delivery": ("quotationline",),
}


def resource(noun: str) -> Resource:
    """Raises UsageError for a noun there is not."""
    try:
        return RESOURCES[noun]
    except KeyError:
        raise UsageError(f'webCRM has no "{noun}"; it has {", ".join(RESOURCES)}') from None
