"""The whole package: every pipe that follows from the mappings, written to `pipes/` or compared with what stands there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.canonical import config_text
from dataflow.diagnostics import Diagnostic
from dataflow.generate.classification import classification_pipe
from dataflow.generate.collect import all_pipe, collect_pipe, line_pipes
from dataflow.generate.endpoint import endpoint_pipe
from dataflow.generate.enrich import enrich_pipe
from dataflow.generate.mapping_file import read_mappings
from dataflow.generate.merge import global_pipe
from dataflow.generate.share import share_pipe
from dataflow.generate.split import split_pipe
from dataflow.generate.steps import mock_pipe
from dataflow.generate.transform import transform_pipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataflow.generate.mapping import Mapping

Pipe = dict[str, Any]

MAPPINGS = "pipes/mappings"
SUFFIX = ".conf.json"


def generated_pipes(root: Path) -> dict[str, Pipe]:
    """Every pipe of the package by id, derived from the mappings under `root`.

    Raises `FindingsError` with DF501 when a mapping is malformed.
    """
    folder = root / MAPPINGS
    mappings = read_mappings(folder)
    pipes = [classification_pipe(folder), mock_pipe()]
    for mapping in mappings.values():
        pipes += _pipes_of(mappings, mapping)
    return {pipe["_id"]: pipe for pipe in sorted(pipes, key=lambda pipe: str(pipe["_id"]))}


def _pipes_of(mappings: dict[str, Mapping], mapping: Mapping) -> Iterator[Pipe]:
    for member in mapping.members.values():
        shared = member.parent is None
        if member.parent:
            parent = next(m.members[member.parent] for m in mappings.values() if member.parent in m.members)
            yield from line_pipes(member, parent)
        else:
            yield all_pipe(member)
            yield collect_pipe(member, f"{member.name}-share")
        yield enrich_pipe(mappings, mapping, member)
        if shared:
            yield split_pipe(mapping, member)
            yield transform_pipe(mappings, mapping, member)
            yield share_pipe(mappings, mapping, member)
            yield endpoint_pipe(f"{member.name}-transform")
            yield endpoint_pipe(f"{member.name}-share")
        if member.secrets:
            yield endpoint_pipe(f"{member.name}-collect")
    yield global_pipe(mapping)
    yield endpoint_pipe(mapping.dataset)


def write_pipes(root: Path) -> list[str]:
    """Write every pipe whose file differs; gives the files written. Raises `FindingsError` as `generated_pipes` does."""
    written = []
    for pipe_id, pipe in generated_pipes(root).items():
        path = root / "pipes" / f"{pipe_id}{SUFFIX}"
        text = config_text(pipe)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            written.append(path.relative_to(root).as_posix())
    return written


def check_pipes(root: Path) -> list[Diagnostic]:
    """What differs between the mappings and `pipes/`: DF502 for a pipe that differs or is missing, DF503 for one too many.

    Writes nothing. Raises `FindingsError` as `generated_pipes` does.
    """
    pipes = generated_pipes(root)
    findings = []
    for pipe_id, pipe in pipes.items():
        path = root / "pipes" / f"{pipe_id}{SUFFIX}"
        file = path.relative_to(root).as_posix()
        if not path.exists():
            findings.append(_finding("DF502", f"pipe {pipe_id} is missing", file))
        elif (text := path.read_text("utf-8")) != (wanted := config_text(pipe)):
            findings.append(_difference(pipe_id, file, text, wanted, pipe))
    for path in sorted((root / "pipes").glob(f"*{SUFFIX}")):
        if path.name.removesuffix(SUFFIX) not in pipes:
            file = path.relative_to(root).as_posix()
            findings.append(
                _finding(
                    "DF503",
                    f"pipe {path.name.removesuffix(SUFFIX)} follows from no mapping",
                    file,
                    hint="delete the file",
                )
            )
    return findings


def _difference(pipe_id: str, file: str, text: str, wanted: str, pipe: Pipe) -> Diagnostic:
    """Names the first line that differs and, when both are JSON, the first place in the configuration."""
    lines, others = text.splitlines(), wanted.splitlines()
    line = next(
        (i for i, (a, b) in enumerate(zip(lines, others, strict=False)) if a != b), min(len(lines), len(others))
    )
    try:
        pointer = _first_difference(json.loads(text), json.loads(json.dumps(pipe)), "")
    except json.JSONDecodeError:
        pointer = None
    expected = others[line].strip() if line < len(others) else "the end of the file"
    return _finding(
        "DF502", f"pipe {pipe_id} differs from its mapping", file, line=line + 1, pointer=pointer, expected=expected
    )


def _first_difference(have: Any, want: Any, pointer: str) -> str | None:
    if isinstance(have, dict) and isinstance(want, dict):
        for key in sorted({*have, *want}):
            if have.get(key) != want.get(key):
                return _first_difference(have.get(key), want.get(key), f"{pointer}/{key}")
    elif isinstance(have, list) and isinstance(want, list):
        for i, (a, b) in enumerate(zip(have, want, strict=False)):
            if a != b:
                return _first_difference(a, b, f"{pointer}/{i}")
    return pointer if have != want else None


def _finding(
    code: str,
    message: str,
    file: str,
    *,
    line: int | None = 1,
    pointer: str | None = "",
    expected: str | None = None,
    hint: str | None = "run `dataflow generate`",
) -> Diagnostic:
    return Diagnostic(code, message, file=file, pointer=pointer, line=line, column=1, expected=expected, hint=hint)
