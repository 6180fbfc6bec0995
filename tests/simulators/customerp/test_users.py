"""What people and tests do behind the contract: edits in the ERP, and the same through the door."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from dataflow.errors import UsageError
from dataflow.simulators.customerp import Refused
from simulators.conftest import Client


@pytest.fixture
def door(server):
    client = Client(server.url)
    yield lambda method, path, body=None: client.request(method, f"/_simulator/{path}", json=body)
    client.close()


def test_a_user_may_set_what_the_contract_keeps_to_the_erp(api, erp):
    product = erp.add("product", StockQuantity=7.5, ProductNumber="X")
    customer = erp.add("customer", CustomerNumber="C-1")
    order = erp.add("order", CustomerId=customer, Status="Delivered", Lines=[{"ProductId": product, "Quantity": 1}])
    assert api.get(f"/products/{product}").json()["StockQuantity"] == 7.5
    assert api.get(f"/customers/{customer}").json()["CustomerNumber"] == "C-1"
    erp.edit("product", product, ProductNumber="Y")
    erp.edit("order", order, Status="Invoiced", InternalNote="paid")
    assert api.get(f"/orders/{order}").json()["Status"] == "Invoiced"
    assert erp.get("product", product)["ProductNumber"] == "Y"


def test_a_users_edit_is_a_change_like_any_other(api, customerp, erp):
    erp.add("customer", Name="before")
    etag = api.get("/customers/1001").headers["ETag"]
    customerp.clock.advance(3)
    erp.edit("customer", 1001, Name="after")
    assert erp.get("customer", 1001)["UpdatedAt"] == "2026-06-01T09:00:03Z"
    assert api.ids("/customers", modifiedSince="2026-06-01T09:00:03Z") == [1001]
    api.refused("PATCH", "/customers/1001", 412, json={"Name": "mine"}, headers={"If-Match": etag})


@pytest.mark.parametrize(
    ("noun", "values", "status"),
    [
        ("customer", {"Id": 5}, 422),
        ("customer", {"UpdatedAt": "2026-06-01T09:00:00Z"}, 422),
        ("customer", {"Nmae": "x"}, 422),
        ("customer", {"Name": 5}, 422),
        ("customer", {"CountryCode": "dk"}, 422),
        ("customer", {"SalesRepresentativeId": 5}, 422),
        ("customer", {"ExternalId": "17"}, 409),
        ("product", {"UnitPrice": 0.00001}, 422),
        ("order", {"CustomerId": 1001, "Lines": [{"Amount": 5}]}, 422),
        ("order", {}, 422),
    ],
)
def test_a_user_cannot_do_everything(erp, noun, values, status):
    erp.add("customer", ExternalId="17")
    with pytest.raises(Refused) as refused:
        erp.add(noun, **values)
    assert refused.value.status == status
    assert erp.total() == 1


def test_a_refused_edit_leaves_the_record(erp):
    before = erp.get("product", erp.add("product", Name="x"))
    with pytest.raises(Refused):
        erp.edit("product", 1001, Name="y", UnitPrice="z")
    assert erp.get("product", 1001) == before


def test_finding_and_removing(erp):
    customer = erp.add("customer", Name="x")
    contact = erp.add("contact", CustomerId=customer, FirstName="Mads")
    assert [record["Id"] for record in erp.find("contact", FirstName="Mads", CustomerId=customer)] == [contact]
    with pytest.raises(Refused, match=r"Contact 1001 refers to customer 1001"):
        erp.remove("customer", customer)
    erp.remove("contact", contact)
    erp.remove("customer", customer)
    assert (erp.read("customer", customer), erp.total()) == (None, 0)
    with pytest.raises(Refused, match="404"):
        erp.get("customer", customer)
    with pytest.raises(Refused, match="404"):
        erp.remove("customer", customer)


def test_unknown_nouns(erp):
    with pytest.raises(UsageError, match='no "custmer"; did you mean "customer"'):
        erp.all("custmer")


def test_the_erp_goes_on_with_its_orders(erp):
    erp.add("customer")
    for status in ("Draft", "Confirmed", "Delivered", "Invoiced", "Cancelled", "Confirmed"):
        erp.add("order", CustomerId=1001, Status=status)

    def statuses():
        return [order["Status"] for order in erp.all("order")]

    assert erp.advance([1001, 1006]) == [1006]
    assert statuses() == ["Draft", "Confirmed", "Delivered", "Invoiced", "Cancelled", "Delivered"]
    assert erp.advance() == [1002, 1003, 1006]
    assert statuses() == ["Draft", "Delivered", "Invoiced", "Invoiced", "Cancelled", "Invoiced"]


@pytest.fixture
def together(erp, monkeypatch):
    """Who looks at a record before a write waits a moment for a second one who does, and only then goes on."""
    meeting = threading.Barrier(2)

    def delayed(look):
        def wait(*given):
            with suppress(threading.BrokenBarrierError):
                meeting.wait(0.2)
            return look(*given)

        return wait

    monkeypatch.setattr(erp.books, "stored", delayed(erp.books.stored))
    monkeypatch.setattr(erp.books, "_check_unique", delayed(erp.books._check_unique))


def test_of_two_edits_of_one_state_one_is_taken(api, erp, together):
    erp.add("customer", Name="before")

    def edit(number):
        headers = {"If-Match": '"1001-1"'}
        return api.patch("/customers/1001", json={"Name": str(number)}, headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(edit, range(2))) == [200, 412]


def test_of_two_inserts_of_one_external_id_one_is_taken(api, together):
    def insert(_):
        return api.post("/customers", json={"ExternalId": "17"}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(insert, range(2))) == [201, 409]


class TestDoor:
    def test_records(self, door):
        made = door("POST", "records/customer", {"Name": "x", "CustomerNumber": "C-1"})
        assert (made.status_code, made.json()["CustomerNumber"]) == (201, "C-1")
        assert door("GET", "records/customer").json() == [made.json()]
        assert door("GET", "records/customer/1001").json() == made.json()
        assert door("PUT", "records/customer/1001", {"Name": "y"}).json() == {**made.json(), "Name": "y"}
        assert door("DELETE", "records/customer/1001").status_code == 200
        assert door("GET", "records/customer/1001").status_code == 404

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("POST", "records/customer", {"Nmae": "x"}, 422),
            ("POST", "records/customer", ["x"], 400),
            ("GET", "records/custmer", None, 400),
            ("GET", "records/customer/x", None, 404),
            ("GET", "nothing", None, 404),
            ("DELETE", "records/customer", None, 404),
            ("PUT", "habits", {"temper": "good"}, 400),
            ("PUT", "habits", {"largest_page": 0}, 400),
            ("PUT", "habits", {"number_products": 1}, 400),
            ("PUT", "habits", {"token_life": None}, 400),
            ("POST", "advance", {"ids": 5}, 400),
        ],
    )
    def test_what_makes_no_sense(self, door, method, path, body, status):
        answer = door(method, path, body)
        assert answer.status_code == status
        assert answer.json()["error"]

    def test_decimals_stay_exact(self, door, erp):
        door("POST", "records/product", {"UnitPrice": 0.1, "StockQuantity": 99999999999.9999})
        assert door("PUT", "records/product/1001", {"UnitCost": 0.00001}).status_code == 422
        assert erp.get("product", 1001)["StockQuantity"] == 99999999999.9999

    def test_orders_go_on(self, door, erp):
        erp.add("customer")
        for _ in range(2):
            erp.add("order", CustomerId=1001, Status="Confirmed")
        assert door("POST", "advance", {"ids": [1002]}).json() == [1002]
        assert door("POST", "advance").json() == [1001, 1002]

    def test_tokens(self, door, api):
        door("DELETE", "tokens")
        api.refused("GET", "/customers", 401)
        api.log_in()
        assert api.ids("/customers") == []

    def test_habits(self, door, api):
        assert door("GET", "habits").json() == {"number_products": True, "largest_page": None, "token_life": 3600}
        door("PUT", "habits", {"number_products": False, "largest_page": 1, "token_life": 5})
        assert api.token(grant_type="client_credentials").json()["expires_in"] == 5
        assert api.made("/products")["ProductNumber"] is None
        assert api.page("/products", pageSize=5)["PageSize"] == 1
