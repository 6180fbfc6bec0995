import pytest

from dataflow.checklist.document import PropertyRow, Statement
from dataflow.checklist.facts import own_document
from dataflow.checklist.rst import SENTENCES, read_rst

SOURCE, TARGET = "Webcrm Users", "Customerp Contact"


def section(*, table_rows=(), skip=()):
    heading = f"{SOURCE} to {TARGET}"
    lines = [heading, "-" * len(heading)]
    for statement, sentence in SENTENCES.items():
        if statement not in skip:
            lines += [sentence.format(source=SOURCE, target=TARGET), ""]
    cells = [f"{SOURCE} Property", f"{TARGET} Property", "Customerp Data Type"]
    lines += [".. list-table::", "   :header-rows: 1", ""]
    for row in [cells, *table_rows]:
        lines += [f"   {'* -' if i == 0 else '  -'} {cell}" for i, cell in enumerate(row)]
    return [*lines, "", ""]


def document(*parts, title="Webcrm to Customerp Dataflow"):
    head = ["=" * len(title), title, "=" * len(title), "", "Generated: 2024-09-10 15:43:43", ""]
    introduction = ["Introduction", "------------", "", "This technical document is about something.", ""]
    return "\n".join([*head, *introduction, *(line for part in parts for line in part)])


def read(text):
    return read_rst(text, "checklist.rst")


def test_a_section_gives_a_flow():
    found, findings = read(document(section()))
    assert findings == []
    assert (found.source, found.target, found.generated) == ("Webcrm", "Customerp", "2024-09-10 15:43:43")
    (flow,) = found.flows
    assert (flow.title, flow.statements, flow.rows) == (f"{SOURCE} to {TARGET}", frozenset(Statement), ())
    assert flow.line == 12


def test_a_section_states_only_what_it_says():
    found, _ = read(document(section(skip=[Statement.EVERY])))
    assert found.flows[0].statements == {Statement.KEEP, Statement.PROPERTIES}


def test_property_rows():
    found, findings = read(document(section(table_rows=[("UserEmail", "Email", '"string"')])))
    assert findings == []
    assert found.flows[0].rows == (PropertyRow("UserEmail", "Email", "string", 26),)


def test_carriage_returns_do_not_matter():
    text = document(section())
    assert read(text.replace("\n", "\r\n")) == read(text)


# What may stand in a document although nobody understands it: the text put in, and the line it is reported at.
UNKNOWN = {
    "a sentence nobody knows": ("Some Webcrm Users will be left alone.", 28),
    "a sentence about others": ("Every Webcrm Persons will be synchronized with a Customerp Contact.", 28),
    "another directive": (".. note:: This counts.", 28),
    "a heading that is no flow": ("Remarks\n-------", 28),
}


@pytest.mark.parametrize(("text", "line"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_is_not_understood_is_reported(text, line):
    whole = document(section(), [text, ""])
    _, findings = read(whole)
    assert [(f.code, f.line, f.file) for f in findings] == [("DF605", line, "checklist.rst")]
    assert text.splitlines()[0] in findings[0].message


def test_a_sentence_without_a_section_is_reported():
    _, findings = read(document().replace("Introduction\n------------\n\nThis", "This"))
    assert [f.code for f in findings] == ["DF605"]


@pytest.mark.parametrize(
    "text", ["Only Webcrm Users count.", "This technical document is about something.\n\nAnd more."]
)
def test_the_introduction_is_one_known_paragraph(text):
    _, findings = read(document(section()).replace("This technical document is about something.", text))
    assert [f.code for f in findings] == ["DF605"]


@pytest.mark.parametrize("cells", [("UserEmail", "Email"), ("a", "b", "c", "d")], ids=["too few", "too many"])
def test_a_row_with_other_than_three_cells_is_reported(cells):
    found, findings = read(document(section(table_rows=[cells])))
    assert found.flows[0].rows == ()
    assert [(f.code, f.line) for f in findings] == [("DF605", 26)]


def test_an_empty_document_has_no_title():
    found, findings = read("")
    assert found.flows == ()
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
    assert all(flow.statements == frozenset(Statement) and flow.rows == () for flow in own.flows)
