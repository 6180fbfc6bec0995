"""Canonical forms: how the platform's own tools write configuration and expected output, byte for byte.

Files in another form show up as changes whenever they have been through a node. Rules: sesam-py 2.11, commands `format`
(configuration) and `update` (expected output).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIRST = (
    "_id",
    "type",
    "name",
    "description",
    "source",
    "sink",
    "transform",
    "pump",
    "metadata",
    "system",
    "datasets",
    "where",
    "return",
    "recurse",
    "max_depth",
    "exclude_root",
    "track-dependencies",
    "trace",
    "default",
)
_LAST = frozenset({"$audit", "$principals-from-user"})
_RANK = {key: rank for rank, key in enumerate(_FIRST)}
_STEP = "  "


def config_text(value: Any) -> str:
    """A component, a list of entities or any other JSON value in config style, with a newline at the end."""
    return _written(value, "") + "\n"


def expected_text(entities: Sequence[Any]) -> str:
    """Expected output as `update` writes it; the order of entities is kept. Values of DTL are written in transit form."""
    text = json.dumps(encode(list(entities)), indent=_STEP, sort_keys=True, ensure_ascii=False)
    # Outside strings none of the three can occur, so the escape is always one.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") + "\n"


def _order(key: str) -> tuple[int, str]:
    if key in _RANK:
        return _RANK[key], ""
    return len(_RANK) + (key.startswith("_") or key in _LAST), key


def _written(value: Any, margin: str) -> str:
    """`margin` is the indentation of the line the value starts on."""
    if isinstance(value, dict) and value:
        return _object(value, margin)
    if isinstance(value, list) and value:
        return _array(value, margin)
    return json.dumps(value, ensure_ascii=False)


def _object(value: dict[str, Any], margin: str) -> str:
    inner = margin + _STEP
    members = (
        f"{inner}{json.dumps(key, ensure_ascii=False)}: {_written(value[key], inner)}"
        for key in sorted(value, key=_order)
    )
    return "{\n" + ",\n".join(members) + f"\n{margin}}}"


def _array(value: list[Any], margin: str) -> str:
    """Elements follow each other on the line, except arrays: each starts a line of its own."""
    text = "["
    for index, element in enumerate(value):
        if isinstance(element, list):
            text += ("," if index else "") + f"\n{margin}{_STEP}" + _written(element, margin + _STEP)
        else:
            text += (", " if index else "") + _written(element, margin)
    return text + (f"\n{margin}]" if isinstance(value[-1], list) else "]")
