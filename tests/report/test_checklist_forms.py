"""One outcome in every form."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from xml.etree import ElementTree

from dataflow.report.checklist_forms import FORMS, rendered, write_report
from dataflow.report.history import Past, Turn
from dataflow.report.picture import Arrow, Item, Picture
from report.checklist_outcomes import FAILS, TAG, outcome, waiver

PICTURE = Picture(
    (
        Item("datatype:webcrm-person", "person", "datatype", "webcrm"),
        Item("datatype:webcrm-user", "user", "datatype", "webcrm"),
        Item("global:global-person", "global-person", "global"),
        Item("datatype:customerp-contact", "contact", "datatype", "customerp"),
    ),
    (
        Arrow("datatype:webcrm-person", "global:global-person", "both"),
        Arrow("global:global-person", "datatype:customerp-contact", "both"),
    ),
)
BROKE = Turn("2026-11-01T08:00:00+00:00", broke=(FAILS,), steady={FAILS: "2026-11-02T09:30:00+00:00"}, runs=(
    Past("2026-11-01T08:00:00+00:00", {"pass": 5, "fail": 0, "unproven": 1, "skip": 0}),
    Past("2026-11-02T09:30:00+00:00", {"pass": 4, "fail": 1, "unproven": 1, "skip": 0}),
))  # fmt: skip


class Page(HTMLParser):
    """Elements that are open when they should be closed, ids, links and texts."""

    VOID = frozenset({"meta", "link", "input", "path", "rect", "wbr", "br"})

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.scripts, self.outside, self.texts = [], [], [], 0, [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        self.ids += [about["id"]] if "id" in about else []
        self.links += [about["href"]] if "href" in about else []
        self.outside += [about[name] for name in ("src", "srcset", "action") if name in about]
        self.scripts += tag == "script"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} is closed while another is open"

    def handle_data(self, data):
        self.texts.append(data)


def page(*waivers, turn=BROKE, **more):
    return Page(rendered("html", outcome(*waivers, **more), turn, PICTURE))


def test_the_page_is_whole_and_needs_nothing_else():
    html = page()
    assert html.open == []
    assert len(html.ids) == len(set(html.ids))
    assert html.outside == []
    assert [link for link in html.links if not link.startswith("#")] == ["data:,"]
    assert {link[1:] for link in html.links if link.startswith("#")} <= set(html.ids)
    assert "url(http" not in rendered("html", outcome(), BROKE, PICTURE)
    assert html.scripts == 1


def test_the_page_has_flows_and_rows_in_the_order_of_the_document():
    ids = [one for one in page().ids if "-" in one]
    assert ids[0] == "persons-contact"
    assert [one for one in ids if one.startswith("persons-contact.")] == [
        "persons-contact.linked-once",
        "persons-contact.first-name.to-customerp",
        FAILS,
        "persons-contact.email.to-customerp",
    ]
    assert ids.index("products-product") > ids.index(FAILS)


def test_values_of_records_are_text_on_the_page():
    html = rendered("html", outcome(), BROKE, PICTURE)
    assert TAG not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    text = " ".join(page().texts)
    for shown in (
        "Kari",
        "PATCH customerp /contacts/7",
        '{"FirstName": "sent"}',
        "customerp-contact-share",
        "webCRM says nothing",
    ):
        assert shown in text


def test_the_page_tells_what_broke_and_since_when():
    text = " ".join(" ".join(page().texts).split())
    assert "1 broke" in text
    assert "Since 1 November 2026, 08:00 UTC" in text
    assert "failed since 2 November 2026, 09:30 UTC" in text


def test_the_page_shows_waivers_with_name_reason_and_day():
    expired = waiver("persons-contact.email.*", until=date(2026, 10, 1))
    html = page(waiver(FAILS), expired, waiver("products-product.price.to-customerp"))
    text = " ".join(" ".join(html.texts).split())
    assert "until their next release" in text
    assert "Kari Nordmann, until 2026-12-01" in text
    for state in ("in use", "expired", "not needed", "1 waiver has expired"):
        assert state in text


def test_json_says_everything():
    document = json.loads(rendered("json", outcome(waiver(FAILS)), BROKE))
    assert document["rows"][FAILS] == "waived"
    assert document["waivers"][0] == {
        "row": FAILS,
        "name": "Kari Nordmann",
        "reason": "until their next release",
        "until": "2026-12-01",
        "state": "used",
    }
    assert [flow["holds"] for flow in document["flows"]] == [True, True]
    assert document["since"]["broke"] == [FAILS]
    assert document["counts"] == {"pass": 4, "fail": 1, "unproven": 1, "skip": 0}


def test_junit_fails_what_fails_and_skips_what_is_waived():
    def failures(*waivers):
        suite = ElementTree.fromstring(rendered("junit", outcome(*waivers)))
        return [case.get("name") for case in suite if case.find("failure") is not None]

    (failed,) = failures()
    assert failed.endswith(f"({FAILS})")
    assert failures(waiver(FAILS)) == []
    assert len(failures(waiver(FAILS, until=date(2026, 11, 1)))) == 2


def test_markdown_is_safe_for_a_pull_request():
    text = rendered("markdown", outcome(), BROKE)
    assert text.startswith("### ❌ Webcrm to Customerp Dataflow: 1 of 2 flows hold\n")
    assert f"Broke since the run before: `{FAILS}`" in text
    assert "now \\| it" in text
    tables = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {4}
    assert text.count("<details open>") == 2


def test_a_report_is_a_file_of_each_form(tmp_path):
    write_report(tmp_path / "a" / "b", outcome(), BROKE, PICTURE)
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == [
        "checklist.json",
        "checklist.md",
        "index.html",
        "junit.xml",
    ]
    assert len(FORMS) == 4
