"""Lineage as text and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dataflow.lineage import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.lineage.tree import Branch


def lines(branch: Branch, *, drawn: bool, before: str = "") -> Iterator[str]:
    """One line per property, with its rules below it; `drawn` with the lines of a tree, and else indented alone."""
    yield f"{branch.label}: {branch.path}"
    yield from _below(branch, drawn=drawn, before=before)


def _below(branch: Branch, *, drawn: bool, before: str) -> Iterator[str]:
    for index, inner in enumerate(branch.branches):
        last = index == len(branch.branches) - 1
        head, rest = (("└─ ", "   ") if last else ("├─ ", "│  ")) if drawn else ("  ", "  ")
        words = [
            word for word, holds in (("decides", inner.kind is Kind.DECISION), ("perhaps", not inner.sure)) if holds
        ]
        marks = f"  [{', '.join(words)}]" if words else ""
        note = f"  ({inner.note})" if inner.note else ""
        yield f"{before}{head}{inner.label}: {inner.path}{marks}{note}"
        stem = "│  " if drawn and inner.branches else "   "
        for rule in inner.rules:
            yield f"{before}{rest}{stem}by {rule.file}:{rule.line}  {rule.text}"
        yield from _below(inner, drawn=drawn, before=before + rest)


def as_json(branch: Branch) -> dict[str, Any]:
    """A tree as JSON values; `kind` and `sure` are of the way to the branch above."""
    return {
        "place": branch.place,
        "component": branch.component,
        "path": branch.path,
        "kind": str(branch.kind),
        "sure": branch.sure,
        "rules": [asdict(rule) for rule in branch.rules],
        "note": branch.note,
        "branches": [as_json(inner) for inner in branch.branches],
    }
