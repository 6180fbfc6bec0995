"""A copy of the package's mappings that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root() -> Path:
    return ROOT


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """`pipes/` with its mappings, as committed."""
    shutil.copytree(ROOT / "pipes", tmp_path / "pipes")
    return tmp_path
