"""The registry has every documented function, no other, and each with the documented number of arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dataflow.dtl
import dataflow.dtl.functions  # noqa: F401 - importing it fills the registry
from dataflow.dtl.registry import REGISTRY, Chapter, Example, lookup, names

if TYPE_CHECKING:
    from collections.abc import Iterator

# name, kind, least and most arguments (* for any number), from hub/dtl/*.rst and hub/deprecations.rst
DOCUMENTED = Path(__file__).with_name("functions.txt")
SHARED = Path(__file__).parents[3] / "shared" / "reference" / "dtl" / "functions.json"


def registered() -> list[str]:
    return sorted(
        f"{name} {kind} {function.least} {'*' if function.most is None else function.most}"
        for (name, kind), function in REGISTRY.items()
    )


def test_names_and_arities_are_the_documented_ones() -> None:
    assert registered() == DOCUMENTED.read_text(encoding="utf-8").splitlines()


@pytest.mark.skipif(not SHARED.is_file(), reason="the function list is not beside this checkout")
def test_names_and_arities_are_those_of_the_reference() -> None:
    listed = json.loads(SHARED.read_text(encoding="utf-8"))["functions"]

    for entry in listed:
        function = REGISTRY[entry["name"], entry["kind"]]
        assert (function.name, function.least, function.most) == (entry["name"], entry["min_args"], entry["max_args"])
        assert (function.name, bool(function.deprecated)) == (entry["name"], entry["deprecated"])
        assert (function.name, function.chapter) == (entry["name"], entry["category"])
    assert len(REGISTRY) == len(listed)


@pytest.mark.parametrize("function", REGISTRY.values(), ids=lambda f: f"{f.name}-{f.kind}")
def test_function_is_either_called_or_emitted(function: object) -> None:
    assert (function.call is None) != (function.emit is None)  # type: ignore[attr-defined]


def test_lookup_by_name_and_kind() -> None:
    expression, transform = lookup("filter", "expression"), lookup("filter", "transform")

    assert expression is not None
    assert transform is not None
    assert expression is not transform
    assert lookup("upper", "transform") is None
    assert "upper" in names("expression")
    assert names("transform") == sorted(names("transform"))


@pytest.fixture
def chapter() -> Iterator[Chapter]:
    """A chapter to register in; what was registered is gone afterwards."""
    before = dict(REGISTRY)
    yield Chapter("Trees", "trees.rst")
    REGISTRY.clear()
    REGISTRY.update(before)


def documented() -> None:
    """Something."""


def test_registering_twice_is_refused(chapter: Chapter) -> None:
    register = chapter.expression("elm", "A(value{1})", examples=[Example(["elm", 1])])
    register(documented)

    with pytest.raises(ValueError, match="expression elm is registered twice"):
        register(documented)


def test_docstring_and_example_are_compulsory(chapter: Chapter) -> None:
    with pytest.raises(ValueError, match="elm needs a docstring and at least one example"):
        chapter.expression("elm", "A(value{1})")(documented)
    with pytest.raises(ValueError, match="elm needs a docstring"):
        chapter.expression("elm", "A(value{1})", examples=[Example(["elm", 1])])(lambda value: value)


def test_unknown_flag_is_refused(chapter: Chapter) -> None:
    with pytest.raises(ValueError, match="elm: unknown flags"):
        chapter.expression("elm", "", examples=[Example(["elm"])], flags={"magic"})(documented)


def test_limits_over_several_signatures(chapter: Chapter) -> None:
    chapter.expression("elm", "", "A(value{1}) B(value{0|1})", examples=[Example(["elm"])])(documented)
    function = REGISTRY["elm", "expression"]

    assert (function.least, function.most) == (0, 2)
    assert function.signature_for(0) is function.signatures[0]
    assert function.signature_for(2) is function.signatures[1]
    assert function.signature_for(3) is None
    assert function.pure
