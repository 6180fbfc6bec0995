"""The language server as an editor meets it: a real process, spoken to by a real client."""

import json
import re

import pytest

pytest.importorskip("pygls", reason="needs the extra lsp")

from lsprotocol import types

from dataflow.canonical import config_text
from lsp.editor import speak
from package_files import dtl, pipe, write_package

# Where the rule is applied, as opposed to where it is.
PART = '"part",\n'


@pytest.fixture
def package(tmp_path):
    hop = ["hops", {"datasets": ["erp-order l"], "where": [["eq", "_S._id", "l.order"]]}]
    rules = dtl(["copy", "*"], ["add", "lines", hop], ["add", "x", ["apply", "part", "_S.lines"]])
    rules["rules"]["part"] = [["add", "name", ["upper", "_S.name"]]]
    write_package(
        tmp_path,
        pipe("erp-order", {"type": "embedded", "entities": []}),
        pipe("erp-line", {"type": "dataset", "dataset": "erp-order"}, transform=rules),
    )
    return tmp_path / "pipes" / "erp-line.conf.json"


def place(text, after, offset=1):
    """Line and column of a place in a text, so many characters behind its beginning."""
    index = text.index(after) + offset
    line = text.count("\n", 0, index)
    return types.Position(line, index - text.rfind("\n", 0, index) - 1)


@pytest.mark.parametrize("tcp", [False, True], ids=["stdio", "tcp"])
def test_findings_come_and_go_with_what_is_typed(package, tcp):
    async def conversation(editor):
        text = package.read_text("utf-8")
        editor.open(package)
        await editor.until(package, lambda codes: codes is not None and "DF401" not in codes)
        editor.change(package, text.replace('"upper"', '"uper"'))
        await editor.until(package, lambda codes: "DF401" in (codes or ()))
        found = next(one for one in editor.told[package.as_uri()] if one.code == "DF401")
        assert found.range.start == place(text.replace('"upper"', '"uper"'), '"uper"', 0)
        assert 'did you mean "upper"?' in found.message
        editor.change(package, text.replace("erp-order l", "erp-ordr l"))
        await editor.until(package, lambda codes: "DF301" in codes and "DF401" not in codes)
        editor.change(package, text[:-3])
        await editor.until(package, lambda codes: codes == ["DF102"])

    speak(package, conversation, tcp=tcp)


def test_questions(package):
    async def conversation(editor):
        text = package.read_text("utf-8")
        editor.open(package)
        document = types.TextDocumentIdentifier(package.as_uri())

        async def hover(after, offset=2):
            found = await editor.client.text_document_hover_async(
                types.HoverParams(document, place(text, after, offset))
            )
            return None if found is None else found.contents.value

        async def completion(after, offset):
            found = await editor.client.text_document_completion_async(
                types.CompletionParams(document, place(text, after, offset))
            )
            return [item.label for item in found]

        assert "upper" in await hover('"upper"')
        assert "**transform** (pipe)" in await hover('"transform"')
        assert "written by erp-order" in await hover('"erp-order l"')
        assert await hover('"_S.name"') is None

        assert "upper" in await completion('"upper"', 3)
        assert await completion('"erp-order l"', 2) == ["erp-line", "erp-order"]
        assert await completion(PART, 1) == ["default", "part"]
        assert "deletion_tracking" not in await completion('"dataset": "erp-order"', 2)
        assert "dataset" in await completion('"dataset": "erp-order"', 2)

        async def definition(after):
            params = types.DefinitionParams(document, place(text, after, 2))
            return [
                (one.uri, one.range.start.line) for one in await editor.client.text_document_definition_async(params)
            ]

        other = package.with_name("erp-order.conf.json")
        assert await definition('"erp-order l"') == [(other.as_uri(), 1)]
        rule = text[: re.search(r'"part": \[', text).end() - 1].count("\n")
        assert await definition(PART) == [(package.as_uri(), rule)]

        params = types.ReferenceParams(types.ReferenceContext(True), document, place(text, '"erp-order l"', 2))
        found = await editor.client.text_document_references_async(params)
        assert [one.range.start for one in found] == [place(text, '"erp-order"', 0), place(text, '"erp-order l"', 0)]

    speak(package, conversation)


def test_a_file_that_is_in_no_package_and_one_that_is_no_component(tmp_path, package):
    async def conversation(editor):
        other = package.parents[1] / "notes.json"
        other.write_text("{", "utf-8")
        editor.open(other)
        editor.open(package, config_text(json.loads(package.read_text("utf-8"))))
        await editor.until(package, lambda codes: codes is not None)
        assert editor.codes(other) is None

    speak(package, conversation)
