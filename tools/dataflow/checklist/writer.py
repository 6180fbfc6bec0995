"""Writes a document in the family's layout, so that `rst` reads the same rows from it. The introduction is our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.checklist import phrases
from dataflow.checklist.document import (
    Condition,
    Coverage,
    CreateIfConnected,
    KeepInSync,
    LinkFirst,
    MergeKeys,
    Property,
)
from dataflow.checklist.tables import cell_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.checklist.document import Document, Flow, Row

_INTRODUCTION = (
    "This technical document says what flows from {source} to {target}: which records get a counterpart, what links them, "
    "and which of their properties are kept alike. It is written from the mappings of this package, and every sentence and "
    "row of it is a check that can be run."
)


def rst_of(document: Document) -> str:
    """The document as text, lines ended by LF."""
    return "\n".join(_lines(document)).rstrip("\n") + "\n"


def _lines(document: Document) -> Iterator[str]:
    rule = "=" * len(document.title)
    yield from (
        rule,
        document.title,
        rule,
        "",
        f"Generated: {document.generated}",
        "",
        "Introduction",
        "------------",
        "",
    )
    yield _INTRODUCTION.format(source=document.source, target=document.target)
    yield ""
    for flow in document.sections:
        yield flow.title
        yield "-" * len(flow.title)
        for row in flow.rows:
            if not isinstance(row, Property):
                yield from _statement(flow, row)
        yield from (_said(phrases.PROPERTIES, flow), "")
        rows = ((str(row.source), str(row.target), cell_of(row.type)) for row in flow.of(Property))
        yield from _table(
            (f"{flow.source} Property", f"{flow.target} Property", f"{document.target} Data Type".strip()), *rows
        )
        yield from ("", "")


def _statement(flow: Flow, row: Row) -> Iterator[str]:
    match row:
        case Coverage():
            yield _said(phrases.EVERY, flow)
        case Condition():
            yield _said(phrases.WHEN, flow, condition=row.text)
        case LinkFirst():
            yield _said(phrases.LINK_FIRST, flow)
        case CreateIfConnected():
            connected = f"{row.system} {_listed(row.datatypes)}"
            yield _said(phrases.CREATE_IF_CONNECTED, flow, connected=connected, system=row.into)
        case MergeKeys():
            yield from _merging(flow, row)
        case KeepInSync():
            yield _said(phrases.KEEP, flow)
    yield ""


def _merging(flow: Flow, row: MergeKeys) -> Iterator[str]:
    if row.existing:
        yield from (_said(phrases.MERGE_EXISTING, flow), "")
    if row.create:
        yield from (_said(phrases.CREATE_NEW, flow), "")
    yield from (_said(phrases.MERGE_KEYS, flow), "")
    pairs = ((str(pair.source), str(pair.target)) for pair in row.pairs)
    yield from _table((f"{flow.source} Property", f"{flow.target} Property"), *pairs)


def _said(phrase: str, flow: Flow, **fields: str) -> str:
    return phrase.format(source=flow.source, target=flow.target, **fields)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) < 2 else f"{', '.join(names[:-1])}, or {names[-1]}"


def _table(*rows: tuple[str, ...]) -> Iterator[str]:
    yield from (".. list-table::", "   :header-rows: 1", "")
    for row in rows:
        for index, cell in enumerate(row):
            yield f"   {' ' if index else '*'} - {cell}".rstrip()
