"""Each defect, planted alone, makes exactly the rows concerned fail, in the document from webCRM and in the one back.

The whole table takes minutes, so that only some of it is planted unless SABOTAGE is set (`make sabotage`); which ones changes with
nothing but the table.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("planting", Path(__file__).with_name("planting.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
planting = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(planting)

EVERY = 6
CHOSEN = planting.DEFECTS if os.environ.get("SABOTAGE") else planting.DEFECTS[::EVERY]


def test_there_are_enough_defects_and_none_twice() -> None:
    names = [defect["name"] for defect in planting.DEFECTS]
    assert len(names) == len(set(names)) >= 25
    assert all(defect["fails"] for defect in planting.DEFECTS)


def test_nothing_fails_without_a_defect() -> None:
    assert planting.failing(planting.played(planting.ROOT)) == set()


@pytest.mark.parametrize("defect", CHOSEN, ids=[defect["name"] for defect in CHOSEN])
def test_a_defect_fails_exactly_the_rows_concerned(defect, tmp_path) -> None:
    found = planting.failing(planting.played(planting.planted(defect, tmp_path)))
    assert found == set(defect["fails"])
