"""Who takes part: a handful of records of every datatype, made in webCRM as its users make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.scenario.world import World

# Of each datatype; more than one, so that an edit can point a reference somewhere else.
SIZE = 4


def enter(world: World) -> None:
    """Make the records. The first organisation is the vendor's own."""
    crm = world.systems["webcrm"]
    crm.create("webcrm-organisation", {"OrganisationName": "Our own"})
    for n in range(1, SIZE + 1):
        user = crm.create(
            "webcrm-user",
            {
                "UserName": f"Kari Selger{'abcd'[n - 1]}",
                "UserEmail": f"kari{n}@example.com",
                "UserInitials": f"K{n}",
                "UserLoginName": f"kari{n}",
                "UserPassword": "x",
            },
        )
        organisation = crm.create(
            "webcrm-organisation",
            {
                "OrganisationName": f"Firma {n}",
                "OrganisationVatNumber": f"90000000{n}",
                "OrganisationAddress": f"Storgata {n}\r\nInngang B",
                "OrganisationCountry": "Norge",
                "OrganisationOwner": int(user),
            },
        )
        person = crm.create(
            "webcrm-person",
            {
                "PersonOrganisationId": int(organisation),
                "PersonFirstName": "Per",
                "PersonLastName": f"Kunde{'abcd'[n - 1]}",
                "PersonEmail": f"per{n}@example.com",
                "PersonStatus": "Active",
            },
        )
        crm.create(
            "webcrm-product",
            {
                "ProductCustom1": f"N-{n}",
                "ProductCustom2": f"Vare {n}",
                "ProductPrice": 10.0 * n,
                "ProductVatCode": "3",
            },
        )
        opportunity = crm.create(
            "webcrm-opportunity",
            {
                "OpportunityDescription": f"Avtale {n}",
                "OpportunityOrganisationId": int(organisation),
                "OpportunityPersonId": int(person),
                "OpportunityAssignedTo": int(user),
                "OpportunityCurrencyName": "NOK",
            },
        )
        crm.create(
            "webcrm-quotationline",
            {
                "QuotationLineOpportunityId": int(opportunity),
                "QuotationLineMemo": f"Linje {n}",
                "QuotationLineData1": f"N-{n}",
                "QuotationLineQuantity": n + 0.5,
                "QuotationLinePrice": 10.0 * n,
            },
        )
