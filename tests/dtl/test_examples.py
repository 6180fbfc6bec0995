"""Every example of the function reference is true, in both engines."""

from __future__ import annotations

from typing import Any

import pytest

import dataflow.dtl
import dataflow.dtl.functions  # noqa: F401 - importing it fills the registry
from dataflow.dtl.conformance import Compiled, run_case
from dataflow.dtl.registry import REGISTRY, Example
from oracle.engine import Oracle


def case_of(kind: str, example: Example) -> dict[str, Any]:
    """An example as a conformance case; namespaces, when it uses them, are those of a pipe called "pipe"."""
    return {
        "id": "example",
        "kind": kind,
        "expr": example.call,
        "source": example.source,
        "target": example.target,
        "expected": example.result,
        "expected_kind": example.kind,
        "context": {
            "rules": example.rules,
            "datasets": example.datasets,
            "namespaced_identifiers": example.namespaced,
            "pipe_id": "pipe",
            "secrets": example.secrets,
        },
    }


EXAMPLES = [
    pytest.param(case_of(kind, example), id=f"{name}-{kind}-{number}")
    for (name, kind), function in sorted(REGISTRY.items())
    for number, example in enumerate(function.examples, start=1)
]


@pytest.mark.parametrize("engine", [Compiled(), Oracle()], ids=["compiled", "oracle"])
@pytest.mark.parametrize("case", EXAMPLES)
def test_example_gives_the_printed_result(case: dict[str, Any], engine: Any) -> None:
    outcome = run_case(case, engine)

    assert outcome.ok, f"{case['expr']} gave {outcome.error or outcome.result!r}, not {case['expected']!r}"


def test_every_function_has_an_example() -> None:
    assert [key for key, function in REGISTRY.items() if not function.examples] == []
