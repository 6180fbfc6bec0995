"""Writing rows: what is answered, what is merged, what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def person(tenant):
    return tenant.add(
        "person", PersonFirstName="Åse", PersonLastName="Dahl", PersonTitle="Leder", PersonOrganisationId=1
    )


class TestPost:
    @pytest.mark.parametrize("body", [{}, {"OrganisationId": 0}, {"OrganisationId": 77}, {"organisationid": "0"}])
    def test_the_answer_is_the_bare_id(self, api, body):
        answer = api.post("/Organisations", json={"OrganisationName": "Ny AS", **body})
        assert (answer.status_code, answer.text) == (200, "2")
        assert answer.headers["content-type"] == "application/json; charset=utf-8"

    @pytest.mark.parametrize(
        ("path", "members"),
        [
            ("/Persons", {"PersonLastName": "Dahl", "PersonOrganisationId": 1}),
            ("/Opportunities", {"OpportunityOrganisationId": 1}),
            ("/Deliveries", {"DeliveryAssignedTo": 0, "DeliveryAssignedTo2": 0, "DeliveryResponsible": 0}),
            ("/Products", {}),
        ],
    )
    def test_every_kind_of_row(self, api, path, members):
        assert api.made(path, **members) == 1
        assert api.ids(path) == [1]

    def test_a_user(self, api):
        user = {
            "UserName": "A B",
            "UserInitials": "AB",
            "UserLoginName": "ab",
            "UserPassword": "x",
            "UserEmail": "a@b.example",
        }
        assert "UserAccessLevel" in api.refused("POST", "/Users", json=user)
        assert api.made("/Users", **user, UserAccessLevel=50) == 1
        assert "UserInitials" in api.refused(
            "POST", "/Users", json={**user, "UserInitials": "ab", "UserAccessLevel": 50}
        )

    @pytest.mark.parametrize(
        "media_type", ["application/json", "application/json-patch+json", "text/json", "Text/JSON; charset=utf-8"]
    )
    def test_types_of_a_body(self, api, media_type):
        answer = api.post(
            "/Organisations", data='{"OrganisationName": "å"}'.encode(), headers={"Content-Type": media_type}
        )
        assert (answer.status_code, answer.text) == (200, "2")

    @pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", None])
    def test_other_types_are_refused(self, api, media_type):
        assert api.refused("POST", "/Organisations", 415, data=b"{}", headers={"Content-Type": media_type})

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null"])
    def test_what_is_no_object_is_refused(self, api, body):
        assert api.refused("POST", "/Organisations", data=body, headers={"Content-Type": "application/json"})

    def test_ids_are_never_given_twice(self, api):
        first = api.made("/Products")
        assert api.delete(f"/Products/{first}").status_code == 200
        assert api.made("/Products") == first + 1

    def test_unknown_and_read_only_members_are_ignored(self, api):
        new = api.made(
            "/Organisations",
            OrganisationName="Ny",
            Colour="red",
            OrganisationCompareName="X",
            OrganisationCreatedBy="me",
        )
        row = api.rows(f"/Organisations/{new}")
        assert (row["OrganisationCompareName"], row["OrganisationCreatedBy"]) == ("NY", "api2 sesam")
        assert "Colour" not in row

    def test_members_ignore_case(self, api):
        assert (
            api.rows(f"/Organisations/{api.made('/Organisations', organisationNAME='Ny')}")["OrganisationName"] == "Ny"
        )


class TestPut:
    def test_it_merges_and_answers_nothing(self, api, person):
        api.put_ok(f"/Persons/{person}", PersonId=person, PersonTitle="Sjef")
        row = api.rows(f"/Persons/{person}")
        assert (row["PersonTitle"], row["PersonFirstName"]) == ("Sjef", "Åse")

    def test_an_empty_text_clears_and_null_is_skipped(self, api, person):
        api.put_ok(f"/Persons/{person}", PersonTitle="", PersonFirstName=None)
        row = api.rows(f"/Persons/{person}")
        assert (row["PersonTitle"], row["PersonFirstName"]) == ("", "Åse")

    def test_null_may_clear_instead(self, start):
        crm, _, api = start(null_clears=True)
        crm.tenant.add("organisation", OrganisationName="A", OrganisationCity="Oslo", OrganisationOwner=3)
        api.put_ok("/Organisations/1", OrganisationCity=None, OrganisationOwner=None)
        row = api.rows("/Organisations/1")
        assert (row["OrganisationCity"], row["OrganisationOwner"]) == ("", 0)

    def test_a_whole_row_may_be_sent_back(self, api, person):
        row = api.rows(f"/Persons/{person}")
        api.put_ok(f"/Persons/{person}", **row)
        assert api.rows(f"/Persons/{person}")["PersonTitle"] == "Leder"

    def test_the_id_in_the_body_is_that_of_the_address(self, api, person):
        assert "PersonId" in api.refused("PUT", f"/Persons/{person}", json={"PersonId": person + 1, "PersonTitle": "x"})
        assert api.rows(f"/Persons/{person}")["PersonTitle"] == "Leder"

    def test_a_row_there_is_not(self, api):
        assert api.refused("PUT", "/Persons/99", 404, json={"PersonTitle": "x"})

    def test_the_last_writer_wins(self, api, person):
        answer = api.get(f"/Persons/{person}")
        assert "etag" not in answer.headers
        api.put_ok(f"/Persons/{person}", PersonTitle="Første")
        wrong = api.put(f"/Persons/{person}", json={"PersonTitle": "Andre"}, headers={"If-Match": '"no"'})
        assert wrong.status_code == 200
        assert api.rows(f"/Persons/{person}")["PersonTitle"] == "Andre"

    def test_what_is_read_only_stays_as_it_is(self, api, person):
        before = api.rows(f"/Persons/{person}")
        read_only = {"PersonSortOrder": 9, "PersonLoginLog": "x", "PersonMemberNumber": "x", "PersonName": "x"}
        api.put_ok(f"/Persons/{person}", **read_only, RowNumber=3)
        after = api.rows(f"/Persons/{person}")
        assert {name: after[name] for name in read_only} == {name: before[name] for name in read_only}
        assert after.keys() == before.keys()

    def test_many_at_once(self, start):
        _, _, api = start(rate_limit=None)
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda n: api.made("/Organisations", OrganisationName=f"Org {n}"), range(40)))
        assert sorted(ids) == list(range(1, 41))
        assert len(api.rows("/Organisations")) == 40


class TestPersons:
    @pytest.mark.parametrize("name", [{}, {"PersonLastName": ""}, {"PersonLastName": " "}])
    def test_the_last_name_is_mandatory(self, api, person, name):
        assert "PersonLastName" in api.refused("POST", "/Persons", json={"PersonOrganisationId": 1, **name})
        assert api.made("/Persons", PersonOrganisationId=1, PersonLastName="-")

    def test_it_cannot_be_taken_away_either(self, api, person):
        assert "PersonLastName" in api.refused("PUT", f"/Persons/{person}", json={"PersonLastName": ""})

    def test_a_person_belongs_to_an_organisation(self, api):
        for organisation in ({}, {"PersonOrganisationId": 0}, {"PersonOrganisationId": 99}):
            assert "PersonOrganisationId" in api.refused(
                "POST", "/Persons", json={"PersonLastName": "x", **organisation}
            )

    def test_and_cannot_move(self, api, tenant, person):
        other = tenant.add("organisation", OrganisationName="Annen AS")
        api.put_ok(f"/Persons/{person}", PersonOrganisationId=other, PersonTitle="Sjef")
        row = api.rows(f"/Persons/{person}")
        assert (row["PersonOrganisationId"], row["PersonTitle"]) == (1, "Sjef")

    def test_moving_may_be_refused_instead(self, start):
        crm, _, api = start(moved="refuse")
        for _ in range(2):
            crm.tenant.add("organisation", OrganisationName="A")
        person = crm.tenant.add("person", PersonLastName="x", PersonOrganisationId=1)
        assert "cannot be changed" in api.refused("PUT", f"/Persons/{person}", json={"PersonOrganisationId": 2})
        api.put_ok(f"/Persons/{person}", PersonOrganisationId=1)

    def test_a_status_is_one_of_four(self, api, person):
        api.put_ok(f"/Persons/{person}", PersonStatus="resigned")
        assert api.rows(f"/Persons/{person}")["PersonStatus"] == "Resigned"
        api.put_ok(f"/Persons/{person}", PersonStatus=3)
        assert api.rows(f"/Persons/{person}")["PersonStatus"] == "Guest"
        assert api.refused("PUT", f"/Persons/{person}", json={"PersonStatus": "Retired"})


class TestPatch:
    def test_ids_of_new_rows_and_texts_of_failures_under_200(self, api, person):
        rows = [
            {"PersonId": 0, "PersonLastName": "Berg", "PersonOrganisationId": 1},
            {"PersonLastName": "", "PersonOrganisationId": 1},
            {"PersonId": person, "PersonTitle": "Sjef"},
            {"PersonId": 99, "PersonTitle": "x"},
            "no row",
        ]
        answer = api.patch("/Persons", json=rows)
        assert answer.status_code == 200
        first, second, third, fourth, fifth = answer.json()
        assert (first, third) == (str(person + 1), str(person))
        assert "mandatory" in second
        assert "99" in fourth
        assert "object" in fifth
        assert api.rows(f"/Persons/{person}")["PersonTitle"] == "Sjef"
        assert api.ids("/Persons") == [person, person + 1]

    @pytest.mark.parametrize(("patched", "answers"), [("id", ["1", "2"]), ("empty", ["", "2"]), ("nothing", ["2"])])
    def test_what_is_answered_for_a_changed_row(self, start, patched, answers):
        crm, _, api = start(patched=patched)
        crm.tenant.add("organisation", OrganisationName="A")
        rows = [{"OrganisationId": 1, "OrganisationCity": "Oslo"}, {"OrganisationName": "B"}]
        assert api.patch("/Organisations", json=rows).json() == answers

    def test_one_object_is_no_array(self, api):
        assert api.refused("PATCH", "/Organisations", json={"OrganisationName": "A"})


class TestDelete:
    @pytest.mark.parametrize("path", ["/Organisations", "/Persons", "/Users", "/Opportunities", "/Deliveries"])
    def test_most_things_cannot_be_deleted(self, api, path):
        assert api.refused("DELETE", f"{path}/1", 405)

    def test_that_may_look_otherwise(self, start):
        _, _, api = start(undeletable=404)
        assert api.refused("DELETE", "/Persons/1", 404)

    def test_products_and_lines_can(self, api, tenant):
        product = tenant.add("product")
        deal = tenant.add("opportunity", OpportunityOrganisationId=1)
        line = tenant.add("quotationline", QuotationLineOpportunityId=deal)
        for path in (f"/Products/{product}", f"/QuotationLines/{line}"):
            answer = api.delete(path)
            assert (answer.status_code, answer.content) == (200, b"")
            assert api.refused("GET", path, 404)
            assert api.refused("DELETE", path, 404)

    def test_other_methods(self, api):
        assert api.refused("POST", "/Organisations/1", 405, json={})
        assert api.refused("PUT", "/Organisations", 404, json={})


class TestOrganisations:
    def test_the_name_is_mandatory(self, api):
        assert "OrganisationName" in api.refused("POST", "/Organisations", json={"OrganisationCity": "Oslo"})

    def test_names_may_come_twice(self, api):
        assert api.made("/Organisations", OrganisationName="Kunde AS") == 2

    def test_fields_that_the_tenant_made_unique(self, start):
        _, _, api = start(unique=frozenset({"OrganisationExtraCustom2"}))
        api.made("/Organisations", OrganisationName="A", OrganisationExtraCustom2="k-7")
        api.made("/Organisations", OrganisationName="B", OrganisationExtraCustom2="")
        second = {"OrganisationName": "C", "OrganisationExtraCustom2": "K-7"}
        assert "unique" in api.refused("POST", "/Organisations", json=second)
        assert "unique" in api.refused("PUT", "/Organisations/2", json={"OrganisationExtraCustom2": "k-7"})
        api.put_ok("/Organisations/1", OrganisationExtraCustom2="k-7")


class TestLengthsAndTypes:
    def test_a_text_that_is_too_long(self, api):
        assert "50 characters" in api.refused("PUT", "/Organisations/1", json={"OrganisationCity": "x" * 51})
        api.put_ok("/Organisations/1", OrganisationCity="å" * 50)

    def test_it_may_be_cut_instead(self, start):
        _, _, api = start(long_text="cut")
        api.made("/Organisations", OrganisationName="x" * 201)
        assert api.rows("/Organisations/1")["OrganisationName"] == "x" * 200

    @pytest.mark.parametrize(
        ("member", "value"),
        [
            ("OrganisationOwner", "x"),
            ("OrganisationOwner", 1.5),
            ("OrganisationOwner", 2**31),
            ("OrganisationOwner", True),
            ("OrganisationName", ["x"]),
            ("OrganisationName", {"x": 1}),
            ("OrganisationNoAds", "maybe"),
            ("OrganisationXDate1", "24.11.2026"),
            ("OrganisationXDate1", 20261124),
        ],
    )
    def test_a_value_of_the_wrong_type(self, api, member, value):
        assert member in api.refused("PUT", "/Organisations/1", json={member: value})

    @pytest.mark.parametrize(
        ("member", "value", "kept"),
        [
            ("OrganisationOwner", "7", 7),
            ("OrganisationOwner", "", 0),
            ("OrganisationNoAds", "True", True),
            ("OrganisationCustom10", 12, "12"),
            ("OrganisationCustom5", True, "true"),
        ],
    )
    def test_values_are_taken_leniently(self, api, member, value, kept):
        api.put_ok("/Organisations/1", **{member: value})
        assert api.rows("/Organisations/1")[member] == kept
