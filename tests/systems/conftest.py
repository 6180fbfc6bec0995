"""The two systems of the package and the ERP's contract, read once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def systems() -> dict[str, dict[str, Any]]:
    files = sorted((REPOSITORY / "systems").glob("*.conf.json"))
    return {file.name.removesuffix(".conf.json"): json.loads(file.read_text("utf-8")) for file in files}


@pytest.fixture(scope="session")
def contract() -> Any:
    return yaml.safe_load((REPOSITORY / "systems" / "customerp.openapi.yaml").read_text("utf-8"))


@pytest.fixture(scope="session")
def mappings() -> list[dict[str, Any]]:
    """The mappings of the concepts; the reference tables beside them are none."""
    files = sorted((REPOSITORY / "pipes" / "mappings").glob("*.yaml"))
    return [found for file in files if "concept" in (found := yaml.safe_load(file.read_text("utf-8")))]
