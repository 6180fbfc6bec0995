"""The strings in a JSON value, each with its pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator


def strings(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    if type(value) is str:
        yield pointer, value
    elif type(value) is dict:
        for key, inner in value.items():
            yield from strings(inner, f"{pointer}/{escaped(key)}")
    elif type(value) is list:
        for index, inner in enumerate(value):
            yield from strings(inner, f"{pointer}/{index}")
