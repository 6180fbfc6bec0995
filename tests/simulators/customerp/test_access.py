"""Tokens, and what is answered to those who have none; faults as Customerp plays them."""

from __future__ import annotations

import pytest

from simulators.conftest import Client


@pytest.fixture
def ask(server):
    client = Client(server.url)
    yield client.post
    client.close()


def test_a_token_is_good_for_an_hour(api, customerp):
    customerp.clock.advance(3599)
    assert api.ids("/customers") == []
    customerp.clock.advance(1)
    assert api.refused("GET", "/customers", 401)["detail"] == "The access token has expired."


def test_what_the_token_endpoint_answers(api):
    answer = api.token(grant_type="client_credentials", scope="sync")
    assert answer.headers["Cache-Control"] == "no-store"
    granted = answer.json()
    assert len(granted.pop("access_token")) > 30
    assert granted == {"token_type": "Bearer", "expires_in": 3600, "scope": "sync"}


def test_the_client_may_name_itself_in_the_form(ask, customerp):
    name, secret = customerp.secrets.values()
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
    assert ask("/oauth/token", data=form).status_code == 200


OURS = "the client's own"


@pytest.mark.parametrize(
    ("options", "status", "error"),
    [
        ({"data": {"grant_type": "client_credentials"}}, 401, "invalid_client"),
        ({"data": {"grant_type": "client_credentials"}, "auth": ("webcrm-sync", "wrong")}, 401, "invalid_client"),
        (
            {"data": {"grant_type": "client_credentials"}, "headers": {"Authorization": "Basic %"}},
            401,
            "invalid_client",
        ),
        ({"data": {"grant_type": "password"}, "auth": OURS}, 400, "unsupported_grant_type"),
        ({"data": {"scope": "sync"}, "auth": OURS}, 400, "invalid_request"),
        ({"data": {"grant_type": "client_credentials", "scope": "other"}, "auth": OURS}, 400, "invalid_scope"),
        ({"json": {"grant_type": "client_credentials"}, "auth": OURS}, 400, "invalid_request"),
    ],
)
def test_no_token(ask, customerp, options, status, error):
    if options.get("auth") == OURS:
        options = {**options, "auth": tuple(customerp.secrets.values())}
    answer = ask("/oauth/token", **options)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic eDp5", "nonsense"])
def test_nobody_gets_in_without_a_token(api, header):
    headers = {"Authorization": header}
    answer = api.post("/customers", json={}, headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    api.refused("GET", "/nothing", 401, headers=headers)
    assert api.ids("/customers") == []


def test_a_login_leaves_no_trace_in_the_journal(server, api):
    (entry,) = server.journal.of("POST", "/oauth/token")
    assert (entry.private, entry.body, entry.status) == (True, b"", 200)


def test_a_limit_that_is_reached(server, api):
    server.faults.add("429", retry_after=14)
    server.faults.add("429")
    for wait in ("14", "0"):
        answer = api.get("/customers")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, wait)
        assert answer.json()["title"] == "Too Many Requests"
    server.faults.add("503", method="GET")
    api.refused("GET", "/customers", 503)


@pytest.fixture
def customers(api):
    return [api.made("/customers")["Id"] for _ in range(4)]


def test_an_empty_page(server, api, customers):
    server.faults.add("empty-page", path="page=2")
    pages = [api.page("/customers", page=number, pageSize=2) for number in (1, 2)]
    assert [len(page["Items"]) for page in pages] == [2, 0]
    assert api.ids("/customers", page=2, pageSize=2) == customers[2:]


@pytest.mark.parametrize(("rows", "page", "seen"), [(1, 2, [3]), (-1, 2, [1, 2]), (-1, 1, [0, 1]), (5, 1, [])])
def test_shifted_rows(server, api, customers, rows, page, seen):
    server.faults.add("shifted-rows", rows=rows, path="/customers")
    assert api.ids("/customers", page=page, pageSize=2) == [customers[place] for place in seen]
