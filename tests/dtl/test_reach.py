"""Warnings for what is never reached and for values that a function ignores whatever comes."""

from __future__ import annotations

import json

import pytest

from dataflow.diagnostics import Severity
from dataflow.dtl import Context, compile_expression, compile_rules, kinds
from dataflow.dtl.registry import REGISTRY
from dataflow.project import read_project


def warnings(transforms, **rules):
    found = compile_rules({"default": transforms, **rules}).warnings
    assert all(w.severity is Severity.WARNING for w in found)
    return [(w.code, w.pointer) for w in found]


def of(expression):
    return warnings([["add", "a", expression]])


def test_rules_nobody_leads_to():
    assert warnings([["add", "a", ["apply", "b", "_S.x"]]], b=[["add", "c", 1]], d=[], **{"e/f": []}) == [
        ("DF413", "/d"),
        ("DF413", "/e~1f"),
    ]
    assert warnings([], a=[["add", "x", ["apply", "b", "_S.x"]]], b=[["add", "x", ["apply", "a", "_S.x"]]]) == [
        ("DF413", "/a"),
        ("DF413", "/b"),
    ]


@pytest.mark.parametrize(
    ("expression", "pointers"),
    [
        (["if", True, "a", "b"], ["/3"]),
        (["if", True, "a"], []),
        (["if", ["eq", 1, 2], "a", "b"], ["/2"]),
        (["if", "_S.x", "a", "b"], []),
        (["case", "_S.x", "a", "_S.x", "b", "_S.y", "c"], ["/4"]),
        (["case", "_S.x", "a", True, "b"], []),
        (["case", True, "a", "_S.x", "b"], ["/3"]),
        (["case", "_S.x", "a", True, "b", "c"], ["/5"]),
        (["case", False, "a", "b"], ["/2"]),
        (["case", ["gt", "_S.x", 1], "a", ["gt", "_S.x", True], "b"], []),
        (["case", ["gt", ["now"], 1], "a", ["gt", ["now"], 1], "b"], []),
        (["case-eq", "_S.x", 1, "a", 2, "b", 1, "c"], ["/7"]),
        (["case-eq", "_S.x", 1, "a", "1", "b", "c"], []),
    ],
)
def test_branches(expression, pointers):
    assert of(expression) == [("DF414", f"/default/0/2{p}") for p in pointers]


def test_branches_of_transforms():
    assert warnings([["if", False, ["add", "a", 1], ["add", "b", 1]]]) == [("DF414", "/default/0/2")]
    assert warnings([["case", "_S.x", ["add", "a", 1], "_S.x", ["add", "b", 1]]]) == [("DF414", "/default/0/4")]
    assert warnings([["case-eq", "_S.x", 1, ["add", "a", 1], 1, ["add", "b", 1]]]) == [("DF414", "/default/0/5")]


@pytest.mark.parametrize(
    ("transforms", "pointer"),
    [
        ([["discard"], ["comment", "x"], ["add", "a", 1]], "/2"),
        ([["filter", False], ["add", "a", 1], ["add", "b", 1]], "/1"),
        ([["fail!", "x"], ["add", "a", 1]], "/1"),
        ([["if", "_S.x", [["discard"], ["add", "a", 1]]]], "/0/2/1"),
        ([["filter", "_S.x"], ["add", "a", 1]], None),
        ([["if", "_S.x", [["discard"]]], ["add", "a", 1]], None),
        ([["add", "a", 1], ["discard"], ["comment"]], None),
    ],
)
def test_transforms_after_the_end(transforms, pointer):
    assert warnings(transforms) == ([] if pointer is None else [("DF415", f"/default{pointer}")])


@pytest.mark.parametrize(
    ("expression", "pointer"),
    [
        (["datetime-format", "%Y", True], "/2"),
        (["datetime-format", "%Y", ["upper", "_S.x"]], "/2"),
        (["upper", ["count", "_S.x"]], "/1"),
        (["upper", ["list", 1, 2]], "/1"),
        (["concat", "_S.x", ["is-null", "_S.x"]], "/2"),
        (["upper", ["if", "_S.x", ["count", "_S.x"], 1]], "/1"),
        (["upper", ["case", "_S.x", ["count", "_S.x"], 1]], "/1"),
        (["+", ["string", "_S.x"], 1], "/1"),
        (["ljust", ["string", "_S.w"], "0", "_S.x"], "/1"),
        (["upper", "_S.x"], None),
        (["upper", None], None),
        (["upper", ["list"]], None),
        (["upper", ["list", 1, "a"]], None),
        (["upper", ["if", "_S.x", ["count", "_S.x"], "a"]], None),
        (["upper", ["if", "_S.x", ["count", "_S.x"], "_S.y"]], None),
        (["upper", ["integer", ["literal", "x"], "_S.x"]], None),
        (["upper", ["list", ["count", "_S.x"]]], None),
        (["datetime-format", "%Y", ["datetime-parse", "%Y", "_S.x"]], None),
        (["map", ["upper", "_."], "_S.x"], None),
    ],
)
def test_values_a_function_ignores(expression, pointer):
    assert of(expression) == ([] if pointer is None else [("DF412", f"/default/0/2{pointer}")])


def test_a_warning_says_what_is_and_what_should_be():
    (found,) = compile_expression(["upper", ["count", "_S.x"]]).warnings
    assert (found.message, found.expected) == ('"upper" ignores this value: it is always an integer', "string")


def test_a_condition_of_hops_is_warned_of_once():
    hop = {
        "datasets": ["d e"],
        "where": ["or", ["eq", "_S.k", "e.k"], ["eq", "_S.j", "e.j"]],
        "subsets": {"e": ["eq", ["upper", ["count", "_S.x"]], "x"]},
    }
    assert [code for code, _ in of(["hops", hop])] == ["DF412"]


SAMPLES = {
    "string": "elm",
    "integer": 5,
    "float": 2.5,
    "decimal": "~f1.5",
    "boolean": True,
    "datetime": "~t2024-01-01T00:00:00Z",
    "bytes": "~bZmly",
    "namespaced identifier": "~:a:b",
    "URI": "~ra",
    "UUID": "~u00000000-0000-0000-0000-000000000001",
    "dict": {"a": 1},
}


DESCRIBED = [
    pytest.param(function, id=name)
    for (name, kind), function in sorted(REGISTRY.items())
    if function.accepts is not None and any(example.kind == "value" for example in function.examples)
]


@pytest.mark.parametrize("function", DESCRIBED)
def test_descriptions_are_those_of_the_code(function):
    """A value of a kind that is not taken gives what no value gives; results are of the kinds given."""
    example = next(e for e in function.examples if e.kind == "value")
    context = Context(secrets=example.secrets or {}, datasets={})

    def run(call):
        return compile_expression(call, rules=example.rules)(context, S=example.source)

    *before, _ = example.call
    nothing = run([*before, ["list"]])
    for kind, sample in SAMPLES.items():
        if kind not in function.accepts:
            assert run([*before, ["list", ["literal", sample]]]) == nothing, kind
    if function.gives is not None:
        assert kinds.of(run(example.call)) <= function.gives


def test_warnings_are_told_at_their_place_and_not_when_a_variable_decides(tmp_path):
    (tmp_path / "pipes").mkdir()
    pipe = {
        "_id": "p",
        "type": "pipe",
        "source": {"type": "embedded", "entities": []},
        "transform": {
            "type": "dtl",
            "rules": {
                "default": [
                    ["add", "a", ["if", ["eq", "$ENV(place)", "test"], 1, 2]],
                    ["add", "b", ["upper", 5]],
                ]
            },
        },
    }
    text = json.dumps(pipe, indent=2)
    (tmp_path / "pipes" / "p.conf.json").write_text(text)
    (tmp_path / "test-env.json").write_text('{"place": "test"}')

    (found,) = [d for d in read_project(tmp_path).diagnostics if d.code.startswith("DF4")]

    assert (found.code, found.pointer) == ("DF412", "/transform/rules/default/1/2/1")
    assert text.splitlines()[found.line - 1].strip() == "5"
