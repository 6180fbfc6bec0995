"""The demo in a real browser, as people use it; what they see is kept in `build/screenshots/`."""

from __future__ import annotations

from pathlib import Path

import pytest

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
SIZES = {"desktop": (1280, 900, "light"), "phone": (390, 844, "dark")}
# From "serious" on: what keeps somebody from using a page.
SERIOUS = ("serious", "critical")


class Visit:
    """A page, everything it said to the console, and every address it asked for."""

    def __init__(self, context, demo, size):
        self.page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.demo = demo
        self.size = size
        self.said: list[str] = []
        self.asked: set[str] = set()
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("request", lambda request: self.asked.add(request.url))

    def open(self, path="/"):
        self.page.goto(self.demo.url + path)
        return self.page

    def picture(self, name, *, audit=True):
        """Keep what is to be seen, and hold it to what every page promises."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}-{self.size}.png", full_page=True)
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        assert not audit or violations(self.page) == []

    def check(self):
        assert self.said == []
        elsewhere = [url for url in self.asked if not url.startswith((self.demo.url, "data:", "file:"))]
        assert elsewhere == []


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SERIOUS]


@pytest.fixture(params=SIZES)
def visit(request, chromium, demo):
    width, height, scheme = SIZES[request.param]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    made = Visit(context, demo, request.param)
    yield made
    context.close()
    made.check()


def box(page, name):
    return page.get_by_role("textbox", name=name, exact=True)


def test_an_edit_in_each_system_travels_to_the_other(visit):
    page = visit.open()
    visit.picture("records")
    assert box(page, "JobTitle").input_value() == "Daglig leder"

    box(page, "PersonTitle").fill("Byggeleder")
    page.get_by_role("button", name="Save in webCRM").click()
    page.get_by_role("status").get_by_text("PersonTitle saved in webCRM").wait_for()
    page.get_by_text("differs", exact=True).wait_for()
    visit.picture("edited")
    page.get_by_role("button", name="Sync").click()
    page.get_by_role("status").get_by_text("In step again").wait_for()
    assert box(page, "JobTitle").input_value() == "Byggeleder"
    assert page.get_by_text("differs", exact=True).count() == 0
    # Who uses the keyboard, or listens, goes on where the news is.
    assert page.evaluate("document.activeElement.id") == "journey"
    assert page.locator("svg .marked").count() == 3
    visit.picture("synced")

    box(page, "MobilePhone").fill("+4799887766")
    page.get_by_role("button", name="Save in Customerp").click()
    page.get_by_role("status").get_by_text("MobilePhone saved in Customerp").wait_for()
    page.get_by_role("button", name="Sync").click()
    page.get_by_role("status").get_by_text("In step again").wait_for()
    assert box(page, "PersonMobilePhone").input_value().replace(" ", "") == "+4799887766"
    assert page.locator(".stops").get_by_text("PUT").is_visible()


def test_a_value_is_explained(visit):
    page = visit.open()
    page.get_by_role("link", name="why JobTitle of Customerp").click()
    page.get_by_role("heading", name="Why is JobTitle what it is?").wait_for()
    assert page.get_by_role("row", name="webcrm-person:1 Daglig leder").get_by_text("yes").is_visible()
    assert page.get_by_text("customerp-contact-transform", exact=True).first.is_visible()
    visit.picture("why")
    page.get_by_role("link", name="Back to the records").click()
    box(page, "JobTitle").wait_for()


def test_every_flow_has_a_page_of_its_own(visit):
    page = visit.open()
    for name in ("Opportunities – Order", "Quotationline – Order", "Organisations – Customer"):
        page.get_by_role("navigation", name="Flows").get_by_role("link", name=name).click()
        page.get_by_role("heading", level=1, name=name.split(" – ")[0]).wait_for()
        assert violations(page) == []
    visit.picture("organisations")


def test_the_checklist_runs_and_rows_turn_green(visit):
    page = visit.open("/checklist")
    page.get_by_role("button", name="Run the checklist").click()
    page.get_by_role("button", name="Running").wait_for()
    page.locator(".verdict.pass").first.wait_for()
    page.get_by_role("link", name="Open the report").wait_for()
    page.get_by_role("status").get_by_text("6 of 6 flows hold").wait_for()
    assert page.get_by_text("waiting", exact=True).count() == 0
    visit.picture("checklist")

    page.get_by_role("link", name="Open the report").click()
    page.get_by_role("heading", name="Webcrm to Customerp Dataflow").wait_for()
    # All its rows are of one kind; a page of one of them is looked through below.
    visit.picture("report", audit=False)
    total = page.locator(".row").count()
    page.get_by_label("Search").fill("PersonTitle")
    assert page.locator(".row:visible").count() == 2
    page.get_by_text(f"2 of {total} rows").wait_for()
    page.locator(".row:visible summary").first.click()
    shown = page.locator(".row:visible .body").first
    # The value was edited, and cleared.
    assert shown.get_by_text("Pipes it passed").count() == 2
    assert shown.get_by_text("Pipes it passed").first.is_visible()
    assert shown.locator("table").count() == 4
    visit.picture("evidence")
    page.get_by_label("Search").fill("no such row anywhere")
    assert page.locator(".row:visible").count() == 0
    page.get_by_label("Search").fill("")
    page.get_by_label("Show").select_option("pass")
    assert page.locator(".row:visible").count() == total


def test_an_edit_with_the_keyboard_alone(visit):
    page = visit.open()
    page.evaluate("window.still = 'the same page'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "PersonTitle":
            break
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Byggeleder")
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("PersonTitle saved in webCRM").wait_for()
    page.get_by_role("button", name="Sync").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("In step again").wait_for()
    assert box(page, "JobTitle").input_value() == "Byggeleder"
    assert page.evaluate("window.still") == "the same page"


def test_without_a_script_everything_works_too(chromium, demo):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(demo.url)
    box(page, "PersonTitle").fill("Byggeleder")
    page.get_by_role("button", name="Save in webCRM").click()
    page.get_by_text("PersonTitle saved in webCRM").wait_for()
    page.get_by_role("button", name="Sync").click()
    page.get_by_text("In step again").wait_for()
    assert box(page, "JobTitle").input_value() == "Byggeleder"
    context.close()


def test_a_demo_that_is_gone_is_told(chromium, demo):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(demo.url)
    page.route("**/sync", lambda route: route.abort())
    page.get_by_role("button", name="Sync").click()
    page.get_by_role("status").get_by_text("The demo does not answer").wait_for()
    context.close()
