"""Test data: the files of `testdata/`, posted to the receivers they are named after.

Rules: sesam-py 2.11, `upload` (an incremental post per file, so no entity is deleted for being absent; a file that holds null is
skipped).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic, did_you_mean
from dataflow.dtl.transit import TransitError, decode
from dataflow.errors import DtlError, FindingsError, PumpFailed
from dataflow.source import read_json, shown

if TYPE_CHECKING:
    from pathlib import Path

    from dataflow.dtl.values import Entity
    from dataflow.node.node import Node
    from dataflow.source import Document

FOLDER = "testdata"


def load_testdata(node: Node, root: Path) -> list[Diagnostic]:
    """Post every `testdata/**/<pipe>.json` of a package, in sorted order; everything that is wrong with the files.

    A file for a pipe that is no receiver is DF305. What entities do to the pipe is in the report of the next run.
    """
    found: list[Diagnostic] = []
    for path in sorted((root / FOLDER).rglob("*.json")):
        pipe_id = path.name.removesuffix(".json")
        try:
            document = read_json(path, exact=True)
            if document.value is None:
                continue
            if pipe_id not in node.receivers:
                found.append(_unclaimed(pipe_id, path, node))
                continue
            entities = entities_of(document)
        except FindingsError as error:
            found += error.diagnostics
            continue
        try:
            node.post(pipe_id, entities)
        except (DtlError, PumpFailed):
            # The report of the run says which entity, and where in the pipe.
            continue
    return found


def _unclaimed(pipe_id: str, path: Path, node: Node) -> Diagnostic:
    return Diagnostic(
        "DF305",
        f'there is no receiver "{pipe_id}"',
        shown(path),
        "",
        expected="the id of a pipe whose source under this profile is an http_endpoint",
        hint=did_you_mean(pipe_id, node.receivers),
    )


def entities_of(document: Document) -> list[Entity]:
    """The decoded entities of a document: one object or an array of them. Raises FindingsError."""
    several = type(document.value) is list
    raw: list[Any] = document.value if several else [document.value]
    entities: list[Entity] = []
    faults: list[Diagnostic] = []
    for position, entity in enumerate(raw):
        pointer = f"/{position}" if several else ""
        if type(entity) is not dict:
            faults.append(document.diagnostic("DF201", "an entity is a JSON object", pointer, expected="an object"))
            continue
        try:
            entities.append(decode(entity))
        except TransitError as error:
            faults.append(document.diagnostic("DF201", str(error), pointer))
    if faults:
        raise FindingsError(faults)
    return entities
