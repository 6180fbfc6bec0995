"""The server itself: requests of the protocol to questions, and answers back. It knows nothing on its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from dataflow import __version__
from dataflow.diagnostics import Severity
from dataflow.errors import UsageError
from dataflow.lsp import cursor as cursors
from dataflow.lsp import knowledge
from dataflow.lsp.workspace import Workspace, is_component
from dataflow.source import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.diagnostics import Diagnostic
    from dataflow.lsp.cursor import Cursor
    from dataflow.lsp.knowledge import Spot

# Seconds without a change after which the package is looked at as a whole.
QUIET = 0.3
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


class Server(LanguageServer):
    """One package: the one that the first file opened is in."""

    def __init__(self, profile: str) -> None:
        super().__init__("dataflow", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self._profile = profile
        self._package: Workspace | None = None
        self._waiting: asyncio.TimerHandle | None = None

    def package(self, path: Path) -> Workspace | None:
        """The package of a file; None when it is in none."""
        if self._package is None or not path.is_relative_to(self._package.root):
            try:
                self._package = Workspace(path.parent, self._profile)
            except UsageError:
                return None
        return self._package

    def changed(self, uri: str, text: str | None) -> None:
        """Tell what is wrong with a file at once, and with the whole package when nobody types any more."""
        path = _path(uri)
        package = self.package(path)
        if package is None or not is_component(path):
            return
        package.change(path, text)
        if text is not None:
            self.tell(path, package.quick(path), text)
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.get_running_loop().call_later(QUIET, self.tell_all, package)

    def tell_all(self, package: Workspace) -> None:
        for path, findings in package.whole().items():
            self.tell(path, findings, package.texts.get(path) or _saved(path))

    def tell(self, path: Path, findings: Iterable[Diagnostic], text: str) -> None:
        diagnostics = [_diagnostic(one, text) for one in findings]
        uri = uris.from_fs_path(str(path)) or ""
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))

    def asked(self, uri: str, position: types.Position) -> tuple[Workspace, Path, str, Cursor] | None:
        """The package, file and text that a request is about, and what stands at its place."""
        path = _path(uri)
        package = self.package(path)
        if package is None:
            return None
        document = self.workspace.get_text_document(uri)
        cursor = cursors.at(document.source, document.offset_at_position(position))
        return None if cursor is None else (package, path, document.source, cursor)

    def locations(self, package: Workspace, spots: Iterable[Spot]) -> list[types.Location]:
        documents = {one.path: one for one in package.project.documents.values()}
        found = []
        for path, pointer in dict.fromkeys(spots):
            line, column = documents[path].locate(pointer) if path in documents else (1, 1)
            start = types.Position(line - 1, column - 1)
            found.append(types.Location(uris.from_fs_path(str(path)) or "", types.Range(start, start)))
        return found


def server(profile: str) -> Server:
    """A server with everything it answers."""
    made = Server(profile)

    @made.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        made.changed(params.text_document.uri, params.text_document.text)

    @made.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        made.changed(uri, made.workspace.get_text_document(uri).source)

    @made.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        made.changed(uri, made.workspace.get_text_document(uri).source)

    @made.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        made.changed(params.text_document.uri, None)

    @made.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        asked = made.asked(params.text_document.uri, params.position)
        name = None if asked is None else knowledge.named(asked[3], _noun(asked[1]))
        if asked is None or name is None:
            return None
        text = knowledge.described(name, asked[3], asked[0].project)
        return None if text is None else types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))

    @made.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=['"']))
    def completion(params: types.CompletionParams) -> list[types.CompletionItem]:
        asked = made.asked(params.text_document.uri, params.position)
        if asked is None:
            return []
        package, path, _, cursor = asked
        rules = knowledge.rules_around(package.latest(path), cursor)
        found = knowledge.candidates(cursor, _noun(path), package.project, rules)
        return [types.CompletionItem(label=name, detail=kind) for name, kind in found if name.startswith(cursor.typed)]

    @made.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> list[types.Location]:
        asked = made.asked(params.text_document.uri, params.position)
        name = None if asked is None else knowledge.named(asked[3], _noun(asked[1]))
        if asked is None or name is None:
            return []
        package, path, _, cursor = asked
        return made.locations(package, knowledge.definitions(name, path, cursor, package.project))

    @made.feature(types.TEXT_DOCUMENT_REFERENCES)
    def references(params: types.ReferenceParams) -> list[types.Location]:
        asked = made.asked(params.text_document.uri, params.position)
        name = None if asked is None else knowledge.named(asked[3], _noun(asked[1]))
        if asked is None or name is None:
            return []
        package, path, _, cursor = asked
        return made.locations(package, knowledge.references(name, path, cursor, package.project))

    return made


def _diagnostic(one: Diagnostic, text: str) -> types.Diagnostic:
    lines = text.split("\n")
    line, column = max(0, (one.line or 1) - 1), max(0, (one.column or 1) - 1)
    end = len(lines[line]) if line < len(lines) else column
    details = [
        one.message,
        *(f"{word}: {said}" for word, said in (("expected", one.expected), ("hint", one.hint)) if said),
    ]
    return types.Diagnostic(
        range=types.Range(types.Position(line, column), types.Position(line, max(column, end))),
        message="\n".join(details),
        severity=_SEVERITIES[one.severity],
        code=one.code,
        source="dataflow",
    )


def _path(uri: str) -> Path:
    return Path(uris.to_fs_path(uri) or "").absolute()


def _noun(path: Path) -> str:
    return "system" if "systems" in path.parts else "metadata" if path.name.startswith("node-metadata") else "pipe"


def _saved(path: Path) -> str:
    return read_text(path) if path.is_file() else ""
