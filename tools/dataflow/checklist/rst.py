"""Reads a "X to Y Dataflow" document line by line: title, sections, the three sentences our document has, property tables.

A line it does not understand is reported (DF605) and never passed over, because an obligation nobody reads is one nobody keeps.
The frame and the fixed phrases are those of the published documents (datanav/docs, `technical/`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dataflow.checklist.document import Document, Flow, PropertyRow, Statement
from dataflow.diagnostics import Diagnostic
from dataflow.errors import FindingsError
from dataflow.source import shown

if TYPE_CHECKING:
    from pathlib import Path

_TITLE = re.compile(r"(?P<source>.*?) to (?P<target>.*) Dataflow")
_HEADING = re.compile(r"(?P<source>.+?) to (?P<target>.+)")
_GENERATED = re.compile(r"Generated: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_INTRODUCTION = re.compile(r"Introduction\.?")

# What a section says, with its two labels in place of {source} and {target}.
SENTENCES: dict[Statement, str] = {
    Statement.EVERY: "Every {source} will be synchronized with a {target}.",
    Statement.KEEP: "Once a link between a {source} and a {target} is established, it will keep in sync between the two "
    "systems, regardless of where it is edited.",
    Statement.PROPERTIES: "The following properties are synchronized between a {source} and a {target}:",
}


def read_document(path: Path) -> tuple[Document, list[Diagnostic]]:
    """The document in a file, as `read_rst` reads it. Raises FindingsError with DF101 or DF105."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        fault = Diagnostic("DF101", f"cannot be read: {error.strerror}", file=shown(path))
        raise FindingsError([fault]) from None
    except UnicodeDecodeError as error:
        fault = Diagnostic("DF105", f"not UTF-8 at byte {error.start}", file=shown(path), hint="save the file as UTF-8")
        raise FindingsError([fault]) from None
    return read_rst(text, shown(path))


def read_rst(text: str, file: str) -> tuple[Document, list[Diagnostic]]:
    """The document and a DF605 for every line that is not understood; CRLF and LF are both fine."""
    reader = _Reader(file, [line.rstrip() for line in text.splitlines()])
    reader.read()
    flows = tuple(section.flow() for section in reader.sections)
    return Document(reader.source, reader.target, flows, reader.generated), reader.findings


@dataclass(slots=True)
class _Section:
    source: str
    target: str
    line: int
    statements: set[Statement] = field(default_factory=set)
    rows: list[PropertyRow] = field(default_factory=list)

    def flow(self) -> Flow:
        return Flow(self.source, self.target, frozenset(self.statements), tuple(self.rows), self.line)


class _Reader:
    def __init__(self, file: str, lines: list[str]) -> None:
        self.file = file
        self.lines = lines
        self.at = 0
        self.source = self.target = ""
        self.generated: str | None = None
        self.sections: list[_Section] = []
        self.introduction = self.introduced = False
        self.findings: list[Diagnostic] = []

    def read(self) -> None:
        self._title()
        while self.at < len(self.lines):
            line = self._line(self.at)
            if not line:
                self.at += 1
            elif _is_rule(self._line(self.at + 1), "-"):
                self._heading(line)
            elif line.startswith(".. list-table::"):
                self._table()
            else:
                self._paragraph()

    def _line(self, index: int) -> str:
        return self.lines[index] if index < len(self.lines) else ""

    def _title(self) -> None:
        while self.at < len(self.lines) and not self._line(self.at):
            self.at += 1
        found = _TITLE.fullmatch(self._line(self.at + 1).strip())
        if found and _is_rule(self._line(self.at), "=") and _is_rule(self._line(self.at + 2), "="):
            self.source, self.target = found["source"], found["target"]
            self.at += 3
        else:
            self._not_understood(self.at, "a title between two lines of =", "<system> to <system> Dataflow")

    def _heading(self, line: str) -> None:
        self.introduction = _INTRODUCTION.fullmatch(line) is not None
        found = _HEADING.fullmatch(line)
        if found:
            self.sections.append(_Section(found["source"], found["target"], self.at + 1))
        elif not self.introduction:
            self._not_understood(self.at, "a section heading", "<system> <datatype> to <system> <datatype>")
        self.at += 2

    def _paragraph(self) -> None:
        start = self.at
        while self._line(self.at) and not self._line(self.at).startswith(".. "):
            self.at += 1
        if self.at == start:
            self._not_understood(start, "a list-table, the only directive there is")
            self.at += 1
            return
        text = " ".join(" ".join(self.lines[start : self.at]).split())
        if self.introduction:
            if self.introduced or not text.startswith("This technical document "):
                self._not_understood(start, "the one introductory paragraph")
            self.introduced = True
        elif self.sections:
            self._sentence(text, start)
        elif found := _GENERATED.fullmatch(text):
            self.generated = found[1]
        else:
            self._not_understood(start, "the time of generation, or a section", "Generated: YYYY-MM-DD HH:MM:SS")

    def _sentence(self, text: str, start: int) -> None:
        section = self.sections[-1]
        for statement, sentence in SENTENCES.items():
            if text == " ".join(sentence.format(source=section.source, target=section.target).split()):
                section.statements.add(statement)
                return
        self._not_understood(
            start, f'one of the sentences a section of "{section.source} to {section.target}" can have'
        )

    def _table(self) -> None:
        start = self.at
        self.at += 1
        rows: list[tuple[int, list[str]]] = []
        while self.at < len(self.lines) and (not self._line(self.at) or self._line(self.at)[0].isspace()):
            line = self._line(self.at).strip()
            if line.startswith("* -"):
                rows.append((self.at, [line[3:].strip()]))
            elif rows and (line == "-" or line.startswith("- ")):
                rows[-1][1].append(line[1:].strip())
            elif line and line != ":header-rows: 1":
                self._not_understood(self.at, "a row of the table")
            self.at += 1
        if not self.sections:
            self._not_understood(start, "a table inside a section")
            return
        section = self.sections[-1]
        header = [f"{section.source} Property", f"{section.target} Property", f"{self.target} Data Type"]
        if not rows or rows[0][1] != header:
            self._not_understood(
                rows[0][0] if rows else start, "a property table with the header " + " | ".join(header)
            )
            return
        for line_number, cells in rows[1:]:
            if len(cells) == len(header):
                section.rows.append(PropertyRow(cells[0], cells[1], cells[2].strip('"'), line_number + 1))
            else:
                self._not_understood(line_number, f"{len(header)} cells in the row, found {len(cells)}")

    def _not_understood(self, index: int, expected: str, hint: str | None = None) -> None:
        shown = self._line(index).strip()
        message = f'not understood: "{shown}"' if shown else "not understood: the document ends here"
        self.findings.append(
            Diagnostic("DF605", message, file=self.file, line=index + 1, column=1, expected=expected, hint=hint)
        )


def _is_rule(line: str, character: str) -> bool:
    return len(line) >= 3 and not line.strip(character)
