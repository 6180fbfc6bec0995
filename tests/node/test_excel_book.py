"""hub/swagger_public.yaml (the excel publisher) and decision 0444, read back from the file itself."""

import io
import sys
import zipfile
from xml.etree import ElementTree

import pytest

from dataflow.dtl import transit
from dataflow.errors import PumpFailed
from dataflow.node.excel_book import excel_bytes
from node.pipes import embedded, node_of

SPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def cells(content):
    """The rows of the first sheet: kind and text of every cell that is there, by column."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iterfind(".//s:row", SPACE):
        found = {}
        for cell in row.iterfind("s:c", SPACE):
            assert cell.find("s:f", SPACE) is None
            text = cell.findtext("s:v", None, SPACE) or cell.findtext("s:is/s:t", None, SPACE)
            found[cell.get("r").rstrip("0123456789")] = (cell.get("t", "n"), text)
        rows.append(found)
    return rows


def one(value):
    ((cell,),) = [
        row.values() for row in cells(excel_bytes([{"a": value}], {"columns": ["a"], "include_header": False}))
    ]
    return cell


ENTITIES = [{"_id": "1", "a": "x"}, {"_id": "2", "_deleted": True}, {"_id": "3", "b": "not asked for"}]


def text(value):
    return ("inlineStr", value)


def test_properties():
    sink = {"columns": ["_id", "a"]}
    header, first = {"A": text("_id"), "B": text("a")}, {"A": text("1"), "B": text("x")}
    assert cells(excel_bytes(ENTITIES, sink)) == [header, first, {"A": text("3")}]
    assert cells(excel_bytes(ENTITIES, {**sink, "include_header": False})) == [first, {"A": text("3")}]
    assert cells(excel_bytes(ENTITIES, {**sink, "skip-deleted-entities": False}))[2] == {"A": text("2")}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", text("=1+1")),
        ("https://example.org", text("https://example.org")),
        ("007", text("007")),
        ("é 😀", text("é 😀")),
        (12, ("n", "12")),
        (10**15 - 1, ("n", "999999999999999")),
        (-(10**15), text("-1000000000000000")),
        (0.1, ("n", "0.1")),
        ("~f1.50", ("n", "1.5")),
        ("~f1234567890.1234567", text("1234567890.1234567")),
        (True, ("b", "1")),
        ("~t2024-07-01T12:00:00.5Z", ("n", "45474.50000578703")),
        ("~t2024-07-01", ("n", "45474")),
        ("~t1899-01-01T00:00:00Z", text("1899-01-01T00:00:00Z")),
        ("~t2024-07-01T12:00:00.0001Z", text("2024-07-01T12:00:00.0001Z")),
        ("~:a:b", text("a:b")),
        (["x", 1], text('["x", 1]')),
    ],
)
def test_values(value, expected):
    assert one(transit.decode(value)) == expected


def test_the_same_entities_give_the_same_bytes():
    content = excel_bytes(ENTITIES, {"columns": ["a"]})
    assert content == excel_bytes(ENTITIES, {"columns": ["a"]})
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"2000-01-01T00:00:00Z</dcterms:created>" in book.read("docProps/core.xml")


def test_what_does_not_fit():
    with pytest.raises(PumpFailed, match="row 2 does not fit into an Excel sheet, or a text in it not into a cell"):
        excel_bytes([{"a": "x" * 40_000}], {"columns": ["a"]})


def test_a_library_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(
        PumpFailed, match=r"Excel files need xlsxwriter; install it with: pip install 'webcrm-customerp\[excel\]'"
    ):
        excel_bytes([], {})


def test_a_node_publishes_it_without_namespaces():
    sink = {"type": "excel_endpoint", "columns": ["_id", "a"]}
    node = node_of(embedded("p", {"_id": "1", "a": "x"}, sink=sink), namespaced=True)
    assert cells(node.published("p", "excel")) == [{"A": text("_id"), "B": text("a")}, {"A": text("1"), "B": text("x")}]
