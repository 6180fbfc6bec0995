"""Small packages, as rules have them for examples: written to a folder, and validated."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.canonical import config_text
from dataflow.project import read_project
from dataflow.rules import validate
from dataflow.source import shown as shown_path

if TYPE_CHECKING:
    from dataflow.diagnostics import Diagnostic
    from dataflow.rules.rule import Files
    from dataflow.rules.selection import Selection


def write(files: Files, folder: Path) -> None:
    """Put the files into a folder: JSON in its canonical format, texts and bytes as they are."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if type(content) is bytes else shown(content).encode("utf-8"))


def shown(content: object) -> str:
    """The text of one of the files; of bytes what can be read of them."""
    if type(content) is bytes:
        return content.decode("utf-8", "replace")
    return content if type(content) is str else config_text(content)


def findings_of(files: Files, chosen: Selection) -> list[Diagnostic]:
    """What is wrong with the package; files are named from its root."""
    with tempfile.TemporaryDirectory(prefix="dataflow-") as name:
        folder = Path(name).resolve()
        write(files, folder)
        found = validate(read_project(folder), chosen).findings
        return [_inside(folder, one) for one in found]


def _inside(folder: Path, one: Diagnostic) -> Diagnostic:
    """The finding without the folder it was found in."""
    here = f"{shown_path(folder)}/"
    file, hint = ((text or "").replace(here, "") or None for text in (one.file, one.hint))
    return replace(one, file=file, hint=hint, message=one.message.replace(here, ""))
