"""The blocks of a reStructuredText document, by docutils, each with the line it begins on and the text as it was typed.

A list-table comes as its cells: docutils' own directive refuses one whose rows differ in length, which some documents have.
Nothing is included and nothing is raw.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTALL = "install it with: pip install 'webcrm-customerp[document]'"

# What docutils warns of and reads nevertheless: short rules, a missing blank line, and markup that is none here.
_HARMLESS = (
    "Title underline too short",
    "Title overline too short",
    "Possible title underline",
    "Inline ",
    "Bullet list ends",
    "Block quote ends",
    "Explicit markup ends",
    "Duplicate ",
)
_WARNING = 2


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is title, paragraph, table, or what docutils calls anything else; `rows` are a table's, header first."""

    kind: str
    text: str
    line: int
    rows: list[list[Cell]] = field(default_factory=list)


def parsed(text: str) -> Iterator[Block]:
    """The blocks of a document in order. Raises UsageError where docutils is not installed."""
    try:
        from docutils.frontend import get_default_settings
        from docutils.parsers.rst import Parser, directives
        from docutils.utils import new_document

        from dataflow.checklist.list_table import ListTable
    except ImportError:
        raise UsageError(f"docutils, which reads checklist documents, is missing; {INSTALL}") from None
    settings = get_default_settings(Parser)
    # Nothing is printed and nothing stops it: what docutils minds stands in the tree.
    settings.report_level, settings.halt_level = 5, 6
    settings.file_insertion_enabled = settings.raw_enabled = False
    directives.register_directive("list-table", ListTable)
    document = new_document("", settings)
    Parser().parse(text, document)
    return _joined(_blocks(document))


def _blocks(node: Any) -> Iterator[Block]:
    for child in node.children:
        name = child.tagname
        if name == "section":
            yield from _blocks(child)
        elif name == "title":
            # docutils counts from the rule under a title.
            yield Block(name, child.rawsource, child.line - 1)
        elif name == "paragraph":
            yield Block(name, child.rawsource, child.line)
        elif name == "table":
            yield Block(name, child.rawsource, child.line, [_row(item) for item in child.children])
        elif name == "definition_list":
            # What docutils takes a line for that has something indented under it: a type outside its table, more rows.
            for item in child.children:
                yield Block("paragraph", item.children[0].rawsource, item.line)
                yield from _blocks(item)
        elif name in ("block_quote", "definition") and [one.tagname for one in child.children] == ["bullet_list"]:
            rows = [_row(item) for item in child.children[0].children]
            yield Block("rows", child.astext(), _line(child), rows)
        elif name == "term":
            continue
        elif name != "system_message":
            yield Block(name, child.rawsource or child.astext(), _line(child))
        elif not _is_harmless(child):
            yield Block(name, child.children[-1].rawsource or child.children[0].astext(), int(child["line"]))


def _joined(blocks: Iterator[Block]) -> Iterator[Block]:
    """A type that slipped out of its row, and the rows after it, go back into the table."""
    table: Block | None = None
    for block in blocks:
        if table is not None and block.kind == "paragraph" and table.rows and len(table.rows[-1]) < len(table.rows[0]):
            table.rows[-1].append(Cell(block.text, block.line))
        elif table is not None and block.kind == "rows":
            table.rows.extend(block.rows)
        else:
            if table is not None:
                yield table
            table = block if block.kind == "table" else None
            if table is None:
                yield block
    if table is not None:
        yield table


def _row(item: Any) -> list[Cell]:
    """The cells of `* - a`, `- b`, and what stands after them without a hyphen."""
    cells: list[Cell] = []
    for child in item.children:
        if child.tagname == "bullet_list":
            cells += [Cell(_text(cell), cell.line) for cell in child.children]
        elif child.tagname != "system_message":
            cells.append(Cell(child.rawsource, _line(child)))
    return cells


def _text(cell: Any) -> str:
    return " ".join(child.rawsource for child in cell.children if child.tagname != "system_message").strip()


def _line(node: Any) -> int:
    """The line of a node, or of the first of its children that knows it."""
    return int(node.line or next((line for child in node.children if (line := _line(child))), 0))


def _is_harmless(message: Any) -> bool:
    return bool(message["level"] <= _WARNING) and message.children[0].astext().startswith(_HARMLESS)
