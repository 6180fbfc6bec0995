"""Who takes part: a handful of records of every datatype, made in webCRM as its users make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataflow.checklist.live.ground import Ground

    # Member -> the id of a record of it that a new one may refer to.
    Known = Mapping[str, str]


class Alone(Exception):
    """A record cannot be made, because another it refers to is not there or not linked."""


# Of each datatype; more than one, so that an edit can point a reference somewhere else.
SIZE = 4


def enter(world: Ground) -> None:
    """Make the records. The first organisation is the vendor's own."""
    crm = world.systems["webcrm"]
    crm.create("webcrm-organisation", {"OrganisationName": "Our own"})
    for number in range(world.first + 1, world.first + SIZE + 1):
        known: dict[str, str] = {}
        for member in WEBCRM:
            known[member] = crm.create(member, newcomer(member, number, known))


def newcomer(member: str, number: int, known: Known) -> dict[str, Any]:
    """What a new record of a member is made with; the same number gives the same values.

    Raises Alone when nobody is known whom it has to refer to.
    """
    try:
        return (WEBCRM.get(member) or CUSTOMERP[member])(number, known)
    except KeyError as error:
        raise Alone(f"a {member} needs a {error.args[0]}") from None


def letters(number: int) -> str:
    """A number as letters, for names."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _user(number: int, known: Known) -> dict[str, Any]:
    return {
        "UserName": f"Kari Selger{letters(number)}",
        "UserEmail": f"kari{number}@example.com",
        "UserInitials": f"K{number}",
        "UserLoginName": f"kari{number}",
        "UserPassword": "x",
        "UserAccessLevel": 1,
    }


def _organisation(number: int, known: Known) -> dict[str, Any]:
    return {
        "OrganisationName": f"Firma {number}",
        "OrganisationVatNumber": str(900_000_000 + number),
        "OrganisationAddress": f"Storgata {number}\r\nInngang B",
        "OrganisationCountry": "Norge",
        "OrganisationOwner": int(known["webcrm-user"]),
    }


def _person(number: int, known: Known) -> dict[str, Any]:
    return {
        "PersonOrganisationId": int(known["webcrm-organisation"]),
        "PersonFirstName": "Per",
        "PersonLastName": f"Kunde{letters(number)}",
        "PersonEmail": f"per{number}@example.com",
        "PersonStatus": "Active",
    }


def _product(number: int, known: Known) -> dict[str, Any]:
    return {
        "ProductCustom1": f"N-{number}",
        "ProductCustom2": f"Vare {number}",
        "ProductPrice": 10.0 * number,
        "ProductVatCode": "3",
    }


def _opportunity(number: int, known: Known) -> dict[str, Any]:
    return {
        "OpportunityDescription": f"Avtale {number}",
        "OpportunityOrganisationId": int(known["webcrm-organisation"]),
        "OpportunityPersonId": int(known["webcrm-person"]),
        "OpportunityAssignedTo": int(known["webcrm-user"]),
        "OpportunityCurrencyName": "NOK",
    }


def _quotationline(number: int, known: Known) -> dict[str, Any]:
    return {
        "QuotationLineOpportunityId": int(known["webcrm-opportunity"]),
        "QuotationLineMemo": f"Linje {number}",
        "QuotationLineData1": f"N-{number}",
        "QuotationLineQuantity": number + 0.5,
        "QuotationLinePrice": 10.0 * number,
    }


def _customer(number: int, known: Known) -> dict[str, Any]:
    return {"Name": f"Kunde {number}"}


def _contact(number: int, known: Known) -> dict[str, Any]:
    at = known.get("customerp-customer")
    return {"FirstName": "Ola", "LastName": f"Innkjøper{letters(number)}", "CustomerId": int(at) if at else None}


def _erp_product(number: int, known: Known) -> dict[str, Any]:
    return {"Name": f"Artikkel {number}"}


def _order(number: int, known: Known) -> dict[str, Any]:
    return {"CustomerId": int(known["customerp-customer"]), "CurrencyCode": "NOK"}


def _orderline(number: int, known: Known) -> dict[str, Any]:
    return {"OrderId": int(known["customerp-order"])}


# In the order in which they refer to each other.
WEBCRM: dict[str, Callable[[int, Known], dict[str, Any]]] = {
    "webcrm-user": _user,
    "webcrm-organisation": _organisation,
    "webcrm-person": _person,
    "webcrm-product": _product,
    "webcrm-opportunity": _opportunity,
    "webcrm-quotationline": _quotationline,
}
CUSTOMERP: dict[str, Callable[[int, Known], dict[str, Any]]] = {
    "customerp-customer": _customer,
    "customerp-contact": _contact,
    "customerp-product": _erp_product,
    "customerp-order": _order,
    "customerp-orderline": _orderline,
}
