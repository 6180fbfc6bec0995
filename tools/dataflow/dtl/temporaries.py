"""Properties that a rule adds, reads and removes again: they need never be stored.

Only where nothing else could see them: in a rule that starts from an empty target, between an `add` and a `remove` that stand
side by side in the rule itself, with nothing but plain transforms between them, and where no rule sees another's target.
"""

from __future__ import annotations

import json
from typing import Any

# Transforms that touch the one property they name, and no other.
_PLAIN = frozenset({"add", "add-if", "default", "comment", "filter", "discard", "copy"})


def unstored(nodes: Any) -> set[int]:
    """Positions of the transforms of a rule that can be left out: an `add` of a temporary property, and its `remove`."""
    if type(nodes) is not list or not all(type(node) is list and node for node in nodes):
        return set()
    found: set[int] = set()
    for end, node in enumerate(nodes):
        if node[0] == "remove" and len(node) == 2 and _named(node):
            start = next((i for i in range(end) if nodes[i][0] == "add" and nodes[i][1:2] == node[1:]), None)
            if start is not None and all(
                _leaves_alone(other, node[1]) for other in [*nodes[:start], *nodes[start + 1 : end]]
            ):
                found |= {start, end}
    return found


def _named(node: list[Any]) -> bool:
    """Whether the property a transform names is a plain constant."""
    return len(node) > 1 and _plain(node[1]) and node[1] != "_id"


def _plain(name: Any) -> bool:
    return type(name) is str and not set("*?.") & set(name)


def _leaves_alone(node: list[Any], name: str) -> bool:
    """Whether a transform neither writes the property nor reads the target as a whole."""
    if node[0] not in _PLAIN or '"_T."' in json.dumps(node, default=str):
        return False
    if node[0] in ("comment", "filter", "discard"):
        return True
    names = node[1][1:] if node[0] == "copy" and type(node[1]) is list and node[1][:1] == ["list"] else node[1:2]
    return all(_plain(other) and other != name for other in names)
