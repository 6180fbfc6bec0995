"""`/Queries`: the SELECT that webCRM understands, and the rows it shows."""

from __future__ import annotations

import pytest

from dataflow.simulators.webcrm.query import Comparison, Group, Select, parse
from dataflow.simulators.webcrm.refused import Refused


@pytest.fixture
def rows(tenant, clock):
    clock.advance(60)
    tenant.add("organisation", OrganisationName="O'Brien & Sønn", OrganisationStatus="B Kunde", OrganisationOwner=3)
    clock.advance(60)
    tenant.add("organisation", OrganisationName="Åse", OrganisationStatus="A Kunde", OrganisationXDate1="2026-01-01")
    tenant.add("person", PersonLastName="Dahl", PersonEmail="Dahl@Kunde.example", PersonOrganisationId=1)
    tenant.add("person", PersonLastName="Berg", PersonOrganisationId=2, PersonCustom4="Yes")


@pytest.mark.usefixtures("rows")
class TestConditions:
    @pytest.mark.parametrize(
        ("where", "ids"),
        [
            ("OrganisationName = 'kunde as'", [1]),
            ("OrganisationName = 'O''Brien & SØNN'", [2]),
            ("organisationname = 'åSE'", [3]),
            ("Organisation.OrganisationName = 'Åse'", [3]),
            ("OrganisationCity = ''", [1, 2, 3]),
            ("OrganisationOwner = 3", [2]),
            ("OrganisationOwner = '3'", [2]),
            ("OrganisationOwner >= 1", [2]),
            ("OrganisationId = 2 OR OrganisationId = 3", [2, 3]),
            ("OrganisationId = 2 AND OrganisationOwner = 3 OR OrganisationId = 1", [1, 2]),
            ("OrganisationId = 2 AND (OrganisationOwner = 4 OR OrganisationId = 1)", []),
            ("OrganisationStatus = '-- vælg --'", [1]),
            ("OrganisationCustom5 = 'No'", [1, 2, 3]),
            ("OrganisationNoAds = 'false'", [1, 2, 3]),
            ("OrganisationPlus1 = ''", []),
            ("OrganisationXDate1 >= '2026-01-01'", [3]),
            ("OrganisationXDate1 = '0001-01-01T00:00:00+00:00'", [1, 2]),
            ("OrganisationXDate1 >= '0001-01-01'", [1, 2, 3]),
        ],
    )
    def test_what_holds(self, api, tenant, where, ids):
        assert api.ids("/Queries", script=f"select * from ORGANISATION where {where}") == ids

    @pytest.mark.parametrize(
        ("since", "ids"),
        [
            ("1970-01-01T00:00:00Z", [1, 2, 3]),
            ("2026-06-01T09:01:00.0000000Z", [2, 3]),
            ("2026-06-01T10:01:00+01:00", [2, 3]),
            ("2026-06-01T11:01:00+02:00", [2, 3]),
            ("2026-06-01T09:01:00.5Z", [3]),
            ("2026-06-01T09:02:01Z", []),
        ],
    )
    def test_what_has_changed_since(self, api, tenant, since, ids):
        script = f"SELECT * FROM Organisation WHERE OrganisationUpdatedAt >= '{since}' ORDER BY OrganisationId ASC"
        assert api.ids("/Queries", script=script) == ids

    @pytest.mark.parametrize(("since", "ids"), [("2026-06-01T12:00:00+02:00", [1]), ("2026-06-01T10:00:01Z", [])])
    def test_other_times_are_instants_too(self, api, tenant, since, ids):
        tenant.add("opportunity", OpportunityOrganisationId=1, OpportunityErpSyncDateTime="2026-06-01T10:00:00Z")
        script = f"SELECT * FROM Opportunity WHERE OpportunityErpSyncDateTime >= '{since}'"
        assert api.ids("/Queries", script=script) == ids

    def test_a_change_is_seen(self, api, tenant, clock):
        script = "SELECT * FROM Person WHERE PersonEmail = 'x@y.example' AND PersonOrganisationId = 1"
        assert api.query(script) == []
        tenant.edit("person", 1, PersonEmail="X@y.example")
        assert api.ids("/Queries", script=script) == [1]
        tenant.remove("person", 1)
        assert api.query(script) == []


@pytest.mark.usefixtures("rows")
class TestOrderAndPages:
    @pytest.mark.parametrize(
        ("order", "ids"),
        [
            ("", [1, 2, 3]),
            ("ORDER BY OrganisationUpdatedAt ASC", [1, 2, 3]),
            ("ORDER BY OrganisationUpdatedAt DESC", [3, 2, 1]),
            ("order by organisationname", [1, 2, 3]),
            ("ORDER BY OrganisationStatus DESC", [2, 3, 1]),
        ],
    )
    def test_order(self, api, tenant, order, ids):
        assert api.ids("/Queries", script=f"SELECT * FROM Organisation {order}") == ids

    def test_pages(self, api, tenant):
        script = "SELECT * FROM Organisation ORDER BY OrganisationId DESC"
        assert [api.ids("/Queries", script=script, Page=n, Size=2) for n in (1, 2, 3)] == [[3, 2], [1], []]
        assert api.refused("GET", "/Queries", params={"script": script, "Size": 1001})


@pytest.mark.usefixtures("rows")
class TestRows:
    def test_a_star_shows_raw_columns_too(self, api, tenant):
        rows = api.query("SELECT * FROM Organisation", Page=2, Size=2)
        assert [(row["RowNumber"], row["o_lastUpdatedById"]) for row in rows] == [(3, 0)]
        plain = api.rows("/Organisations/3")
        assert {name: rows[0][name] for name in plain} == plain
        assert {"p_reportFilterMatch", "p_marketDataProviderId", "p_lastLogin", "p_memDate"} <= api.query(
            "SELECT * FROM Person"
        )[0].keys()

    def test_columns_by_name(self, api, tenant):
        rows = api.query(
            "SELECT organisationid, Organisation.OrganisationName FROM Organisation WHERE OrganisationId = 3"
        )
        assert rows == [{"OrganisationId": 3, "OrganisationName": "Åse"}]

    def test_a_join_mixes_the_columns_of_both(self, api, tenant):
        join = "JOIN Organisation ON (Person.PersonOrganisationId = Organisation.OrganisationId)"
        where = "WHERE PersonUpdatedAt >= '2026-06-01T09:00:00Z' AND PersonCustom4 = 'Yes' AND (OrganisationStatus = 'B Kunde')"
        (row,) = api.query(f"SELECT * FROM Person {join} {where}")
        assert (row["PersonLastName"], row["OrganisationName"], row["PersonOrganisationId"]) == (
            "Berg",
            "O'Brien & Sønn",
            2,
        )
        rows = api.query(f"SELECT PersonId, OrganisationName FROM Person {join} ORDER BY OrganisationName DESC")
        assert rows == [
            {"PersonId": 2, "OrganisationName": "O'Brien & Sønn"},
            {"PersonId": 1, "OrganisationName": "Kunde AS"},
        ]

    def test_a_delivery_shows_its_opportunity_too(self, api, tenant):
        deal = tenant.add("opportunity", OpportunityOrganisationId=1, OpportunityLevel=5, OpportunityNumber="1001")
        tenant.convert("opportunity", deal)
        (row,) = api.query("SELECT * FROM Delivery WHERE OpportunityLevel = 5")
        assert (row["DeliveryId"], row["DeliveryNumber"], row["OpportunityNumber"]) == (deal, "1001", "1001")
        assert api.query("SELECT * FROM Opportunity") == []

    def test_the_catalogue_has_shorter_names(self, api, tenant):
        texts = {f"QuotationLineLinkedDataItemData{n}": f"d{n}" for n in range(1, 10)}
        item = tenant.add("catalogue", **texts, QuotationLineLinkedDataItemEntityType="Product")
        where = (
            "LinkedDataItemEntityType = 7 AND QuotationLineLinkedDataItemData1 = 'D1' AND LinkedDataItemData2 = 'd2'"
        )
        (row,) = api.query(f"SELECT * FROM LinkedData WHERE {where}")
        assert (row["LinkedDataItemId"], row["LinkedDataItemData9"], row["LinkedDataItemEntityType"]) == (
            item,
            "d9",
            "Product",
        )
        assert api.query("SELECT LinkedDataItemId FROM LinkedData") == [{"LinkedDataItemId": item}]


@pytest.mark.usefixtures("rows")
class TestRefused:
    @pytest.mark.parametrize(
        "script",
        [
            "",
            "SELECT",
            "SELECT * FROM",
            "SELECT * FROM QuotationLine",
            "SELECT * FROM User",
            "SELECT * FROM Product",
            "SELECT * FROM Activity",
            "SELECT Colour FROM Organisation",
            "SELECT * FROM Organisation WHERE PersonId = 1",
            "SELECT * FROM Organisation WHERE OrganisationId = 'x'",
            "SELECT * FROM Organisation WHERE OrganisationUpdatedAt >= 'soon'",
            "SELECT * FROM Organisation WHERE OrganisationCountryData = 'x'",
            "SELECT * FROM Organisation WHERE OrganisationName = 'O'Brien'",
            "SELECT * FROM Organisation WHERE OrganisationName = x",
            "SELECT * FROM Organisation WHERE (OrganisationId = 1",
            "SELECT * FROM Organisation WHERE OrganisationId <= 1",
            "SELECT * FROM Organisation WHERE OrganisationId > 1",
            "SELECT * FROM Organisation WHERE OrganisationName LIKE 'x'",
            "SELECT * FROM Organisation WHERE OrganisationId = 1 LIMIT 1",
            "SELECT * FROM Organisation ORDER OrganisationId",
            "SELECT * FROM Organisation JOIN Person ON OrganisationId > PersonId",
            "DELETE FROM Organisation",
            "SELECT * FROM Organisation; SELECT 1",
        ],
    )
    def test_what_is_not_understood(self, api, tenant, script):
        assert api.refused("GET", "/Queries", params={"script": script})
        assert len(api.rows("/Organisations")) == 3


class TestParsing:
    def test_a_whole_one(self):
        script = """
            SELECT PersonId, Person.PersonName
            FROM Person
            JOIN Organisation ON (Person.PersonOrganisationId = Organisation.OrganisationId)
            WHERE PersonUpdatedAt >= '2026-06-01T10:00:00.0000000Z'
                AND (A = 'x' OR B = -1.5)
            ORDER BY PersonId DESC"""
        assert parse(script) == Select(
            columns=("PersonId", "Person.PersonName"),
            table="Person",
            join=("Organisation", "Person.PersonOrganisationId", "Organisation.OrganisationId"),
            where=Group(
                "AND",
                (
                    Comparison("PersonUpdatedAt", ">=", "2026-06-01T10:00:00.0000000Z"),
                    Group("OR", (Comparison("A", "=", "x"), Comparison("B", "=", -1.5))),
                ),
            ),
            order="PersonId",
            descending=True,
        )

    def test_where_it_went_wrong_is_told(self):
        with pytest.raises(Refused, match='At 27 of the script a value is wanted, not "y"'):
            parse("SELECT * FROM A WHERE x = y")
        with pytest.raises(Refused, match="At 25 the script cannot be read: <= 1"):
            parse("SELECT * FROM A WHERE x <= 1")
