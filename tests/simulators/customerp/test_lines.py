"""Orders with their lines."""

from __future__ import annotations

import pytest

from simulators.customerp.conftest import exact, places


@pytest.fixture
def order(api):
    """Lines 1001 (external id 1, number 20) and 1002 (external id 2, number 10)."""
    api.made("/customers")
    api.made("/products")
    wrench = {"ExternalId": "1", "LineNumber": 20, "ProductId": 1001, "DiscountPercent": 10}
    freight = {"ExternalId": "2", "LineNumber": 10, "Description": "Freight", "VatPercent": 25}
    lines = [{**wrench, "Quantity": 3, "UnitPrice": 1.1}, {**freight, "Quantity": 1, "UnitPrice": 400}]
    return api.made("/orders", CustomerId=1001, Lines=lines)


def change(api, *lines):
    return api.changed("/orders/1001", Lines=list(lines))["Lines"]


def test_lines_stand_in_the_order_of_their_numbers(api, order):
    assert [line["Id"] for line in order["Lines"]] == [1002, 1001]
    lines = change(api, {"Id": 1001, "LineNumber": None}, {"Id": 1002}, {"LineNumber": 10}, {})
    assert [(line["LineNumber"], line["Id"]) for line in lines] == [(10, 1002), (10, 1003), (None, 1001), (None, 1004)]


def test_a_line_that_is_named_keeps_its_id_and_what_is_not_named_of_it(api, order):
    freight, wrench = order["Lines"]
    lines = change(api, {"ExternalId": "1", "Quantity": 2.5}, {"Id": 1002})
    assert lines == [freight, {**wrench, "Quantity": 2.5, "Amount": 2.48}]


def test_a_line_that_is_not_named_is_removed_and_a_new_one_gets_a_new_id(api, order):
    (line,) = change(api, {"ExternalId": "3"})
    assert line == {
        "Id": 1003,
        "ExternalId": "3",
        "LineNumber": None,
        "ProductId": None,
        "Description": None,
        "Quantity": None,
        "UnitPrice": None,
        "DiscountPercent": None,
        "VatPercent": None,
        "UnitCost": None,
        "Amount": None,
    }
    assert change(api) == []


def test_lines_left_out_stay(api, order):
    assert api.changed("/orders/1001", Reference="x")["Lines"] == order["Lines"]


def test_external_ids_may_change_hands(api, order):
    lines = change(api, {"Id": 1001, "ExternalId": "2"}, {"Id": 1002, "ExternalId": "1"})
    assert [(line["Id"], line["ExternalId"]) for line in lines] == [(1002, "1"), (1001, "2")]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([{"Id": 1001}, {"Id": 7}], ["/Lines/1/Id"]),
        ([{"Id": 1001}, {"ExternalId": "1"}], ["/Lines/1", "/Lines/1/ExternalId"]),
        ([{"Id": 1001}, {"Id": 1001}], ["/Lines/1", "/Lines/1/ExternalId"]),
        ([{"ExternalId": "9"}, {"ExternalId": "9"}], ["/Lines/1/ExternalId"]),
        ([{"Id": 1001, "ExternalId": "2"}, {"Id": 1002}], ["/Lines/1/ExternalId"]),
        ([{"Id": 1001}, {"ProductId": 7}], ["/Lines/1/ProductId"]),
        ([{"Quantity": 99999999999, "UnitPrice": 99999999999}], ["/Lines/0/Quantity"]),
        ([{"Quantity": 1, "UnitPrice": 99999999999}] * 2, ["/Lines"]),
    ],
)
def test_lines_that_cannot_be(api, order, lines, wrong):
    answer = api.patched("/orders/1001", Lines=lines)
    assert (answer.status_code, places(answer.json())) == (422, wrong)
    assert api.get("/orders/1001").json() == order


def test_what_is_refused_takes_no_number(api, order):
    too_much = [{"Quantity": 1, "UnitPrice": 99999999999}] * 2
    assert api.patched("/orders/1001", Lines=too_much).status_code == 422
    assert api.post("/orders", json={"CustomerId": 1001, "Lines": too_much}).status_code == 422
    other = api.made("/orders", CustomerId=1001, Lines=[{}])
    assert (other["Id"], other["OrderNumber"], other["Lines"][0]["Id"]) == (1002, "SO-5002", 1003)


def test_a_new_order_has_no_lines_to_name(api, order):
    problem = api.refused("POST", "/orders", 422, json={"CustomerId": 1001, "Lines": [{"Id": 1001}]})
    assert places(problem) == ["/Lines/0/Id"]


def test_the_same_external_id_in_two_orders(api, order):
    other = api.made("/orders", CustomerId=1001, Lines=[{"ExternalId": "1"}])
    assert other["Lines"][0]["Id"] == 1003


@pytest.mark.parametrize(
    ("values", "amount"),
    [
        ({"Quantity": 3, "UnitPrice": 1.1, "DiscountPercent": 10}, "2.97"),
        ({"Quantity": 0.5, "UnitPrice": 0.01}, "0.01"),
        ({"Quantity": -0.5, "UnitPrice": 0.01}, "-0.01"),
        ({"Quantity": 1.005, "UnitPrice": 1000}, "1005"),
        ({"Quantity": 99999.9999, "UnitPrice": 999999.9999, "DiscountPercent": 99.9999}, "100000"),
        ({"Quantity": 1, "UnitPrice": 8, "DiscountPercent": 100}, "0"),
        ({"Quantity": 1}, "None"),
    ],
)
def test_amounts_are_exact_and_in_whole_cents(api, order, values, amount):
    api.changed("/orders/1001", Lines=[values])
    assert str(exact(api.get("/orders/1001"))["Lines"][0]["Amount"]) == amount


def test_the_total_is_less_the_discount_on_the_order(api, order):
    assert order["TotalAmount"] == 402.97
    assert api.changed("/orders/1001", DiscountPercent=10)["TotalAmount"] == 362.67
    assert api.changed("/orders/1001", Lines=[{"Id": 1002}, {"Quantity": 1}])["TotalAmount"] == 360


def test_a_total_of_older_days_stays_until_something_it_rests_on_changes(api, erp, order):
    """Fixtures have totals that do not add up; a change of something else does not mend them."""
    erp.edit("order", 1001, TotalAmount=5)
    assert api.changed("/orders/1001", Reference="x")["TotalAmount"] == 5
    assert api.changed("/orders/1001", Lines=[{"Id": 1001}])["TotalAmount"] == 2.97


def test_a_change_of_a_line_is_a_change_of_the_order(api, customerp, order):
    etag = api.get("/orders/1001").headers["ETag"]
    customerp.clock.advance(1)
    changed = api.changed("/orders/1001", Lines=[{"Id": 1001}, {"Id": 1002, "Description": "x"}])
    assert changed["UpdatedAt"] == "2026-06-01T09:00:01Z"
    assert api.get("/orders/1001").headers["ETag"] != etag
