"""What `fixes` puts right, what it leaves alone, and that nothing else changes and nothing is lost."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dataflow.canonical import config_text
from dataflow.project import read_project
from dataflow.rules import Selection, validate
from dataflow.rules.fixes import fixes
from package_files import pipe, write_file, write_package
from rules.cases import all_cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataflow.rules.fixes import Fixed

EVERYTHING = Selection(select=("ALL",))
REST = {"_id": "s", "type": "system:rest"}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(root: Path, chosen: Selection | None = None) -> list[Fixed]:
    project = read_project(root)
    chosen = chosen or Selection()
    return fixes(project, validate(project, chosen).findings, chosen)


def of_one(root: Path, name: str, component: dict[str, Any], *others: dict[str, Any]) -> Any:
    """What becomes of one component among others that are right; None when it stays as it is."""
    for one in (component, *others):
        folder = "systems" if str(one.get("type")).startswith("system:") else "pipes"
        write_file(root / folder / f"{one['_id']}.conf.json", config_text(one))
    changed = {fixed.path.name: json.loads(fixed.after) for fixed in found(root)}
    assert changed.keys() <= {f"{name}.conf.json"}
    return changed.get(f"{name}.conf.json")


def test_hyphens_of_names_that_have_underscores_now(root: Path) -> None:
    sink = {"type": "dataset", "set-initial-offset": "onload"}
    fixed = of_one(root, "a", pipe("a", sink=sink))
    assert fixed == pipe("a", sink={"type": "dataset", "set_initial_offset": "onload"})


@pytest.mark.parametrize(
    "sink",
    [
        {"type": "dataset", "set-initial-offset": "onload", "set_initial_offset": "never"},
        {"type": "dataset", "set-initial-ofset": "onload"},
        {"type": "dataset", "set_initial-of": "onload"},
    ],
)
def test_a_name_that_is_taken_or_only_similar_stays(root: Path, sink: dict[str, Any]) -> None:
    assert of_one(root, "a", pipe("a", sink=sink)) is None


def test_a_base_that_is_a_pattern(root: Path) -> None:
    operations = {"get": {"url": "orders", "method": "GET"}}
    system = {**REST, "base_url": "https://x.example.com/", "verify_ssl": True, "operations": operations}
    source = {"type": "rest", "system": "s", "operation": "get"}
    fixed = of_one(root, "s", system, pipe("a", source))
    assert fixed == {**REST, "url_pattern": "https://x.example.com/", "verify_ssl": True, "operations": operations}


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://x.example.com", "orders"),
        ("https://x.example.com/%s/", "orders"),
        ("https://x.example.com/", "/orders"),
        ("https://x.example.com/", "https://y.example.com/orders"),
        ("https://x.example.com/", "../orders"),
        ("https://x.example.com/", "?page=1"),
        ("https://x.example.com/", "$ENV(url)"),
        ("https://x.example.com/", "{{ properties.url }}"),
        ("https://x.example.com/", ""),
    ],
)
def test_a_base_that_addresses_are_joined_to_in_another_way_stays(root: Path, base: str, url: str) -> None:
    operations = {"get": {"url": url, "method": "GET"}}
    system = {**REST, "base_url": base, "verify_ssl": True, "operations": operations}
    assert of_one(root, "s", system, pipe("a", {"type": "rest", "system": "s", "operation": "get"})) is None


def test_addresses_in_pipes_count_too(root: Path) -> None:
    system = {"_id": "s", "type": "system:url", "base_url": "https://x.example.com/", "verify_ssl": True}
    source = {"type": "json", "system": "s", "url": "/orders"}
    assert of_one(root, "s", system, pipe("a", source)) is None
    fixed = of_one(root, "s", system, pipe("a", {**source, "url": "orders"}))
    assert fixed == {"_id": "s", "type": "system:url", "url_pattern": "https://x.example.com/", "verify_ssl": True}


def merge(**properties: Any) -> dict[str, Any]:
    return pipe("m", {"type": "merge", "datasets": ["a a", "b b"], "version": 2, "identity": "first", **properties})


def test_comparisons_become_sets(root: Path) -> None:
    rules = [["eq", "a.x", "b.x"], ["eq", "b.y", "a.y"]]
    fixed = of_one(root, "m", merge(equality=rules), pipe("a"), pipe("b"))
    assert fixed == merge(equality_sets=[["a.x", "b.x"], ["b.y", "a.y"]])


@pytest.mark.parametrize("rule", [["eq", ["lower", "a.x"], "b.x"], ["and", ["eq", "a.x", "b.x"], ["eq", "a.y", "b.y"]]])
def test_other_comparisons_stay(root: Path, rule: list[Any]) -> None:
    assert of_one(root, "m", merge(equality=[["eq", "a.z", "b.z"], rule]), pipe("a"), pipe("b")) is None


def test_a_lookup_says_that_it_changes_nothing(root: Path) -> None:
    operations = {"get": {"url": "orders", "method": "GET"}, "put": {"url": "orders", "method": "PUT"}}
    system = {**REST, "url_pattern": "https://x.example.com/%s", "verify_ssl": True, "operations": operations}
    steps = [{"type": "rest", "system": "s", "operation": name} for name in operations]
    fixed = of_one(root, "a", pipe("a", transform=steps), system)
    assert fixed == pipe("a", transform=[{**steps[0], "side_effects": False}, steps[1]])


def test_the_type_that_a_folder_implies(root: Path) -> None:
    write_package(root, pipe("a"))
    untyped = {key: value for key, value in pipe("b").items() if key != "type"}
    write_file(root / "pipes" / "b.conf.json", config_text(untyped))
    write_file(root / "systems" / "s.conf.json", config_text({"_id": "s", "url_pattern": "https://x.example.com/%s"}))
    write_file(root / "node-metadata.conf.json", config_text({"_id": "node"}))
    assert {fixed.path.name: json.loads(fixed.after) for fixed in found(root, Selection(ignore=("DF107",)))} == {
        "b.conf.json": pipe("b"),
        "node-metadata.conf.json": {"_id": "node", "type": "metadata"},
    }


def test_what_is_not_chosen_or_suppressed_stays(root: Path) -> None:
    sink = {"type": "dataset", "set-initial-offset": "onload"}
    path = write_file(root / "pipes" / "a.conf.json", json.dumps(pipe("a", sink=sink)))
    assert [fixed.done for fixed in found(root)] == [("DF107", "DF203")]
    assert [fixed.done for fixed in found(root, Selection(select=("DF107",)))] == [("DF107",)]
    assert found(root, Selection(ignore=("DF107", "DF203"))) == []
    entry = {"code": "DF203", "file": "pipes/a.conf.json", "reason": "an old node"}
    write_file(root / ".dataflow.json", {"suppress": [entry]})
    assert [fixed.done for fixed in found(root)] == [("DF107",)]
    assert "set-initial-offset" in path.read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        '{"_id": "a", "type": "pipe", "source": {"type": "empty", "type": "empty"}}',
        '{"_id": "a", "type": "pipe", "source": {"type": "embedded", "entities": [{"_id": "1", "x": 0.12345678901234567891}]}}',
        '{"_id": "a", "type": "pipe", "source": {"type": "empty"},}',
        '{"_id": "a", /* why */ "type": "pipe", "source": {"type": "empty"}}',
    ],
)
def test_a_file_that_would_lose_something_is_left_alone(root: Path, text: str) -> None:
    write_file(root / "pipes" / "a.conf.json", text)
    assert found(root, EVERYTHING) == []


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.code}/{case.path.stem}")
def test_of_every_case_nothing_is_lost_and_once_is_enough(root: Path, case: Any) -> None:
    case.write(root)
    before = validate(read_project(root), EVERYTHING).findings
    changes = found(root, EVERYTHING)
    for one in changes:
        if set(one.done) <= {"DF107"}:
            assert exact(one.after) == exact(one.before)
        lost = Counter(leaves(exact(one.before))) - Counter(leaves(exact(one.after)))
        assert lost.keys() <= {"'eq'"}
        write_file(one.path, one.after)
    assert found(root, EVERYTHING) == []
    after = validate(read_project(root), EVERYTHING).findings
    assert len(after) <= len(before)
    assert {one.code for one in after} <= {one.code for one in before}


def exact(text: str) -> Any:
    return json.loads(text.removeprefix("\ufeff"), parse_float=Decimal)


def leaves(value: Any) -> Iterator[str]:
    inner = value.values() if type(value) is dict else value if type(value) is list else None
    if inner is None:
        yield repr(value)
    else:
        for one in inner:
            yield from leaves(one)
