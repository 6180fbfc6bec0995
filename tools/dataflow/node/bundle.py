"""A configuration as one thing that can be sent: a zip archive with a file per component, or a JSON array of them.

Rules: hub/swagger_public.yaml (`/config`); sesam-py 2.11, `upload` and `download` (names of the members). Nothing of an archive is
ever written to disk; it is refused as a whole when a member could have had an effect outside a folder, or is out of proportion.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dataflow.canonical import config_text
from dataflow.diagnostics import Diagnostic
from dataflow.errors import FindingsError
from dataflow.project import FOLDERS, METADATA, SUFFIX, component_noun
from dataflow.schema import described
from dataflow.source import Document, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_MEMBERS = 10_000
MAX_BYTES = 256 * 1024 * 1024
# Deflate reaches 1000 and more on a bomb; configuration full of test entities stays below 100.
MAX_RATIO = 200
_RATIO_COUNTS_FROM = 1024 * 1024

# A fixed date, so that the same configuration is the same archive.
_DATE = (1980, 1, 1, 0, 0, 0)


def from_zip(data: bytes) -> list[Document]:
    """The components of an archive, from its `*.conf.json` members. Raises FindingsError (DF101 to DF106, DF201)."""
    found: list[Diagnostic] = []
    documents: list[Document] = []
    for name, content in _members(data):
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            found.append(Diagnostic("DF105", f"byte 0x{content[error.start]:02x} is not UTF-8", name, ""))
            continue
        try:
            documents.append(_component(parse_json(text, name)))
        except FindingsError as error:
            found += error.diagnostics
    if found:
        raise FindingsError(found)
    return documents


def from_json(text: str) -> list[Document]:
    """The components of a JSON array, each as a file of its own in canonical form; one object is an array of itself.

    Raises FindingsError.
    """
    whole = parse_json(text)
    value = whole.value if type(whole.value) is list else [whole.value]
    found = [
        whole.diagnostic("DF201", f"component {number} is {described(one)}", f"/{number}", expected="an object")
        for number, one in enumerate(value)
        if type(one) is not dict
    ]
    if found:
        raise FindingsError(found)
    return [document_of(component) for component in value]


def document_of(component: dict[str, Any]) -> Document:
    """A component as the file it would be in a package."""
    return parse_json(config_text(component), member_name(component))


def to_zip(components: Iterable[dict[str, Any]]) -> bytes:
    """The archive of a configuration, each component in canonical form."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for component in components:
            archive.writestr(
                zipfile.ZipInfo(member_name(component), _DATE), config_text(component), zipfile.ZIP_DEFLATED
            )
    return stream.getvalue()


def member_name(component: dict[str, Any]) -> str:
    """Where a component stands in a package: its id in lower case, in the folder of its kind; never outside it."""
    noun = component_noun(component)
    name = re.sub(r"[/\\]", "_", str(component.get("_id", "")).lower())
    return METADATA if noun == "metadata" else f"{FOLDERS[noun]}/{name}{SUFFIX}"


def _component(document: Document) -> Document:
    if type(document.value) is dict:
        return document
    message = f"the file holds {described(document.value)}"
    raise FindingsError([document.diagnostic("DF201", message, expected="an object")])


def _members(data: bytes) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _check(infos)
            return _read(archive, [info for info in infos if info.filename.endswith(SUFFIX)])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise _refused(f"this is no zip archive that can be read: {error}") from None


def _check(infos: Sequence[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_MEMBERS:
        raise _refused(f"the archive has {len(infos)} files; {MAX_MEMBERS} are allowed")
    names: set[str] = set()
    for info in infos:
        name = info.filename
        if name.startswith("/") or "\\" in name or ":" in name.partition("/")[0] or ".." in PurePosixPath(name).parts:
            raise _refused(f'the archive has a file "{name}", which is not inside a folder')
        if name in names:
            raise _refused(f'the archive has "{name}" twice')
        if info.flag_bits & 1:
            raise _refused(f'"{name}" is encrypted')
        names.add(name)


def _read(archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo]) -> list[tuple[str, bytes]]:
    """The contents, counted while they are unpacked: what an archive says about its sizes is not to be relied on."""
    left = MAX_BYTES
    members: list[tuple[str, bytes]] = []
    for info in infos:
        allowed = min(left, max(_RATIO_COUNTS_FROM, info.compress_size * MAX_RATIO))
        with archive.open(info) as stream:
            content = stream.read(allowed + 1)
        if len(content) > allowed:
            why = f"the archive unpacks to more than {MAX_BYTES} bytes"
            if allowed < left:
                why = f'"{info.filename}" unpacks to more than {MAX_RATIO} times its size'
            raise _refused(why)
        left -= len(content)
        members.append((info.filename, content))
    return members


def _refused(message: str) -> FindingsError:
    return FindingsError([Diagnostic("DF101", message)])
