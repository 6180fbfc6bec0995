"""The members that webCRM makes itself: who and when, names and keys for searching, histories, totals of lines.

Rules: webCRM's API, values; for the histories, and countries by name, tools/docs/decisions/0511-webcrm-values.md.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from dataflow.simulators.webcrm import times

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.simulators.webcrm.behaviour import Behaviour
    from dataflow.simulators.webcrm.resource import Resource
    from dataflow.simulators.webcrm.store import Row

# Name in any of the languages webCRM speaks -> ISO code, UN code. Of others webCRM knows no code here.
_COUNTRIES: dict[str, tuple[str, str]] = {
    name: (iso, un)
    for iso, un, names in (
        ("AT", "040", "Austria Østrig Østerrike Österrike Oostenrijk"),
        ("BE", "056", "Belgium Belgien Belgia België"),
        ("CH", "756", "Switzerland Schweiz Sveits Zwitserland"),
        ("DE", "276", "Germany Tyskland Deutschland Duitsland"),
        ("DK", "208", "Denmark Danmark Denemarken"),
        ("ES", "724", "Spain Spanien Spania Spanje"),
        ("FI", "246", "Finland Suomi"),
        ("FR", "250", "France Frankrig Frankrike Frankrijk"),
        ("GB", "826", "United_Kingdom Great_Britain Storbritannien Storbritannia"),
        ("IS", "352", "Iceland Island IJsland"),
        ("NL", "528", "Netherlands Holland Nederland Nederlandene"),
        ("NO", "578", "Norway Norge Noreg Noorwegen"),
        ("PL", "616", "Poland Polen"),
        ("SE", "752", "Sweden Sverige Zweden"),
        ("US", "840", "United_States USA"),
    )
    for name in names.replace("_", "\N{NO-BREAK SPACE}").casefold().split(" ")
}
HISTORY_ROWS = 10
WITH_HISTORY = ("organisation", "person", "opportunity", "delivery", "product")


def country(name: str) -> dict[str, str] | None:
    """`{Name, CodeISO, CodeUN}` of a country's localised name; the codes are empty when the name is not known."""
    if not name:
        return None
    iso, un = _COUNTRIES.get(name.casefold().replace(" ", "\N{NO-BREAK SPACE}"), ("", ""))
    return {"Name": name, "CodeISO": iso, "CodeUN": un}


def derive(resource: Resource, row: Row, behaviour: Behaviour) -> None:
    """Set the members of a whole row that follow from others."""
    match resource.noun:
        case "organisation":
            name = row["OrganisationName"] + row["OrganisationDivisionName"]
            row["OrganisationCompareName"] = re.sub(r"\s", "", name).upper()
            row["OrganisationTelephoneSearch"] = _digits(row["OrganisationTelephone"], row["OrganisationFax"])
            row["OrganisationCountryData"] = country(row["OrganisationCountry"])
        case "person":
            names = (row["PersonFirstName"], row["PersonMiddleName"], row["PersonLastName"])
            row["PersonName"] = " ".join(name for name in names if name)
            row["PersonTelephoneSearch"] = _digits(row["PersonDirectPhone"], row["PersonMobilePhone"])
        case "opportunity":
            row["OpportunityLevelText"] = behaviour.levels.get(row["OpportunityLevel"], "")
            row["OpportunityCountry"] = country(row["OpportunityCountryValue"])
        case "product":
            texts = (row["ProductCustom1"], row["ProductCustom2"])
            row["ProductCombined"] = " ".join(text for text in texts if text)


def stamp(resource: Resource, row: Row, seconds: int, name: str, hours: int, *, new: bool) -> None:
    """Who wrote the row and when, and a line of history."""
    prefix = resource.prefix
    if f"{prefix}UpdatedAt" not in resource.fields:
        return
    row[f"{prefix}UpdatedAt"] = times.shown(seconds)
    row[f"{prefix}UpdatedBy"] = name
    if new:
        row[f"{prefix}CreatedAt"] = row[f"{prefix}UpdatedAt"]
        row[f"{prefix}CreatedBy"] = name
    if resource.noun in WITH_HISTORY:
        line = f"<tr><td>{times.local(seconds, hours)}&nbsp;</td><td>{html.escape(name)}&nbsp;</td></tr>"
        before = re.findall(r"<tr>.*?</tr>", row[f"{prefix}History"])
        row[f"{prefix}History"] = " ".join([line, *before[: HISTORY_ROWS - 1]])


def totals(lines: Iterable[Row]) -> tuple[float, float]:
    """Order value and gross margin of lines: prices are per unit and without VAT, discounts percent."""
    value = cost = 0.0
    for line in lines:
        quantity: Any = line["QuotationLineQuantity"]
        value += line["QuotationLinePrice"] * quantity * (1 - line["QuotationLineDiscount"] / 100)
        cost += line["QuotationLineCostPrice"] * quantity
    return round(value, 4), round(value - cost, 4)


def _digits(first: str, second: str) -> str:
    return "-".join(["", re.sub(r"\D", "", first), re.sub(r"\D", "", second)])
