"""The lines of a pipe's rules that write a property, found in the rules as they stand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from dataflow.dtl.values import as_list
from dataflow.references import hop_datasets
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.pipe import Pipe

# Transforms that write the property their first argument names.
_NAMING = frozenset({"add", "add-if", "default", "add-default"})
_LONGEST = 160


@dataclass(frozen=True)
class RuleLine:
    """One transform: where it is, its text, the source properties it `reads`, and the datasets it looks into for `returns`."""

    file: str | None
    line: int
    pointer: str
    text: str
    reads: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()

    @classmethod
    def at(cls, pipe: Pipe, pointer: str, node: Any, also: tuple[Any, ...] = ()) -> RuleLine:
        text = json.dumps(node, ensure_ascii=False)
        nodes = (node, *also)
        return cls(
            pipe.document.file,
            pipe.document.locate(pointer)[0],
            pointer,
            text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...",
            tuple(dict.fromkeys(name for one in nodes for name in _paths(one, "_S."))),
            tuple(dict.fromkeys(reference.name for one in nodes for reference in hop_datasets(one))),
            tuple(dict.fromkeys(name for one in nodes for name in _returned(one))),
        )


def writers(pipe: Pipe, path: str) -> Iterator[RuleLine]:
    """What writes a property, wherever in the rules it stands; `path` is its name, or that and one within it: `address.city`.

    What a rule reads where it is applied, and what is read of the target where that is written, counts as read.
    """
    name, _, within = path.partition(".")
    for step in pipe.transforms:
        rules = step.config.get("rules")
        rules = rules if type(rules) is dict else {}
        for rule, nodes in rules.items():
            lines = list(_lines(nodes, f"{step.pointer}/rules/{escaped(rule)}"))
            for pointer, node in lines:
                if _writes(node, name):
                    behind = [node, *_behind(node, lines, {name})]
                    applied = [inner for one in behind for inner in _applied(one, rules, within)]
                    yield RuleLine.at(pipe, pointer, node, (*behind[1:], *applied))


def _applied(node: Any, rules: dict[str, Any], within: str) -> Iterator[Any]:
    """The transforms of the rules that an expression applies, those that write `within` alone when there are any."""
    if type(node) is list:
        if node[:1] == ["apply"] and len(node) > 1 and type(node[1]) is str:
            every = list(_lines(rules.get(node[1]), ""))
            wanted = [line for line in every if within and _writes(line[1], within) and line[1][0] in _NAMING] or every
            for _, line in wanted:
                yield line
                yield from _behind(line, every, {within})
        for inner in node:
            yield from _applied(inner, rules, within)


def _behind(node: Any, lines: list[tuple[str, Any]], seen: set[str]) -> Iterator[Any]:
    """The transforms that write what a transform reads of the target."""
    for read in _paths(node, "_T."):
        if read not in seen:
            seen.add(read)
            for _, other in lines:
                if _writes(other, read.partition(".")[0]) and other[0] in _NAMING:
                    yield other
                    yield from _behind(other, lines, seen)


def _lines(node: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every transform of a rule, those inside conditions too."""
    if type(node) is not list or not node:
        return
    if type(node[0]) is list:
        for index, inner in enumerate(node):
            yield from _lines(inner, f"{pointer}/{index}")
        return
    yield pointer, node
    if node[0] in ("if", "case", "case-eq"):
        for index, inner in enumerate(node[1:], 1):
            yield from _lines(inner, f"{pointer}/{index}")


def _writes(node: Any, name: str) -> bool:
    head, *arguments = node
    if head in _NAMING:
        return any(_same(key, name) for key in as_list(arguments[0] if arguments else None) if type(key) is str)
    if head == "rename" and len(arguments) > 1:
        return type(arguments[1]) is str and _same(arguments[1], name)
    if head == "copy":
        wanted, without = [*arguments, None][:1], arguments[1:2]
        return _matches(wanted, name) and not _matches(without, name)
    return head in ("merge", "merge-union", "make-ni") and len(arguments) > 0


def _matches(patterns: list[Any], name: str) -> bool:
    texts = [one for pattern in patterns for one in as_list(pattern) if type(one) is str and one != "list"]
    return any(fnmatchcase(name, text) or fnmatchcase(name.rpartition(":")[2], text) for text in texts)


def _same(key: str, name: str) -> bool:
    return key == name or key.lstrip(":").rpartition(":")[2] == name.rpartition(":")[2]


def _paths(node: Any, variable: str) -> Iterator[str]:
    """Every path on a variable, two steps of it at most."""
    if type(node) is str:
        if node.startswith(variable) and len(node) > len(variable):
            yield ".".join(node.removeprefix(variable).split(".")[:2]).lstrip(":")
    elif type(node) is list:
        if node[:1] == ["rename"] and len(node) > 1 and type(node[1]) is str and variable == "_S.":
            yield node[1]
        for inner in node:
            yield from _paths(inner, variable)
    elif type(node) is dict:
        for inner in node.values():
            yield from _paths(inner, variable)


def _returned(node: Any) -> Iterator[str]:
    """What hops give back of an entity."""
    if type(node) is dict:
        aliases = [text.split()[-1] for text in as_list(node.get("datasets")) if type(text) is str and text.split()]
        for alias in aliases:
            yield from _paths(node.get("return"), f"{alias}.")
        for inner in node.values():
            yield from _returned(inner)
    elif type(node) is list:
        for inner in node:
            yield from _returned(inner)
