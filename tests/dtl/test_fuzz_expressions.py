"""A bounded sample of the fuzzer, which can be run for longer by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest


def fuzzer() -> Any:
    spec = importlib.util.spec_from_file_location("fuzz_expressions", Path(__file__).with_name("fuzz_expressions.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(4))
def test_nothing_but_a_dataflow_error_escapes(seed: int) -> None:
    found = fuzzer().fuzz(400, seed)

    assert found is None, f"{found[0]} raised {found[1]!r}"


def test_a_crash_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    module = fuzzer()

    def broken(dtl: Any, **_: Any) -> None:
        raise KeyError(str(dtl))

    monkeypatch.setattr(module, "attempt", broken)

    _, error = module.fuzz(1, 0)
    assert isinstance(error, KeyError)
