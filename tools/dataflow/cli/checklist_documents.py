"""`dataflow checklist read` and `write`: what checklist documents state, row by row; our own, written from the mappings."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dataflow.checklist.binding import Binding, read_words
from dataflow.checklist.checks.direction import BACK, OUT
from dataflow.checklist.facts import OWN_DOCUMENTS
from dataflow.checklist.rst import read_document
from dataflow.checklist.statement import document_of
from dataflow.checklist.writer import rst_of
from dataflow.clock import Clock
from dataflow.diagnostics import Severity
from dataflow.errors import UsageError
from dataflow.generate.mapping_file import read_mappings
from dataflow.project import find_root, load_project
from dataflow.report.checklist_rows import rows_as_json, rows_as_text
from dataflow.report.text import print_diagnostics
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables
from dataflow.source import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


PROFILE = "test"


def read(paths: Sequence[Path], form: str) -> int:
    """Print the rows of every document; 1 if a line of one was not understood. Raises FindingsError for an unreadable file."""
    if not paths:
        raise UsageError("read what? name one document or more: dataflow checklist read FILE...")
    documents, findings = [], []
    for path in paths:
        document, found = read_document(path)
        documents.append((shown(path), document))
        findings += found
    if form == "json":
        print(rows_as_json(documents, findings))
    else:
        for name, document in documents:
            for line in rows_as_text(name, document):
                print(line)
    print_diagnostics(findings, sys.stderr)
    return 1 if any(finding.severity is Severity.ERROR for finding in findings) else 0


def write(folder: Path | None, profile: str | None, *, check: bool) -> int:
    """Write our documents where they differ from the mappings; or, to `check`, name those that do and give 1.

    A document that says what it should keeps the time it was generated.
    """
    root = find_root(folder)
    environment = load_project(root, profile or PROFILE).env
    mappings = root / "pipes" / "mappings"
    reading = Reading(read_mappings(mappings), environment, read_tables(mappings, environment))
    binding = Binding(reading, read_words(root))
    now = f"{datetime.fromtimestamp(Clock().now_ns() // 1_000_000_000, UTC):%Y-%m-%d %H:%M:%S}"
    different = 0
    for name, direction in zip(OWN_DOCUMENTS, (OUT, BACK), strict=True):
        path = root / name
        known = path.read_text("utf-8") if path.is_file() else ""
        stamp = next((line.partition(": ")[2] for line in known.splitlines() if line.startswith("Generated: ")), now)
        if known == rst_of(document_of(binding, direction, stamp)):
            continue
        different += 1
        if check:
            print(f"{name} is not what the mappings say; run: dataflow checklist write", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(rst_of(document_of(binding, direction, now)), "utf-8")
            print(f"wrote {name}")
    if not different:
        print(f"{' and '.join(OWN_DOCUMENTS)} say what the mappings say.")
    return 1 if check and different else 0
