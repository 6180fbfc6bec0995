"""An editor: a real client of the protocol, which speaks to a server in a process of its own."""

import asyncio
import socket
import sys

from lsprotocol import types
from pygls.lsp.client import LanguageClient

COMMAND = [sys.executable, "-m", "dataflow.cli", "lsp"]


class Editor:
    """A client that remembers what it was told of each file."""

    def __init__(self):
        self.client = LanguageClient("editor", "1")
        self.told = {}
        self.news = asyncio.Condition()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def publish(params):
            async with self.news:
                self.told[params.uri] = params.diagnostics
                self.news.notify_all()

    async def begin(self, root):
        await self.client.initialize_async(
            types.InitializeParams(capabilities=types.ClientCapabilities(), root_uri=root.as_uri())
        )
        self.client.initialized(types.InitializedParams())

    def open(self, path, text=None):
        text = path.read_text("utf-8") if text is None else text
        item = types.TextDocumentItem(path.as_uri(), "json", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, path, text):
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(2, path.as_uri()),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def until(self, path, wanted):
        async with self.news:
            await asyncio.wait_for(self.news.wait_for(lambda: wanted(self.codes(path))), 30)

    def codes(self, path):
        found = self.told.get(path.as_uri())
        return None if found is None else [one.code for one in found]

    async def end(self):
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


def speak(package, conversation, *, tcp=False):
    async def whole():
        editor = Editor()
        process = None
        if tcp:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            process = await asyncio.create_subprocess_exec(
                *COMMAND, "--port", str(port), stderr=asyncio.subprocess.DEVNULL
            )
            for _ in range(300):
                try:
                    await editor.client.start_tcp("127.0.0.1", port)
                    break
                except OSError:
                    await asyncio.sleep(0.1)
        else:
            await editor.client.start_io(*COMMAND)
        try:
            await editor.begin(package.parents[1])
            await conversation(editor)
        finally:
            await editor.end()
            if process is not None:
                await process.wait()

    asyncio.run(whole())
