"""Our own copy of what the document states, so that the checklist runs without the document at hand."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import yaml

from dataflow.checklist.document import Coverage, Document, Flow, KeepInSync
from dataflow.checklist.rst import read_document

if TYPE_CHECKING:
    from pathlib import Path

    from dataflow.checklist.document import Row
    from dataflow.diagnostics import Diagnostic

# The documents that are written from the mappings: from webCRM to Customerp, and back.
OWN_DOCUMENTS = ("tools/docs/webcrm-to-customerp.rst", "tools/docs/customerp-to-webcrm.rst")
_FILE = "webcrm-to-customerp.yaml"
_ROWS: dict[str, Row] = {"every": Coverage(), "keep": KeepInSync()}


def package_document(root: Path) -> tuple[Document, list[Diagnostic]]:
    """The document of a package from webCRM to Customerp; where it has none, our own copy of what the first one stated."""
    path = root / OWN_DOCUMENTS[0]
    return read_document(path) if path.is_file() else (own_document(), [])


def own_document() -> Document:
    """The facts that come with the package."""
    facts = yaml.safe_load(resources.files(__package__).joinpath(_FILE).read_text("utf-8"))
    source, target = facts["source"], facts["target"]
    flows = tuple(
        Flow(f"{source} {flow['source']}", f"{target} {flow['target']}", tuple(_ROWS[said] for said in flow["states"]))
        for flow in facts["flows"]
    )
    return Document(source, target, flows, str(facts["generated"]))
