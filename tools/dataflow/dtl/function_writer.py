"""Function expressions: the arguments in which `_` is one value after another.

They are written into a loop, or as a function of their own: within the code around them, or beside it for all that are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl import reach, registry
from dataflow.dtl.emitter import Body
from dataflow.dtl.inline import Inline, Separate
from dataflow.dtl.place import Place
from dataflow.dtl.scope import Scope, variables_in

if TYPE_CHECKING:
    from dataflow.dtl.compiler import Compiler


class FunctionWriter:
    """Writes the function expressions of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        # Those that became functions of their own, by what they are and the kind of value they take.
        self._separate: dict[tuple[str, str | None], Separate] = {}

    def function(self, node: Any, place: Place) -> str:
        """A Python callable of one argument for a function expression, in which `_` is that argument."""
        return _function_of(self.inline(node, place), place.body)

    def inline(self, node: Any, place: Place) -> Inline:
        """A function expression as lines and a value, to be written into a loop."""
        current = place.body.name("it")
        with place.body.aside() as lines:
            code = self._compiler.expression(node, place.within(place.scope.with_current(current)))
        return Inline(current, lines, code, self._compiler.truth(code, place))

    def separate(self, node: Any, place: Place, kind: str | None) -> Separate | None:
        """A function expression as a function of the module, for values of a kind; None when it needs more than its argument."""
        if not _self_contained(node, place.scope):
            return None
        known = self._separate.get((repr(node), kind))
        if known is not None:
            return known
        faults = len(self._compiler.diagnostics)
        body = Body(self._compiler.constants)
        self._compiler.remark(node, body)
        scope = Scope(rule=place.scope.rule, current="it", kind=kind)
        code = self._compiler.expression(node, Place(scope, body, place.pointer))
        body.line(f"return {code.text}")
        separate = Separate(f"each_{len(self._separate)}", code)
        self._compiler.functions.append(body.text(f"def {separate.name}(it):"))
        # What is wrong with it has to be told at every place.
        if len(self._compiler.diagnostics) == faults:
            self._separate[repr(node), kind] = separate
        return separate


def _function_of(inline: Inline, body: Body) -> str:
    if not inline.lines:
        return f"(lambda {inline.current}: {inline.code.text})"
    name = body.name("f")
    body.line(f"def {name}({inline.current}):")
    body.lines += ["    " + line for line in inline.lines]
    body.line(f"    return {inline.code.text}")
    return name


def _self_contained(node: Any, scope: Scope) -> bool:
    """Whether an expression depends on nothing but `_`."""
    if variables_in(node, set(scope.aliases)) - {"_"}:
        return False
    for name in reach.called(node):
        function = registry.lookup(name, "expression")
        if name in _UNCONTAINED or (function is not None and (function.context or function.flags)):
            return False
    return True


# Forms that reach for the run or the rule around them.
_UNCONTAINED = frozenset({"apply", "apply-hops", "is-changed"})
