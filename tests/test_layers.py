"""The table of layers in `tools/docs/architecture.md` against the code: it names every module, and imports point only downwards."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[1] / "tools"
CODE = TOOLS / "dataflow"


def layers() -> list[list[str]]:
    """The names of the second column, row by row from the bottom."""
    text = (TOOLS / "docs/architecture.md").read_text("utf-8")
    rows = [line.split("|")[2] for line in text.splitlines() if line.startswith("| ")][1:]
    return [[name.strip("/").partition("/")[0] for name in re.findall(r"`([^`]+)`", row)] for row in rows]


def modules() -> list[str]:
    """The files and folders of the import package."""
    names = (path.stem if path.suffix == ".py" else path.name for path in CODE.iterdir() if path.suffix in ("", ".py"))
    return sorted(name for name in names if not name.startswith("__"))


def level(name: str) -> int:
    """The highest row that names a module."""
    return max(number for number, names in enumerate(layers()) if name in names)


def imports(path: Path) -> set[str]:
    """The modules of this package that a file imports, those that only types need too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "dataflow":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dataflow."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("dataflow.")}
    return found & set(modules())


def test_the_page_names_every_module_and_nothing_else() -> None:
    assert {name for names in layers() for name in names} == set(modules())


@pytest.mark.parametrize("name", modules())
def test_imports_point_only_downwards(name: str) -> None:
    own = level(name)
    files = [CODE / f"{name}.py"] if (CODE / f"{name}.py").exists() else sorted((CODE / name).rglob("*.py"))
    upwards = {(path.name, other) for path in files for other in imports(path) if level(other) > own}
    assert not upwards
