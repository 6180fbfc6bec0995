"""Settings for Visual Studio Code that give every kind of file of a package its schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dataflow.schema.files import FOLDER, PLACES, YAML_PLACES

if TYPE_CHECKING:
    from pathlib import Path


def settings(root: Path) -> str:
    """The text of `.vscode/settings.json` in a package: schemas that lie in it by relative paths, others by addresses."""
    wired = [_object({"fileMatch": patterns, "url": _url(root, name)}) for name, patterns in PLACES.items()]
    more = [f"{json.dumps(_url(root, name))}: {json.dumps(patterns)}" for name, patterns in YAML_PLACES.items()]
    return f'{{\n  "json.schemas": [\n    {_list(wired)}\n  ],\n  "yaml.schemas": {{\n    {_list(more)}\n  }}\n}}\n'


def _object(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(lines: list[str]) -> str:
    return ",\n    ".join(lines)


def _url(root: Path, name: str) -> str:
    path, root = FOLDER / f"{name}.json", root.resolve()
    return f"./{path.relative_to(root).as_posix()}" if path.is_relative_to(root) else path.as_uri()
