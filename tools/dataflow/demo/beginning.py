"""What is in both systems when the demo begins: a small company's customers, people, products and orders, made in webCRM."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.scenario.world import World

_USERS = (("Ingrid Solberg", "ingrid", "IS"), ("Jonas Lund", "jonas", "JL"))
# Name, VAT number, address, post code, city, telephone, number of its owner among the users.
_ORGANISATIONS = (
    ("Fjordbygg AS", "914782007", "Sandviksveien 12\r\nInngang B", "5036", "Bergen", "+47 55210400", 0),
    ("Nordlys Elektro AS", "921563480", "Storgata 71", "9008", "Tromsø", "+47 77650120", 1),
    ("Havblikk Hotell", "887154920", "Strandgata 3", "4005", "Stavanger", "+47 51840900", 0),
)
# First name, last name, e-mail, title, mobile, number of the organisation.
_PERSONS = (
    ("Marit", "Aasen", "marit@fjordbygg.example", "Daglig leder", "+47 91233456", 0),
    ("Per", "Moe", "per@fjordbygg.example", "Innkjøper", "+47 92344567", 0),
    ("Aili", "Sara", "aili@nordlys.example", "Prosjektleder", "+47 93455678", 1),
    ("Tor", "Vik", "tor@havblikk.example", "Driftssjef", "+47 94566789", 2),
)
# Number, name, price, cost, VAT code.
_PRODUCTS = (
    ("LP-100", "LED-panel 60×60", 890.0, 512.5, "3"),
    ("KB-25", "Kabel 2,5 mm², 100 m", 1240.0, 830.0, "3"),
    ("MT-1", "Montering, time", 975.0, 0.0, "3"),
)
# Description, number of the organisation, the person and the user, and its lines: number of the product, text, quantity, price.
_OPPORTUNITIES = (
    ("Nytt lys i lageret", 0, 0, 0, ((0, "LED-panel, hvit", 24.0, 890.0), (2, "Montering", 16.5, 975.0))),
    ("Rehabilitering, 2. etasje", 2, 3, 1, ((1, "Kabel", 3.0, 1240.0),)),
)


def enter(world: World) -> None:
    """Make the records in webCRM. The first organisation is the vendor's own and takes no part."""
    crm = world.systems["webcrm"]
    crm.create("webcrm-organisation", {"OrganisationName": "Our own company"})
    users = [
        crm.create(
            "webcrm-user",
            {
                "UserName": name,
                "UserEmail": f"{login}@ours.example",
                "UserInitials": initials,
                "UserLoginName": login,
                "UserPassword": "-",
            },
        )
        for name, login, initials in _USERS
    ]
    organisations = [
        crm.create(
            "webcrm-organisation",
            {
                "OrganisationName": name,
                "OrganisationVatNumber": vat,
                "OrganisationAddress": address,
                "OrganisationPostCode": post_code,
                "OrganisationCity": city,
                "OrganisationCountry": "Norge",
                "OrganisationTelephone": telephone,
                "OrganisationOwner": int(users[owner]),
            },
        )
        for name, vat, address, post_code, city, telephone, owner in _ORGANISATIONS
    ]
    persons = [
        crm.create(
            "webcrm-person",
            {
                "PersonFirstName": first,
                "PersonLastName": last,
                "PersonEmail": email,
                "PersonTitle": title,
                "PersonMobilePhone": mobile,
                "PersonStatus": "Active",
                "PersonOrganisationId": int(organisations[organisation]),
            },
        )
        for first, last, email, title, mobile, organisation in _PERSONS
    ]
    for number, name, price, cost, vat in _PRODUCTS:
        values = {"ProductCustom1": number, "ProductCustom2": name, "ProductPrice": price}
        crm.create("webcrm-product", {**values, "ProductCostPrice": cost, "ProductVatCode": vat})
    for description, organisation, person, user, lines in _OPPORTUNITIES:
        opportunity = crm.create(
            "webcrm-opportunity",
            {
                "OpportunityDescription": description,
                "OpportunityOrganisationId": int(organisations[organisation]),
                "OpportunityPersonId": int(persons[person]),
                "OpportunityAssignedTo": int(users[user]),
                "OpportunityCurrencyName": "NOK",
            },
        )
        for product, text, quantity, price in lines:
            crm.create(
                "webcrm-quotationline",
                {
                    "QuotationLineOpportunityId": int(opportunity),
                    "QuotationLineData1": _PRODUCTS[product][0],
                    "QuotationLineMemo": text,
                    "QuotationLineQuantity": quantity,
                    "QuotationLinePrice": price,
                },
            )
