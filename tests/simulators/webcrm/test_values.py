"""Values: dates, empties, members that webCRM makes itself, secrets."""

from __future__ import annotations

import pytest

NULL_DATE = "0001-01-01T00:00:00+00:00"


class TestTimes:
    def test_whole_seconds_in_london_time(self, api, clock):
        assert api.rows("/Organisations/1")["OrganisationUpdatedAt"] == "2026-06-01T10:00:00+01:00"
        clock.advance(0.9)
        api.put_ok("/Organisations/1", OrganisationCity="Oslo")
        assert api.rows("/Organisations/1")["OrganisationUpdatedAt"] == "2026-06-01T10:00:00+01:00"

    def test_in_winter_too(self, crm, tenant, clock):
        clock.advance(200 * 86_400)
        tenant.edit("organisation", 1, OrganisationCity="Oslo")
        assert tenant.get("organisation", 1)["OrganisationUpdatedAt"] == "2026-12-18T09:00:00+00:00"

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("2026-11-24T08:15:30.75Z", "2026-11-24T08:15:30+00:00"),
            ("2026-06-01T08:15:30+02:00", "2026-06-01T07:15:30+01:00"),
            ("2026-06-01T08:15:30", "2026-06-01T08:15:30+01:00"),
            ("2026-06-01", "2026-06-01T00:00:00+01:00"),
            (NULL_DATE, NULL_DATE),
            ("0001-01-01T00:00:00Z", NULL_DATE),
            ("0001-01-01T01:00:00+01:00", NULL_DATE),
        ],
    )
    def test_a_time_that_is_sent(self, api, given, kept):
        deal = api.made("/Opportunities", OpportunityOrganisationId=1, OpportunityErpSyncDateTime=given)
        assert api.rows(f"/Opportunities/{deal}")["OpportunityErpSyncDateTime"] == kept

    @pytest.mark.parametrize("wrong", ["", "2026-13-01T00:00:00Z", "1850-01-01T00:00:00Z", "tomorrow"])
    def test_what_is_no_time(self, api, wrong):
        assert api.refused("PUT", "/Organisations/1", json={"OrganisationXDate1": wrong})

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("2026-06-24T00:00:00+00:00", "2026-06-24T00:00:00+00:00"),
            ("2026-06-24", "2026-06-24T00:00:00+00:00"),
            ("2026-06-24T00:00:00+02:00", "2026-06-23T00:00:00+00:00"),
            (NULL_DATE, NULL_DATE),
        ],
    )
    def test_where_only_the_date_counts_it_is_midnight(self, api, given, kept):
        dates = {f"Opportunity{name}": given for name in ("OrderDate", "LostDate", "NextFollowUp")}
        deal = api.made("/Opportunities", OpportunityOrganisationId=1, **dates)
        row = api.rows(f"/Opportunities/{deal}")
        assert {row[name] for name in dates} == {kept}


class TestEmpties:
    def test_an_organisation_with_a_name_alone(self, api):
        row = api.rows("/Organisations/1")
        assert {
            "OrganisationCity": "",
            "OrganisationOwner": 0,
            "OrganisationNoAds": False,
            "OrganisationVatVerifiedAt": NULL_DATE,
            "OrganisationXDate1": NULL_DATE,
            "OrganisationPlus1": None,
            "OrganisationCustom1": "",
            "OrganisationCustom5": "No",
            "OrganisationCustom7": "[]",
            "OrganisationCustom10": "0",
            "OrganisationIndustry": "-- vælg --",
            "OrganisationCountryData": None,
            "OrganisationLastItemType": "Undefined",
        }.items() <= row.items()

    def test_a_person(self, api):
        row = api.rows(f"/Persons/{api.made('/Persons', PersonLastName='x', PersonOrganisationId=1)}")
        assert {
            "PersonStatus": "Active",
            "PersonBirthday": NULL_DATE,
            "PersonLastLoginDateTime": None,
            "PersonMemberPassword": None,
            "PersonCustom1": "--Velg--",
            "PersonCustom4": "[]",
            "PersonTelephoneSearch": "--",
        }.items() <= row.items()

    def test_an_opportunity(self, api):
        row = api.rows(f"/Opportunities/{api.made('/Opportunities', OpportunityOrganisationId=1)}")
        assert {
            "OpportunityPersonId": 0,
            "OpportunityOrderValue": 0.0,
            "OpportunityErpStatus": "NotReadyForSynchronization",
            "OpportunityErpSyncDateTime": NULL_DATE,
            "OpportunityLostDate": NULL_DATE,
            "OpportunityWinYesNo": False,
            "OpportunityProduct": "-- vælg --",
            "OpportunitySpentTime": "00:00:00",
        }.items() <= row.items()

    def test_custom_fields_are_texts(self, api):
        api.put_ok(
            "/Organisations/1", OrganisationCustom10=12.5, OrganisationCustom5="Yes", OrganisationCustom6="07: 7 dage"
        )
        row = api.rows("/Organisations/1")
        custom = {name: value for name, value in row.items() if "Custom" in name}
        assert (row["OrganisationCustom10"], row["OrganisationCustom5"], row["OrganisationCustom6"]) == (
            "12.5",
            "Yes",
            "07: 7 dage",
        )
        assert {type(value) for value in custom.values()} == {str}
        assert len(custom) == 23


class TestBookkeeping:
    def test_who_and_when(self, api, tenant, clock):
        row = api.rows("/Organisations/1")
        assert (row["OrganisationCreatedBy"], row["OrganisationUpdatedBy"]) == ("Test Testesen", "Test Testesen")
        clock.advance(60)
        api.put_ok(
            "/Organisations/1", OrganisationCity="Oslo", OrganisationUpdatedBy="me", OrganisationUpdatedAt=NULL_DATE
        )
        changed = api.rows("/Organisations/1")
        assert (changed["OrganisationUpdatedBy"], changed["OrganisationUpdatedAt"]) == (
            "api2 sesam",
            "2026-06-01T10:01:00+01:00",
        )
        assert changed["OrganisationCreatedAt"] == row["OrganisationCreatedAt"] == "2026-06-01T10:00:00+01:00"

    def test_a_write_that_changes_nothing_is_a_write(self, api, clock):
        clock.advance(60)
        api.put_ok("/Organisations/1", OrganisationName="Kunde AS")
        assert api.rows("/Organisations/1")["OrganisationUpdatedAt"] == "2026-06-01T10:01:00+01:00"

    def test_history_is_in_the_tenants_own_time(self, api, clock):
        clock.advance(60)
        api.put_ok("/Organisations/1", OrganisationCity="Oslo")
        history = api.rows("/Organisations/1")["OrganisationHistory"]
        assert history.split("</tr> ") == [
            "<tr><td>01-06-2026&nbsp;11:01&nbsp;</td><td>api2 sesam&nbsp;</td>",
            "<tr><td>01-06-2026&nbsp;11:00&nbsp;</td><td>Test Testesen&nbsp;</td></tr>",
        ]

    def test_history_does_not_grow_for_ever(self, api):
        for _ in range(12):
            api.put_ok("/Organisations/1", OrganisationCity="Oslo")
        assert api.rows("/Organisations/1")["OrganisationHistory"].count("<tr>") == 10

    def test_keys_for_searching(self, api):
        api.put_ok(
            "/Organisations/1",
            OrganisationName="Ås Bil",
            OrganisationDivisionName="avd Øst",
            OrganisationTelephone="01632 960123",
        )
        row = api.rows("/Organisations/1")
        assert row["OrganisationCompareName"] == "ÅSBILAVDØST"
        assert row["OrganisationTelephoneSearch"] == "-01632960123-"

    def test_names_of_persons(self, api):
        names = {"PersonFirstName": "Åse", "PersonMiddleName": "Marie", "PersonLastName": "Dahl"}
        new = api.made("/Persons", **names, PersonOrganisationId=1, PersonMobilePhone="+47 99")
        row = api.rows(f"/Persons/{new}")
        assert (row["PersonName"], row["PersonTelephoneSearch"]) == ("Åse Marie Dahl", "--4799")
        api.put_ok(f"/Persons/{new}", PersonMiddleName="")
        assert api.rows(f"/Persons/{new}")["PersonName"] == "Åse Dahl"

    @pytest.mark.parametrize(
        ("name", "iso"), [("Norge", "NO"), ("danmark", "DK"), ("United Kingdom", "GB"), ("Atlantis", ""), ("", None)]
    )
    def test_a_country_by_its_name(self, api, name, iso):
        api.put_ok("/Organisations/1", OrganisationCountry=name, OrganisationCountryData={"CodeISO": "XX"})
        data = api.rows("/Organisations/1")["OrganisationCountryData"]
        assert (data and data["CodeISO"], data and data["Name"]) == (iso, name or None)

    def test_a_product_shows_its_texts(self, api):
        new = api.made("/Products", ProductCustom1="N-1", ProductCustom2="Skap")
        assert api.rows(f"/Products/{new}")["ProductCombined"] == "N-1 Skap"


class TestSecrets:
    def test_they_are_part_of_the_rows(self, api, tenant):
        user = tenant.add("user", UserName="A", UserPassword="p1", UserTicket="t1", UserAuthenticationCode="a1")
        person = tenant.add(
            "person", PersonLastName="B", PersonOrganisationId=1, PersonPassword="p2", PersonCampaignPassword="p3"
        )
        assert {"UserPassword": "p1", "UserTicket": "t1", "UserAuthenticationCode": "a1"}.items() <= api.rows(
            f"/Users/{user}"
        ).items()
        row = api.query("SELECT * FROM Person")[0]
        assert row["PersonId"] == person
        assert (row["PersonPassword"], row["PersonCampaignPassword"]) == ("p2", "p3")
