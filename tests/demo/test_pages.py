"""The pages over HTTP: they work without a script, and keep others out."""

import re
from html import unescape

import pytest
import requests

RECORD = "/records/persons-contact/1"


def get(demo, path="/", **options):
    return requests.get(demo.url + path, timeout=30, **options)


def post(demo, path, data=None, **options):
    headers = {"Origin": demo.url, **options.pop("headers", {})}
    return requests.post(demo.url + path, data=data or {}, headers=headers, timeout=30, **options)


def status(answer):
    return unescape(re.search(r'id="status"[^>]*>(.*?)</p>', answer.text, re.DOTALL).group(1))


def value(answer, name):
    return unescape(re.search(rf'name="{name}"[^>]* value="([^"]*)"', answer.text).group(1))


def test_it_opens_with_records_of_both_systems(demo):
    answer = get(demo)
    assert (answer.status_code, answer.url) == (200, demo.url + RECORD)
    assert (value(answer, "PersonTitle"), value(answer, "JobTitle")) == ("Daglig leder", "Daglig leder")
    assert "<svg" in answer.text


def test_an_edit_and_a_sync_as_plain_forms(demo):
    saved = post(demo, f"{RECORD}/edit/customerp", {"JobTitle": "Arkitekt <b>"})
    assert status(saved) == "JobTitle saved in Customerp. Press Sync to see it travel."
    assert (value(saved, "JobTitle"), value(saved, "PersonTitle")) == ("Arkitekt <b>", "Daglig leder")
    assert "<b>" not in saved.text.replace("<b>PUT</b>", "")
    synced = post(demo, f"{RECORD}/sync")
    assert re.fullmatch(r"In step again: \d+ pipes passed, 1 write to the systems\.", status(synced))
    assert value(synced, "PersonTitle") == "Arkitekt <b>"
    assert "webcrm-person-share" in synced.text.replace("<wbr>", "")
    assert status(get(demo, RECORD)) == ""


def test_a_sync_with_nothing_to_do_says_so(demo):
    assert status(post(demo, f"{RECORD}/sync")) == "In step again: nothing had changed, nothing to write."


def test_what_is_refused_is_told(demo):
    answer = post(demo, "/records/opportunities-order/1/edit/customerp", {"DiscountPercent": "much"})
    assert status(answer) == "DiscountPercent: expected a number, and found 'much'"
    assert answer.status_code == 200


def test_a_value_is_explained(demo):
    answer = get(demo, "/why/webcrm-person/1/PersonTitle?from=/records/persons-contact/1")
    assert "Either system may change it; the newest edit counts." in answer.text
    assert "webcrm-person-enrich" in answer.text.replace("<wbr>", "")
    assert 'href="/records/persons-contact/1"' in answer.text


@pytest.mark.parametrize("where", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_way_back_leads_to_our_own_pages_only(demo, where):
    answer = get(demo, "/why/webcrm-person/1/PersonTitle", params={"from": where})
    assert "elsewhere" not in answer.text
    assert "alert" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/records/nothing/1",
        "/records/persons-contact/99",
        "/why/webcrm-person/1/Nothing",
        "/why/nobody/1/x",
        "/nothing",
    ],
)
def test_what_is_not_there(demo, path):
    answer = get(demo, path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


def test_beginning_again(demo):
    post(demo, f"{RECORD}/edit/webcrm", {"PersonTitle": "Arkitekt"})
    answer = post(demo, "/again")
    assert status(answer) == "Everything is as it was at the beginning."
    assert value(answer, "PersonTitle") == "Daglig leder"


def test_the_checklist_proves_itself_and_gives_its_report(demo):
    assert get(demo, "/checklist/report").url == f"{demo.url}/checklist"
    assert "waiting" in get(demo, "/checklist").text
    running = post(demo, "/checklist/run")
    assert "data-poll" in running.text
    demo.proving.wait()
    done = get(demo, "/checklist")
    assert status(done) == "6 of 6 flows hold"
    number, total = re.search(r"<b>(\d+)</b> of (\d+) proven", done.text).groups()
    assert number == total
    assert int(total) > 100
    assert "waiting" not in done.text
    report = get(demo, "/checklist/report")
    assert "6 of 6 flows hold" in report.text
    assert "Pipes it passed" in report.text


def test_secrets_of_the_systems_are_on_no_page(demo):
    secrets = [secret for system in demo.session.stage.systems.values() for secret in system.secrets.values()]
    post(demo, f"{RECORD}/edit/webcrm", {"PersonTitle": "Arkitekt"})
    texts = [
        post(demo, f"{RECORD}/sync").text,
        get(demo, "/why/webcrm-person/1/PersonTitle").text,
        get(demo, "/checklist").text,
    ]
    assert not [secret for secret in secrets for text in texts if len(secret) > 8 and secret in text]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1"])
def test_forms_of_other_pages_are_not_taken(demo, origin):
    answer = post(demo, f"{RECORD}/edit/webcrm", {"PersonTitle": "Arkitekt"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert value(get(demo), "PersonTitle") == "Daglig leder"
    assert requests.post(f"{demo.url}{RECORD}/sync", timeout=30).status_code == 403


def test_other_names_for_this_machine_are_not_answered(demo):
    assert get(demo, headers={"Host": "elsewhere.example"}).status_code == 403


def test_a_form_that_is_too_big(demo):
    assert post(demo, f"{RECORD}/edit/webcrm", {"PersonTitle": "x" * 300_000}).status_code == 413


def test_pages_may_load_nothing_from_elsewhere(demo):
    for path in ("/", "/checklist", "/checklist/report"):
        policy = get(demo, path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "http" not in policy
