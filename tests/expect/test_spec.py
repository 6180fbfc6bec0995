import pytest

from dataflow.diagnostics import Severity
from dataflow.expect.spec import read_specs


def read_one(expected, content, name="a-out.test.json"):
    specs, findings = read_specs(expected(name, content))
    return (specs[0] if specs else None), findings


def test_an_empty_object_is_a_full_spec(expected):
    spec, findings = read_one(expected, {})
    assert findings == []
    assert (spec.name, spec.pipe, spec.file, spec.path) == (
        "a-out",
        "a-out",
        "expected/a-out.json",
        "expected/a-out.test.json",
    )
    assert (spec.endpoint, spec.stage, spec.ignore, spec.ignore_deletes) == ("json", None, False, True)
    assert (spec.fields_to_sort_by, spec.blacklisted, spec.parameters) == (("_id",), None, {})


def test_what_a_spec_says_counts(expected):
    content = {
        "pipe": "b",
        "file": "other.json",
        "endpoint": "csv",
        "stage": "source",
        "parameters": {"limit": 1},
        "ignore": True,
        "ignore_deletes": False,
        "fields_to_sort_by": ["n", "m"],
        "_id": 1,
        "type": "x",
        "description": [],
        "name": "whatever",
    }
    spec, findings = read_one(expected, content)
    assert findings == []
    assert (spec.name, spec.pipe, spec.file, spec.endpoint) == ("a-out", "b", "expected/other.json", "csv")
    assert (spec.stage, spec.parameters, spec.ignore, spec.ignore_deletes) == ("source", {"limit": 1}, True, False)
    assert spec.fields_to_sort_by == ("n", "m")
    assert not spec.compares_entities


def test_the_folder_may_be_named(expected):
    assert read_one(expected, {"file": "expected/other.json"})[0].file == "expected/other.json"


def test_a_byte_order_mark_is_fine(expected):
    spec, findings = read_one(expected, '\ufeff{"pipe": "b"}')
    assert findings == []
    assert spec.pipe == "b"


def test_specs_in_folders_below_do_not_count(expected):
    root = expected("a.test.json", {})
    (root / "expected" / "below").mkdir()
    (root / "expected" / "below" / "b.test.json").write_text("{}")
    assert [spec.name for spec in read_specs(root)[0]] == ["a"]


def test_without_a_folder_there_are_no_specs(expected):
    assert read_specs(expected()) == ([], [])


# What may be wrong in a spec: its text, severity, line, column and a word of the message.
FAULTS = {
    "not JSON": ('{\n  "pipe": "a",\n}', Severity.ERROR, 2, 14, "comma"),
    "not an object": ("[]", Severity.ERROR, 1, 1, "one object"),
    "empty": ("", Severity.ERROR, 1, 1, "empty"),
    "pipe is no string": ('{\n  "pipe": 1}', Severity.ERROR, 2, 11, '"pipe" is not a string'),
    "sort fields are no list": ('{"fields_to_sort_by": "_id"}', Severity.ERROR, 1, 23, "a list of strings"),
    "blacklist of numbers": ('{"blacklist": [1]}', Severity.ERROR, 1, 15, "a list of strings"),
    "blacklist is no list": ('{"blacklist": "a"}', Severity.WARNING, 1, 15, "does not count"),
    "ignore is a text": ('{"ignore": "true"}', Severity.WARNING, 1, 12, "does not count"),
    "unknown key": ('{"blackist": ["a"]}', Severity.WARNING, 1, 14, "blackist"),
}


@pytest.mark.parametrize(("text", "severity", "line", "column", "word"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_have_a_place(expected, text, severity, line, column, word):
    spec, (finding,) = read_one(expected, text)
    assert (finding.code, finding.severity) == ("DF601", severity)
    assert (finding.file, finding.line, finding.column) == ("expected/a-out.test.json", line, column)
    assert word in finding.message
    assert (spec is None) == (severity is Severity.ERROR)


def test_an_unknown_key_is_told_what_was_meant(expected):
    _, (finding,) = read_one(expected, {"blackist": []})
    assert finding.hint == 'did you mean "blacklist"?'


def test_what_sesam_py_passes_over_does_not_count(expected):
    spec, _ = read_one(expected, {"ignore": "true", "ignore_deletes": "false", "blacklist": "a"})
    assert (spec.ignore, spec.ignore_deletes, spec.blacklisted) == (False, False, None)


def test_a_fault_in_one_spec_leaves_the_others(expected):
    expected("a.test.json", "{")
    specs, findings = read_specs(expected("b.test.json", {}))
    assert [spec.name for spec in specs] == ["b"]
    assert len(findings) == 1
