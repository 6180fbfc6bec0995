"""`dataflow checklist read`: what checklist documents state, row by row, and what in them is not understood."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from dataflow.checklist.rst import read_document
from dataflow.diagnostics import Severity
from dataflow.errors import UsageError
from dataflow.report.checklist_rows import rows_as_json, rows_as_text
from dataflow.report.text import print_diagnostics
from dataflow.source import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


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
