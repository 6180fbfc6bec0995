"""The index of the decisions: every note is in it, every open question has an answer, and every answer is pinned."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import dataflow.dtl.functions  # noqa: F401 - importing it fills the registry
from dataflow.dtl.conformance import load, run_case

TESTS = Path(__file__).parent
DECISIONS = TESTS.parent / "tools" / "docs" / "decisions"
CASES = TESTS / "dtl" / "cases" / "open_questions.jsonl"
CORPUS = TESTS.parents[1] / "shared" / "reference" / "dtl" / "cases.jsonl"


def section(heading: str) -> list[list[str]]:
    """The cells of the table below a heading of the index, without its two head lines."""
    text = (DECISIONS / "README.md").read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def notes() -> dict[str, Path]:
    return {path.name[:4]: path for path in sorted(DECISIONS.glob("[0-9]*.md"))}


def test_the_index_lists_every_note_and_nothing_else() -> None:
    listed = [cell for cell, _ in section("Notes")]

    assert listed == [f"[{number}]({path.name})" for number, path in notes().items()]
    assert len(notes()) == len(list(DECISIONS.glob("[0-9]*.md")))


def test_a_note_that_the_code_refers_to_is_there() -> None:
    root = TESTS.parent
    texts = (path.read_text("utf-8") for folder in ("tools", "tests") for path in sorted((root / folder).rglob("*.py")))
    named = {name for text in texts for name in re.findall(r"tools/docs/decisions/(\d{4}[\w-]*)", text)}

    assert named
    assert named - {path.stem for path in notes().values()} == set()


@pytest.mark.parametrize("path", notes().values(), ids=lambda path: path.name)
def test_a_note_says_what_is_asked_what_was_decided_and_why(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.startswith(f"# {path.name[:4]} ")
    for part in ("Question", "Decision", "Why"):
        assert re.search(rf"^\*\*{part}s?\.\*\* ", text, re.MULTILINE), part


@pytest.mark.parametrize("path", notes().values(), ids=lambda path: path.name)
def test_what_a_note_is_pinned_by_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8").partition("**Pinned by**")[2]
    ids = {case["id"] for file in CASES.parent.glob("*.jsonl") for case in load(file)}

    for name in re.findall(r"`((?:question|own)-[^`]+)`", text):
        assert name in ids
    for name in re.findall(r"`(tests/[^`]+)`", text):
        assert (TESTS.parent / name).exists()


def test_all_32_open_questions_are_answered_by_a_note_and_by_cases() -> None:
    rows = section("Open questions")
    used = {case["id"][: len("question-00")] for case in load(CASES)}

    assert [int(number) for number, *_ in rows] == list(range(1, 33))
    assert [pinned for *_, pinned in rows] == [f"`question-{number:02}`" for number in range(1, 33)]
    assert used == {pinned.strip("`") for *_, pinned in rows}
    for _, subject, answer, note, _ in rows:
        assert subject
        assert answer
        assert note in notes()


@pytest.mark.skipif(not CORPUS.is_file(), reason="the conformance corpus is not beside this checkout")
def test_the_deviations_are_exactly_the_cases_that_are_not_as_printed() -> None:
    documented = {cells[0].strip("`") for cells in section("Deviations")}
    deviating = {outcome.id for outcome in map(run_case, load(CORPUS)) if not outcome.ok}

    assert deviating == documented


def test_cases_of_the_open_questions_are_in_the_order_of_the_questions() -> None:
    ids = [json.loads(line)["id"] for line in CASES.read_text(encoding="utf-8").splitlines()]

    assert ids == sorted(ids)
