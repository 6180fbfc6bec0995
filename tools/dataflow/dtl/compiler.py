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
from dataflow.dtl import applying, forms, functions, reach, registry, transit
from dataflow.dtl.call_writer import CallWriter, article
from dataflow.dtl.emitter import Body, Code, Constants
from dataflow.dtl.facts import Facts, Role
from dataflow.dtl.inline import Inline, Separate
from dataflow.dtl.path_writer import PathWriter
from dataflow.dtl.scope import Scope, variable, variables_in
from dataflow.dtl.temporaries import unstored
from dataflow.dtl.values import kind_name, true

if TYPE_CHECKING:
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.registry import Function

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
        self.calls = CallWriter(self)
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
                f'"{name}" is {article(other)}, and {article(kind)} belongs here',
                place.at(0),
                expected=article(kind),
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
        return self.calls.ordinary(call)

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


# Importing the packages fills the registry.
assert forms
assert functions
