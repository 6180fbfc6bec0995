"""The language-neutral cases, in both engines, and the runner itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import dataflow.dtl
import dataflow.dtl.functions  # noqa: F401 - importing it fills the registry
from dataflow.dtl import conformance
from dataflow.dtl.conformance import Compiled, run_case
from dataflow.dtl.registry import REGISTRY
from dataflow.errors import FindingsError
from oracle.engine import Oracle

CASES = Path(__file__).with_name("cases")
SHARED = Path(__file__).parents[3] / "shared" / "reference" / "dtl" / "cases.jsonl"
ENGINES = pytest.mark.parametrize("engine", [Compiled(), Oracle()], ids=["compiled", "oracle"])


def own_cases() -> list[Any]:
    return [
        pytest.param(case, id=case["id"]) for file in sorted(CASES.glob("*.jsonl")) for case in conformance.load(file)
    ]


@ENGINES
@pytest.mark.parametrize("case", own_cases())
def test_own_case(case: dict[str, Any], engine: Any) -> None:
    outcome = run_case(case, engine)

    assert outcome.ok, f"{json.dumps(case['expr'])} gave {outcome.error or outcome.result!r}, not {case['expected']!r}"


def test_own_cases_cover_every_function_and_have_ids_of_their_own() -> None:
    cases = [parameter.values[0] for parameter in own_cases()]

    assert len(cases) >= 200
    assert len({case["id"] for case in cases}) == len(cases)
    assert {name for name, _ in REGISTRY} - {case["function"] for case in cases} == set()


@ENGINES
@pytest.mark.skipif(not SHARED.is_file(), reason="the conformance corpus is not beside this checkout")
def test_corpus_meets_its_targets(engine: Any) -> None:
    """Every case of high confidence, and 97 of 100 of medium confidence."""
    outcomes = [run_case(case, engine) for case in conformance.load(SHARED)]
    reached = conformance.summary(outcomes)

    wrong = [outcome.id for outcome in outcomes if not outcome.ok]
    assert reached["high"][0] == reached["high"][1], wrong
    assert reached["medium"][0] >= 0.97 * reached["medium"][1], wrong


def case(expected: Any, kind: str = "value", **fields: Any) -> dict[str, Any]:
    return {"id": "c", "kind": "expression", "expr": "_S.v", "expected": expected, "expected_kind": kind, **fields}


@pytest.mark.parametrize(
    ("found", "expected", "compare", "ok"),
    [
        (1, 1.0, "exact", False),
        (1, 1.0, "numeric", True),
        ("~f1.50", "~f1.5", "exact", True),
        ("~f2.3", 2.3, "numeric", True),
        (True, 1, "numeric", False),
        (1.0000001, 1, "approx", True),
        (1.001, 1, "approx", False),
        ([2, 1], [1, 2], "exact", False),
        ([2, 1], [1, 2], "unordered", True),
        ([2, 1, 1], [1, 2, 2], "unordered", False),
        ([2, 1, 1], [1, 2], "unordered", False),
        ("~:a", {"$string": "~:a"}, "exact", False),
        ({"a": 1, "b": 2}, {"a": 1}, "subset", True),
        ({"b": 2}, {"a": 1}, "subset", False),
        ({"a": 1, "_updated": 3}, {"a": 1}, "exact", True),
        ({"$string": "~:a"}, "~:a", "exact", False),
        ({"$string": "~:a"}, {"$string": "~:a"}, "exact", True),
    ],
)
def test_comparison(found: Any, expected: Any, compare: str, ok: bool) -> None:
    assert run_case(case(expected, source={"v": found}, compare=compare)).ok is ok


@pytest.mark.parametrize(
    ("found", "expected", "ok"),
    [
        ("~t2020-01-01T00:00:00Z", {"type": "datetime"}, True),
        ("~t2020-01-01T00:00:00Z", {"type": "datetime", "near_now_seconds": 5}, False),
        (["~:a:b", "~:a:c"], {"type": "list", "of": "ni", "count": 2}, True),
        (["~:a:b", "a:c"], {"type": "list", "of": "ni"}, False),
        ("elm-1", {"type": "string", "prefix": "elm-"}, True),
        ("~u4f9c7a10-1111-4222-8333-0123456789ab", {"type": "uuid", "version": 4}, True),
        ("~u4f9c7a10-1111-1222-8333-0123456789ab", {"type": "uuid", "version": 4}, False),
    ],
)
def test_expectation_of_a_type(found: Any, expected: Any, ok: bool) -> None:
    assert run_case(case(expected, "type", source={"v": found})).ok is ok


def test_expected_error() -> None:
    outcome = run_case(case(None, "error", expr=["nosuch"]))

    assert outcome.ok
    assert outcome.line() == {"id": "c", "ok": True, "error": 'unknown function "nosuch"'}
    assert not run_case(case(None, "error", expr=1)).ok


def test_error_where_a_value_was_expected() -> None:
    assert not run_case(case(1, expr=["nosuch"])).ok


def test_case_without_expectation_is_fine_when_it_runs() -> None:
    outcome = run_case({"id": "c", "kind": "expression", "expr": ["list", "~:a:b"]})

    assert outcome.line() == {"id": "c", "ok": True, "result": ["~:a:b"]}


class Broken(Compiled):
    def evaluate(self, *_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("no")


def test_crash_of_an_engine_is_never_as_expected() -> None:
    outcome = run_case(case(None, "error"), Broken())

    assert not outcome.ok
    assert outcome.error == "internal error: ZeroDivisionError: no"


@pytest.mark.parametrize(
    ("sink", "expected"),
    [("dataset", [{"_id": "1", "_filtered": True}]), ("other", []), (None, [{"_id": "1", "_filtered": True}])],
)
def test_filtered_entity_by_sink(sink: str | None, expected: Any) -> None:
    filtered = {
        "id": "c",
        "kind": "transform",
        "expr": [["filter"]],
        "source": {"_id": "1"},
        "expected_kind": "entities",
    }

    assert run_case({**filtered, "context": {"sink": sink}, "expected": expected}).ok


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ('{"id": "a", "kind":}', "DF102", 20),
        ('{"id": "a", "kind": "expression"}', "DF202", 1),
        ("[]", "DF202", 1),
        ('{"id": "a", "kind": "rule", "expr": 1}', "DF202", 1),
    ],
)
def test_malformed_line_is_found_at_its_place(tmp_path: Path, line: str, code: str, column: int) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "kind": "expression", "expr": 1}\n\n' + line)

    with pytest.raises(FindingsError) as caught:
        conformance.load(path)

    (found,) = caught.value.diagnostics
    assert (found.code, found.file, found.line, found.column) == (code, str(path), 3, column)


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FindingsError) as caught:
        conformance.load(tmp_path / "none.jsonl")

    assert caught.value.diagnostics[0].code == "DF101"


def test_summary_and_what_is_not_implemented() -> None:
    outcomes = [run_case(case(1, expr=1, confidence=level)) for level in ("low", "high", "high")]
    outcomes.append(run_case(case(2, expr=1)))

    assert conformance.summary(outcomes) == {"high": (2, 3), "low": (1, 1)}
    assert conformance.implemented({"function": "upper"}, {"upper"})
    assert conformance.implemented({"function": "variable:_P"}, {"upper"})
    assert conformance.implemented({"function": "path-string"}, {"upper"})
    assert not conformance.implemented({"function": "lower"}, {"upper"})


def test_string_that_looks_like_transit() -> None:
    plain = {"id": "c", "kind": "expression", "expr": ["is-string", "_S.v"], "source": {"v": {"$string": "~:a:b"}}}

    assert run_case(plain).result is True
    assert run_case({**plain, "source": {"v": "~:a:b"}}).result is False
