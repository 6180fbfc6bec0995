"""Changes of files, as unified diffs."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from dataflow.source import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.rules.fixes import Fixed

_NO_END = "\\ No newline at end of file\n"


def as_diff(changes: Sequence[Fixed]) -> str:
    """What `patch` and `git apply` take, file after file."""
    return "".join(line for one in changes for line in _lines(one))


def _lines(one: Fixed) -> Iterator[str]:
    name = shown(one.path)
    # At line feeds alone: a text may have other breaks in it.
    before, after = (text.split("\n") for text in (one.before, one.after))
    old, new = (
        [*(f"{line}\n" for line in lines[:-1]), *(lines[-1:] if lines[-1] else [])] for lines in (before, after)
    )
    for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n{_NO_END}"
