"""Findings for programs: SARIF, JUnit XML and workflow commands."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from jsonschema import Draft202012Validator

from dataflow.diagnostics import CODES, Diagnostic, Severity
from dataflow.report.github import as_commands
from dataflow.report.junit import as_junit
from dataflow.report.sarif import as_sarif

WRONG = Diagnostic(
    "DF301",
    'no pipe writes dataset "a,b: 100%"',
    file="pipes/ø b.conf.json",
    pointer="/source/dataset",
    line=6,
    column=16,
    hint='did you mean "a"?',
)
ODD = Diagnostic("DF803", "not verified\x00", file="systems/erp.conf.json", severity=Severity.WARNING, expected="x")
SMALL = Diagnostic("DF308", "unused", severity=Severity.INFO)
ALL = [ODD, WRONG, SMALL]


def test_sarif() -> None:
    log = json.loads(as_sarif(ALL))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    driver = run["tool"]["driver"]
    assert [
        (rule["id"], rule["defaultConfiguration"]["level"], rule["properties"]["tags"]) for rule in driver["rules"]
    ] == [
        ("DF301", "error", ["references"]),
        ("DF308", "note", ["references"]),
        ("DF803", "warning", ["security"]),
    ]
    results = run["results"]
    assert [(one["ruleId"], one["ruleIndex"], one["level"]) for one in results] == [
        ("DF308", 1, "note"),
        ("DF301", 0, "error"),
        ("DF803", 2, "warning"),
    ]
    assert results[1]["message"]["text"] == 'no pipe writes dataset "a,b: 100%"\ndid you mean "a"?'
    (place,) = results[1]["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "pipes/%C3%B8%20b.conf.json", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 6, "startColumn": 16},
    }
    assert place["logicalLocations"] == [{"fullyQualifiedName": "/source/dataset"}]
    assert "region" not in results[2]["locations"][0]["physicalLocation"]
    assert "locations" not in results[0]


def test_sarif_has_the_shape_it_should_have() -> None:
    shape = json.loads(Path(__file__).with_name("sarif-shape.json").read_text("utf-8"))
    Draft202012Validator.check_schema(shape)
    every_rule = [Diagnostic(code, "m", file="a b/ø.json", pointer="", line=1, column=1) for code in CODES]
    for findings in (ALL, [], every_rule):
        log = json.loads(as_sarif(findings))
        assert [error.message for error in Draft202012Validator(shape).iter_errors(log)] == []
        (run,) = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [one["ruleId"] for one in run["results"]]


def test_fingerprints_do_not_depend_on_lines() -> None:
    def fingerprint(**changes: object) -> str:
        one = Diagnostic(**{"code": "DF301", "message": "m", "file": "f", "pointer": "/p", "line": 1, **changes})  # type: ignore[arg-type]
        result: str = json.loads(as_sarif([one]))["runs"][0]["results"][0]["partialFingerprints"]["dataflow/v1"]
        return result

    assert fingerprint() == fingerprint(line=9, column=3)
    assert len({fingerprint(), fingerprint(pointer="/q"), fingerprint(file="g"), fingerprint(code="DF302")}) == 4


def test_an_id_that_is_no_rule() -> None:
    (rule,) = json.loads(as_sarif([Diagnostic("DF501", "m")]))["runs"][0]["tool"]["driver"]["rules"]
    assert rule == {"id": "DF501", "shortDescription": {"text": "mapping is malformed"}}


def test_nothing_found_is_a_run_without_results() -> None:
    (run,) = json.loads(as_sarif([]))["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
    assert as_commands([]) == ""


def test_workflow_commands() -> None:
    assert as_commands(ALL).splitlines() == [
        "::notice title=DF308::unused",
        "::error file=pipes/ø b.conf.json,line=6,col=16,title=DF301::"
        'no pipe writes dataset "a,b: 100%25"%0Ahint: did you mean "a"?',
        "::warning file=systems/erp.conf.json,title=DF803::not verified\x00%0Aexpected: x",
    ]
    assert as_commands([Diagnostic("DF301", "m", file="a:b,c.json")]) == "::error file=a%3Ab%2Cc.json,title=DF301::m\n"


def test_junit_has_a_case_for_each_file() -> None:
    root = ElementTree.fromstring(as_junit(ALL, ["pipes/fine.conf.json", "systems/erp.conf.json"]))
    assert (root.get("tests"), root.get("failures")) == ("4", "1")
    cases = {case.get("name"): case for case in root}
    assert list(cases) == ["package", "pipes/fine.conf.json", "pipes/ø b.conf.json", "systems/erp.conf.json"]
    assert [child.tag for child in cases["pipes/fine.conf.json"]] == []
    (failure,) = cases["pipes/ø b.conf.json"]
    assert (failure.tag, failure.get("type"), failure.get("message")) == ("failure", "DF301", WRONG.message)
    assert failure.text == (
        'pipes/ø b.conf.json:6:16: error DF301: no pipe writes dataset "a,b: 100%"\n  hint: did you mean "a"?'
    )
    (out,) = cases["systems/erp.conf.json"]
    assert (out.tag, out.text) == (
        "system-out",
        "systems/erp.conf.json: warning DF803: not verified\ufffd\n  expected: x",
    )
