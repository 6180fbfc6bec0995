"""Every case of every rule says what it says: the bad ones exactly their rule, the good ones nothing under all rules.

After a change that is meant to show, `RULES_UPDATE=1 pytest tests/rules` writes the outputs anew; read the difference.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from dataflow.cli import main
from dataflow.diagnostics import CODES
from dataflow.rules import RULES
from rules.cases import FOLDER, all_cases, read

if TYPE_CHECKING:
    from pathlib import Path

    from rules.cases import Case

CASES = all_cases()
UPDATE = bool(os.environ.get("RULES_UPDATE"))


def said(case: Case, root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    case.write(root)
    code = main(["validate", *options])
    printed, complaint = capsys.readouterr()
    assert complaint == ""
    assert code == (1 if " error DF" in printed else 0)
    return printed


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}/{case.path.stem}")
def test_a_case(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    select = ("--select", "ALL") if case.good or not RULES[case.code].usual else ()
    printed = said(case, tmp_path, capsys, *select)
    if UPDATE:
        case.path.write_text(case.with_output(printed), "utf-8")
        case = read(case.path)
    assert printed == case.output
    found = {
        line.split(": ", 2)[1].split()[1]
        for line in printed.splitlines()
        if line.partition(": ")[2][:1] in "ewi" and " DF" in line
    }
    assert found == (set() if case.good else {case.code})


def test_every_rule_has_two_bad_and_two_good_cases() -> None:
    counts = Counter((case.code, case.good) for case in CASES)
    assert {folder.name for folder in FOLDER.iterdir() if folder.name.startswith("DF")} == set(RULES)
    assert {key: number for key, number in counts.items() if number < 2} == {}
    assert set(counts) == {(code, good) for code in RULES for good in (True, False)}


def test_every_case_says_what_it_shows() -> None:
    assert [case.path.name for case in CASES if not case.about or "\n\n" in case.about] == []


def test_every_rule_is_of_a_known_id() -> None:
    assert RULES.keys() <= CODES.keys()
