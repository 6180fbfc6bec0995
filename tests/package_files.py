"""Writes small packages for tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

DATASET_SOURCE = {"type": "dataset", "dataset": "a"}
EMBEDDED = {"type": "embedded", "entities": []}


def pipe(name: str, source: Any = None, **properties: Any) -> dict[str, Any]:
    """A pipe with an embedded source unless another is given."""
    return {"_id": name, "type": "pipe", "source": EMBEDDED if source is None else source, **properties}


def dtl(*rules: Any) -> dict[str, Any]:
    return {"type": "dtl", "rules": {"default": list(rules)}}


def write_package(root: Path, *components: dict[str, Any], **files: Any) -> Path:
    """Components go where their type belongs; `files` are further ones, with `__` for the slash and `_` for a hyphen.

    A text is written as it is, anything else as JSON in two-blank indentation.
    """
    for component in components:
        folder = "systems" if str(component["type"]).startswith("system:") else "pipes"
        write_file(root / folder / f"{component['_id']}.conf.json", component)
    for name, content in files.items():
        path = name.replace("__", "/").replace("_", "-")
        write_file(root / (path + (".json" if "/" not in path else ".conf.json")), content)
    return root


def write_file(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    path.write_bytes(text.encode("utf-8"))
    return path
