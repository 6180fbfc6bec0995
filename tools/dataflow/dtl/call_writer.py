"""Calls of ordinary functions written as Python: folded where all is known, inline where there is a form for it, or as they stand.

Rules: DTL semantics, sections 1 and 4; tools/docs/decisions/0307-arguments-called-constants.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity
from dataflow.dtl import kinds, registry
from dataflow.dtl.emitter import UNKNOWN, Code, is_atom
from dataflow.dtl.inline import FastCall
from dataflow.dtl.scope import BINDING
from dataflow.dtl.values import kind_name
from dataflow.errors import DataflowError

if TYPE_CHECKING:
    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.kinds import Kinds
    from dataflow.dtl.place import Call, Place
    from dataflow.dtl.registry import Function, Plan
    from dataflow.dtl.signature import Parameter

_CONSTANT_TYPES: dict[str, type] = {"string": str, "integer": int}


class CallWriter:
    """Writes the calls of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler

    def ordinary(self, call: Call) -> Code:
        """A call of a general function: constants are folded, and an inline form is used where there is one."""
        function = call.function
        plan = function.plan(len(call.arguments))
        assert plan is not None
        nodes: dict[int, tuple[Any, Place]] = {}
        codes = []
        gives = function.gives
        for index, (node, parameter) in enumerate(zip(call.arguments, plan.assigned, strict=True)):
            if parameter.type == "function-expression" and function.fast is not None and not self._compiler.traced:
                nodes[index] = (node, call.place_of(index))
                codes.append(Code("None"))
            else:
                code = self._argument(node, parameter, call, index)
                gives = None if parameter.type == "default-value-expression" else gives
                borrowed = function.borrows and code.borrowed is not None
                codes.append(Code(str(code.borrowed), code.kind, kinds=code.kinds) if borrowed else code)
        if self._compiler.watched:
            return self._watched(call, plan, codes, gives)
        if function.pure and not function.context and not nodes and all(c.known for c in codes):
            return self._fold(function, codes, plan, call)
        if function.fast is not None and not self._compiler.traced:
            fast = FastCall(self._compiler, function, codes, call.place, plan=plan, nodes=nodes, gives=gives)
            try:
                written = self._fast(function, fast)
            except DataflowError as error:
                return self._compiler.fault("DF411", f'"{function.name}" fails on these constants: {error}', call.place)
            return Code(fast.slow, function.returns, kinds=gives) if written is None else written
        return Code(self.general(function, codes, plan), function.returns, kinds=gives)

    def _watched(self, call: Call, plan: Plan, codes: list[Code], gives: Kinds | None) -> Code:
        """A call whose arguments and result are shown to the trace, with a way to try single values once more."""
        function, body = call.function, call.place.body
        codes = [c if c.known else body.atom(c) for c in codes]
        result = body.assign(Code(self.general(function, codes, plan), function.returns, kinds=gives))
        # Functions that go over their last argument alone can be asked about each of its elements.
        single = plan.assigned[-1] if function.gives is not None and function.returns is None and codes else None
        for code, parameter in zip(codes, plan.assigned, strict=True):
            again = "None"
            if parameter is single and single.most == 1 and code is codes[-1]:
                value = body.name("it")
                again = f"lambda {value}: {self.general(function, [*codes[:-1], Code(value)], plan)}"
            accepted = function.accepted(parameter)
            if accepted is not None or again != "None":
                kinds_name = self._compiler.constants.bind(accepted, "accepted")
                body.line(f"trace.took({function.name!r}, {code.text}, {kinds_name}, {result.text}, {again})")
        return result

    def general(self, function: Function, codes: list[Code], plan: Plan | None = None) -> str:
        """The call of the general function; without a plan the arguments are the parameters, one for one."""
        texts = ["ctx"] if function.context else []
        if "namespaces" in function.flags:
            texts.append(self._compiler.constants.bind(self._compiler.namespaces))
        texts += [code.text for code in _positional(codes, plan)]
        return f"{self._compiler.constants.function(function.name, function.call)}({', '.join(texts)})"

    def called(self, name: str, codes: list[Code], place: Place) -> Code:
        """A call of an ordinary function of fixed arity on values that are written already; for use by forms."""
        function = registry.REGISTRY[name, "expression"]
        codes = [place.body.atom(c) for c in codes]
        call = FastCall(self._compiler, function, codes, place)
        fast = None if self._compiler.traced else self._fast(function, call)
        return Code(call.slow, function.returns) if fast is None else fast

    def _fast(self, function: Function, call: FastCall) -> Code | None:
        """The inline form of a call, if it has one for these arguments."""
        if function.fast is None:
            return None
        if isinstance(function.fast, str):
            slow = call.slow if "{slow}" in function.fast else ""
            text = function.fast.format(*call.arguments, slow=slow)
            return Code(f"({text})", function.returns, kinds=call.gives)
        written = function.fast(call)
        if written is None or isinstance(written, Code):
            return written
        return Code(written if is_atom(written) else f"({written})", function.returns, kinds=call.gives)

    def _fold(self, function: Function, codes: list[Code], plan: Plan, call: Call) -> Code:
        try:
            return self._compiler.value(self._applied(function, codes, plan))
        except DataflowError as error:
            return self._compiler.fault("DF411", f'"{function.name}" fails on these constants: {error}', call.place)

    def folded(self, function: Function, codes: list[Code], plan: Plan | None) -> Any:
        """What a function makes of constants; UNKNOWN when that is not known before it runs."""
        if function.context or function.flags - {"namespaces"}:
            return UNKNOWN
        try:
            return self._applied(function, codes, plan)
        except DataflowError:
            return UNKNOWN

    def _applied(self, function: Function, codes: list[Code], plan: Plan | None) -> Any:
        assert function.call is not None
        leading = [self._compiler.namespaces] if "namespaces" in function.flags else []
        return function.call(*leading, *(c.constant for c in _positional(codes, plan)))

    def _argument(self, node: Any, parameter: Parameter, call: Call, index: int) -> Code:
        if parameter.type in BINDING:
            return Code(self._compiler.callables.function(node, call.place_of(index)))
        if type(node) is str and "." not in node and node[:1] != "~" and not self._compiler.traced:
            # Most arguments are plain text.
            code = Code(repr(node), "string", node)
        else:
            code = self._compiler.expression(node, call.place_of(index))
        if not self.suits(code, parameter.name, parameter.type, call.place_of(index)):
            return code
        accepted = call.function.accepted(parameter)
        possible = None if accepted is None or code.kind in accepted else code.possible
        if accepted is not None and possible and not possible & accepted:
            self._compiler.fault(
                "DF412",
                f'"{call.function.name}" ignores this value: it is always {article(kinds.listed(possible))}',
                call.place_of(index),
                expected=kinds.listed(accepted),
                severity=Severity.WARNING,
            )
        return code

    def suits(self, code: Code, name: str, kind: str, place: Place) -> bool:
        """Whether a parameter of that type can be what is written for it; a constant of another type is a fault."""
        wanted = _CONSTANT_TYPES.get(kind)
        if wanted is None or not code.known or code.constant is None or type(code.constant) is wanted:
            return True
        self._compiler.fault(
            "DF407",
            f"{name} is {article(kind_name(code.constant))}, and {article(kind_name(wanted()))} is needed",
            place,
            expected=f"{name}({kind})",
        )
        return False


def _positional(codes: list[Code], plan: Plan | None) -> list[Code]:
    """Arguments in the order of the parameters, with None for those left out."""
    if plan is None or plan.straight:
        return codes
    result: list[Code] = []
    position = 0
    for parameter in plan.signature.parameters:
        taken = sum(1 for p in plan.assigned[position:] if p is parameter)
        result += codes[position : position + taken]
        if taken == 0 and parameter.most is not None:
            result.append(Code("None", constant=None))
        position += taken
    return result


def article(noun: str) -> str:
    """The noun with the article it takes."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
