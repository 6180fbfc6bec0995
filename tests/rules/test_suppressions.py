"""What the list of suppressions does to findings; what is wrong with the list is shown in DF901 to DF903."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dataflow.diagnostics import Diagnostic
from dataflow.project import read_project
from dataflow.rules import Selection, validate
from dataflow.rules.suppressions import FILE, suppressed
from package_files import pipe, write_file, write_package

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 26)
FINDING = Diagnostic("DF803", "x", file="systems/erp.conf.json", pointer="/verify_ssl/a")
OTHER = Diagnostic("DF805", "y", file="systems/erp.conf.json", pointer="/url_pattern")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left(root: Path, chosen: Selection | None = None, **entry: Any) -> list[str]:
    given = {"code": "DF803", "file": "systems/erp.conf.json", "reason": "known", **entry}
    write_file(root / FILE, {"suppress": [given]})
    found, hidden = suppressed([FINDING, OTHER], root, TODAY, chosen or Selection())
    told = [one.code for one in found]
    assert hidden == 2 - sum(code in ("DF803", "DF805") for code in told)
    return told


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, ["DF805"]),
        ({"code": "DF80"}, []),
        ({"file": "systems/*"}, ["DF805"]),
        ({"file": "*"}, ["DF805"]),
        ({"file": "systems/ERP.conf.json"}, ["DF803", "DF805", "DF901"]),
        ({"pointer": "/verify_ssl"}, ["DF805"]),
        ({"pointer": "/verify_ssl/a"}, ["DF805"]),
        ({"pointer": "/verify"}, ["DF803", "DF805", "DF901"]),
        ({"pointer": "/verify_ssl/a/b"}, ["DF803", "DF805", "DF901"]),
        ({"until": "2026-11-26"}, ["DF805"]),
        ({"until": "2026-11-25"}, ["DF803", "DF805", "DF902"]),
        ({"until": "26.11.2026"}, ["DF803", "DF805", "DF903"]),
        ({"unitl": "2027-01-01"}, ["DF803", "DF805", "DF903"]),
        ({"code": "DF999"}, ["DF803", "DF805", "DF903"]),
    ],
)
def test_what_an_entry_covers(root: Path, entry: dict[str, Any], expected: list[str]) -> None:
    assert left(root, **entry) == expected


def test_an_entry_for_a_rule_that_is_not_looked_at_is_not_unused(root: Path) -> None:
    assert left(root, Selection(select=("DF805",)), file="systems/crm.conf.json") == ["DF803", "DF805"]


def test_without_a_list_everything_is_told(root: Path) -> None:
    assert suppressed([FINDING, OTHER], root, TODAY, Selection()) == ([FINDING, OTHER], 0)


def test_a_list_that_is_no_json_suppresses_nothing(root: Path) -> None:
    write_file(root / FILE, "{")
    found, hidden = suppressed([FINDING], root, TODAY, Selection())
    assert [one.code for one in found] == ["DF803", "DF102"]
    assert hidden == 0


def test_paths_are_from_the_root_wherever_one_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_package(root / "package", pipe("erp_order"))
    entry = {"code": "DF861", "file": "pipes/erp_order.conf.json", "reason": "known"}
    write_file(root / "package" / FILE, {"suppress": [entry]})
    for folder in (root, root / "package" / "pipes"):
        monkeypatch.chdir(folder)
        outcome = validate(read_project(root / "package"), today=TODAY)
        assert (outcome.findings, outcome.suppressed) == ([], 1)
