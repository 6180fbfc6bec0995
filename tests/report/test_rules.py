"""The page tools/docs/rules.md is the rules as they are now, with what their examples give."""

from __future__ import annotations

from pathlib import Path

from dataflow.diagnostics import CODES
from dataflow.report import rules
from dataflow.rules import RULES

PAGE = Path(__file__).parents[2] / "tools" / "docs" / "rules.md"


def test_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules.markdown(), "run: dataflow rules --markdown > tools/docs/rules.md"


def test_every_id_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    assert [code for code in CODES if f"### {code} " not in page and f"| {code} |" not in page] == []


def test_every_family_has_a_heading() -> None:
    assert {rule.family for rule in RULES.values()} == set(rules._FAMILIES)
