"""What people do in webCRM, which the API does not offer: from Python, and through the door."""

from __future__ import annotations

import pytest
import requests

from dataflow.errors import UsageError
from dataflow.simulators.webcrm.refused import Refused


class TestEditing:
    def test_an_edit_moves_updated_at_and_says_who_it_was(self, tenant, api, clock):
        clock.advance(60)
        tenant.edit(
            "organisation", 1, by="Kari", OrganisationCity="Oslo", OrganisationVatVerifiedAt="2026-01-01T00:00:00Z"
        )
        row = api.rows("/Organisations/1")
        assert (row["OrganisationUpdatedAt"], row["OrganisationUpdatedBy"]) == ("2026-06-01T10:01:00+01:00", "Kari")
        assert (row["OrganisationCity"], row["OrganisationVatVerifiedAt"]) == ("Oslo", "2026-01-01T00:00:00+00:00")
        assert tenant.read("organisation", 1) == row

    def test_people_may_move_a_person_and_leave_a_name_empty(self, tenant, api):
        other = tenant.add("organisation", OrganisationName="Annen AS")
        person = tenant.add("person", PersonLastName="x", PersonOrganisationId=1)
        tenant.edit("person", person, PersonOrganisationId=other, PersonFirstName="")
        assert api.ids(f"/Organisations/{other}/Persons") == [person]

    @pytest.mark.parametrize(
        "members",
        [{"OrganisationId": 7}, {"RowNumber": 1}, {"organisationcity": "x"}, {"City": "x"}, {"OrganisationOwner": "x"}],
    )
    def test_what_webcrm_does_not_have_is_a_mistake_of_the_test(self, tenant, members):
        with pytest.raises(UsageError, match=next(iter(members))):
            tenant.edit("organisation", 1, **members)
        with pytest.raises(UsageError, match='no "customer"; it has organisation, person'):
            tenant.add("customer")

    def test_what_is_not_there(self, tenant):
        assert tenant.read("person", 99) is None
        for failing in (tenant.edit, tenant.remove, tenant.get):
            with pytest.raises(Refused):
                failing("person", 99)


class TestDeleting:
    def test_anything_can_be_deleted_and_leaves_no_trace(self, tenant, api):
        user = tenant.add("user", UserName="A")
        tenant.remove("user", user)
        assert api.rows("/Users") == []
        assert api.refused("GET", f"/Users/{user}", 404)

    def test_what_hangs_on_it_goes_too(self, tenant, api):
        other = tenant.add("organisation", OrganisationName="Annen AS")
        kept = tenant.add("person", PersonLastName="x", PersonOrganisationId=other)
        tenant.add("person", PersonLastName="y", PersonOrganisationId=1)
        tenant.add("product", ProductOrganisationId=1)
        for _ in range(2):
            deal = tenant.add("opportunity", OpportunityOrganisationId=1)
            tenant.add("quotationline", QuotationLineOpportunityId=deal)
        tenant.convert("opportunity", deal)
        tenant.remove("organisation", 1)
        left = {
            path: api.ids(path)
            for path in ("/Persons", "/Products", "/Opportunities", "/Deliveries", "/QuotationLines")
        }
        assert left == {
            "/Persons": [kept],
            "/Products": [],
            "/Opportunities": [],
            "/Deliveries": [],
            "/QuotationLines": [],
        }
        assert api.ids("/Queries", script="SELECT * FROM Organisation WHERE OrganisationUpdatedAt >= '1970-01-01'") == [
            other
        ]

    def test_a_deleted_line_is_no_part_of_the_value(self, tenant):
        deal = tenant.add("opportunity", OpportunityOrganisationId=1)
        line = tenant.add(
            "quotationline", QuotationLineOpportunityId=deal, QuotationLinePrice=5, QuotationLineQuantity=2
        )
        assert tenant.get("opportunity", deal)["OpportunityOrderValue"] == 10.0
        tenant.remove("quotationline", line)
        assert tenant.get("opportunity", deal)["OpportunityOrderValue"] == 0.0


class TestBetween:
    def test_somebody_edits_between_a_lookup_and_an_update(self, server, tenant, api):
        server.faults.add(
            "call", method="PUT", call=lambda _: tenant.edit("organisation", 1, OrganisationCity="Bergen")
        )
        before = api.rows("/Organisations/1")
        api.put_ok("/Organisations/1", OrganisationPostCode="5003")
        after = api.rows("/Organisations/1")
        assert (before["OrganisationCity"], after["OrganisationCity"], after["OrganisationPostCode"]) == (
            "",
            "Bergen",
            "5003",
        )

    def test_a_lost_answer_leaves_a_row_behind(self, server, tenant, api):
        server.faults.add("reset", method="POST", after=True)
        with pytest.raises(requests.ConnectionError):
            api.post("/Persons", json={"PersonLastName": "x", "PersonOrganisationId": 1})
        assert [row["PersonId"] for row in tenant.all("person")] == [1]

    def test_a_request_that_arrives_twice_makes_two(self, server, tenant, api):
        server.faults.add("duplicate", method="POST")
        assert api.made("/Products") == 2
        assert len(tenant.all("product")) == 2

    def test_a_clock_that_is_wrong(self, server, tenant, api):
        server.faults.add("skew", seconds=-600)
        api.put_ok("/Organisations/1", OrganisationCity="Oslo")
        assert tenant.get("organisation", 1)["OrganisationUpdatedAt"] == "2026-06-01T09:50:00+01:00"


class TestDoor:
    """Needs no token, and leaves no trace in the journal."""

    def test_rows(self, server, api, tenant):
        mark = len(server.journal)
        door = "/_simulator/records/person"
        del api.headers["Authorization"]
        made = api.post(door, params={"by": "Kari"}, json={"PersonLastName": "Dahl", "PersonOrganisationId": 1})
        assert (made.status_code, made.json()) == (201, 1)
        assert [row["PersonCreatedBy"] for row in api.get(door).json()] == ["Kari"]
        assert api.put(f"{door}/1", json={"PersonTitle": "Sjef"}).json()["PersonTitle"] == "Sjef"
        assert api.get(f"{door}/1").json() == tenant.get("person", 1)
        assert api.delete(f"{door}/1").status_code == 200
        assert api.get(f"{door}/1").status_code == 404
        assert len(server.journal) == mark

    def test_deals(self, api, tenant):
        other = tenant.add("organisation", OrganisationName="Annen AS")
        deal = tenant.add("opportunity", OpportunityOrganisationId=1)
        door = "/_simulator/records"
        moved = api.post(f"{door}/opportunity/{deal}/move", json={"organisation": other}).json()
        assert moved["OpportunityOrganisationId"] == other
        assert api.post(f"{door}/opportunity/{deal}/convert").json() == deal
        assert api.post(f"{door}/delivery/{deal}/convert", json={"level": 5}).json() == deal
        assert tenant.get("opportunity", deal)["OpportunityLevel"] == 5

    def test_what_makes_no_sense(self, api):
        door = "/_simulator/records"
        assert "organisation, person" in api.get(f"{door}/customer").json()["error"]
        assert api.put(f"{door}/organisation/1", json={"City": "x"}).status_code == 400
        assert api.put(f"{door}/organisation/1", data="[]").status_code == 400
        assert api.patch(f"{door}/organisation").status_code == 404
        assert api.post(f"{door}/person/1/convert").status_code == 404

    def test_tokens_are_revoked(self, api):
        assert api.delete("/_simulator/tokens").status_code == 200
        assert api.get("/Auth").status_code == 401

    def test_the_limit_is_changed(self, api):
        assert api.put("/_simulator/limit", json={"requests": 2}).status_code == 200
        assert [api.get("/Auth").status_code for _ in range(3)] == [200, 200, 429]
        assert api.put("/_simulator/limit", json={"requests": None}).status_code == 200
        assert api.get("/Auth").status_code == 200
        assert api.put("/_simulator/limit", json={"requests": 0}).status_code == 400
