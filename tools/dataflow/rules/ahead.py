"""A first look at a large package: two processes look at the pipes by themselves, and what they find is remembered.

Nothing depends on it but time: what is not remembered afterwards is looked at as ever.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from dataflow.project import pipe_files, read_project
from dataflow.rules import Package, by_itself

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dataflow.memory import Memory

# With fewer pipes that are not remembered a second process costs more than it saves.
LEAST = 100


def look_ahead(root: Path, profile: str, memory: Memory) -> None:
    """Remember what there is to say about every pipe by itself, where that pays. Raises UsageError without the profile."""
    files = pipe_files(root)
    if len(files) - memory.size < LEAST or (os.cpu_count() or 1) < 2 or not hasattr(os, "fork"):
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Whatever goes wrong here, the parent looks for itself.
        with suppress(BaseException), os.fdopen(writing, "w", encoding="utf-8") as told:
            os.close(reading)
            _look(root, profile, memory, files[1::2])
            json.dump(memory.news, told)
        os._exit(0)
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="utf-8") as telling:
            _look(root, profile, memory, files[::2])
            with suppress(ValueError):
                for key, value in json.load(telling).items():
                    memory.keep_fact(key, value)
    finally:
        os.waitpid(child, 0)


def _look(root: Path, profile: str, memory: Memory, files: Sequence[Path]) -> None:
    package = Package(read_project(root, profile, memory=memory, only=files))
    for pipe in package.pipes:
        by_itself(pipe, package)
