"""Rows made up, any number of them, the same ones for the same seed: a webCRM of some years, for load tests and for looking around.

Ids begin at 1. Organisation 1 and person 2 are webCRM's own, as in every tenant; the last user has no access any more; every
fiftieth person has resigned, and the first of these has no last name but `-`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.simulators.sizes import read_sizes
from dataflow.simulators.webcrm import bookkeeping, times
from dataflow.simulators.webcrm.resource import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataflow.simulators.webcrm.store import Row
    from dataflow.simulators.webcrm.tenant import Tenant

# Rows per organisation, as in the load test.
_PER_ORGANISATION = {"persons": 3.0, "users": 0.005, "products": 0.5, "opportunities": 2.0, "quotationlines": 6.0}
_NOUNS = {
    "users": "user",
    "organisations": "organisation",
    "persons": "person",
    "products": "product",
    "opportunities": "opportunity",
    "quotationlines": "quotationline",
}
_DAY = 86_400
_BEGIN = 1_546_300_800  # 2019-01-01
_DAYS = 2_700
_PLACES = (
    ("Bergen", "5003", "Norge"),
    ("Århus", "8000", "Danmark"),
    ("Göteborg", "411 01", "Sverige"),
    ("Oslo", "0150", "Norge"),
)
_FIRST = ("Åse", "Bjørn", "Cecilie", "David", "Eva", "Frode", "Gunn", "Håkon", "Ida", "Jan", "Kari", "Lars", "Mette")
_LAST = ("Andersen", "Berg", "Christensen", "Dahl", "Eriksen", "Foss", "Grønn", "Holm", "Iversen", "Juul", "Krog")
_TRADES = ("Verksted", "Bakeri", "Rør", "Elektro", "Regnskap", "Transport", "Bygg")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows of each kind there shall be."""

    organisations: int = 0
    persons: int = 0
    users: int = 0
    products: int = 0
    opportunities: int = 0
    quotationlines: int = 0

    @classmethod
    def read(cls, text: str) -> Sizes:
        """`organisations=1000,persons=3000`, or `1000`: so many organisations and the rest in proportion. Raises UsageError."""
        sizes = cls(**read_sizes(text, [field.name for field in fields(cls)], _PER_ORGANISATION))
        if sizes.organisations < 1 and (sizes.persons or sizes.opportunities):
            raise UsageError("persons and opportunities belong to organisations, so there has to be one")
        if sizes.opportunities < 1 and sizes.quotationlines:
            raise UsageError("quotation lines belong to opportunities, so there has to be one")
        return sizes


def generate(tenant: Tenant, sizes: Sizes, seed: int = 0) -> dict[str, int]:
    """Fill a tenant; how many rows there are of each noun."""
    made = _Made(sizes, seed)
    makers: dict[str, Callable[[int], Row]] = {
        "users": made.user,
        "organisations": made.organisation,
        "persons": made.person,
        "products": made.product,
        "opportunities": made.opportunity,
        "quotationlines": made.quotationline,
    }
    counts: dict[str, int] = {}
    for name, maker in makers.items():
        noun = _NOUNS[name]
        counts[noun] = getattr(sizes, name)
        tenant.put(noun, _whole(tenant, noun, counts[noun], maker, made))
    return counts


def _whole(
    tenant: Tenant, noun: str, number: int, maker: Callable[[int], Row], made: _Made
) -> Iterator[tuple[int, Row]]:
    one = RESOURCES[noun]
    for row_id in range(1, number + 1):
        row = {**one.template, **maker(row_id)}
        bookkeeping.derive(one, row, tenant.behaviour)
        created = _BEGIN + made.draw(row_id, _DAYS * _DAY, 1)
        bookkeeping.stamp(one, row, created, "webCRM System", tenant.behaviour.hours_from_london, new=True)
        row[one.updated] = times.shown(created + made.draw(row_id, 90 * _DAY, 2))
        yield row_id, row


class _Made:
    """Members of the rows of each kind, by id."""

    def __init__(self, sizes: Sizes, seed: int) -> None:
        self._sizes = sizes
        self._seed = seed

    def draw(self, row_id: int, below: int, salt: int) -> int:
        """A number that depends on seed, id and salt alone, and looks like chance."""
        mixed = (row_id * 2_654_435_761 + (self._seed * 64 + salt) * 0x9E3779B97F4A7C15) & 0xFFFF_FFFF_FFFF_FFFF
        mixed = ((mixed ^ (mixed >> 31)) * 0xBF58476D1CE4E5B9) & 0xFFFF_FFFF_FFFF_FFFF
        return ((mixed ^ (mixed >> 29)) >> 8) % below

    def _price(self, row_id: int, least: float, below: int, salt: int) -> float:
        """Money, in whole hundredths above the least."""
        return round(least + self.draw(row_id, below, salt) / 100, 2)

    def user(self, row_id: int) -> Row:
        return {
            "UserName": f"{_FIRST[row_id % 13]} {_LAST[row_id % 11]}",
            "UserInitials": f"U{row_id}",
            "UserLoginName": f"user{row_id}",
            "UserEmail": f"user{row_id}@crm.example",
            "UserTelephone": f"+47 22 11 {row_id // 100 % 100:02} {row_id % 100:02}",
            "UserTitle": "Selger",
            "UserPassword": f"password-{row_id}",
            "UserTicket": f"ticket-{row_id}",
            "UserAccessLevel": 1 if row_id == self._sizes.users > 1 else 50,
        }

    def organisation(self, row_id: int) -> Row:
        if row_id == 1:
            return {"OrganisationName": "webCRM", "OrganisationCountry": "Danmark"}
        city, postcode, country = _PLACES[self.draw(row_id, len(_PLACES), 3)]
        trade = _TRADES[self.draw(row_id, len(_TRADES), 4)]
        return {
            "OrganisationName": f"{city} {trade} {row_id} AS",
            "OrganisationVatNumber": f"{900_000_000 + row_id}",
            "OrganisationTelephone": f"+47 55 {row_id // 10000 % 100:02} {row_id // 100 % 100:02} {row_id % 100:02}",
            "OrganisationWww": f"www.org{row_id}.example",
            "OrganisationAddress": f"Storgata {row_id}" + ("\r\nPortrom B" if row_id % 3 == 0 else ""),
            "OrganisationPostCode": postcode,
            "OrganisationCity": city,
            "OrganisationCountry": country,
            "OrganisationOwner": self._user(row_id),
            "OrganisationStatus": "A Kunde" if row_id % 2 else "-- vælg --",
        }

    def person(self, row_id: int) -> Row:
        if row_id == 2:
            return {"PersonLastName": "Support", "PersonOrganisationId": 1, "PersonEmail": "support@webcrm.example"}
        gone = row_id % 50 == 0
        return {
            "PersonFirstName": "" if row_id == 50 else _FIRST[self.draw(row_id, 13, 5)],
            "PersonLastName": "-" if row_id == 50 else f"{_LAST[self.draw(row_id, 11, 6)]}{row_id}",
            "PersonEmail": f"person{row_id}@org.example",
            "PersonDirectPhone": f"+47 22 {row_id // 10000 % 100:02} {row_id // 100 % 100:02} {row_id % 100:02}",
            "PersonTitle": ("Daglig leder", "Innkjøper", "")[row_id % 3],
            "PersonOrganisationId": self._organisation(row_id),
            "PersonStatus": "Resigned" if gone else "Active",
            "PersonPassword": f"password-{row_id}",
        }

    def product(self, row_id: int) -> Row:
        return {
            "ProductCustom1": f"N-{row_id:06}",
            "ProductCustom2": f"Vare {row_id}",
            "ProductMemo": f"Vare nummer {row_id}",
            "ProductPrice": self._price(row_id, 10.0, 100_000, 7),
            "ProductCostPrice": self._price(row_id, 5.0, 500, 8),
            "ProductQuantity": float(self.draw(row_id, 100, 9)),
            "ProductVatCode": ("3", "31", "5")[row_id % 3],
            "ProductOrganisationId": self._organisation(row_id) if self._sizes.organisations else 0,
        }

    def opportunity(self, row_id: int) -> Row:
        lines = [self.quotationline(line) for line in self._lines(row_id)]
        value, margin = bookkeeping.totals(lines)
        persons = self._sizes.persons
        return {
            "OpportunityDescription": f"Tilbud {row_id}",
            "OpportunityNumber": str(10_000 + row_id),
            "OpportunityOrganisationId": self._organisation(row_id),
            "OpportunityPersonId": 1 + self.draw(row_id, persons, 10) if persons and row_id % 2 else 0,
            "OpportunityAssignedTo": self._user(row_id),
            "OpportunityOrderDate": times.date_taken(times.shown(_BEGIN + self.draw(row_id, _DAYS, 11) * _DAY)),
            "OpportunityCurrencyName": ("NOK", "00", "SEK")[row_id % 3],
            "OpportunityLevel": 5,
            "OpportunityOrderValue": value,
            "OpportunityOrderGmValue": margin,
        }

    def quotationline(self, row_id: int) -> Row:
        opportunity = (row_id - 1) % self._sizes.opportunities + 1
        product = 1 + self.draw(row_id, self._sizes.products, 12) if self._sizes.products else 0
        return {
            "QuotationLineOpportunityId": opportunity,
            "QuotationLineOrganisationId": self._organisation(opportunity),
            "QuotationLineData1": f"N-{product:06}" if product else "",
            "QuotationLineMemo": f"Linje {row_id}",
            "QuotationLineQuantity": float(1 + self.draw(row_id, 20, 13)),
            "QuotationLinePrice": self._price(row_id, 10.0, 10_000, 14),
            "QuotationLineCostPrice": self._price(row_id, 5.0, 500, 15),
            "QuotationLineDiscount": float(5 * self.draw(row_id, 3, 16)),
            "QuotationLineVatPercentage": 25.0,
            "QuotationLineSortOrder": 10 * ((row_id - 1) // self._sizes.opportunities + 1),
        }

    def _lines(self, opportunity: int) -> range:
        """The ids of an opportunity's lines."""
        return range(opportunity, self._sizes.quotationlines + 1, self._sizes.opportunities)

    def _organisation(self, row_id: int) -> int:
        """One of the organisations, webCRM's own only where there is no other."""
        others = self._sizes.organisations - 1
        return 2 + self.draw(row_id, others, 17) if others > 0 else 1

    def _user(self, row_id: int) -> int:
        users = self._sizes.users
        return 1 + self.draw(row_id, users, 18) if users else 0
