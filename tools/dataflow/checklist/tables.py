"""The tables of checklist documents: key pairs with two columns, properties with three, and what their cells mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dataflow.checklist.document import Dependence, KeyPair, Property, Term
from dataflow.checklist.phrases import squeezed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.checklist.tree import Block, Cell

_DEPENDENCE = re.compile(r" ?\(Dependant on having (?P<value>.*?) ?in (?P<property>[^()]+)\)")
_QUOTED = re.compile(r'"([^"\[\]]*)"')
PLAIN = re.compile(r"[a-z]+")


class Unread(Exception):
    """`text` on `line` is not what was `expected`."""

    def __init__(self, text: str, line: int, expected: str) -> None:
        super().__init__(text)
        self.text, self.line, self.expected = text, line, expected


class Table:
    """The tables of one section; rows that cannot be read are kept in `unread`."""

    def __init__(self, source: str, target: str) -> None:
        self._header = [f"{source} Property", f"{target} Property"]
        self.unread: list[Unread] = []

    def pairs(self, block: Block) -> Iterator[KeyPair]:
        """The rows of a table of merge keys. Raises Unread for another header."""
        for source, target in self._rows(block, 2):
            yield KeyPair(term(source.text), term(target.text), source.line)

    def properties(self, block: Block) -> Iterator[Property]:
        """The rows of a property table. Raises Unread for another header."""
        for source, target, kind in self._rows(block, 3):
            yield Property(term(source.text), term(target.text), type_of(kind.text), source.line)

    def _rows(self, block: Block, width: int) -> Iterator[list[Cell]]:
        head = [squeezed(cell.text) for cell in block.rows[0]] if block.rows else []
        # The type column names the target's system, which may have another name than in the label, or none.
        right = len(head) == width and (width == 2 or head[2].endswith("Data Type"))
        if not right or head[:2] != [squeezed(name) for name in self._header]:
            wanted = [*self._header, "<system> Data Type"][:width]
            line = block.rows[0][0].line if block.rows else block.line
            raise Unread(" | ".join(head) or block.text, line, "a table with the header " + " | ".join(wanted))
        for cells in block.rows[1:]:
            if len(cells) == width:
                yield cells
            else:
                text = " | ".join(cell.text for cell in cells)
                self.unread.append(Unread(text, cells[0].line, f"{width} cells in the row, found {len(cells)}"))


def term(cell: str) -> Term:
    """A property with its conditions; a condition said twice counts once."""
    text = squeezed(cell)
    when = (Dependence(found["value"], found["property"].strip()) for found in _DEPENDENCE.finditer(text))
    return Term(_DEPENDENCE.sub("", text).strip(), tuple(dict.fromkeys(when)))


def type_of(cell: str) -> str:
    """A type without the quotes that belong to the cell; an expression, whole or clipped, as it is."""
    text = squeezed(cell)
    found = _QUOTED.fullmatch(text)
    return found[1] if found else text


def cell_of(kind: str) -> str:
    """A type as a cell has it."""
    return f'"{kind}"' if PLAIN.fullmatch(kind) else kind
