"""The flows as SVG."""

from xml.etree import ElementTree

from dataflow.report.drawing import flows_svg
from dataflow.report.picture import Picture
from report.test_checklist_forms import PICTURE

SVG = "{http://www.w3.org/2000/svg}"


def drawn(**options):
    text = flows_svg(PICTURE, title='Flows & "more"', **options)
    return ElementTree.fromstring(text.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def test_every_item_and_arrow_is_drawn():
    root = drawn()
    labels = [text.text for group in root.findall(f"{SVG}g") for text in group.findall(f"{SVG}text")]
    assert sorted(labels) == ["contact", "person", "person", "user"]
    assert len([path for path in root.findall(f"{SVG}path") if "arrow" in path.get("class")]) == 2
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'Flows & "more"'


def test_systems_have_a_side_each():
    root = drawn(names={"webcrm": "webCRM", "customerp": "Customerp", "": "joined"})
    at = {text.text: int(text.get("x")) for text in root.findall(f"{SVG}text")}
    assert at["webCRM"] < at["joined"] < at["Customerp"]


def test_counts_links_and_marks():
    root = drawn(
        counts={"datatype:webcrm-user": 12},
        links={"datatype:webcrm-user": "?a=1&b=2"},
        marked={"global:global-person": 3},
    )
    (link,) = root.iter(f"{SVG}a")
    assert link.get("href") == "?a=1&b=2"
    assert link.get("aria-label") == "webcrm user, 12 records"
    marked = [group.get("style") for group in root.findall(f"{SVG}g") if "marked" in group.get("class").split()]
    assert marked == ["--turn:3"]
    assert root.get("role") == "group"


def test_a_package_without_globals_is_not_drawn():
    assert flows_svg(Picture((), ()), title="x") == ""
