"""Records made up, any number of them, the same ones every time: an ERP of some size, for load tests and for looking around.

None is linked. The natural keys are those of a generated webCRM (`webcrm.generate`): customer number n has the VAT number of
organisation n, contact n the e-mail address of person n, product n the number of product n.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.simulators.sizes import read_sizes

if TYPE_CHECKING:
    from dataflow.simulators.customerp.erp import Erp
    from dataflow.simulators.customerp.kinds import Record

# Records per customer, as in the load test.
_PER_CUSTOMER = {"contacts": 3.0, "products": 0.5, "orders": 2.0, "lines": 6.0}
_PLACES = (("Bergen", "5003", "NO"), ("Århus", "8000", "DK"), ("Göteborg", "411 01", "SE"), ("Oslo", "0150", "NO"))
_FIRST = ("Åse", "Bjørn", "Cecilie", "David", "Eva", "Frode", "Gunn", "Håkon", "Ida", "Jan", "Kari", "Lars", "Mette")
_LAST = ("Andersen", "Berg", "Christensen", "Dahl", "Eriksen", "Foss", "Grønn", "Holm", "Iversen", "Juul", "Krog")
_STATUSES = ("Draft", "Confirmed", "Confirmed", "Cancelled")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many records of each kind there shall be; `lines` of all orders together."""

    customers: int = 0
    contacts: int = 0
    products: int = 0
    orders: int = 0
    lines: int = 0

    @classmethod
    def read(cls, text: str) -> Sizes:
        """`customers=1000,contacts=3000`, or `1000`: so many customers and the rest in proportion. Raises UsageError."""
        sizes = cls(**read_sizes(text, [field.name for field in fields(cls)], _PER_CUSTOMER))
        if sizes.orders and not sizes.customers:
            raise UsageError("orders belong to customers, so there has to be one")
        if sizes.lines and not sizes.orders:
            raise UsageError("lines belong to orders, so there has to be one")
        return sizes


def generate(erp: Erp, sizes: Sizes) -> dict[str, int]:
    """Fill an ERP; how many records there are of each noun."""
    customers = [erp.post("customer", _customer(number)).id for number in range(1, sizes.customers + 1)]
    for number in range(1, sizes.contacts + 1):
        erp.post("contact", {**_contact(number), "CustomerId": _nth(customers, number)})
    products = [erp.post("product", _product(number)).id for number in range(1, sizes.products + 1)]
    for number in range(1, sizes.orders + 1):
        first, last = ((number - back) * sizes.lines // sizes.orders for back in (1, 0))
        lines = [{**_line(line), "ProductId": _nth(products, line)} for line in range(first + 1, last + 1)]
        erp.post("order", {**_order(number), "CustomerId": _nth(customers, number), "Lines": lines})
    return {noun: erp.count(noun) for noun in erp.books.kinds}


def _customer(number: int) -> Record:
    city, postcode, country = _PLACES[number % len(_PLACES)]
    return {
        "Name": f"{city} Handel {number} AS",
        "OrganizationNumber": str(900_000_000 + number),
        "Phone": f"+47{55_000_000 + number}",
        "Website": f"www.org{number}.example",
        "StreetAddress1": f"Storgata {number}",
        "ZipCode": postcode,
        "City": city,
        "CountryCode": country,
    }


def _contact(number: int) -> Record:
    return {
        "FirstName": _FIRST[number % len(_FIRST)],
        "LastName": f"{_LAST[number % len(_LAST)]}{number}",
        "Email": f"person{number}@org.example",
        "MobilePhone": f"+47{90_000_000 + number}",
        "JobTitle": ("Daglig leder", "Innkjøper", None)[number % 3],
    }


def _product(number: int) -> Record:
    return {
        "ProductNumber": f"N-{number:06}",
        "Name": f"Vare {number}",
        "UnitPrice": number % 900 + 10.5,
        "UnitCost": number % 900 + 5.25,
        "VatCode": "HIGH",
    }


def _order(number: int) -> Record:
    return {
        "Reference": str(10_000 + number),
        "Description": f"Ordre {number}",
        "OrderDate": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "CurrencyCode": "NOK",
        "Status": _STATUSES[number % len(_STATUSES)],
    }


def _line(number: int) -> Record:
    return {
        "LineNumber": number,
        "Description": f"Linje {number}",
        "Quantity": number % 7 + 1,
        "UnitPrice": number % 900 + 10.5,
        "DiscountPercent": number % 3 * 5,
        "VatPercent": 25,
        "UnitCost": number % 900 + 5.25,
    }


def _nth(ids: list[int], number: int) -> int | None:
    return ids[(number - 1) % len(ids)] if ids else None
