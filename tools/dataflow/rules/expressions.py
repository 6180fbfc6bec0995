"""The DTL of a pipe as it is written: every call in it, with its place. What rules look at without compiling anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.pipe import Pipe

_UNEVALUATED = frozenset({"literal", "comment"})
_HOPPING = frozenset({"hops", "apply-hops"})


class Call(NamedTuple):
    """A function, or a transform, with its arguments, at `pointer` in the file.

    `step` is the number of the transform of the pipe it is in, `rule` the name of the rule, `around` the call it is
    an argument of, and `aliases` the aliases of datasets that are known there.
    """

    name: str
    node: list[Any]
    pointer: str
    step: int
    rule: str
    around: Call | None
    aliases: frozenset[str]

    @property
    def arguments(self) -> list[Any]:
        return self.node[1:]

    def at(self, number: int) -> str:
        """The place of an argument, from 0."""
        return f"{self.pointer}/{number + 1}"

    def inside(self, *names: str) -> bool:
        """Whether a call of one of these names is around it."""
        call = self.around
        while call is not None:
            if call.name in names:
                return True
            call = call.around
        return False


def calls(pipe: Pipe, only: Sequence[str] = ()) -> Iterator[Call]:
    """Every call in the transforms of a pipe that take effect, outer ones first; or `only` those of these names."""
    # As they stand in what Python prints of a list.
    printed = tuple(f"'{name}'" for name in only)
    for number, step in enumerate(pipe.transforms):
        rules = step.config.get("rules")
        if step.config.get("type") == "dtl" and type(rules) is dict:
            for name, body in rules.items():
                found = _calls(body, f"{step.pointer}/rules/{escaped(name)}", number, name, None, frozenset(), printed)
                yield from (call for call in found if call.name in only) if only else found


def aliases(spec: Any) -> dict[str, str]:
    """Alias -> dataset of what hops or a merge read, each written "dataset alias"."""
    names = spec.get("datasets") if type(spec) is dict else None
    pairs = [name.split() for name in names if type(name) is str] if type(names) is list else []
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def _calls(
    node: Any,
    pointer: str,
    step: int,
    rule: str,
    around: Call | None,
    known: frozenset[str],
    printed: tuple[str, ...],
) -> Iterator[Call]:
    if printed and not _mentions(node, printed):
        return
    if type(node) is dict:
        for key, inner in node.items():
            if type(inner) in (list, dict):
                yield from _calls(inner, f"{pointer}/{escaped(key)}", step, rule, around, known, printed)
        return
    if type(node) is not list or not node:
        return
    if type(node[0]) is str:
        if node[0] in _UNEVALUATED:
            return
        if node[0] in _HOPPING:
            known = known.union(*(aliases(inner) for inner in node[1:]))
        around = Call(node[0], node, pointer, step, rule, around, known)
        yield around
    for index, inner in enumerate(node):
        if type(inner) in (list, dict):
            yield from _calls(inner, f"{pointer}/{index}", step, rule, around, known, printed)


def _mentions(node: Any, printed: tuple[str, ...]) -> bool:
    """Whether a name is somewhere in a part; to print it is faster than to go through it."""
    text = str(node)
    return any(name in text for name in printed)


def constant(argument: Any) -> bool:
    """Whether an argument is a text or a number as it is written, and no path or call."""
    return type(argument) in (str, int) and not (
        type(argument) is str and argument.partition(".")[0] in ("_S", "_T", "_P", "_R", "_")
    )
