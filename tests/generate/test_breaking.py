"""Breaking one thing in the package is noticed, and the message names the pipe, the entity and the property."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataflow.expect import replay as replaying
from dataflow.expect.suite import load_suite, verify
from dataflow.project import load_project
from dataflow.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("pipes", "systems", "testdata", "expected"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for file in ("test-env.json", "node-metadata.conf.json"):
        shutil.copy(ROOT / file, tmp_path)
    return tmp_path


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


def found(root: Path) -> set[tuple[str, str, str]]:
    """(pipe, entity, first step of the pointer) of every difference."""
    project = load_project(root)
    suite = load_suite(root, replaying.testable(project))
    done = replaying.replay(project)
    results = verify(suite, done.node)
    return {
        (str(evidence.pipe), str(evidence.entity), str(evidence.pointer).split("/")[1] if evidence.pointer else "")
        for result in results
        if result.verdict is Verdict.FAIL
        for evidence in result.evidence
    }


def test_nothing_broken_nothing_found(copy: Path) -> None:
    assert found(copy) == set()


BREAKS: dict[str, tuple[str, Callable[[str], str], tuple[str, str, str]]] = {
    "renamed property": (
        "customerp-customer-transform",
        replaced('["add", "City",', '["add", "Town",'),
        ("customerp-customer-transform-endpoint", "customerp-customer:50501", "City"),
    ),
    "swapped match key": (
        "global-person",
        replaced('"webcrm_user.webcrm-user:email-key"', '"webcrm_user.webcrm-user:phone-key"'),
        ("global-person-endpoint", "webcrm-user:301", "$ids"),
    ),
    "oldest instead of newest": (
        "global-product",
        replaced('["last",', '["first",'),
        ("webcrm-product-transform-endpoint", "webcrm-product:601", "ProductCustom2"),
    ),
    "time of the record instead of the property": (
        "webcrm-organisation-enrich",
        replaced('["eq", "_S.now", "_S.before.v"], "_S.before.k"', '["eq", "_S.now", "_S.before.v"], "_R._T._stamp"'),
        ("global-organisation-endpoint", "webcrm-organisation:701", "sesam:claims"),
    ),
    "inverted filter": (
        "webcrm-person-enrich",
        replaced(
            '["filter",\n          ["neq",\n            ["string", "_S.PersonOrganisationId"]',
            '["filter",\n          ["eq",\n            ["string", "_S.PersonOrganisationId"]',
        ),
        ("customerp-contact-share-endpoint", "customerp-contact:50301", "$ids"),
    ),
    "secret let through": (
        "webcrm-user-all",
        replaced(', "UserTicket*"', ""),
        ("webcrm-user-collect-endpoint", "101", "UserTicket"),
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_break_is_noticed_and_named(copy: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    pipe, change, evidence = BREAKS[name]
    path = copy / f"pipes/{pipe}.conf.json"
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    json.loads(path.read_text("utf-8"))
    seen = found(copy)
    assert {s for s in seen if s[:2] == evidence[:2]}, sorted(seen)[:20]
    assert evidence in seen, sorted(s for s in seen if s[:2] == evidence[:2])
