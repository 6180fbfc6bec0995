"""What is never reached: rules nobody applies, branches whose condition is decided beforehand, transforms after an end.

All of it is told as warnings. A condition repeated inside the branch it leads to is not looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic, Severity
from dataflow.dtl import registry
from dataflow.json_text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.place import Call, Place

# The end of a rule when they stand alone; the first two have a condition under which the rule goes on.
_ENDS = ("filter", "discard", "fail!", "trip!")
_UNSTEADY = frozenset({"clock", "random", "effect"})


def unused(compiler: Compiler) -> Iterator[Diagnostic]:
    """DF413 for each rule that `default` does not lead to."""
    reached = compiler.facts.reached
    for name in compiler.rules:
        if name not in reached:
            yield Diagnostic(
                "DF413",
                f'rule "{name}" is never applied',
                pointer=f"/{escaped(name)}",
                hint="remove it, or apply it in the default rule or one that leads to it",
                severity=Severity.WARNING,
            )


def after_end(compiler: Compiler, nodes: Sequence[Any], place: Place) -> None:
    """DF415 for what follows an unconditional end in a list of transforms."""
    for index, node in enumerate(nodes[:-1]):
        if _ends(node):
            rest = (i for i, other in enumerate(nodes) if i > index and not _is_comment(other))
            following = next(rest, None)
            if following is not None:
                compiler.fault(
                    "DF415",
                    f'this transform is never reached: "{node[0]}" before it always ends the rule',
                    place.at(following),
                    hint=f'remove it, or give "{node[0]}" a condition' if node[0] in _ENDS[:2] else None,
                    severity=Severity.WARNING,
                )
            return


def _ends(node: Any) -> bool:
    if type(node) is not list or not node or node[0] not in _ENDS:
        return False
    return node[0] not in _ENDS[:2] or len(node) == 1 or (len(node) == 2 and (node[1] is None or node[1] is False))


def _is_comment(node: Any) -> bool:
    return type(node) is list and node[:1] == ["comment"]


def branches(compiler: Compiler, call: Call, conditions: Sequence[tuple[int, str]], otherwise: int) -> None:
    """DF414 for the branches that no entity takes.

    `conditions` are the arguments that decide, by number, with the Python that tests them; each one's branch follows it.
    `otherwise` is the number of the last branch, which may not be there.
    """
    met: set[str] = set()
    for number, (index, text) in enumerate(conditions):
        branch = index + 1
        node = call.arguments[index]
        if text == "True":
            later = conditions[number + 1][0] if number + 1 < len(conditions) else otherwise
            if later < len(call.arguments):
                _never(compiler, call, later, "the condition before it is always true")
            return
        if text == "False":
            _never(compiler, call, branch, "its condition is never true")
        elif repr(node) in met and _steady(node):
            _never(compiler, call, branch, "its condition is that of an earlier branch")
        met.add(repr(node))


def _never(compiler: Compiler, call: Call, index: int, why: str) -> None:
    compiler.fault("DF414", f"this branch is never reached: {why}", call.place_of(index), severity=Severity.WARNING)


def _steady(node: Any) -> bool:
    """Whether an expression gives the same when it is evaluated once more."""
    return not any(
        name in ("apply", "apply-hops")
        or ((function := registry.lookup(name, "expression")) is not None and function.flags & _UNSTEADY)
        for name in called(node)
    )


def called(node: Any) -> Iterator[str]:
    """The names in an expression that may be those of functions."""
    if type(node) is list and node:
        if type(node[0]) is str:
            yield node[0]
        for inner in node:
            yield from called(inner)
    elif type(node) is dict:
        for inner in node.values():
            yield from called(inner)
