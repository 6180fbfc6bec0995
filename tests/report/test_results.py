import json
from decimal import Decimal
from xml.etree import ElementTree

from dataflow.report.results import as_json, as_junit, evidence_lines, shown
from dataflow.results import Evidence, Result, Verdict

PASS = Result("a", "a holds", Verdict.PASS, group="g", seconds=0.25)
FAIL = Result("b", "b holds", Verdict.FAIL, "it does not", (Evidence("p", "1", "/x", 1, Decimal("2.50"), "changed"),))
SKIP = Result("c", "c holds", Verdict.SKIP, "not asked for")
UNPROVEN = Result("d", "d holds", Verdict.UNPROVEN, "nobody knows")


def test_a_change_shows_both_values():
    assert evidence_lines(FAIL.evidence[0]) == ["1 /x", "  expected  1", '  actual    "~f2.50"']


def test_a_side_without_a_value_is_not_shown():
    assert evidence_lines(Evidence("p", "1", "/x", None, None, "missing")) == ["1 /x  missing", "  expected  null"]
    assert evidence_lines(Evidence("p", "1", None, None, {}, "unexpected")) == ["1  unexpected", "  actual    {}"]


def test_a_long_value_is_cut():
    assert len(shown("x" * 1000)) == 160
    assert shown("x" * 1000).endswith(" ...")


def test_json_has_results_counts_and_what_else_is_known():
    document = json.loads(as_json([PASS, FAIL, SKIP, UNPROVEN], profile="test"))
    assert document["profile"] == "test"
    assert document["counts"] == {"pass": 1, "fail": 1, "unproven": 1, "skip": 1}
    assert [result["verdict"] for result in document["results"]] == ["pass", "fail", "skip", "unproven"]
    assert document["results"][1]["evidence"][0]["actual"] == "~f2.50"


def test_junit_has_a_case_per_result():
    suite = ElementTree.fromstring(as_junit([PASS, FAIL, SKIP, UNPROVEN], "suite"))
    assert dict(suite.attrib) == {
        "name": "suite",
        "tests": "4",
        "failures": "1",
        "errors": "0",
        "skipped": "2",
        "time": "0.250",
    }
    assert [(case.get("classname"), case.get("name"), [child.tag for child in case]) for case in suite] == [
        ("g", "a holds", []),
        ("suite", "b holds", ["failure"]),
        ("suite", "c holds", ["skipped"]),
        ("suite", "d holds", ["skipped"]),
    ]
    assert suite.find("testcase/failure").text == '1 /x\n  expected  1\n  actual    "~f2.50"'


def test_junit_stays_readable_whatever_the_data_held():
    odd = Result("e", "e \x00 & <b>", Verdict.FAIL, "odd \x1b", ())
    case = ElementTree.fromstring(as_junit([odd], "suite")).find("testcase")
    assert case.get("name") == "e \ufffd & <b>"
