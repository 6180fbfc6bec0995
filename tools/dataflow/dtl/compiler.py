"""The compiler: DTL rules to Python source, compiled once per pipe.

Expressions become straight-line Python: each call is written where its value is needed, an argument that is written more than
once gets a name, and a lazily evaluated argument is written inside the branch that needs it. Ordinary functions call the
general function of the registry, or its inline form. Faults are collected with their JSON pointer, and raised together.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.diagnostics import Diagnostic, Severity, did_you_mean
from dataflow.dtl import applying, forms, functions, kinds, reach, registry, transit
from dataflow.dtl.emitter import UNKNOWN, Body, Code, Constants, is_atom
from dataflow.dtl.facts import Facts, Role
from dataflow.dtl.inline import FastCall, Inline, Separate
from dataflow.dtl.path_writer import PathWriter
from dataflow.dtl.scope import BINDING, Scope, variable, variables_in
from dataflow.dtl.temporaries import unstored
from dataflow.dtl.values import kind_name, true
from dataflow.errors import DataflowError

if TYPE_CHECKING:
    from dataflow.dtl.kinds import Kinds
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.registry import Function, Plan
    from dataflow.dtl.signature import Parameter

# The first element, or a quote where that has one.
_TARGET_PATHS = re.compile(r"""_T\.('|[^".]*)""")
PARAMETERS = "S, T, P, R, ctx, out"
# Of a rule that only hops apply, which is given what they have found.
LOOPED_PARAMETERS = "found, P, R, ctx, out"


class Place(NamedTuple):
    """Where code is being written: the scope, the function body, and the JSON pointer of the expression."""

    scope: Scope
    body: Body
    pointer: str

    def at(self, *keys: str | int) -> Place:
        pointer = self.pointer
        for k in keys:
            pointer += f"/{k}" if type(k) is int else "/" + str(k).replace("~", "~0").replace("/", "~1")
        return Place(self.scope, self.body, pointer)

    def within(self, scope: Scope) -> Place:
        return Place(scope, self.body, self.pointer)


class Call(NamedTuple):
    """One call being compiled: the raw arguments, and their places."""

    function: Function
    arguments: list[Any]
    place: Place

    def place_of(self, index: int) -> Place:
        scope, body, pointer = self.place
        return Place(scope, body, f"{pointer}/{index + 1}")


class Compiler:
    """Compiles one set of rules; `beside` is an expression that is compiled beside them, and may apply them.

    `traced` writes the variant that records every value, `watched` the one that also records which of them were ignored, and
    `commented` the one for reading.
    """

    def __init__(
        self,
        rules: dict[str, Any],
        *,
        namespaces: Namespaces,
        beside: Any = None,
        id_required: bool = True,
        traced: bool = False,
        watched: bool = False,
        commented: bool = False,
    ) -> None:
        self.rules = rules
        self.namespaces = namespaces
        self.id_required = id_required
        self.traced = traced or watched
        self.watched = watched
        self.commented = commented
        self.constants = Constants()
        self.diagnostics: list[Diagnostic] = []
        self.facts = Facts()
        self.points: list[tuple[str, str, Any]] = []
        self.functions: list[str] = []
        # Pointers of transforms of the rule at hand that only make and remove a temporary property.
        self.unstored: set[str] = set()
        # local name -> (name, dataset, identity of the index, name of the function that gives an entity's keys)
        self.indexes: dict[str, tuple[str, str, str, str]] = {}
        whole = [rules, beside]
        text = json.dumps(whole, default=str)
        self.uses_parent = '"_P' in text
        self.uses_root = '"_R' in text
        self.paths = PathWriter(self)
        # Function expressions that became functions of their own, by what they are and the kind of value they take.
        self._separate: dict[tuple[str, str | None], Separate] = {}
        # First elements of the paths on targets.
        self._recalled = set(_TARGET_PATHS.findall(text))
        self._plainly_applied = set(applying.plainly_applied(whole)) if '"apply' in text else set()
        # A trace follows one entity at a time.
        self.looped = applying.looped(whole) if '"apply-hops' in text and not self.traced else set()

    def recalls(self, name: str) -> bool:
        """Whether a property of a target may be read by its name."""
        return name in self._recalled or "'" in self._recalled or self.namespaces.enabled

    # --- reporting ---------------------------------------------------------------------------------------------------

    def fault(
        self,
        code: str,
        message: str,
        place: Place,
        *,
        expected: str | None = None,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Code:
        """Record a diagnostic; the value written instead is null, so that compilation goes on and finds the rest."""
        self.diagnostics.append(
            Diagnostic(code, message, pointer=place.pointer, expected=expected, hint=hint, severity=severity)
        )
        return Code("None")

    # --- rules -------------------------------------------------------------------------------------------------------

    def compile_rule(self, name: str) -> None:
        """Write the function of one rule."""
        body = Body(self.constants, looped=name in self.looped)
        scope = Scope(rule=name, entity=name not in self._plainly_applied, roles=frozenset({Role(name)}))
        place = Place(scope, body, "").at(name)
        # The default rule may be given a target that is not empty, and traces show what is on it.
        shared = self.traced or self.uses_parent or self.uses_root or self.namespaces.enabled or name == "default"
        self.unstored = set() if shared else {place.at(i).pointer for i in unstored(self.rules[name])}
        if body.looped:
            body.line("kept = []")
            with body.block("for S in found:"):
                body.line("T = {}")
                self.transforms(self.rules[name], place)
                body.line("kept.append(T)")
            body.line("return kept")
        else:
            self.transforms(self.rules[name], place)
            body.line("return T")
        parameters = LOOPED_PARAMETERS if body.looped else PARAMETERS
        self.functions.append(body.text(f"def {self.rule_name(name)}({parameters}):"))

    def rule_name(self, name: str) -> str:
        index = list(self.rules).index(name)
        return f"rule_{index}" + "".join(c if c.isalnum() and c.isascii() else "_" for c in f"_{name}")

    def transforms(self, nodes: Any, place: Place) -> None:
        """A list of transforms, or a single one."""
        if type(nodes) is not list:
            self.fault(
                "DF408",
                f"expected a transform, found {kind_name(nodes)}",
                place,
                expected='a list of transforms, or one: ["add", "name", ...]',
            )
            return
        if nodes and type(nodes[0]) is str:
            self.transform(nodes, place)
            return
        for index, node in enumerate(nodes):
            self.transform(node, place.at(index))
        reach.after_end(self, nodes, place)

    def transform(self, node: Any, place: Place) -> None:
        """One transform, which changes the target."""
        if type(node) is not list or not node or type(node[0]) is not str:
            self.fault(
                "DF408",
                f"expected a transform, found {_shown(node)}",
                place,
                expected='an array that starts with the name of a transform, such as ["add", "name", "_S.name"]',
            )
            return
        name, arguments = node[0], node[1:]
        function = registry.lookup(name, "transform")
        if function is None or function.emit is None:
            self._unknown(name, "transform", place)
            return
        if not self._arity(function, len(arguments), place):
            return
        if self.commented:
            place.body.line("# " + _shown(node, 110))
        if self.traced:
            point = self._point(place, node)
            place.body.line(f"trace.enter({point})")
            function.emit(self, Call(function, arguments, place))
            place.body.line(f"trace.done({point})")
        else:
            function.emit(self, Call(function, arguments, place))

    def _unknown(self, name: str, kind: str, place: Place) -> Code:
        other = "expression" if kind == "transform" else "transform"
        if registry.lookup(name, other) is not None:
            where = "inside a transform" if other == "expression" else "directly in a rule"
            return self.fault(
                "DF404",
                f'"{name}" is {_article(other)}, and {_article(kind)} belongs here',
                place.at(0),
                expected=_article(kind),
                hint=f'"{name}" goes {where}'
                + (', for example in ["add", "property", ...]' if kind == "transform" else ""),
            )
        hint = did_you_mean(name, [n for n, _ in registry.REGISTRY])
        if hint is None and kind == "expression":
            hint = 'an array is a function call; to write a list of values use ["list", ...]'
        return self.fault("DF401", f'unknown function "{name}"', place.at(0), expected="a DTL function", hint=hint)

    def _arity(self, function: Function, count: int, place: Place) -> bool:
        if function.plan(count) is not None:
            return True
        most = function.most
        wanted = str(function.least) if function.least == most else f"{function.least} to {most}"
        wanted = f"at least {function.least}" if most is None else wanted
        self.fault(
            "DF402",
            f'"{function.name}" takes {wanted} argument{"" if wanted == "1" else "s"}, not {count}',
            place,
            expected=" or ".join(s.text or "no argument" for s in function.signatures),
        )
        return False

    # --- expressions -------------------------------------------------------------------------------------------------

    def expression(self, node: Any, place: Place) -> Code:
        """Write what an expression needs and return the Python expression of its value."""
        if not self.traced or type(node) not in (list, str):
            return place.body.short(self._expression(node, place))
        if type(node) is str and variable(node, place.scope) is None:
            return self._expression(node, place)
        point = self._point(place, node)
        place.body.line(f"trace.enter({point})")
        code = place.body.assign(self._expression(node, place))
        place.body.line(f"trace.leave({point}, {code.text})")
        return code

    def _point(self, place: Place, node: Any) -> int:
        self.points.append((place.scope.rule, place.pointer, node))
        return len(self.points) - 1

    def _expression(self, node: Any, place: Place) -> Code:
        kind = type(node)
        if kind is str:
            found = variable(node, place.scope)
            return self.constant(node, place) if found is None else self.paths.path(*found, place)
        if kind is list:
            return self._call(node, place)
        return self.constant(node, place)

    def constant(self, node: Any, place: Place) -> Code:
        """A literal; transit strings in it are typed values."""
        if type(node) is str and node[:1] != "~":
            return Code(repr(node), "string", node)
        try:
            value = transit.decode(node)
        except transit.TransitError as error:
            return self.fault(
                "DF408", str(error), place, expected="a valid transit string, or text without a leading ~"
            )
        return self.value(value)

    def value(self, value: Any) -> Code:
        return Code(self.constants.literal(value), kind_name(value), value)

    def _call(self, node: list[Any], place: Place) -> Code:
        if not node or type(node[0]) is not str:
            return self.fault(
                "DF408",
                f"expected a function call, found {_shown(node)}",
                place,
                expected="an array that starts with the name of a function",
                hint='to write a list of values use ["list", ...]',
            )
        name, arguments = node[0], node[1:]
        function = registry.lookup(name, "expression")
        if function is None:
            return self._unknown(name, "expression", place)
        if not self._arity(function, len(arguments), place):
            return Code("None")
        self.facts.flags |= function.flags
        call = Call(function, arguments, place)
        if function.emit is not None:
            code: Code = function.emit(self, call)
            return code
        return self._ordinary(call)

    def _ordinary(self, call: Call) -> Code:
        """A call of a general function: constants are folded, and an inline form is used where there is one."""
        function = call.function
        plan = function.plan(len(call.arguments))
        assert plan is not None
        nodes: dict[int, tuple[Any, Place]] = {}
        codes = []
        gives = function.gives
        for index, (node, parameter) in enumerate(zip(call.arguments, plan.assigned, strict=True)):
            if parameter.type == "function-expression" and function.fast is not None and not self.traced:
                nodes[index] = (node, call.place_of(index))
                codes.append(Code("None"))
            else:
                code = self._argument(node, parameter, call, index)
                gives = None if parameter.type == "default-value-expression" else gives
                borrowed = function.borrows and code.borrowed is not None
                codes.append(Code(str(code.borrowed), code.kind, kinds=code.kinds) if borrowed else code)
        if self.watched:
            return self._watched(call, plan, codes, gives)
        if function.pure and not function.context and not nodes and all(c.known for c in codes):
            return self._fold(function, codes, plan, call)
        if function.fast is not None and not self.traced:
            fast = FastCall(self, function, codes, call.place, plan=plan, nodes=nodes, gives=gives)
            try:
                written = self._fast(function, fast)
            except DataflowError as error:
                return self.fault("DF411", f'"{function.name}" fails on these constants: {error}', call.place)
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
                kinds_name = self.constants.bind(accepted, "accepted")
                body.line(f"trace.took({function.name!r}, {code.text}, {kinds_name}, {result.text}, {again})")
        return result

    def general(self, function: Function, codes: list[Code], plan: Plan | None = None) -> str:
        """The call of the general function; without a plan the arguments are the parameters, one for one."""
        texts = ["ctx"] if function.context else []
        if "namespaces" in function.flags:
            texts.append(self.constants.bind(self.namespaces))
        texts += [code.text for code in _positional(codes, plan)]
        return f"{self.constants.function(function.name, function.call)}({', '.join(texts)})"

    def called(self, name: str, codes: list[Code], place: Place) -> Code:
        """A call of an ordinary function of fixed arity on values that are written already; for use by forms."""
        function = registry.REGISTRY[name, "expression"]
        codes = [place.body.atom(c) for c in codes]
        call = FastCall(self, function, codes, place)
        fast = None if self.traced else self._fast(function, call)
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
            return self.value(self._applied(function, codes, plan))
        except DataflowError as error:
            return self.fault("DF411", f'"{function.name}" fails on these constants: {error}', call.place)

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
        leading = [self.namespaces] if "namespaces" in function.flags else []
        return function.call(*leading, *(c.constant for c in _positional(codes, plan)))

    def _argument(self, node: Any, parameter: Parameter, call: Call, index: int) -> Code:
        if parameter.type in BINDING:
            return Code(self.function(node, call.place_of(index)))
        if type(node) is str and "." not in node and node[:1] != "~" and not self.traced:
            # Most arguments are plain text.
            code = Code(repr(node), "string", node)
        else:
            code = self.expression(node, call.place_of(index))
        if not self.suits(code, parameter.name, parameter.type, call.place_of(index)):
            return code
        accepted = call.function.accepted(parameter)
        possible = None if accepted is None or code.kind in accepted else code.possible
        if accepted is not None and possible and not possible & accepted:
            self.fault(
                "DF412",
                f'"{call.function.name}" ignores this value: it is always {_article(kinds.listed(possible))}',
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
        self.fault(
            "DF407",
            f"{name} is {_article(kind_name(code.constant))}, and {_article(kind_name(wanted()))} is needed",
            place,
            expected=f"{name}({kind})",
        )
        return False

    def function(self, node: Any, place: Place) -> str:
        """A Python callable of one argument for a function expression, in which `_` is that argument."""
        return self._function_of(self.inline(node, place), place.body)

    def inline(self, node: Any, place: Place) -> Inline:
        """A function expression as lines and a value, to be written into a loop."""
        current = place.body.name("it")
        with place.body.aside() as lines:
            code = self.expression(node, place.within(place.scope.with_current(current)))
        return Inline(current, lines, code, self.truth(code, place))

    def separate(self, node: Any, place: Place, kind: str | None) -> Separate | None:
        """A function expression as a function of the module, for values of a kind; None when it needs more than its argument."""
        if not _self_contained(node, place.scope):
            return None
        known = self._separate.get((repr(node), kind))
        if known is not None:
            return known
        faults = len(self.diagnostics)
        body = Body(self.constants)
        if self.commented:
            body.line("# " + _shown(node, 110))
        scope = Scope(rule=place.scope.rule, current="it", kind=kind)
        code = self.expression(node, Place(scope, body, place.pointer))
        body.line(f"return {code.text}")
        separate = Separate(f"each_{len(self._separate)}", code)
        self.functions.append(body.text(f"def {separate.name}(it):"))
        # What is wrong with it has to be told at every place.
        if len(self.diagnostics) == faults:
            self._separate[repr(node), kind] = separate
        return separate

    def _function_of(self, inline: Inline, body: Body) -> str:
        if not inline.lines:
            return f"(lambda {inline.current}: {inline.code.text})"
        name = body.name("f")
        body.line(f"def {name}({inline.current}):")
        body.lines += ["    " + line for line in inline.lines]
        body.line(f"    return {inline.code.text}")
        return name

    def condition(self, node: Any, place: Place) -> str:
        """A Python expression that is true when the DTL expression is."""
        return self.truth(self.expression(node, place), place)

    def truth(self, code: Code, place: Place) -> str:
        if code.known:
            return str(true(code.constant))
        if code.kind == "boolean":
            return code.text
        if code.atom:
            return f"({code.text} is not None and {code.text} is not False and {code.text} != [])"
        name = place.body.name()
        return f"(({name} := {code.text}) is not None and {name} is not False and {name} != [])"

    def parent(self, place: Place) -> str:
        """The `_P` an applied rule gets."""
        return f'{{"_S": {place.scope.source}, "_T": T, "_P": P}}' if self.uses_parent else "None"


_CONSTANT_TYPES: dict[str, type] = {"string": str, "integer": int}


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


def _shown(node: Any, limit: int = 60) -> str:
    text = json.dumps(node, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


# Importing the packages fills the registry.
assert forms
assert functions
