"""`dataflow checklist --node URL`: the living checklist against a real node and test tenants."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from dataflow.checklist.live.runner import run_live
from dataflow.checklist.real.setup import set_up
from dataflow.clock import Clock
from dataflow.generate.mapping_file import read_mappings
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dataflow.checklist.binding import Words
    from dataflow.checklist.document import Document
    from dataflow.checklist.runner import FlowReport
    from dataflow.project import Project

PROFILE = "prod"


class Played(NamedTuple):
    """`project` is the package with the node's variables, `secrets` are values that no report may hold."""

    project: Project
    reports: list[FlowReport]
    secrets: tuple[str, ...]


def run_real(
    root: Path,
    url: str,
    document: Document,
    words: Words,
    *,
    go: bool,
    profile: str | None,
    only: str | None,
    tell: Callable[[str], None],
    clock: Clock | None = None,
) -> Played | None:
    """Tell the plan; with `go`, play it and clean up, whatever happens. None when only the plan was told.

    Raises UsageError for what is missing or refused.
    """
    setup = set_up(root, url, profile or PROFILE, os.environ, clock or Clock())
    for line in setup.plan():
        tell(line)
    if not go:
        return None
    mappings, env = root / "pipes" / "mappings", setup.project.env
    reading = Reading(read_mappings(mappings), env, read_tables(mappings, env))
    world = setup.world()
    try:
        reports = run_live(document, world, reading, only=only, words=words, tell=tell)
        return Played(setup.project, reports, setup.secrets)
    finally:
        left = world.clean_up(reading)
        tell(f"cleaned up; left, for people to delete: {', '.join(left) or 'nothing'}")
