"""Reads a "X to Y Dataflow" document: title, sections, the nine kinds of statement, key and property tables.

docutils makes the tree and knows the lines; what a paragraph says is taken as it was typed, because `id_` is a property here and no
reference. What is not understood is reported (DF605) and never passed over: an obligation nobody reads is one nobody keeps. What is
understood and yet odd is told as a warning (DF609). Frame and phrases: `phrases`; tables and cells: `tables`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dataflow.checklist import phrases
from dataflow.checklist.document import (
    Condition,
    Coverage,
    CreateIfConnected,
    Document,
    Flow,
    KeepInSync,
    LinkFirst,
    MergeKeys,
)
from dataflow.checklist.phrases import squeezed
from dataflow.checklist.tables import Table, Unread
from dataflow.checklist.tree import parsed
from dataflow.diagnostics import Diagnostic, Severity
from dataflow.errors import FindingsError
from dataflow.source import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dataflow.checklist.document import Row
    from dataflow.checklist.phrases import Statement
    from dataflow.checklist.tree import Block

_TITLE = re.compile(r"(?P<source>.*?) ?\bto\b ?(?P<target>.*?) ?\bDataflow")
_HEADING = re.compile(r"(?P<source>.+?) to (?P<target>.+)")
_GENERATED = re.compile(r"Generated: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_INTRODUCTION = re.compile(r"Introduction\.?")
_INTRODUCED = "This technical document "


def read_document(path: Path) -> tuple[Document, list[Diagnostic]]:
    """The document in a file, as `read_rst` reads it. Raises FindingsError with DF101 or DF105, UsageError without docutils."""
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
    reader = _Reader(file)
    for block in parsed(text):
        reader.take(block)
    return reader.document(), reader.findings


@dataclass(slots=True)
class _Section:
    source: str
    target: str
    line: int
    rows: list[Row] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)
    pairs: int | None = None  # where in rows the merge keys stand

    def flow(self) -> Flow:
        return Flow(self.source, self.target, tuple(self.rows), self.line)


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.title: tuple[str, str] | None = None
        self.generated: str | None = None
        self.sections: list[_Section] = []
        self.introducing = self.introduced = False
        self.findings: list[Diagnostic] = []

    def document(self) -> Document:
        if self.title is None:
            self.not_understood("the document has no title", 1, "a title, <system> to <system> Dataflow")
        for section in self.sections:
            self._shape(section)
        source, target = self.title or ("", "")
        return Document(source, target, tuple(section.flow() for section in self.sections), self.generated)

    def take(self, block: Block) -> None:
        """The next block of the document."""
        {"title": self._title, "paragraph": self._paragraph, "table": self._table}.get(block.kind, self._odd)(block)

    def _odd(self, block: Block) -> None:
        self.not_understood(block.text, block.line, "headings, paragraphs and list-tables only")

    def _title(self, block: Block) -> None:
        text = squeezed(block.text)
        found = _TITLE.fullmatch(text)
        if self.title is None and not self.sections and found:
            self.title = (found["source"], found["target"])
            return
        self.introducing = _INTRODUCTION.fullmatch(text) is not None
        heading = _HEADING.fullmatch(text)
        if heading:
            self.sections.append(_Section(heading["source"], heading["target"], block.line))
        elif not self.introducing:
            self.not_understood(block.text, block.line, "a section heading, <system> <datatype> to <system> <datatype>")

    def _paragraph(self, block: Block) -> None:
        text = squeezed(block.text)
        if self.introducing:
            if self.introduced or not text.startswith(_INTRODUCED):
                self.not_understood(text, block.line, "the one introductory paragraph")
            self.introduced = True
        elif self.sections:
            self._sentence(text, block.line)
        elif found := _GENERATED.fullmatch(text):
            self.generated = found[1]
        else:
            self.not_understood(text, block.line, "Generated: YYYY-MM-DD HH:MM:SS, or a section")

    def _sentence(self, text: str, line: int) -> None:
        section = self.sections[-1]
        said = phrases.find(text)
        if said is None:
            self.not_understood(text, line, f'one of the sentences of a section "{section.source} to {section.target}"')
            return
        for side, label in (("source", section.source), ("target", section.target)):
            if said.fields.get(side, label) != label:
                self._odd_one(f'speaks of "{said.fields[side]}" under a heading about "{label}"', line)
        section.stated.append(said.phrase)
        _TAKEN.get(said.phrase, _nothing)(self, section, said, line)

    def _table(self, block: Block) -> None:
        if not self.sections:
            self.not_understood(block.text, block.line, "a table inside a section")
            return
        section = self.sections[-1]
        table = Table(section.source, section.target)
        try:
            if section.stated[-1:] == [phrases.MERGE_KEYS]:
                merge = section.rows[section.pairs or 0]
                assert isinstance(merge, MergeKeys)
                pairs = tuple(table.pairs(block))
                section.rows[section.pairs or 0] = MergeKeys(pairs, merge.existing, merge.create, merge.line)
            elif section.stated[-1:] == [phrases.PROPERTIES]:
                section.rows += table.properties(block)
            else:
                raise Unread(block.text, block.line, "a sentence that introduces the table")
        except Unread as error:
            self.not_understood(error.text, error.line, error.expected)
        for unread in table.unread:
            self.not_understood(unread.text, unread.line, unread.expected)

    def merge_keys(self, section: _Section, line: int, *, existing: bool = False, create: bool = False) -> None:
        """The three sentences about merging are one row."""
        if section.pairs is None:
            section.pairs = len(section.rows)
            section.rows.append(MergeKeys(line=line))
        row = section.rows[section.pairs]
        assert isinstance(row, MergeKeys)
        section.rows[section.pairs] = MergeKeys(row.pairs, row.existing or existing, row.create or create, row.line)

    def _shape(self, section: _Section) -> None:
        if tuple(section.stated) not in phrases.SHAPES:
            self._odd_one("the section has statements that do not go together, or lacks one", section.line)

    def _odd_one(self, message: str, line: int) -> None:
        self.findings.append(
            Diagnostic("DF609", message, file=self.file, line=line, column=1, severity=Severity.WARNING)
        )

    def not_understood(self, text: str, line: int, expected: str) -> None:
        first = text.strip().splitlines()[0] if text.strip() else "an empty line"
        message = f'not understood: "{first}"'
        self.findings.append(Diagnostic("DF605", message, file=self.file, line=line, column=1, expected=expected))


def _every(reader: _Reader, section: _Section, said: Statement, line: int) -> None:
    section.rows.append(Coverage(line))


def _when(reader: _Reader, section: _Section, said: Statement, line: int) -> None:
    section.rows.append(Condition(said.fields["condition"], line))


def _link_first(reader: _Reader, section: _Section, said: Statement, line: int) -> None:
    section.rows.append(LinkFirst(line))


def _create_if_connected(reader: _Reader, section: _Section, said: Statement, line: int) -> None:
    words = said.fields["connected"].split()
    system = _common(words, section.source.split()) or words[:1]
    datatypes = re.split(r",? or |, ?", " ".join(words[len(system) :]))
    section.rows.append(CreateIfConnected(" ".join(system), tuple(datatypes), said.fields["system"], line))


def _keep(reader: _Reader, section: _Section, said: Statement, line: int) -> None:
    section.rows.append(KeepInSync(line))


def _nothing(reader: _Reader, section: _Section, said: Statement, line: int) -> None:
    """What only introduces a table."""


def _common(words: list[str], label: list[str]) -> list[str]:
    """The name of the system: what the list of datatypes has in common with the label, which ends in a datatype."""
    count = 0
    while count < min(len(words), len(label)) - 1 and words[count] == label[count]:
        count += 1
    return words[:count]


_TAKEN: dict[str, Callable[[_Reader, _Section, Statement, int], None]] = {
    phrases.EVERY: _every,
    phrases.WHEN: _when,
    phrases.LINK_FIRST: _link_first,
    phrases.CREATE_IF_CONNECTED: _create_if_connected,
    phrases.MERGE_EXISTING: lambda reader, section, said, line: reader.merge_keys(section, line, existing=True),
    phrases.CREATE_NEW: lambda reader, section, said, line: reader.merge_keys(section, line, create=True),
    phrases.MERGE_KEYS: lambda reader, section, said, line: reader.merge_keys(section, line),
    phrases.KEEP: _keep,
}
