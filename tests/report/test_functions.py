"""The page tools/docs/functions.md is the registry as it is now."""

from __future__ import annotations

from pathlib import Path

from dataflow.dtl.registry import Example
from dataflow.report import functions

PAGE = Path(__file__).parents[2] / "tools" / "docs" / "functions.md"


def test_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == functions.markdown(), (
        "run: dataflow functions --markdown > tools/docs/functions.md"
    )


def test_every_kind_of_example_is_told_in_words() -> None:
    shown = {
        "error": Example(["elm"], kind="error"),
        "filtered": Example([["filter"]], {"_filtered": True}, kind="discarded"),
        "discarded": Example([["discard"]], kind="discarded"),
        "type": Example(["now"], {"type": "datetime"}, kind="type"),
        "value": Example(["list", "~:a:b"], ["~:a:b"], source={"å": 1}, namespaced=True),
    }

    assert {name: list(functions._example(example)) for name, example in shown.items()} == {
        "error": ['["elm"]', "  -> fails"],
        "filtered": ['[["filter"]]', "  -> the entity is filtered"],
        "discarded": ['[["discard"]]', "  -> the entity is discarded"],
        "type": ['["now"]', "  -> a value of type datetime"],
        "value": ['["list", "~:a:b"]', '  with _S {"å": 1}', "  with namespaced_identifiers true", '  -> ["~:a:b"]'],
    }


def test_transforms_and_deprecated_functions_come_last() -> None:
    chapters = list(dict.fromkeys(function.chapter for function in functions.reference()))

    assert chapters[-2:] == ["Transforms", "Deprecated"]
    assert chapters[:-2] == sorted(chapters[:-2])
    assert len(functions.named("if")) == 2
    assert functions.named("nosuch") == []
