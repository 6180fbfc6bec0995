"""Where in its file a diagnostic about a part of a pipe belongs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.diagnostics import Diagnostic
    from dataflow.pipe import Pipe


def placed(diagnostics: Iterable[Diagnostic], pipe: Pipe, pointer: str) -> list[Diagnostic]:
    """Diagnostics whose pointers are relative to the part at `pointer`, located in the pipe's file."""
    return [located(diagnostic, pipe, pointer + (diagnostic.pointer or "")) for diagnostic in diagnostics]


def located(diagnostic: Diagnostic, pipe: Pipe, pointer: str) -> Diagnostic:
    line, column = pipe.document.locate(pointer)
    return replace(diagnostic, file=pipe.document.file, pointer=pointer, line=line, column=column)
