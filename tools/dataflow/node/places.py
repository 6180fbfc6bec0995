"""The parts of a pipe and their places: where a diagnostic belongs, and whether every part is decided."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from dataflow.errors import FindingsError

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


def check_decided(pipe: Pipe) -> None:
    """Raises FindingsError (DF205) for every source, transform and sink whose condition selects none of its alternatives."""
    parts = [("source", pipe.source, pipe.source_at), ("sink", pipe.sink, pipe.sink_at)]
    parts += [("transform", step.config, step.pointer) for step in pipe.transforms]
    faults = [
        pipe.document.diagnostic(
            "DF205",
            f"the {noun} is undecided: its condition {json.dumps(config.get('condition'))} selects no alternative",
            f"{pointer}/condition",
        )
        for noun, config, pointer in parts
        if config.get("type") == "conditional"
    ]
    if faults:
        raise FindingsError(faults)
