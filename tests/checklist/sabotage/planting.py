"""Defects as data: a copy of the package with one of them, and what the living checklist says of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from dataflow.checklist.binding import read_words
from dataflow.checklist.document import Document
from dataflow.checklist.facts import OWN_DOCUMENTS
from dataflow.checklist.live.runner import run_live
from dataflow.checklist.rst import read_document
from dataflow.generate.mapping_file import read_mappings
from dataflow.results import Verdict
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables
from dataflow.scenario.world import Stage, World

if TYPE_CHECKING:
    from dataflow.checklist.runner import FlowReport

ROOT = Path(__file__).parents[3]
DEFECTS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("defects.yaml").read_text("utf-8"))


def planted(defect: dict[str, Any], folder: Path) -> Path:
    """A copy of the package in `folder` with one defect. Raises AssertionError when there was nothing to replace."""
    for part in ("pipes", "systems"):
        shutil.copytree(ROOT / part, folder / part)
    for part in ("live-env.json", "node-metadata.conf.json"):
        shutil.copy(ROOT / part, folder / part)
    for change in (defect, *defect.get("also", ())):
        path = folder / change["file"]
        text = json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False)
        assert change["old"] in text, f"{change['file']} has no {change['old']}"
        path.write_text(text.replace(change["old"], change["new"]), "utf-8")
    return folder


def played(root: Path) -> list[FlowReport]:
    """Both documents against the package at `root`; the mappings and the binding are the sound ones."""
    parts = [read_document(ROOT / name)[0] for name in OWN_DOCUMENTS]
    both = Document("Webcrm", "Customerp", tuple(flow for part in parts for flow in part.sections))
    with Stage(root) as stage:
        world = World(stage)
        mappings = ROOT / "pipes" / "mappings"
        reading = Reading(read_mappings(mappings), world.project.env, read_tables(mappings, world.project.env))
        return run_live(both, world, reading, words=read_words(ROOT))


def failing(reports: list[FlowReport]) -> set[str]:
    """The rows that do not pass, of the document from webCRM and of the one back."""
    return {one.id for report in reports for one in report.results if one.verdict is not Verdict.PASS}
