"""What checklist documents state: one line or one object per row, each with the line it stands on."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from dataflow.checklist.document import KeyPair, MergeKeys, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataflow.checklist.document import Document, Flow, Row
    from dataflow.diagnostics import Diagnostic


def rows_as_text(name: str, document: Document) -> Iterator[str]:
    """`<file>:<line>  <kind>  <what it says>`, a line per row."""
    title = document.title if document.source or document.target else "(no title)"
    yield f"{name}: {title}" + (f", generated {document.generated}" if document.generated else "")
    for flow in document.sections:
        yield f"{name}:{flow.line}  Flow  {flow.title}"
        for row in flow.rows:
            yield f"{name}:{row.line}    {type(row).__name__}  {_said(row)}".rstrip()
            if isinstance(row, MergeKeys):
                yield from (f"{name}:{pair.line}      {_said(pair)}" for pair in row.pairs)


def rows_as_json(documents: Iterable[tuple[str, Document]], findings: Iterable[Diagnostic]) -> str:
    """`{"documents": [{"file", "source", "target", "generated", "rows"}], "findings"}`.

    A row is an object with its `kind`, its `line`, and what is its own; what follows a Flow belongs to it.
    """
    told = {
        "documents": [
            {
                "file": name,
                "source": document.source,
                "target": document.target,
                "generated": document.generated,
                "rows": [row for flow in document.sections for row in _objects(flow)],
            }
            for name, document in documents
        ],
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _objects(flow: Flow) -> Iterator[dict[str, Any]]:
    yield {"kind": "Flow", "line": flow.line, "source": flow.source, "target": flow.target}
    for row in flow.rows:
        yield {"kind": type(row).__name__, **asdict(row)}


def _said(row: Row | KeyPair) -> str:
    """The fields of a row as words."""
    parts = [(one.name, getattr(row, one.name)) for one in fields(row)]
    if any(isinstance(value, Term) for _, value in parts):
        kind = f" ({row.type})" if hasattr(row, "type") else ""
        return " → ".join(str(value) or "–" for _, value in parts if isinstance(value, Term)) + kind
    shown = (_word(name, value) for name, value in parts if name not in ("line", "pairs"))
    return ", ".join(filter(None, shown))


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else ""
    return f"{name}: {' or '.join(value)}" if isinstance(value, tuple) else f"{name}: {value}"
