"""What rules leave as it is: properties that come out of a transform with the values they went in with.

Rules: hub/dtl/caveats.rst (dependency tracking in chained transforms).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl.values import as_list

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dataflow.dtl.namespaces import Namespaces

_SETS = frozenset({"add", "add-if", "default"})
_HARMLESS = frozenset({"comment", "filter", "discard", "fail!", "trip!", "sleep!"})


def passes(rules: dict[str, Any], names: Collection[str | None], namespaces: Namespaces) -> bool:
    """Whether whatever comes out of rules has these root properties, named as in `Facts.reads`, as it went in with them.

    Said only of rules that begin with a copy of everything, and then set single properties or give the entity up.
    """
    nodes = rules["default"]
    if type(nodes) is not list or nodes[:1] != [["copy", "*"]]:
        return False
    if any(name is None or (name[:1] == "_" and name not in ("_id", "_deleted")) for name in names):
        return False
    written = set(_written(nodes[1:]))
    return None not in written and not any(
        _touches(namespaces.written(target), str(name), namespaces) for target in written if target for name in names
    )


def _touches(key: str, name: str, namespaces: Namespaces) -> bool:
    """Whether a key is one that a name stands for when it is read."""
    if not namespaces.enabled or name[:1] == "_" or (":" in name and name[:2] != "::"):
        return key == name
    return key == name[2:] if name[:2] == "::" else key.rpartition(":")[2] == name


def _written(nodes: Any) -> Iterator[str | None]:
    """The properties that transforms set; None for what is not known."""
    if type(nodes) is not list or not nodes:
        return
    if type(nodes[0]) is not str:
        for node in nodes:
            yield from _written(node)
        return
    name, arguments = nodes[0], nodes[1:]
    if name in _SETS:
        targets = arguments[0][1:] if type(arguments[0]) is list and arguments[0][:1] == ["list"] else arguments[0]
        for target in as_list(targets):
            yield target if type(target) is str else None
    elif name == "create-child":
        yield "$children"
    elif name in ("if", "case", "case-eq"):
        for branch in _branches(name, arguments):
            yield from _written(branch)
    elif name not in _HARMLESS:
        yield None


def _branches(name: str, arguments: list[Any]) -> list[Any]:
    if name == "if":
        return arguments[1:]
    first = 1 if name == "case" else 2
    branches = arguments[first::2]
    return branches if (len(arguments) - first) % 2 else [*branches, arguments[-1]]
