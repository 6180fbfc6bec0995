"""`dataflow eval`: what it prints, and how it says what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dataflow.cli import main
from dataflow.errors import FindingsError

if TYPE_CHECKING:
    from pathlib import Path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["eval", *arguments]) == 0
    return capsys.readouterr().out


def value(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(printed(capsys, *arguments, "--format", "json"))


def finding(*arguments: str) -> Any:
    """The one diagnostic a call ends with, caught before it is rendered."""
    import argparse

    from dataflow.cli import eval as command

    parser = argparse.ArgumentParser()
    command.configure(parser)
    with pytest.raises(FindingsError) as caught:
        command.run(parser.parse_args(list(arguments)))
    (found,) = caught.value.diagnostics
    return found


def test_expression_on_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, '["upper", "_S.name"]', "--source", '{"name": "x"}') == '"X"\n'


def test_result_is_in_transit_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert value(capsys, '["list", ["ni", "a", "_S.b"], "_S.d"]', "--source", '{"b": "c", "d": "~f1.50"}') == [
        "~:a:c",
        "~f1.50",
    ]


def test_files_may_be_given_for_everything(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    contents = {
        "expr.json": ["apply-hops", "short", {"datasets": ["trees t"], "where": ["eq", "_S.of", "t._id"]}],
        "source.json": {"of": ["elm", "ash"]},
        "rules.json": {"short": [["add", "h", ["+", "_S.h", "$ENV(more)"]]]},
        "trees.json": [{"_id": "ash", "h": 20}, {"_id": "elm", "h": 30}],
        "env.json": {"more": 2},
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(json.dumps(content))

    arguments = [
        f"@{tmp_path / 'expr.json'}",
        "--source",
        f"@{tmp_path / 'source.json'}",
        "--rules",
        f"@{tmp_path / 'rules.json'}",
    ]
    arguments += ["--dataset", f"trees=@{tmp_path / 'trees.json'}", "--env", f"@{tmp_path / 'env.json'}"]
    assert value(capsys, *arguments) == [{"h": 22}, {"h": 32}]


def test_dataset_with_one_entity_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "trees.ndjson").write_text('{"_id": "ash", "h": 20}\n\n{"_id": "elm", "h": 30}\n')

    assert value(capsys, '["lookup-entity", "trees", "elm"]', "--dataset", f"trees=@{tmp_path / 'trees.ndjson'}") == {
        "_id": "elm",
        "h": 30,
    }


@pytest.mark.parametrize(
    ("dtl", "source", "entities"),
    [
        ('[["copy", "a"], ["create", {"_id": "x"}]]', '{"_id": "1", "a": 2}', [{"_id": "x"}, {"_id": "1", "a": 2}]),
        ('["add", "a", 1]', "{}", [{"a": 1}]),
        ('{"default": [["merge", ["apply", "r", "_S."]]], "r": [["add", "b", 3]]}', "{}", [{"b": 3}]),
        ('[["filter"]]', '{"_id": "1"}', [{"_id": "1", "_filtered": True}]),
        ('[["discard"]]', '{"_id": "1"}', []),
        ("[]", '{"_id": "1", "_deleted": true}', [{"_id": "1", "_deleted": True}]),
        ("[]", '{"_id": "1", "_deleted": false}', [{"_id": "1"}]),
    ],
)
def test_transforms_and_rules_give_entities(
    capsys: pytest.CaptureFixture[str], dtl: str, source: str, entities: list[Any]
) -> None:
    assert value(capsys, dtl, "--source", source) == entities


def test_target_namespaces_and_pipe_id(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        '[["default", "a", 1], ["add", "b", 2]]',
        "--target",
        '{"trees:a": 9}',
        "--namespaced",
        "--pipe-id",
        "trees",
    ]
    assert value(capsys, *arguments) == [{"trees:a": 9, "trees:b": 2}]


def test_everything_may_be_given_inline(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--source", '{"of": "elm"}', "--rules", '{"short": [["add", "h", ["+", "_S.h", "$ENV(more)"]]]}']
    arguments += ["--dataset", 'trees=[{"_id": "elm", "h": 30}]', "--env", '{"more": 2}']
    expression = '["apply-hops", "short", {"datasets": ["trees t"], "where": ["eq", "_S.of", "t._id"]}]'
    assert value(capsys, expression, *arguments) == [{"h": 32}]


def test_namespaces_are_those_of_a_pipe(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "spaces.json").write_text('{"identity": "i", "property": "p", "default": {"ex": "http://ex.org/"}}')
    transforms = '[["add", "_id", "1"], ["add", "a", ["ni", "_S.url"]]]'
    source = ["--source", '{"url": "~rhttp://ex.org/elm"}']

    for given in (f"@{tmp_path / 'spaces.json'}", (tmp_path / "spaces.json").read_text()):
        assert value(capsys, transforms, *source, "--namespaces", given) == [{"_id": "i:1", "p:a": "~:ex:elm"}]
    assert value(capsys, transforms, "--namespaces", '{"property": "p"}', "--pipe-id", "q") == [
        {"_id": "q:1", "p:a": None}
    ]


def test_values_that_functions_ignored_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["eval", '["list",\n ["upper", "_S.a"]]', "--source", '{"a": ["x", 5]}', "--format", "json"]
    assert main([*arguments, "--explain-drops"]) == 0

    told = capsys.readouterr()
    assert told.out == '[["X"]]\n'
    assert told.err.splitlines() == [
        'EXPR:2:2: info DF704: "upper" ignored 5 (integer) and gave ["X"]',
        "  at /1",
        "  expected: string",
        '  hint: in ["upper", "_S.a"]',
        "1 value ignored",
    ]
    assert main(arguments) == 0
    assert capsys.readouterr().err == ""


def test_drops_of_transforms_start_with_the_target_given(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["eval", '[["add", "b", ["upper", "_T.a"]]]', "--target", '{"a": 5}', "--explain-drops"]
    assert main(arguments) == 0
    assert 'EXPR:1:15: info DF704: "upper" ignored 5' in capsys.readouterr().err


def test_what_the_compiler_finds_odd_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    rules = '{"r": [["add", "a", 1]], "unused": []}'
    assert main(["eval", '[["add", "a", ["upper", 5]], ["merge", ["apply", "r", "_S."]]]', "--rules", rules]) == 0
    err = capsys.readouterr().err
    assert err.startswith("EXPR:1:25: warning DF412")
    assert "DF413" not in err


def test_a_failure_shows_the_way_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    rules = '{"line":\n [["if", ["gt", "_S.n", 2], ["fail!", ["concat", "too many: ", ["string", "_S.n"]]]]]}'
    source = '{"lines": [{"n": 1}, {"n": 3}]}'
    assert main(["eval", '["count", ["apply", "line", "_S.lines"]]', "--rules", rules, "--source", source]) == 1

    assert capsys.readouterr().err.splitlines() == [
        "--rules:2:29: error DF701: too many: 3",
        "  at /line/0/2",
        '  hint: in rule "line"',
        "  trace, from the outermost expression to the one that failed:",
        '    EXPR:1:1: ["count", ["apply", "line", "_S.lines"]]',
        '      EXPR:1:11: ["apply", "line", "_S.lines"]',
        '          _S.lines = [{"n": 1}, {"n": 3}]',
        '        --rules:2:3: ["if", ["gt", "_S.n", 2], ["fail!", ["concat", "too many: ", ["stri...',
        '            ["gt", "_S.n", 2] = true',
        '          --rules:2:29: ["fail!", ["concat", "too many: ", ["string", "_S.n"]]]',
        '              ["concat", "too many: ", ["string", "_S.n"]] = "too many: 3"',
    ]


def test_secrets_come_from_the_environment(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "env.json").write_text('{"key": "k1"}')

    expression = '["decrypt", "k1", ["encrypt", "$SECRET(key)", "elm"]]'
    assert value(capsys, expression, "--env", f"@{tmp_path / 'env.json'}") == "elm"


def test_text_is_indented_and_entities_follow_one_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, '[["create", {"_id": "x"}]]', "--source", '{"_id": "1"}') == (
        '{\n  "_id": "x"\n}\n{\n  "_id": "1"\n}\n'
    )


def test_code_is_shown_before_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, '["concat", "_S.a", "b"]', "--source", '{"a": "x"}', "--show-code")

    assert out.startswith("def expression(")
    assert out.endswith('\n\n"xb"\n')


@pytest.mark.parametrize(
    ("arguments", "code", "place", "pointer"),
    [
        (['["upper", "_S.a"'], "DF102", "EXPR:1:17", None),
        (["_S.name"], "DF102", "EXPR:1:1", None),
        (['["list",\n  ["uppr", 1]]'], "DF401", "EXPR:2:4", "/1/0"),
        (['[["copy", "*"],\n ["add", "a"]]'], "DF402", "EXPR:2:2", "/1"),
        (['{"default":\n [["add", "a", ["uppr", 1]]]}'], "DF401", "EXPR:2:17", "/default/0/2/0"),
        (['["apply", "r", 1]', "--rules", '{"r":\n [["nosuch"]]}'], "DF401", "--rules:2:4", "/r/0/0"),
        (['[["add", "a", 1],\n ["fail!", "enough"]]'], "DF701", "EXPR:2:2", "/1"),
        (['"$ENV(nowhere)"'], "DF303", "EXPR:1:1", ""),
        (["1", "--source", "{"], "DF102", "--source:1:2", None),
    ],
)
def test_faults_are_found_at_their_place(arguments: list[str], code: str, place: str, pointer: str | None) -> None:
    found = finding(*arguments)

    assert (found.code, found.place) == (code, place)
    assert pointer is None or found.pointer == pointer


def test_bare_path_gets_a_hint() -> None:
    assert "double quotes" in (finding("_S.name").hint or "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no expression"),
        (["1", "--cases", "x.jsonl"], "not both"),
        (["1", "--dataset", "trees"], "expected ID=JSON or ID=@FILE"),
        (["1", "--dataset", 'trees=[{"h": 1}]'], "each with a string _id"),
        (["1", "--dataset", "trees=@none.ndjson"], "no such file"),
        (["1", "--target", "5"], "--target holds one entity"),
        (["1", "--rules", "[]"], "--rules holds an object"),
        (["1", "--env", "[]"], "--env holds an object"),
        (["1", "--namespaces", "[]"], "--namespaces holds an object"),
        (["1", "--namespaces", '{"identiti": "x"}'], "--namespaces holds an object"),
        (["1", "--namespaces", '{"default": {"a": 1}}'], "holds an object of prefixes"),
    ],
)
def test_usage_errors(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main(["eval", *arguments]) == 2
    assert message in capsys.readouterr().err


def cases(path: Path, *lines: dict[str, Any]) -> str:
    path.write_text("\n".join(json.dumps({"kind": "expression", **line}) for line in lines))
    return str(path)


def test_cases_are_printed_one_a_line_and_counted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = cases(
        tmp_path / "cases.jsonl",
        {"id": "a", "function": "list", "expr": ["list", "~:x:y"], "expected": ["~:x:y"], "expected_kind": "value"},
        {
            "id": "b",
            "function": "upper",
            "expr": ["upper"],
            "expected": None,
            "expected_kind": "error",
            "confidence": "low",
        },
        {"id": "c", "function": "nosuch", "expr": ["nosuch"], "expected": 1, "expected_kind": "value"},
    )

    assert main(["eval", "--cases", file]) == 0

    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0] == {"id": "a", "ok": True, "result": ["~:x:y"]}
    assert [line["ok"] for line in lines] == [True, True, False]
    assert "error" in lines[1]
    assert err.splitlines() == ["high: 1 of 1 as expected", "low: 1 of 1 as expected", "not implemented: 1"]


def test_a_failing_case_fails_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = cases(
        tmp_path / "c.jsonl", {"id": "a", "function": "list", "expr": ["list"], "expected": 1, "expected_kind": "value"}
    )

    assert main(["eval", "--cases", file]) == 1
    assert json.loads(capsys.readouterr().out) == {"id": "a", "ok": False, "result": []}


def test_help_has_examples_that_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "--help"]) == 0
    assert """dataflow eval '["upper", "_S.name"]' --source '{"name": "x"}'""" in capsys.readouterr().out


def test_heavy_libraries_are_not_loaded() -> None:
    code = (
        "import sys; from dataflow.cli import main; main(['eval', '[\"upper\", \"x\"]'])\n"
        "print([name for name in ('jsonschema', 'jinja2', 'requests', 'starlette') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout == '"X"\n[]\n'
