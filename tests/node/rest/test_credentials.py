"""configuration-systems-url.rst (`authentication`, `oauth2`, `tripletex`), -rest.rst (`custom_auth`); decision 0434."""

import json

import pytest

from dataflow.errors import CallFailed, PumpFailed
from dataflow.node.rest.call import Call
from dataflow.node.rest.operation import Operation, Use
from dataflow.node.rest.pages import Asking, Pages
from dataflow.node.rest.token import moment
from node.rest.conftest import client_of, rest_system
from node.rest.service import Reply

SECRETS = {"name": "me", "word": "pässword", "token": "the token of all"}


def ask(one, path="x", headers=None):
    call = Call("test", "GET", one.client.connection.address(path), headers=headers or {})
    return one.client.connection.exchange(lambda: call)[1]


def run(one, name="get"):
    return [page.result for page in Pages(Operation(one.client, name, {}, Use.TRANSFORM), Asking())]


def sent(service, name="authorization"):
    return [request.headers.get(name) for request in service.requests]


def no_secret_in(one, *secrets):
    whole = json.dumps([found.as_json() for found in one.trace])
    return not any(secret in whole for secret in secrets)


# --- what never changes -----------------------------------------------------------------------------------------------


def test_without_authentication_name_and_password_are_not_used(service):
    service.replies.append({})
    ask(client_of(rest_system(service, username="me", password="mine")))
    assert sent(service) == [None]


def test_basic(service):
    service.replies.append({})
    one = client_of(
        rest_system(service, authentication="basic", username="$SECRET(name)", password="$SECRET(word)"),
        secrets=SECRETS,
    )
    ask(one)
    assert sent(service) == ["Basic bWU6cMOkc3N3b3Jk"]
    assert no_secret_in(one, "pässword", "bWU6cMOkc3N3b3Jk")


def test_digest(service):
    challenge = {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'}
    service.answer = lambda request: {} if "authorization" in request.headers else Reply({}, 401, challenge)
    ask(client_of(rest_system(service, authentication="digest", username="me", password="mine")))
    assert sent(service)[0] is None
    assert sent(service)[1].startswith('Digest username="me", realm="r"')


def test_jwt_replaces_other_authorization(service):
    service.replies.append({})
    one = client_of(rest_system(service, authentication="jwt", jwt_token="$SECRET(token)"), secrets=SECRETS)
    ask(one, headers={"authorization": "other"})
    assert sent(service) == ["Bearer the token of all"]
    assert no_secret_in(one, "the token of all")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"authentication": "basic", "username": "me"}, 'system "s" authenticates with basic and needs "password"'),
        ({"authentication": "jwt"}, 'system "s" authenticates with jwt and needs "jwt_token"'),
        ({"authentication": "jwt", "jwt_token": "$SECRET(x)"}, 'system "s" lacks the secret x'),
        ({"authentication": "ntlm"}, 'system "s" authenticates with ntlm, which this node does not do'),
        (
            {"authentication": "magic"},
            'system "s": authentication is "magic"; there is basic, digest, jwt, ntlm, tripletex',
        ),
        ({"oauth2": {"client_id": "a"}}, 'system "s": oauth2 lacks client_secret, token_url'),
        ({"authentication": "tripletex"}, 'system "s": tripletex lacks consumer_token, employee_token, token_url'),
        ({"custom_auth": {}}, 'system "s": custom_auth needs "get_token_operation"'),
    ],
)
def test_what_is_missing_is_named(service, config, message):
    with pytest.raises(PumpFailed) as caught:
        client_of(rest_system(service, **config))
    assert str(caught.value) == message


# --- oauth2 -----------------------------------------------------------------------------------------------------------


class Provider:
    """Gives tokens that are good for an hour, the n-th called token-n, and refuses all but the latest."""

    def __init__(self, **answer):
        self.given = 0
        self.answer = answer

    def __call__(self, request):
        if request.path == "/token":
            self.given += 1
            return {"access_token": f"token-{self.given}", "token_type": "Bearer", "expires_in": 3600, **self.answer}
        return {} if request.headers.get("authorization") == f"Bearer token-{self.given}" else Reply({}, 401)


def oauth(service, **config):
    given = {"client_id": "me:too", "client_secret": "$SECRET(word)", "token_url": f"{service.url}/token", **config}
    return client_of(rest_system(service, oauth2=given), secrets=SECRETS)


def test_client_credentials(service):
    service.answer = Provider()
    one = oauth(service, scope=["a", "b"], extra={"audience": "erp"})
    ask(one)
    ask(one)
    assert service.asked == ["POST /token", "GET /x", "GET /x"]
    assert sent(service) == ["Basic bWUlM0F0b286cCVDMyVBNHNzd29yZA==", "Bearer token-1", "Bearer token-1"]
    assert service.requests[0].form == {"grant_type": "client_credentials", "scope": "a b", "audience": "erp"}
    assert no_secret_in(one, "pässword", "token-1", "bWUlM0F0")


def test_one_scope(service):
    service.answer = Provider()
    ask(oauth(service, scope="sync"))
    assert service.requests[0].form == {"grant_type": "client_credentials", "scope": "sync"}


@pytest.mark.parametrize(("window", "early"), [({}, 30), ({"refresh_window": 100}, 100), ({"refresh_window": 0}, 0)])
def test_a_token_is_renewed_before_its_time_is_over(service, window, early):
    service.answer = Provider()
    one = oauth(service, **window)
    ask(one)
    one.clock.advance(3600 - early - 1)
    ask(one)
    one.clock.advance(1)
    ask(one)
    assert service.asked == ["POST /token", "GET /x", "GET /x", "POST /token", "GET /x"]


def test_a_token_without_an_end_is_used_until_it_is_refused(service):
    service.answer = Provider(expires_in=None)
    one = oauth(service)
    ask(one)
    one.clock.advance(10**6)
    ask(one)
    assert service.asked.count("POST /token") == 1


def test_a_token_that_is_refused_is_renewed_once(service):
    provider = service.answer = Provider()
    one = oauth(service)
    ask(one)
    provider.given += 1
    assert ask(one).ok
    assert service.asked == ["POST /token", "GET /x", "GET /x", "POST /token", "GET /x"]


def test_a_token_that_has_just_been_fetched_is_not_fetched_again(service):
    service.answer = lambda request: {"access_token": "new"} if request.path == "/token" else Reply({}, 401)
    with pytest.raises(CallFailed, match="answered 401 Unauthorized"):
        ask(oauth(service))
    assert service.asked == ["POST /token", "GET /x"]


def test_a_refresh_token_is_used_and_replaced(service):
    def answer(request):
        if request.path == "/token":
            number = len([r for r in service.requests if r.path == "/token"])
            return {"access_token": f"a-{number}", "refresh_token": f"refresh-{number}", "expires_in": 3600}
        return {} if "a-" in request.headers["authorization"] else Reply({}, 401)

    service.answer = answer
    one = oauth(service, access_token="$SECRET(token)", refresh_token="first-one", scope="a")
    ask(one)
    one.clock.advance(3600)
    ask(one)
    assert sent(service)[0] == "Bearer the token of all"
    grants = [request.form for request in service.requests if request.path == "/token"]
    assert grants == [
        {"grant_type": "refresh_token", "refresh_token": "first-one"},
        {"grant_type": "refresh_token", "refresh_token": "refresh-1"},
    ]
    assert no_secret_in(one, "first-one", "refresh-1", "the token of all")


def test_an_operation_may_bring_its_own_authorization(service):
    service.answer = lambda request: {"access_token": "new"} if request.path == "/token" else {}
    ask(oauth(service), headers={"Authorization": "SOTicket x"})
    assert sent(service)[1] == "SOTicket x"


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply({"error": "invalid_client", "client_secret": "pässword"}, 401), "answered 401 Unauthorized"),
        (Reply("<html>"), "the answer is not JSON: line 1, column 1"),
        (Reply({"token": "x"}), "the answer has no access_token"),
        (Reply({"access_token": "secret", "expires_in": "soon"}), "expires_in of the answer is no number of seconds"),
    ],
)
def test_no_token(service, reply, message):
    service.replies.append(reply)
    with pytest.raises(CallFailed) as caught:
        ask(oauth(service))
    assert f"POST {service.url}/token: {message}" in str(caught.value)
    assert "pässword" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_rate_limit_of_the_token_is_waited_for(service):
    service.replies += [Reply({}, 429), {"access_token": "new"}, {}]
    one = client_of(
        rest_system(
            service,
            oauth2={"client_id": "a", "client_secret": "b", "token_url": f"{service.url}/token"},
            rate_limiting_retries=1,
            rate_limiting_delay=7,
        )
    )
    ask(one)
    assert one.clock.slept == [7]


# --- tripletex --------------------------------------------------------------------------------------------------------


def test_tripletex(service):
    service.answer = lambda request: {"value": {"token": "a long session"}} if request.method == "PUT" else {}
    given = {
        "consumer_token": "$SECRET(word)",
        "employee_token": "$SECRET(token)",
        "token_url": f"{service.url}/session",
        "ttl": 24,
    }
    one = client_of(rest_system(service, authentication="tripletex", tripletex=given), secrets=SECRETS)
    ask(one)
    one.clock.advance(24 * 3600)
    ask(one)
    assert service.asked == ["PUT /session", "GET /x", "PUT /session", "GET /x"]
    assert service.requests[0].query == {
        "consumerToken": "pässword",
        "employeeToken": "the token of all",
        "expirationDate": "2024-11-25",
    }
    assert sent(service)[1] == "Basic MDphIGxvbmcgc2Vzc2lvbg=="
    assert no_secret_in(one, "pässword", "a long session", "the token of all")


# --- custom authentication --------------------------------------------------------------------------------------------


def custom(service, auth=None, *, operations=None, **config):
    login = {"url": "login", "method": "POST", "payload-type": "form", "payload": {"authCode": "$SECRET(word)"}}
    return client_of(
        rest_system(
            service,
            custom_auth={
                "get_token_operation": "login",
                "expires_in_expression": "{{ token.ExpiresIn }}",
                **(auth or {}),
            },
            headers={"Authorization": "Bearer {{ token.AccessToken }}"},
            operations={"login": login, "get": {"url": "x", "method": "GET"}, **(operations or {})},
            **config,
        ),
        secrets=SECRETS,
    )


def logins(service, **more):
    """Answers to logins; the n-th token is called token-n, and only the latest is good."""

    def answer(request):
        if request.path == "/login":
            number = service.asked.count("POST /login")
            return {"AccessToken": f"token-{number}", "ExpiresIn": 3600, "TokenType": "Bearer", **more}
        good = f"Bearer token-{service.asked.count('POST /login')}"
        return {"ok": 1} if request.headers.get("authorization") == good else Reply({}, 401)

    return answer


def test_a_token_is_fetched_by_an_operation_and_used_in_headers(service):
    service.answer = logins(service)
    one = custom(service)
    assert run(one) == [{"ok": 1}]
    assert run(one) == [{"ok": 1}]
    assert service.asked == ["POST /login", "GET /x", "GET /x"]
    assert service.requests[0].form == {"authCode": "pässword"}
    assert sent(service) == [None, "Bearer token-1", "Bearer token-1"], "who asks for a token has none"
    assert no_secret_in(one, "token-1", "pässword", "p%C3%A4ssword")
    assert one.client.connection.redacted("Bearer") == "Bearer"


def test_it_is_fetched_again_before_its_time_is_over(service):
    service.answer = logins(service)
    one = custom(service, {"refresh_window": 300})
    run(one)
    one.clock.advance(3299)
    run(one)
    one.clock.advance(1)
    run(one)
    assert service.asked == ["POST /login", "GET /x", "GET /x", "POST /login", "GET /x"]
    assert sent(service)[3] is None, "the old token is not sent when asking for a new one"


def test_it_is_renewed_when_it_is_refused_and_the_request_is_made_anew(service):
    service.answer = logins(service)
    one = custom(service)
    run(one)
    service.requests.append(service.requests[0])
    assert run(one) == [{"ok": 1}]
    assert sent(service)[-3:] == ["Bearer token-1", None, "Bearer token-3"]


def test_a_login_that_is_refused_is_not_tried_twice(service):
    service.answer = lambda request: Reply({}, 401)
    with pytest.raises(CallFailed, match=r"POST .*/login: answered 401"):
        run(custom(service))
    assert service.asked == ["POST /login"]


def test_the_end_of_a_token_is_known_to_templates(service):
    service.answer = logins(service)
    one = custom(
        service,
        operations={
            "get": {
                "url": "x",
                "method": "GET",
                "params": {"e": "{{ token.expires_at }}", "d": "{{ token.expiry_date }}"},
            }
        },
    )
    run(one)
    assert service.requests[-1].query == {"e": "1732410000", "d": "2024-11-24T01:00:00Z"}


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("{{ token.until }}", {"until": "2024-11-24T00:10:00"}),
        ("{{ token.until }}", {"until": "2024-11-24T02:10:00+02:00"}),
        ("{{ (token.expires * 1000 * 1000) | datetime | datetime_format }}", {"expires": 1732407000000}),
    ],
)
def test_a_token_may_say_at_which_moment_it_ends(service, expression, answer):
    service.answer = logins(service, **answer)
    one = custom(service, {"expires_at_expression": expression, "refresh_window": 0})
    run(one)
    one.clock.advance(599)
    run(one)
    one.clock.advance(1)
    run(one)
    assert service.asked.count("POST /login") == 2


@pytest.mark.parametrize("until", [None, "never"])
def test_a_moment_that_is_none_leaves_it_to_the_seconds(service, until):
    service.answer = logins(service, until=until)
    one = custom(service, {"expires_at_expression": "{{ token.until }}"})
    run(one)
    one.clock.advance(3000)
    run(one)
    assert service.asked.count("POST /login") == 1


def test_a_token_whose_end_nobody_can_tell(service):
    service.answer = logins(service)
    with pytest.raises(
        PumpFailed, match='custom_auth cannot tell when its token ends; it needs "expires_in_expression" or'
    ):
        run(client_of(rest_system(service, custom_auth={"get_token_operation": "login"}, operations={
            "login": {"url": "login", "method": "POST"}, "get": {"url": "x", "method": "GET"}})))  # fmt: skip
    service.answer = logins(service, ExpiresIn="soon")
    with pytest.raises(
        PumpFailed, match='"expires_in_expression" of custom_auth of system "s" gives no number of seconds'
    ):
        run(custom(service))


def test_two_operations_one_for_what_the_other_needs(service):
    operations = {
        "first": {"url": "first", "method": "POST", "payload": {"id": "$SECRET(name)"}},
        "login": {"url": "login", "method": "POST", "headers": {"WCToken": "{{ token.WC }}"}},
    }
    auth = {"get_refresh_token_operation": "first", "refresh_token_expires_in_expression": "{{ 7200 }}"}

    def answer(request):
        if request.path == "/first":
            return {"WC": f"wc-{service.asked.count('POST /first')}"}
        return {"AccessToken": "aaaa", "ExpiresIn": 3600} if request.path == "/login" else {"ok": 1}

    service.answer = answer
    one = custom(service, auth, operations=operations)
    run(one)
    one.clock.advance(3600)
    run(one)
    one.clock.advance(3600)
    run(one)
    assert service.asked == [
        "POST /first",
        "POST /login",
        "GET /x",
        "POST /login",
        "GET /x",
        "POST /first",
        "POST /login",
        "GET /x",
    ]
    assert [value for value in sent(service, "wctoken") if value] == ["wc-1", "wc-1", "wc-2"]


def test_with_a_token_that_is_refused_goes_what_it_was_made_with(service):
    operations = {"first": {"url": "first", "method": "POST"}}
    auth = {"get_refresh_token_operation": "first", "refresh_token_expires_in_expression": "{{ 7200 }}"}
    good = logins(service)
    service.answer = lambda request: {} if request.path == "/first" else good(request)
    one = custom(service, auth, operations=operations)
    run(one)
    service.requests.append(service.requests[1])
    run(one)
    assert service.asked.count("POST /first") == 2


def test_an_initial_refresh_token_is_there_and_is_replaced(service):
    operations = {"login": {"url": "login", "method": "POST", "payload": {"r": "{{ token.refresh }}"}}}
    service.answer = lambda request: (
        {"AccessToken": "aaaa", "ExpiresIn": 60, "refresh": "next"} if request.path == "/login" else {}
    )
    one = custom(service, {"initial_refresh_token": {"refresh": "$SECRET(token)"}}, operations=operations)
    run(one)
    one.clock.advance(60)
    run(one)
    assert [r.json for r in service.requests if r.path == "/login"] == [{"r": "the token of all"}, {"r": "next"}]


def test_names_from_before_the_token_object(service):
    service.answer = logins(service)
    one = custom(
        service,
        {"access_token_property": "AccessToken"},
        operations={"get": {"url": "x", "method": "GET", "headers": {"X-T": "{{ access_token }}"}}},
    )
    run(one)
    assert sent(service, "x-t")[-1] == "token-1"


@pytest.mark.parametrize(
    ("login", "reply", "template"),
    [
        ({"payload_property": "value"}, {"value": {"token": "aaaa"}}, "{{ token.token }}"),
        ({}, "aaaa", "{{ token.response }}"),
        ({"response_property": "raw"}, "aaaa", "{{ token.raw }}"),
    ],
)
def test_where_the_token_is_in_the_answer(service, login, reply, template):
    service.answer = lambda request: reply if request.path == "/login" else {}
    operations = {
        "login": {"url": "login", "method": "GET", **login},
        "get": {"url": "x", "method": "GET", "headers": {"Authorization": template}},
    }
    run(custom(service, {"expires_in_expression": "{{ 60 }}"}, operations=operations))
    assert sent(service)[-1] == "aaaa"


def test_parts_without_operations_send_the_token_too(service):
    service.answer = logins(service)
    one = custom(service)
    ask(one, headers=one.client.plain_headers({"X-Own": "1"}, accept="a/b"))
    assert (sent(service)[-1], sent(service, "x-own")[-1], sent(service, "accept")[-1]) == (
        "Bearer token-1",
        "1",
        "a/b",
    )


def test_moments():
    assert moment("1970-01-01") == 0
    assert moment("1970-01-01T00:00:01.5Z") == 1_500_000_000
    assert moment("1970-01-01T01:00:00+01:00") == 0
