"""Records through the contract's door: made, read, listed, changed, deleted."""

from __future__ import annotations

import json

import pytest

from simulators.customerp.conftest import exact, places

LISTS = ["/customers", "/contacts", "/products", "/orders"]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def customer(api):
    return api.made("/customers", ExternalId="17", Name="Northwind", CountryCode="DK")


class TestMaking:
    def test_the_whole_record_is_answered_with_its_address_and_etag(self, api):
        answer = api.post("/customers", json={"ExternalId": "17", "Name": " Ærø & Sønner\n", "Phone": None})
        assert answer.status_code == 201
        assert answer.headers["Location"] == "/api/v1/customers/1001"
        record = answer.json()
        assert record == {
            "Id": 1001,
            "CreatedAt": "2026-06-01T09:00:00Z",
            "UpdatedAt": "2026-06-01T09:00:00Z",
            "ExternalId": "17",
            "Name": " Ærø & Sønner\n",
            "OrganizationNumber": None,
            "Phone": None,
            "Website": None,
            "StreetAddress1": None,
            "StreetAddress2": None,
            "ZipCode": None,
            "City": None,
            "CountryCode": None,
            "Description": None,
            "SalesRepresentativeId": None,
            "CustomerNumber": "10001",
        }
        again = api.get("/customers/1001")
        assert (again.json(), again.headers["ETag"]) == (record, answer.headers["ETag"])

    def test_what_a_record_begins_with(self, api, customer):
        contact = api.made("/contacts")
        assert (contact["ContactType"], contact["IsActive"]) == ("customer", True)
        order = api.made("/orders", CustomerId=customer["Id"])
        assert (order["Status"], order["Lines"], order["TotalAmount"]) == ("Draft", [], 0)

    def test_the_erp_numbers_what_people_number(self, api, customer):
        assert [api.made("/customers")["CustomerNumber"] for _ in range(2)] == ["10002", "10003"]
        assert api.made("/products")["ProductNumber"] == "P-1001"
        api.made("/products", ProductNumber="P-1002")
        assert api.made("/products")["ProductNumber"] == "P-1003"
        assert api.made("/orders", CustomerId=customer["Id"])["OrderNumber"] == "SO-5001"

    def test_an_erp_may_leave_products_without_a_number(self, start):
        _, _, api = start(number_products=False)
        assert api.made("/products")["ProductNumber"] is None

    @pytest.mark.parametrize(
        ("path", "values"),
        [
            ("/customers", {"ExternalId": "17"}),
            ("/contacts", {"ExternalId": "person:17"}),
            ("/contacts", {"UserExternalId": "user:17"}),
            ("/products", {"ExternalId": "17"}),
            ("/products", {"ProductNumber": "N-17"}),
        ],
    )
    def test_a_taken_value_makes_nothing_and_names_who_has_it(self, api, path, values):
        record = api.made(path, **values)
        problem = api.refused("POST", path, 409, json=values)
        assert problem["existingId"] == record["Id"]
        assert api.ids(path) == [record["Id"]]

    def test_null_is_never_taken(self, api):
        for _ in range(2):
            api.made("/customers", ExternalId=None)

    def test_an_external_id_is_free_when_its_record_gives_it_up(self, api, customer):
        api.changed("/customers/1001", ExternalId=None)
        assert api.made("/customers", ExternalId="17")["Id"] == 1002

    def test_references_have_to_exist(self, api):
        body = {"CustomerId": 5, "ContactId": 6, "Lines": [{"ProductId": 7}]}
        problem = api.refused("POST", "/orders", 422, json=body)
        assert places(problem) == ["/CustomerId", "/ContactId", "/Lines/0/ProductId"]
        assert problem["errors"][0]["detail"] == "There is no customer 5."
        assert problem["title"] == "Unprocessable Content"
        assert api.ids("/orders") == []


class TestValues:
    def test_every_value_that_does_not_fit_is_named(self, api):
        body = {
            "Id": 5,
            "TotalAmount": 1,
            "CustomerId": None,
            "OrderDate": "2026-02-30",
            "CurrencyCode": "dkk",
            "DiscountPercent": "5",
            "Status": "Invoiced",
            "Lines": [{"Quantity": 0.00001, "Amount": 1}, {"UnitPrice": 100_000_000_000}],
        }
        problem = api.refused("POST", "/orders", 422, json=body)
        assert sorted(places(problem)) == [
            "/CurrencyCode",
            "/CustomerId",
            "/DiscountPercent",
            "/Id",
            "/Lines/0/Amount",
            "/Lines/0/Quantity",
            "/Lines/1/UnitPrice",
            "/OrderDate",
            "/Status",
            "/TotalAmount",
        ]

    @pytest.mark.parametrize("digits", ["0.1", "99999999999.9999", "-0.0001", "1234.5678", "10", "0"])
    def test_digits_are_kept(self, api, digits):
        answer = api.post("/products", data=f'{{"UnitPrice": {digits}}}', headers=JSON)
        assert f'"UnitPrice":{digits},' in answer.text
        assert str(exact(answer)["UnitPrice"]) == digits

    @pytest.mark.parametrize(
        "digits",
        ["1.00001", "1.0000000000000000000000000000001", "1E+400", "-1E-400", "100000000000", "1e999999999"],
    )
    def test_digits_that_cannot_be_kept_are_refused(self, api, digits):
        problem = api.refused("POST", "/products", 422, data=f'{{"UnitPrice": {digits}}}', headers=JSON)
        assert places(problem) == ["/UnitPrice"]

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b'{"Name": NaN}', b'{"Name": "\xff"}', b"[" * 100_000, b'{"UnitPrice": 1e9999999999999999999}'],
        ids=["nothing", "half", "NaN", "Latin-1", "deep", "large"],
    )
    def test_what_is_not_json(self, api, body):
        api.refused("POST", "/products", 400, data=body, headers=JSON)

    def test_half_of_a_surrogate_pair_is_refused(self, api):
        problem = api.refused("POST", "/products", 422, data=rb'{"Name": "\ud83e"}', headers=JSON)
        assert places(problem) == ["/Name"]
        assert "surrogate" in problem["errors"][0]["detail"]

    @pytest.mark.parametrize(
        "text",
        ["\U0001f9ea", "\x00", "'; DROP TABLE record; --", "x" * 100_000, ""],
        ids=["astral", "zero", "quote", "long", "empty"],
    )
    def test_text_is_kept(self, api, text):
        assert api.made("/products", Name=text, ExternalId=text)["Name"] == text

    @pytest.mark.parametrize("body", [[], None, "x", 5])
    def test_a_body_that_is_no_object(self, api, body):
        assert places(api.refused("POST", "/products", 422, data=json.dumps(body), headers=JSON)) == [""]

    @pytest.mark.parametrize("media", ["text/plain", "application/merge-patch+json", ""])
    def test_media_types(self, api, media):
        api.refused("POST", "/products", 415, data=b"{}", headers={"Content-Type": media})


class TestChanging:
    @pytest.mark.parametrize("media", ["application/json", "application/merge-patch+json"])
    def test_only_what_is_named_changes(self, api, customerp, customer, media):
        customerp.clock.advance(5)
        etag = api.get("/customers/1001").headers["ETag"]
        headers = {"If-Match": etag, "Content-Type": f"{media}; charset=utf-8"}
        answer = api.patch("/customers/1001", data=b'{"Phone": "+4512", "CountryCode": null}', headers=headers)
        expected = {**customer, "Phone": "+4512", "CountryCode": None, "UpdatedAt": "2026-06-01T09:00:05Z"}
        assert (answer.status_code, answer.json()) == (200, expected)
        assert answer.headers["ETag"] != etag
        again = api.get("/customers/1001")
        assert (again.json(), again.headers["ETag"]) == (expected, answer.headers["ETag"])

    def test_a_patch_that_changes_nothing(self, api, customerp):
        product = api.made("/products", Name="Wrench", UnitPrice=10)
        etag = api.get("/products/1001").headers["ETag"]
        customerp.clock.advance(5)
        for body in (b"{}", b'{"Name": "Wrench"}', b'{"UnitPrice": 10.00, "Description": null}'):
            answer = api.patch("/products/1001", data=body, headers={"If-Match": etag, **JSON})
            assert (answer.status_code, answer.json(), answer.headers["ETag"]) == (200, product, etag)

    def test_an_etag_never_comes_back(self, api, customer):
        seen = [api.get("/customers/1001").headers["ETag"]]
        for name in ("a", "b", "a"):
            api.changed("/customers/1001", Name=name)
            seen.append(api.get("/customers/1001").headers["ETag"])
        assert len(set(seen)) == 4

    def test_updated_at_never_moves_backwards(self, api, customerp, customer):
        customerp.clock.advance(-60)
        assert api.changed("/customers/1001", Name="x")["UpdatedAt"] == customer["UpdatedAt"]

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 428),
            ({"If-Match": "*"}, 400),
            ({"If-Match": 'W/"1001-1"'}, 400),
            ({"If-Match": "1001-1"}, 400),
            ({"If-Match": '"1001-1", "1001-2"'}, 400),
            ({"If-Match": '"1001-0"'}, 412),
        ],
    )
    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    def test_if_match(self, api, method, headers, status):
        product = api.made("/products", Name="before")
        options = {"json": {"Name": "after"}} if method == "PATCH" else {}
        api.refused(method, "/products/1001", status, headers=headers, **options)
        assert api.get("/products/1001").json() == product

    @pytest.mark.parametrize("record_id", ["99", "0", "x", "99999999999999999999"])
    def test_nothing_there(self, api, record_id):
        api.refused("GET", f"/customers/{record_id}", 404)
        api.refused("PATCH", f"/customers/{record_id}", 404, json={}, headers={"If-Match": '"x"'})

    def test_a_taken_value(self, api, customer):
        api.made("/customers", ExternalId="18")
        assert api.patched("/customers/1002", ExternalId="17").json()["existingId"] == 1001
        assert api.changed("/customers/1002", ExternalId="18", Name="x")["ExternalId"] == "18"

    def test_a_product_number_is_set_once(self, start):
        _, _, api = start(number_products=False)
        api.made("/products", Name="Wrench")
        assert api.changed("/products/1001", ProductNumber="N-1")["ProductNumber"] == "N-1"
        for number in ("N-2", None):
            answer = api.patched("/products/1001", ProductNumber=number)
            assert (answer.status_code, answer.json().get("existingId")) == (409, None)
        assert api.changed("/products/1001", ProductNumber="N-1", Name="x")["Name"] == "x"


class TestOrderStatus:
    @pytest.fixture
    def order(self, api, customer):
        return api.made("/orders", CustomerId=customer["Id"], Status="Confirmed")

    def test_what_the_erp_has_taken_further_is_not_undone(self, api, erp, order):
        erp.advance()
        assert api.get("/orders/1001").json()["Status"] == "Delivered"
        assert api.patched("/orders/1001", Status="Cancelled").status_code == 409
        assert api.changed("/orders/1001", InternalNote="x")["InternalNote"] == "x"

    def test_an_invoiced_order_is_closed(self, api, erp, order):
        erp.edit("order", 1001, Status="Invoiced")
        answer = api.patched("/orders/1001", InternalNote="x")
        assert (answer.status_code, answer.json().get("existingId")) == (409, None)
        assert api.patched("/orders/1001", InternalNote=None).status_code == 200


class TestLists:
    @pytest.mark.parametrize("path", LISTS)
    def test_nothing_yet(self, api, path):
        assert api.page(path) == {"Items": [], "Page": 1, "PageSize": 100, "HasMore": False}

    def test_pages_by_id(self, api):
        for number in range(5):
            api.made("/customers", Name=str(number))
        api.changed("/customers/1001", Name="changed last")
        pages = [api.page("/customers", page=number, pageSize=2) for number in (1, 2, 3, 4)]
        assert [[item["Id"] for item in page["Items"]] for page in pages] == [[1001, 1002], [1003, 1004], [1005], []]
        assert [page["HasMore"] for page in pages] == [True, True, False, False]
        assert [(page["Page"], page["PageSize"]) for page in pages] == [(1, 2), (2, 2), (3, 2), (4, 2)]
        assert pages[0]["Items"][0] == api.get("/customers/1001").json()
        assert api.ids("/customers", page=10**30) == []

    def test_an_erp_may_cut_its_pages_shorter(self, start):
        _, _, api = start(largest_page=2)
        for _ in range(3):
            api.made("/customers")
        pages = [api.page("/customers", page=number, pageSize=200) for number in (1, 2)]
        assert [len(page["Items"]) for page in pages] == [2, 1]
        assert [(page["PageSize"], page["HasMore"]) for page in pages] == [(2, True), (2, False)]

    def test_modified_since_includes_the_moment(self, api, customerp):
        for _ in range(3):
            api.made("/customers")
            customerp.clock.advance(1)
        assert api.ids("/customers", modifiedSince="2026-06-01T09:00:01Z") == [1002, 1003]
        api.changed("/customers/1001", Name="x")
        assert api.ids("/customers", modifiedSince="2026-06-01T09:00:03Z") == [1001]

    def test_by_external_id(self, api):
        for number in (1, 2):
            api.made("/contacts", ExternalId=f"person:{number}", UserExternalId=f"user:{number}")
        assert api.ids("/contacts", externalId="person:1") == [1001]
        assert api.ids("/contacts", externalId="user:2") == [1002]
        assert api.ids("/contacts", externalId="person:11") == []
        assert api.ids("/contacts", externalId="person:1", modifiedSince="2027-01-01T00:00:00Z") == []

    @pytest.mark.parametrize(
        "query",
        [
            "page=0",
            "page=-1",
            "page=x",
            "page=",
            "page=1.0",
            "pageSize=0",
            "pageSize=1001",
            "modifiedSince=2026-06-01",
            "modifiedSince=2026-06-01T09:00:00.5Z",
            "modifiedSince=2026-06-01T09:00:00%2B00:00",
            "modifiedSince=2026-02-30T09:00:00Z",
            "externalId=",
            "page=1&page=2",
            "Page=1",
        ],
    )
    def test_parameters_of_the_wrong_form(self, api, query):
        api.refused("GET", f"/customers?{query}", 400)


class TestDeleting:
    def test_a_product_that_nothing_refers_to(self, api):
        product = api.made("/products", ExternalId="5")
        answer = api.delete("/products/1001", headers={"If-Match": api.get("/products/1001").headers["ETag"]})
        assert (answer.status_code, answer.content) == (204, b"")
        api.refused("GET", "/products/1001", 404)
        api.refused("DELETE", "/products/1001", 404, headers={"If-Match": '"1001-1"'})
        assert api.ids("/products") == []
        assert api.made("/products", ExternalId="5")["Id"] > product["Id"]

    def test_a_product_of_an_order(self, api, customer):
        api.made("/products")
        api.made("/orders", CustomerId=customer["Id"], Lines=[{"ProductId": 1001}])
        headers = {"If-Match": api.get("/products/1001").headers["ETag"]}
        assert "Order 1001" in api.refused("DELETE", "/products/1001", 409, headers=headers)["detail"]
        api.changed("/orders/1001", Lines=[])
        assert api.delete("/products/1001", headers=headers).status_code == 204

    @pytest.mark.parametrize("path", ["/customers/1001", "/contacts/1001", "/orders/1001"])
    def test_the_books_stay(self, api, path):
        answer = api.delete(path, headers={"If-Match": '"x"'})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PATCH")


@pytest.mark.parametrize("path", ["/", "/nothing", "/customers/1/2", "/customers/", "customers"])
def test_addresses_that_there_are_not(api, path):
    api.refused("GET", path, 404)


def test_files_outlive_the_simulator(start, tmp_path):
    _, server, api = start(path=tmp_path / "erp.sqlite")
    customer = api.made("/customers", ExternalId="17")
    api.changed("/customers/1001", Name="x")
    etag = api.get("/customers/1001").headers["ETag"]
    server.stop()
    _, _, again = start(path=tmp_path / "erp.sqlite")
    answer = again.get("/customers/1001")
    assert (answer.json(), answer.headers["ETag"]) == ({**customer, "Name": "x"}, etag)
    assert again.refused("POST", "/customers", 409, json={"ExternalId": "17"})["existingId"] == 1001
    assert again.made("/customers")["Id"] == 1002
