"""Every sample in tests/data/dataflow-documents is understood to the last line, and gives the rows beside it."""

from pathlib import Path

import pytest

from dataflow.checklist import phrases
from dataflow.checklist.document import (
    Condition,
    Coverage,
    CreateIfConnected,
    Dependence,
    Document,
    Flow,
    KeepInSync,
    KeyPair,
    LinkFirst,
    MergeKeys,
    Property,
    Term,
)
from dataflow.checklist.facts import own_document
from dataflow.checklist.rst import read_document, read_rst
from dataflow.diagnostics import Severity
from dataflow.report.checklist_rows import rows_as_text

SAMPLES = Path(__file__).parents[1] / "data" / "dataflow-documents"
UNKNOWN = SAMPLES / "unknown"
READER, BORROWER = "Bookshelf Reader", "Lendit Borrower"
PROPERTIES = (Property(Term("Name"), Term("title"), "string"), Property(Term("Seats"), Term("seat_count"), "integer"))
KEYS = (KeyPair(Term("Code"), Term("number")), KeyPair(Term("Mail"), Term("contact.email")))


def sample(name):
    found, findings = read_document(SAMPLES / f"{name}.rst")
    assert [f for f in findings if f.severity is Severity.ERROR] == []
    return found


def rows(name):
    (flow,) = sample(name).sections
    return flow.rows


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.rst")), ids=lambda path: path.stem)
def test_a_sample_is_understood(path):
    document, findings = read_document(path)
    odd = {"defect-third-system": ["DF609"]}.get(path.stem, [])
    assert [f.code for f in findings] == odd
    told = "".join(f"{line}\n" for line in rows_as_text(path.name, document))
    assert told == path.with_suffix(".rows").read_text("utf-8")


# What each shape obliges to; the names of the samples say which shape it is.
SHAPES = {
    "shape-1-every": (Coverage(), KeepInSync()),
    "shape-2-enrich-only": (LinkFirst(), MergeKeys(KEYS), KeepInSync()),
    "shape-3-on-demand": (LinkFirst(), CreateIfConnected("Bookshelf", ("Loan",), "Lendit"), KeepInSync()),
    "shape-4-upsert": (Coverage(), MergeKeys(KEYS, existing=True, create=True), KeepInSync()),
    "shape-5-filtered": (Condition("If a Bookshelf Reader has paid the yearly fee"), KeepInSync()),
    "shape-6-match-or-on-demand": (
        LinkFirst(),
        CreateIfConnected("Bookshelf", ("Loan", "Reservation", "Fine"), "Lendit"),
        MergeKeys(KEYS),
        KeepInSync(),
    ),
    "shape-7-filtered-upsert": (
        Condition('When a Bookshelf Reader, of any branch, gets the status "Active"'),
        MergeKeys(KEYS, existing=True, create=True),
        KeepInSync(),
    ),
}


@pytest.mark.parametrize(("name", "stated"), SHAPES.items(), ids=SHAPES.keys())
def test_shape(name, stated):
    assert rows(name) == (*stated, *PROPERTIES)


def test_there_is_a_sample_of_every_shape():
    assert len(SHAPES) == len(phrases.SHAPES) == 7
    assert len(phrases.STATEMENTS) == 9


def test_lines_are_those_of_the_file():
    text = (SAMPLES / "shape-4-upsert.rst").read_text("utf-8").splitlines()
    (flow,) = sample("shape-4-upsert").sections
    assert text[flow.line - 1] == flow.title
    (keys,) = flow.of(MergeKeys)
    assert text[keys.line - 1].startswith("If a matching")
    assert [text[pair.line - 1] for pair in keys.pairs] == ["   * - Code", "   * - Mail"]
    assert [text[row.line - 1] for row in flow.of(Property)] == ["   * - Name", "   * - Seats"]


def test_sections_of_the_same_pair_are_one_flow():
    found = sample("section-twice")
    assert [section.title for section in found.sections].count(f"{READER} to {BORROWER}") == 2
    twice, once = found.flows
    assert once.title == "Bookshelf Branch to Lendit Office"
    assert twice.rows == (Coverage(), KeepInSync(), PROPERTIES[0], LinkFirst(), MergeKeys(KEYS), PROPERTIES[1])


def test_conditions_of_a_property_and_doubles_among_them():
    first, second, third = (row for row in rows("table-conditional") if isinstance(row, Property))
    norwegian, swedish, nowhere = (Dependence(code, "Address.Country") for code in ("NO", "SE", ""))
    assert first.source == Term("Number", (norwegian,))
    assert second.source == Term("Number", (swedish,))
    assert second.target == Term("tax", (Dependence("wd:Q852835", "kind"),))
    assert third.source == Term("Number", (nowhere,))
    assert third.target == Term("plain", (Dependence("a b", "one"), Dependence("c", "two")))


def test_what_looks_like_markup_is_text():
    names = {row.target.name for row in rows("statement-properties") if isinstance(row, Property)}
    assert {"borrower_id_", "*title*"} <= names


def test_expressions_whole_and_clipped_are_kept_as_they_are():
    types = [row.type for row in rows("table-expressions") if isinstance(row, Property)]
    assert types[:3] == [
        '["datetime-format","%Y-%m-%d","_."]',
        '"datetime-format","%Y-%m-%d","_."]',
        '["integer",["decimal","_."]]',
    ]


@pytest.mark.parametrize("name", ["table-of-2-cells-inside", "table-of-2-cells-outside"])
def test_a_type_that_slipped_out_of_its_row_belongs_to_it(name):
    assert [row for row in rows(name) if isinstance(row, Property)][:2] == list(PROPERTIES)


def test_systems_without_a_name():
    assert (sample("defect-no-target-system").target, sample("defect-no-source-system").source) == ("", "")
    assert sample("defect-no-target-system").sections[0].target == "Borrower"


@pytest.mark.parametrize("name", ["defect-double-blanks", "defect-short-rule", "frame-byte-order-mark"])
def test_a_defect_that_changes_nothing(name):
    assert sample(name).sections == (Flow(READER, BORROWER, (Coverage(), KeepInSync(), *PROPERTIES)),)


def test_carriage_returns_do_not_matter():
    text = (SAMPLES / "frame-carriage-returns.rst").read_bytes().decode()
    assert "\r\n" in text
    assert read_rst(text, "x") == read_rst(text.replace("\r\n", "\n"), "x")
    assert read_rst(text, "x")[0].sections == sample("shape-4-upsert").sections


# The line of what is not understood, and how it begins.
ODD = {
    "cell-too-few": [(29, "Seats | seat_count")],
    "cell-too-many": [(29, "Seats | seat_count | ")],
    "comment": [(33, "nobody sees this")],
    "directive": [(33, "Mind the gap.")],
    "header": [(23, "Bookshelf Reader Field | ")],
    "heading": [(33, "Remarks")],
    "include": [(33, ".. include:: /etc/hostname")],
    "list": [(33, "one more thing")],
    "literal": [(33, "and so on::"), (35, "x = 1")],
    "no-title": [(1, "the document has no title")],
    "option": [(20, ".. list-table::")],
    "second-introduction": [(12, "It has one more paragraph.")],
    "sentence": [(18, "Some of them will be forgotten.")],
    "sentence-half-known": [(14, "Every Bookshelf Reader may be synchronized")],
    "table-without-sentence": [(20, "* - Bookshelf Reader Property")],
}


@pytest.mark.parametrize(("name", "odd"), ODD.items(), ids=ODD.keys())
def test_what_is_not_understood_is_reported_with_its_line(name, odd):
    path = UNKNOWN / f"{name}.rst"
    _, findings = read_document(path)
    errors = [f for f in findings if f.severity is Severity.ERROR]
    assert [(f.code, f.line) for f in errors] == [("DF605", line) for line, _ in odd]
    for finding, (_, text) in zip(errors, odd, strict=True):
        assert finding.message.startswith(f'not understood: "{text}')
        assert finding.file.endswith(f"{name}.rst")


def test_every_odd_sample_is_looked_at():
    assert {path.stem for path in UNKNOWN.glob("*.rst")} == ODD.keys()


@pytest.mark.parametrize("number", range(9))
def test_a_statement_left_out_is_missed(number):
    """Each of the nine kinds means something: without it the rows are others."""
    path = next(p for p in sorted(SAMPLES.glob("shape-*.rst")) if _phrase(p, number) is not None)
    text, sentence = path.read_text("utf-8"), _phrase(path, number)
    whole, _ = read_rst(text, "x")
    less, findings = read_rst(text.replace(sentence, ""), "x")
    assert whole.sections[0].rows != less.sections[0].rows
    assert "DF609" in {f.code for f in findings}


def _phrase(path, number):
    for paragraph in path.read_text("utf-8").split("\n\n"):
        text = paragraph.splitlines()[-1] if paragraph.strip() else ""
        found = phrases.find(text)
        if found is not None and found.phrase == phrases.STATEMENTS[number]:
            return text
    return None


def test_an_empty_document_has_no_title():
    found, findings = read_rst("", "checklist.rst")
    assert found == Document("", "", ())
    assert [f.code for f in findings] == ["DF605"]


def test_our_own_facts_say_what_a_document_of_the_same_flows_says():
    own = own_document()
    assert [flow.title for flow in own.flows] == [
        "Webcrm Opportunities to Customerp Order",
        "Webcrm Organisations to Customerp Customer",
        "Webcrm Quotationline to Customerp Order",
        "Webcrm Users to Customerp Contact",
        "Webcrm Persons to Customerp Contact",
        "Webcrm Products to Customerp Product",
    ]
    assert all(flow.rows == (Coverage(), KeepInSync()) for flow in own.flows)
