"""Logging in, tokens, and the limit of requests."""

from __future__ import annotations

import pytest

from dataflow.simulators.webcrm import Webcrm
from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN
from simulators.conftest import Client


@pytest.fixture
def stranger(server):
    client = Client(server.url)
    yield client
    client.close()


class TestLogin:
    def test_a_form_either_way_and_a_query_parameter(self, stranger):
        answers = [
            stranger.post("/Auth/ApiLogin", data={"authCode": APPLICATION_TOKEN}),
            stranger.post("/Auth/ApiLogin", files={"authCode": (None, APPLICATION_TOKEN)}),
            stranger.post("/Auth/ApiLogin", params={"authCode": APPLICATION_TOKEN}),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        token = answers[0].json()
        opaque = {"AccessToken", "RefreshToken"}
        assert {name: value for name, value in token.items() if name not in opaque} == {
            "Error": None,
            "ErrorDescription": None,
            "IsError": False,
            "ExpiresIn": 3600,
            "TokenType": "Bearer",
            "SystemId": 10001,
        }
        assert len({answer.json()["AccessToken"] for answer in answers}) == 3

    def test_names_ignore_case(self, stranger):
        assert stranger.post("/auth/APILOGIN", data={"AUTHCODE": APPLICATION_TOKEN.upper()}).status_code == 200

    def test_json_is_taken_only_where_that_is_switched_on(self, stranger, start):
        assert stranger.post("/Auth/ApiLogin", json={"authCode": APPLICATION_TOKEN}).status_code == 400
        _, _, other = start(json_login=True)
        assert other.post("/Auth/ApiLogin", json={"authCode": APPLICATION_TOKEN}).status_code == 200

    @pytest.mark.parametrize("status", [400, 200])
    def test_a_wrong_token(self, start, status):
        _, _, client = start(failed_login=status)
        answer = client.post("/Auth/ApiLogin", data={"authCode": "wrong"})
        assert answer.status_code == status
        assert (answer.json()["IsError"], answer.json()["AccessToken"]) == (True, None)

    def test_another_application_token(self, serve):
        server, client = serve(Webcrm(application_token="11111111-0000-4000-8000-000000000000"))
        assert client.post("/Auth/ApiLogin", data={"authCode": APPLICATION_TOKEN}).status_code == 400
        assert server.journal.since(0)[0].body == b""

    def test_a_login_is_journalled_without_the_token(self, server, stranger):
        mark = len(server.journal)
        stranger.post("/auth/apilogin", params={"authCode": APPLICATION_TOKEN}, data={"authCode": APPLICATION_TOKEN})
        (entry,) = server.journal.since(mark)
        assert (entry.query_string, entry.body, entry.status) == ("", b"", 200)


class TestTokens:
    def test_the_scheme_ignores_case(self, api):
        token = api.headers["Authorization"].split()[1]
        assert api.get("/Auth", headers={"Authorization": f"bearer {token}"}).status_code == 200

    @pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic {token}", "{token}"])
    def test_without_a_good_one_nothing_is_answered(self, api, stranger, header):
        token = api.headers["Authorization"].split()[1]
        headers = {"Authorization": header.format(token=token)} if header else {}
        for path in ("/Auth", "/Organisations", "/Organisations/1", "/Queries", "/Nothing"):
            assert stranger.get(path, headers=headers).status_code == 401

    def test_one_lives_an_hour(self, api, clock):
        clock.advance(3599)
        assert api.get("/Auth").status_code == 200
        clock.advance(1)
        assert api.get("/Auth").status_code == 401

    @pytest.mark.parametrize("how", ["headers", "data"])
    def test_it_is_renewed(self, api, stranger, clock, how):
        refresh = stranger.post("/Auth/ApiLogin", data={"authCode": APPLICATION_TOKEN}).json()["RefreshToken"]
        clock.advance(4000)
        answer = stranger.post("/Auth/ApiRefresh", **{how: {"refreshToken": refresh}})
        api.headers["Authorization"] = f"Bearer {answer.json()['AccessToken']}"
        assert api.get("/Auth").status_code == 200

    def test_what_is_revoked_is_dead(self, crm, api, stranger):
        refresh = stranger.post("/Auth/ApiLogin", data={"authCode": APPLICATION_TOKEN}).json()["RefreshToken"]
        crm.tokens.revoke()
        assert api.get("/Auth").status_code == 401
        answer = stranger.post("/Auth/ApiRefresh", headers={"refreshToken": refresh})
        assert answer.status_code == 400
        assert "invalid_grant" in answer.text


class TestLimit:
    def test_250_in_any_minute(self, api, clock):
        for _ in range(5):
            for _ in range(50):
                assert api.get("/Auth").status_code == 200
            clock.advance(10)
        answer = api.get("/Organisations")
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "10"
        assert answer.json() == {
            "RetryAfterSeconds": 10,
            "Message": "The request was throttled. The limit of 250 requests per minute is reached",
            "Type": "TooManyRequestsException",
        }
        clock.advance(9.5)
        assert api.get("/Auth").headers["Retry-After"] == "1"
        clock.advance(0.5)
        assert [api.get("/Auth").status_code for _ in range(51)] == [200] * 50 + [429]

    def test_a_refused_write_has_no_effect(self, start):
        crm, _, api = start(rate_limit=1)
        assert api.post("/Organisations", json={"OrganisationName": "A"}).status_code == 200
        assert api.post("/Organisations", json={"OrganisationName": "B"}).status_code == 429
        assert len(crm.tenant.all("organisation")) == 1

    def test_it_can_be_switched_off(self, start):
        _, _, api = start(rate_limit=None)
        assert {api.get("/Auth").status_code for _ in range(300)} == {200}


class TestOutOfOrder:
    def test_401_and_429_look_like_webcrms_own(self, server, api):
        server.faults.add("401")
        server.faults.add("429", retry_after=14, nth=2)
        assert api.get("/Auth").json()["Type"] == "UnauthorizedException"
        answer = api.get("/Auth")
        assert (answer.json()["RetryAfterSeconds"], answer.headers["Retry-After"]) == (14, "14")

    def test_500_is_json_and_what_stands_before_webcrm_has_pages(self, server, api):
        server.faults.add("500")
        server.faults.add("502", nth=2)
        assert api.get("/Auth").json().keys() == {"Message", "Type"}
        assert api.get("/Auth").headers["content-type"] == "text/html"
