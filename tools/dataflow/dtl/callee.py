"""The function that a call means; a name that is none, and a number of arguments that it does not take, are faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.diagnostics import did_you_mean
from dataflow.dtl import registry
from dataflow.dtl.call_writer import article

if TYPE_CHECKING:
    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.place import Place
    from dataflow.dtl.registry import Function


def callee(compiler: Compiler, name: str, kind: str, count: int, place: Place) -> Function | None:
    """The "transform" or "expression" of a name, to be called with `count` arguments; None when a fault is recorded."""
    function = registry.lookup(name, kind)
    # A transform only knows how to write itself.
    if function is None or (kind == "transform" and function.emit is None):
        _unknown(compiler, name, kind, place)
        return None
    return function if _takes(compiler, function, count, place) else None


def _unknown(compiler: Compiler, name: str, kind: str, place: Place) -> None:
    other = "expression" if kind == "transform" else "transform"
    if registry.lookup(name, other) is not None:
        where = "inside a transform" if other == "expression" else "directly in a rule"
        compiler.fault(
            "DF404",
            f'"{name}" is {article(other)}, and {article(kind)} belongs here',
            place.at(0),
            expected=article(kind),
            hint=f'"{name}" goes {where}'
            + (', for example in ["add", "property", ...]' if kind == "transform" else ""),
        )
        return
    hint = did_you_mean(name, [n for n, _ in registry.REGISTRY])
    if hint is None and kind == "expression":
        hint = 'an array is a function call; to write a list of values use ["list", ...]'
    compiler.fault("DF401", f'unknown function "{name}"', place.at(0), expected="a DTL function", hint=hint)


def _takes(compiler: Compiler, function: Function, count: int, place: Place) -> bool:
    if function.plan(count) is not None:
        return True
    most = function.most
    wanted = str(function.least) if function.least == most else f"{function.least} to {most}"
    wanted = f"at least {function.least}" if most is None else wanted
    compiler.fault(
        "DF402",
        f'"{function.name}" takes {wanted} argument{"" if wanted == "1" else "s"}, not {count}',
        place,
        expected=" or ".join(s.text or "no argument" for s in function.signatures),
    )
    return False
