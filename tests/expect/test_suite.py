from decimal import Decimal

import pytest

from dataflow.diagnostics import Severity
from dataflow.dtl.values import NI
from dataflow.errors import NotRunHere
from dataflow.expect.suite import SHOWN, load_suite, rewrite, verify
from dataflow.results import Verdict

from .conftest import Rest

A = [{"_id": "1", "n": 1}]


def check(root, testable, node, only=()):
    return verify(load_suite(root, testable, only=only), node)


def verdicts(results):
    return {result.id: result.verdict.value for result in results}


def faults(root, testable, **options):
    suite = load_suite(root, testable, **options)
    return [(fault.code, fault.file) for _, fault in suite.faults.values()]


def test_output_as_expected(expected):
    expected("a.test.json", {})
    results = check(expected("a.json", A), ["a"], Rest(a=[{"_id": "1", "n": 1.0, "_hash": "x"}]))
    assert verdicts(results) == {"expect:a": "pass"}
    assert results[0].group == "a"


def test_typed_values_are_compared_in_transit_form(expected):
    expected("a.test.json", {})
    root = expected("a.json", [{"_id": "1", "$ids": ["~:x:1"], "n": "~f1.50"}])
    assert verdicts(check(root, ["a"], Rest(a=[{"_id": "1", "$ids": [NI.of("x:1")], "n": Decimal("1.50")}]))) == {
        "expect:a": "pass"
    }


def test_a_difference_is_explained(expected):
    expected("a.test.json", {})
    root = expected("a.json", [{"_id": "1", "x": {"n": 1}}, {"_id": "2"}])
    (result,) = check(root, ["a"], Rest(a=[{"_id": "1", "x": {"n": 2}}, {"_id": "3"}]))
    assert (result.verdict, result.reason) == (Verdict.FAIL, "content differs")
    assert [(e.entity, e.pointer, e.expected, e.actual, e.note) for e in result.evidence] == [
        ("1", "/x/n", 1, 2, "changed"),
        ("2", None, {"_id": "2"}, None, "missing"),
        ("3", None, None, {"_id": "3"}, "unexpected"),
    ]


def test_many_differences_are_counted(expected):
    expected("a.test.json", {})
    root = expected("a.json", [{"_id": str(n), "n": 0} for n in range(SHOWN + 3)])
    (result,) = check(root, ["a"], Rest(a=[{"_id": str(n), "n": 1} for n in range(SHOWN + 3)]))
    assert len(result.evidence) == SHOWN
    assert result.properties["differences_not_shown"] == 3


def test_the_stage_is_asked_for(expected):
    expected("a.test.json", {"stage": "source"})
    node = Rest(a=A)
    check(expected("a.json", A), ["a"], node)
    assert node.stages == ["source"]


def test_a_pipe_without_output_fails_with_the_reason(expected):
    expected("a.test.json", {})
    (result,) = check(expected("a.json", A), ["a"], Rest())
    assert (result.verdict, result.reason) == (Verdict.FAIL, "a has no output")


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{", "expected/a.json:1:2"), ("{}", "is not an array of entities"), ('["a"]', "is not an array of entities")],
)
def test_an_expected_file_that_is_none_fails(expected, text, reason):
    expected("a.test.json", {})
    (result,) = check(expected("a.json", text), ["a"], Rest(a=A))
    assert result.verdict is Verdict.FAIL
    assert reason in result.reason


def test_a_float_in_the_expected_file_is_not_made_an_integer(expected):
    expected("a.test.json", {})
    (result,) = check(expected("a.json", '[{"_id": "1", "n": 1.0}]'), ["a"], Rest(a=A))
    assert result.verdict is Verdict.FAIL


@pytest.mark.parametrize("spec", [{"ignore": True}, {"endpoint": "sdshare"}])
def test_what_cannot_be_compared_is_skipped_with_a_reason(expected, spec):
    expected("a.test.json", spec)
    if "ignore" not in spec:
        expected("a.json", A)
    (result,) = check(expected(), ["a"], Rest())
    assert result.verdict is Verdict.SKIP
    assert next(iter(spec.values())) is True or spec["endpoint"] in result.reason


def test_excel_is_compared_as_json(expected):
    expected("a.test.json", {"endpoint": "excel"})
    assert verdicts(check(expected("a.json", A), ["a"], Rest(a=A))) == {"expect:a": "pass"}


def test_every_pipe_needs_a_spec(expected):
    expected("a.test.json", {})
    results = check(expected("a.json", A), ["a", "b"], Rest(a=A))
    assert verdicts(results) == {"expect:a": "pass", "expect:b": "fail"}
    assert "no spec" in results[1].reason


def test_several_specs_may_name_one_pipe(expected):
    expected("one.test.json", {"pipe": "a"})
    expected("one.json", A)
    expected("two.test.json", {"pipe": "a", "file": "one.json"})
    assert verdicts(check(expected(), ["a"], Rest(a=A))) == {"expect:one": "pass", "expect:two": "pass"}


def test_without_any_spec_there_is_a_warning_and_no_failure(expected):
    suite = load_suite(expected(), ["a"])
    assert [(w.code, w.severity) for w in suite.warnings] == [("DF603", Severity.WARNING)]
    assert verify(suite, Rest(a=A)) == []


@pytest.mark.parametrize(("content", "verdict"), [(b"a\r\n1\r\n", "pass"), (b"a\n1\n", "fail")])
def test_a_file_that_is_published_is_compared_byte_by_byte(expected, content, verdict):
    expected("a.test.json", {"endpoint": "csv", "file": "a.csv", "parameters": {"since": "1"}})
    root = expected()
    (root / "expected" / "a.csv").write_bytes(b"a\r\n1\r\n")
    node = Rest(a=content)
    (result,) = check(root, ["a"], node)
    assert result.verdict.value == verdict
    assert node.stages == [("csv", {"since": "1"})]
    if verdict == "fail":
        (evidence,) = result.evidence
        assert (evidence.entity, evidence.expected, evidence.actual) == ("line 1", "a\r\n", "a\n")


def test_xml_is_compared_as_elements(expected):
    expected("a.test.json", {"endpoint": "xml", "file": "a.xml"})
    root = expected("a.xml", '<a>\n  <b x="1"/>\n</a>\n')
    assert verdicts(check(root, ["a"], Rest(a=b'<a><b x="1"></b></a>'))) == {"expect:a": "pass"}
    assert verdicts(check(root, ["a"], Rest(a=b'<a><b x="2"/></a>'))) == {"expect:a": "fail"}


def test_a_pipe_that_does_not_run_here_is_skipped(expected):
    class Away(Rest):
        def entities(self, pipe_id, stage=None):
            raise NotRunHere("a source of type sql", where="/source")

    expected("a.test.json", {})
    (result,) = check(expected("a.json", A), ["a"], Away())
    assert (result.verdict, result.reason) == (Verdict.SKIP, "a source of type sql")


def test_a_spec_that_cannot_be_used_fails_alone(expected):
    expected("a.test.json", {})
    expected("a.json", A)
    expected("b.test.json", "{")
    results = check(expected("gone.test.json", {"ignore": True}), ["a", "b"], Rest(a=A))
    assert verdicts(results) == {"expect:a": "pass", "expect:b": "fail", "expect:gone": "fail"}
    assert {result.group for result in results} == {"a", "b", "gone"}


def test_a_spec_for_another_pipe_is_a_fault(expected):
    expected("a.test.json", {})
    expected("a.json", A)
    expected("gone.test.json", {"ignore": True})
    assert faults(expected(), ["a"]) == [("DF604", "expected/gone.test.json")]


def test_a_missing_expected_file_is_a_fault(expected):
    assert faults(expected("a.test.json", {}), ["a"]) == [("DF602", "expected/a.test.json")]


def test_an_ignored_spec_needs_no_file_and_should_have_none(expected):
    root = expected("a.test.json", {"ignore": True})
    assert load_suite(root, ["a"]).warnings == ()
    expected("a.json", A)
    assert [(w.code, w.severity) for w in load_suite(root, ["a"]).warnings] == [("DF606", Severity.WARNING)]


def test_all_faults_are_told_at_once(expected):
    expected("a.test.json", "{")
    expected("b.test.json", {})
    expected("c.test.json", {})
    assert [code for code, _ in faults(expected("c.json", A), ["a", "b"])] == ["DF601", "DF602", "DF604"]


def test_only_the_pipes_asked_for(expected):
    expected("a.test.json", {})
    expected("a.json", A)
    expected("b.test.json", {})
    assert verdicts(check(expected(), ["a", "b", "c"], Rest(a=A), only=["a"])) == {"expect:a": "pass"}


# --- update -----------------------------------------------------------------------------------------------------------


def update(root, testable, node, only=()):
    suite = load_suite(root, testable, only=only, updating=True)
    return [(change.what, change.path) for change in rewrite(suite, node, testable=testable)]


def test_update_writes_what_verify_accepts(expected):
    root = expected()
    node = Rest(a=[{"_id": "b", "t": "<&>", "n": 1.0, "_x": 0}, {"_id": "a", "Å": "æ"}])
    assert update(root, ["a"], node) == [("created", "expected/a.test.json"), ("created", "expected/a.json")]
    assert (root / "expected" / "a.test.json").read_bytes() == b"{\n}"
    lines = ["[", "  {", '    "_id": "a",', '    "Å": "æ"', "  },"]
    lines += ["  {", '    "_id": "b",', '    "n": 1,', r'    "t": "\u003c\u0026\u003e"', "  }", "]"]
    assert (root / "expected" / "a.json").read_text("utf-8").splitlines() == lines
    assert verdicts(check(root, ["a"], node)) == {"expect:a": "pass"}
    assert update(root, ["a"], node) == [("unchanged", "expected/a.json")]


def test_update_tells_what_changed(expected):
    expected("a.test.json", {})
    expected("a.json", [])
    expected("new.test.json", {})
    expected("gone.test.json", {})
    expected("gone.json", A)
    expected("left.test.json", {"ignore": True})
    expected("quiet.test.json", {"ignore": True})
    expected("quiet.json", A)
    expected("table.test.json", {"endpoint": "csv", "file": "table.csv"})
    root = expected("table.csv", "a;b")
    changes = update(root, ["a", "new", "quiet", "table"], Rest(a=A, new=[], table=b"a,b\r\n"))
    assert changes == [
        ("updated", "expected/a.json"),
        ("removed", "expected/gone.test.json"),
        ("created", "expected/new.json"),
        ("removed", "expected/quiet.json"),
        ("updated", "expected/table.csv"),
    ]
    assert (root / "expected" / "table.csv").read_bytes() == b"a,b\r\n"
    assert (root / "expected" / "new.json").read_text() == "[]\n"
    assert not (root / "expected" / "gone.test.json").exists()
    assert (root / "expected" / "gone.json").exists()
    assert (root / "expected" / "left.test.json").exists()


def test_update_of_one_pipe_leaves_the_others(expected):
    expected("gone.test.json", {})
    root = expected("b.test.json", {})
    assert update(root, ["a", "b"], Rest(a=A, b=A), only=["b"]) == [("created", "expected/b.json")]
    assert (root / "expected" / "gone.test.json").exists()
