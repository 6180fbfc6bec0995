"""Lists: bare arrays, pages, order, finders."""

from __future__ import annotations

import pytest


@pytest.fixture
def many(tenant):
    """120 organisations, 1 being there already."""
    for number in range(2, 121):
        tenant.add("organisation", OrganisationName=f"Org {number}")


class TestForm:
    def test_a_bare_array_without_total_or_links(self, api):
        answer = api.get("/Organisations")
        assert isinstance(answer.json(), list)
        assert "link" not in answer.headers
        assert answer.headers["content-type"] == "application/json; charset=utf-8"

    def test_paths_and_names_ignore_case(self, api, many):
        assert api.ids("/ORGANISATIONS", size="2", PAGE="2") == [3, 4]
        assert api.rows("/organisations/1")["OrganisationName"] == "Kunde AS"

    def test_unknown_names_are_ignored(self, api, many):
        assert len(api.rows("/Organisations", OrganisationName="Org 7", filter="x")) == 50

    @pytest.mark.parametrize(
        ("accept", "given"),
        [
            ("text/json", "text/json"),
            ("text/plain", "text/plain"),
            ("text/html", "application/json"),
            ("text/plain, */*;q=0.1", "application/json"),
        ],
    )
    def test_json_under_other_names(self, api, accept, given):
        answer = api.get("/Organisations", headers={"Accept": accept})
        assert answer.headers["content-type"] == f"{given}; charset=utf-8"
        assert isinstance(answer.json(), list)

    def test_security_info_where_it_is_asked_for(self, api):
        assert "OrganisationSecurityInfo" not in api.rows("/Organisations/1")
        for row in (
            api.rows("/Organisations/1", include="SecurityInfo"),
            *api.rows("/Organisations", Include="securityinfo"),
        ):
            assert row["OrganisationSecurityInfo"] == {"CanRead": True, "CanEdit": True}

    def test_a_row_there_is_not(self, api):
        assert api.refused("GET", "/Organisations/99", 404)
        assert api.refused("GET", "/Nothings", 404)
        assert api.refused("GET", "/Organisations/x", 404)


class TestPages:
    def test_50_rows_without_a_size(self, api, many):
        assert api.ids("/Organisations") == list(range(1, 51))

    def test_until_an_empty_one(self, api, many):
        pages = [api.ids("/Organisations", Page=number, Size=60) for number in (1, 2, 3, 1_000_000)]
        assert [len(page) for page in pages] == [60, 60, 0, 0]
        assert pages[0] + pages[1] == list(range(1, 121))

    @pytest.mark.parametrize("wrong", [{"Page": 0}, {"Size": 0}, {"Size": 1001}, {"Page": 1_000_001}, {"Size": "x"}])
    def test_numbers_out_of_range(self, api, wrong):
        assert api.refused("GET", "/Organisations", params=wrong)

    def test_a_size_too_large_may_be_cut_instead(self, start):
        crm, _, api = start(big_page="cap", largest_page=2)
        for _ in range(3):
            crm.tenant.add("organisation", OrganisationName="A")
        assert api.ids("/Organisations", Size=500) == [1, 2]
        assert api.refused("GET", "/Organisations", params={"Size": "x"})

    def test_order_is_by_id_and_not_by_change(self, api, tenant, many):
        tenant.edit("organisation", 2, OrganisationName="Changed")
        assert api.ids("/Organisations", Size=3) == [1, 2, 3]

    def test_rows_are_read_live_so_a_deletion_shifts_pages(self, api, tenant, many):
        assert api.ids("/Organisations", Size=3) == [1, 2, 3]
        tenant.remove("organisation", 2)
        assert api.ids("/Organisations", Size=3, Page=2) == [5, 6, 7]


class TestFaultsOfPages:
    def test_an_empty_page_in_the_middle(self, server, api, many):
        server.faults.add("empty-page", path="page=2")
        assert [len(api.rows("/Organisations", Page=n, Size=40)) for n in (1, 2, 3)] == [40, 0, 40]

    @pytest.mark.parametrize(("rows", "second"), [(1, [42, 43]), (-1, [40, 41])])
    def test_rows_that_have_shifted(self, server, api, many, rows, second):
        server.faults.add("shifted-rows", path="page=2", rows=rows)
        assert api.ids("/Organisations", Page=2, Size=40)[:2] == second
        assert api.ids("/Organisations", Page=2, Size=40)[0] == 41

    def test_the_same_of_a_query(self, server, api, many):
        server.faults.add("empty-page", path="^/Queries")
        assert api.query("SELECT * FROM Organisation") == []
        assert len(api.query("SELECT * FROM Organisation")) == 50


class TestFinders:
    @pytest.fixture(autouse=True)
    def rows(self, tenant, clock):
        self.user = tenant.add("user", UserName="Selger", UserAccessLevel=50)
        self.gone = tenant.add("user", UserName="Sluttet", UserAccessLevel=1)
        self.other = tenant.add("organisation", OrganisationName="Annen AS")
        self.person = tenant.add("person", PersonFirstName="Åse", PersonLastName="Dahl", PersonOrganisationId=1)
        tenant.add("person", PersonLastName="Berg", PersonEmail="post@aase.example", PersonOrganisationId=self.other)
        self.product = tenant.add("product", ProductOrganisationId=1)
        clock.advance(1800)
        deal = {"OpportunityOrganisationId": 1, "OpportunityLevel": 5}
        self.deal = tenant.add("opportunity", **deal, OpportunityAssignedTo=self.user)
        self.second = tenant.add("opportunity", OpportunityOrganisationId=self.other, OpportunityAssignedTo2=self.user)
        self.delivery = tenant.convert(
            "opportunity", tenant.add("opportunity", **deal, OpportunityAssignedTo=self.user)
        )
        self.last = tenant.add("quotationline", QuotationLineOpportunityId=self.deal, QuotationLineSortOrder=20)
        self.first = tenant.add("quotationline", QuotationLineOpportunityId=self.deal, QuotationLineSortOrder=10)
        self.delivered = tenant.add("quotationline", QuotationLineOpportunityId=self.delivery)

    def test_of_an_organisation(self, api):
        assert api.ids("/Organisations/1/Persons") == [self.person]
        assert api.ids("/Persons/ByOrganisation/1") == [self.person]
        assert api.ids("/Organisations/1/Products") == [self.product]
        assert api.ids("/Opportunities/ByOrganisation/1") == [self.deal]
        assert api.ids("/deliveries/byorganisation/1") == [self.delivery]

    def test_of_a_user(self, api):
        assert api.ids(f"/Opportunities/ByResponsible/{self.user}") == [self.deal]
        assert api.ids(f"/Opportunities/ByResponsible2/{self.user}") == [self.second]
        assert api.ids(f"/Deliveries/ByResponsible/{self.user}") == [self.delivery]

    def test_by_state(self, api):
        assert api.ids("/Opportunities/ByPipelineLevel/5") == [self.deal]
        assert api.ids("/Deliveries/ByStatus/New") == [self.delivery]
        assert api.ids("/Deliveries/ByStatus/Completed") == []
        assert api.refused("GET", "/Deliveries/ByStatus/Nothing")
        assert api.ids("/Users/AllActive") == [self.user]

    def test_lines_are_by_their_own_order(self, api):
        assert api.ids(f"/Opportunities/{self.deal}/QuotationLines") == [self.first, self.last]
        assert api.ids(f"/Deliveries/{self.delivery}/QuotationLines") == [self.delivered]
        assert api.ids(f"/Opportunities/{self.deal}/QuotationLines", Page=2, Size=1) == [self.last]

    def test_by_dates_the_end_left_out(self, api, tenant, clock):
        begin, middle, end = "2026-06-01T09:00:00Z", "2026-06-01T10:30:00+01:00", "2026-06-01T09:30:01Z"
        assert api.ids(f"/Organisations/FindByCreateDates/{begin}/{middle}") == [1, self.other]
        assert api.ids(f"/Organisations/FindByCreateDates/{middle}/{end}") == []
        assert api.ids(f"/Opportunities/FindByCreateDates/{middle}/{end}") == [self.deal, self.second]
        assert api.ids(f"/Opportunities/FindByCreateDates/{begin}/{middle}") == []
        tenant.edit("organisation", 1, OrganisationCity="Oslo")
        assert api.ids(f"/Organisations/FindByUpdateDates/{middle}/{end}") == [1]
        assert api.refused("GET", f"/Organisations/FindByUpdateDates/soon/{end}")

    def test_only_organisations_are_found_by_updates(self, api):
        assert api.refused("GET", "/Persons/FindByUpdateDates/2026-01-01/2027-01-01", 404)

    def test_by_text(self, api):
        assert api.ids("/Persons/Search", input="åSE") == [self.person]
        assert len(api.ids("/Persons/Search", input="aase")) == 1
