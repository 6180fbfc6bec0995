"""Opportunities and deliveries, which are two sides of one thing, and their lines."""

from __future__ import annotations

import pytest

REQUIRED = {"DeliveryAssignedTo": 0, "DeliveryAssignedTo2": 0, "DeliveryResponsible": 0}


@pytest.fixture
def deal(api):
    return api.made(
        "/Opportunities",
        OpportunityOrganisationId=1,
        OpportunityDescription="Skap",
        OpportunityNumber="1001",
        OpportunityLevel=5,
        OpportunityNote="bare her",
        OpportunityErpId="SO-7",
        OpportunityLost1="dyrt",
    )


@pytest.fixture
def line(api, deal):
    members = {
        "QuotationLinePrice": 4050,
        "QuotationLineQuantity": 10,
        "QuotationLineDiscount": 10,
        "QuotationLineCostPrice": 500,
    }
    return api.made("/QuotationLines", QuotationLineOpportunityId=deal, **members)


class TestOneSeries:
    def test_of_ids(self, api, deal):
        delivery = api.made("/Deliveries", **REQUIRED, DeliveryOrganisationId=1)
        assert (delivery, api.made("/Opportunities", OpportunityOrganisationId=1)) == (deal + 1, deal + 2)

    def test_levels_have_the_tenants_names(self, api, deal):
        assert api.rows(f"/Opportunities/{deal}")["OpportunityLevelText"] == "Tilbud sendt"

    def test_an_opportunity_belongs_to_an_organisation(self, api):
        for body in ({}, {"OpportunityOrganisationId": 99}):
            assert "OpportunityOrganisationId" in api.refused("POST", "/Opportunities", json=body)

    @pytest.mark.parametrize("missing", REQUIRED)
    def test_a_delivery_wants_three_members_and_be_they_0(self, api, missing):
        body = {name: value for name, value in REQUIRED.items() if name != missing}
        assert missing in api.refused("POST", "/Deliveries", json=body)


class TestConverting:
    def test_an_opportunity_becomes_a_delivery_of_the_same_id(self, api, deal, line):
        answer = api.post(f"/Opportunities/{deal}/ConvertToDelivery")
        assert (answer.status_code, answer.json()) == (200, deal)
        assert api.refused("GET", f"/Opportunities/{deal}", 404)
        assert api.ids("/Opportunities") == []
        row = api.rows(f"/Deliveries/{deal}")
        assert {
            "DeliveryDescription": "Skap",
            "DeliveryOpportunityDescription": "Skap",
            "DeliveryNumber": "1001",
            "DeliveryErpId": "SO-7",
            "DeliveryOrganisationId": 1,
            "DeliveryStatus": "New",
            "DeliveryOrderValue": 36450.0,
            "DeliveryWonDate": "2026-06-01T00:00:00+00:00",
            "DeliveryUpdatedBy": "api2 sesam",
        }.items() <= row.items()
        assert not [name for name in row if name.startswith("Opportunity")]
        assert api.ids(f"/Deliveries/{deal}/QuotationLines") == [line]

    def test_and_back(self, api, deal):
        before = api.rows(f"/Opportunities/{deal}")
        api.post(f"/Opportunities/{deal}/ConvertToDelivery")
        api.put_ok(f"/Deliveries/{deal}", DeliveryComment="levert", DeliveryStatus="Completed")
        answer = api.post(f"/Deliveries/{deal}/ConvertToOpportunity/1")
        assert answer.json() == deal
        after = api.rows(f"/Opportunities/{deal}")
        changed = {name for name in after if after[name] != before[name]} - {"OpportunityHistory"}
        assert changed == {"OpportunityComment", "OpportunityLevel", "OpportunityLevelText"}
        assert (after["OpportunityComment"], after["OpportunityLevelText"]) == ("levert", "Emne")
        assert api.rows("/Deliveries") == []
        api.post(f"/Opportunities/{deal}/ConvertToDelivery")
        assert api.rows(f"/Deliveries/{deal}")["DeliveryStatus"] == "Completed"

    def test_the_won_level_converts(self, api, deal):
        api.put_ok(f"/Opportunities/{deal}", OpportunityLevel=13, OpportunityComment="vunnet")
        assert api.refused("GET", f"/Opportunities/{deal}", 404)
        assert api.rows(f"/Deliveries/{deal}")["DeliveryComment"] == "vunnet"

    def test_a_new_one_of_the_won_level_is_a_delivery_at_once(self, api):
        new = api.made("/Opportunities", OpportunityOrganisationId=1, OpportunityLevel=13)
        assert api.ids("/Deliveries") == [new]

    def test_the_won_level_is_the_tenants(self, start):
        crm, _, api = start(won_level=None)
        crm.tenant.add("organisation", OrganisationName="A")
        api.made("/Opportunities", OpportunityOrganisationId=1, OpportunityLevel=13)
        assert api.ids("/Opportunities") == [1]

    def test_the_flag_alone_does_not(self, api, deal):
        api.put_ok(f"/Opportunities/{deal}", OpportunityWinYesNo=True)
        assert api.rows(f"/Opportunities/{deal}")["OpportunityWinYesNo"] is True

    def test_what_is_not_there(self, api, deal):
        assert api.refused("POST", "/Opportunities/99/ConvertToDelivery", 404)
        assert api.refused("POST", f"/Deliveries/{deal}/ConvertToOpportunity/1", 404)
        assert api.refused("POST", f"/Opportunities/{deal}/ConvertToNothing", 404)


class TestMoving:
    def test_to_another_organisation(self, api, tenant, deal):
        other = tenant.add("organisation", OrganisationName="Annen AS")
        answer = api.post(f"/Opportunities/{deal}/Move", json={"NewOrganisationId": other})
        assert (answer.status_code, answer.content) == (204, b"")
        assert api.ids(f"/Opportunities/ByOrganisation/{other}") == [deal]

    def test_a_put_does_not_move(self, api, tenant, deal):
        other = tenant.add("organisation", OrganisationName="Annen AS")
        api.put_ok(f"/Opportunities/{deal}", OpportunityOrganisationId=other)
        assert api.rows(f"/Opportunities/{deal}")["OpportunityOrganisationId"] == 1

    @pytest.mark.parametrize("body", [{}, {"NewOrganisationId": 99}, {"NewOrganisationId": "x"}])
    def test_to_nowhere(self, api, deal, body):
        assert api.refused("POST", f"/Opportunities/{deal}/Move", json=body)

    def test_a_delivery_moves_as_well(self, api, tenant, deal):
        other = tenant.add("organisation", OrganisationName="Annen AS")
        api.post(f"/Opportunities/{deal}/ConvertToDelivery")
        assert api.post(f"/Deliveries/{deal}/Move", json={"newOrganisationID": other}).status_code == 204
        assert api.rows(f"/Deliveries/{deal}")["DeliveryOrganisationId"] == other


class TestNumbers:
    def test_they_are_free_where_the_tenant_does_not_number(self, api):
        for _ in range(2):
            last = api.made("/Deliveries", **REQUIRED, DeliveryNumber="7")
        api.put_ok(f"/Deliveries/{last}", DeliveryComment="x")

    def test_they_are_automatic_where_it_does(self, start):
        crm, _, api = start(numbering=True)
        crm.tenant.add("organisation", OrganisationName="A")
        numbers = [{}, {"OpportunityNumber": "X-1"}]
        ids = [api.made("/Opportunities", OpportunityOrganisationId=1, **number) for number in numbers]
        assert [api.rows(f"/Opportunities/{one}")["OpportunityNumber"] for one in ids] == ["1", "X-1"]

    def test_two_deliveries_of_one_number_lock_each_other(self, start):
        _, _, api = start(numbering=True)
        first, second = (api.made("/Deliveries", **REQUIRED, DeliveryNumber="7") for _ in range(2))
        for one in (first, second):
            assert "locked" in api.refused("PUT", f"/Deliveries/{one}", json={"DeliveryComment": "x"})
        api.put_ok(f"/Deliveries/{second}", DeliveryNumber="8")
        api.put_ok(f"/Deliveries/{first}", DeliveryComment="x")


class TestLines:
    def test_they_hang_on_an_opportunity_or_a_delivery(self, api, deal):
        delivery = api.made("/Deliveries", **REQUIRED)
        for owner in (deal, delivery):
            api.made("/QuotationLines", QuotationLineOpportunityId=owner)
        assert "99" in api.refused("POST", "/QuotationLines", json={"QuotationLineOpportunityId": 99})

    def test_the_value_of_the_order_follows(self, api, deal, line):
        other = {"QuotationLinePrice": 400, "QuotationLineQuantity": 1, "QuotationLineCostPrice": 200}
        second = api.made("/QuotationLines", QuotationLineOpportunityId=deal, **other)
        row = api.rows(f"/Opportunities/{deal}")
        assert (row["OpportunityOrderValue"], row["OpportunityOrderGmValue"]) == (36850.0, 31650.0)
        api.put_ok(f"/QuotationLines/{second}", QuotationLineQuantity=2)
        assert api.rows(f"/Opportunities/{deal}")["OpportunityOrderValue"] == 37250.0
        api.delete(f"/QuotationLines/{line}")
        assert api.rows(f"/Opportunities/{deal}")["OpportunityOrderValue"] == 800.0

    def test_the_header_does_not_count_as_changed(self, api, deal, clock):
        clock.advance(60)
        api.made("/QuotationLines", QuotationLineOpportunityId=deal, QuotationLinePrice=1, QuotationLineQuantity=1)
        row = api.rows(f"/Opportunities/{deal}")
        assert (row["OpportunityOrderValue"], row["OpportunityUpdatedAt"]) == (1.0, "2026-06-01T10:00:00+01:00")
        since = "SELECT OpportunityId FROM Opportunity WHERE OpportunityUpdatedAt >= '2026-06-01T09:00:30Z'"
        assert api.query(since) == []

    def test_both_may_be_otherwise(self, start, clock):
        crm, _, api = start(lines_touch_header=True, lines_set_value=False)
        crm.tenant.add("organisation", OrganisationName="A")
        deal = api.made("/Opportunities", OpportunityOrganisationId=1)
        clock.advance(60)
        api.made("/QuotationLines", QuotationLineOpportunityId=deal, QuotationLinePrice=1, QuotationLineQuantity=1)
        row = api.rows(f"/Opportunities/{deal}")
        assert (row["OpportunityOrderValue"], row["OpportunityUpdatedAt"]) == (0.0, "2026-06-01T10:01:00+01:00")


class TestLinkedData:
    @pytest.fixture
    def item(self, api):
        data = {f"QuotationLineLinkedDataItemData{n}": "-" for n in range(1, 10)}
        data |= {"QuotationLineLinkedDataItemData1": "200", "QuotationLineLinkedDataItemDataMemo": "Grå"}
        prices = {"QuotationLineLinkedDataItemPrice": 1200, "QuotationLineLinkedDataItemCostPrice": 700}
        return api.made("/QuotationLines/LinkedData", **data, **prices, QuotationLineLinkedDataItemEntityType="Product")

    def test_rows_are_made_read_changed_and_deleted(self, api, item):
        api.put_ok(f"/quotationlines/linkeddata/{item}", QuotationLineLinkedDataItemData4="stk")
        row = api.rows(f"/QuotationLines/LinkedData/{item}")
        assert (row["QuotationLineLinkedDataItemData4"], row["QuotationLineLinkedDataItemPrice"]) == ("stk", 1200.0)
        assert "QuotationLineLinkedDataItemUpdatedAt" not in row
        assert api.delete(f"/QuotationLines/LinkedData/{item}").status_code == 200
        assert api.rows("/QuotationLines/LinkedData") == []

    def test_data_may_not_be_empty(self, api, item):
        assert "Data9" in api.refused(
            "PUT", f"/QuotationLines/LinkedData/{item}", json={"QuotationLineLinkedDataItemData9": ""}
        )
        assert "Data1" in api.refused("POST", "/QuotationLines/LinkedData", json={})

    def test_one_request_deletes_them_all(self, api, item):
        assert api.delete("/QuotationLines/LinkedData").status_code == 200
        assert api.rows("/QuotationLines/LinkedData") == []
        assert api.refused("POST", f"/QuotationLines/LinkedData/{item}", 405)
        assert api.refused("PATCH", "/QuotationLines/LinkedData", 404)

    def test_a_line_takes_over_what_it_does_not_say_itself(self, api, deal, item):
        line = api.made(
            "/QuotationLines",
            QuotationLineOpportunityId=deal,
            QuotationLineLinkedDataId=item,
            QuotationLinePrice=1000,
        )
        row = api.rows(f"/QuotationLines/{line}")
        assert "QuotationLineLinkedDataId" not in row
        assert {
            "QuotationLineData1": "200",
            "QuotationLineMemo": "Grå",
            "QuotationLinePrice": 1000.0,
            "QuotationLineCostPrice": 700.0,
        }.items() <= row.items()
        assert api.refused(
            "POST", "/QuotationLines", 404, json={"QuotationLineOpportunityId": deal, "QuotationLineLinkedDataId": 99}
        )
