"""The compiler: DTL rules to Python source, compiled once per pipe.

Expressions become straight-line Python: each call is written where its value is needed, an argument that is written more than
once gets a name, and a lazily evaluated argument is written inside the branch that needs it. Ordinary functions call the
general function of the registry, or its inline form. Faults are collected with their JSON pointer, and raised together.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic, Severity
from dataflow.dtl import applying, forms, functions, reach, transit
from dataflow.dtl.call_writer import CallWriter
from dataflow.dtl.callee import callee
from dataflow.dtl.emitter import Body, Code, Constants
from dataflow.dtl.facts import Facts, Role
from dataflow.dtl.function_writer import FunctionWriter
from dataflow.dtl.path_writer import PathWriter
from dataflow.dtl.place import Call, Place
from dataflow.dtl.scope import Scope, variable
from dataflow.dtl.temporaries import unstored
from dataflow.dtl.values import kind_name, true

if TYPE_CHECKING:
    from dataflow.dtl.namespaces import Namespaces

# The first element, or a quote where that has one.
_TARGET_PATHS = re.compile(r"""_T\.('|[^".]*)""")
PARAMETERS = "S, T, P, R, ctx, out"
# Of a rule that only hops apply, which is given what they have found.
LOOPED_PARAMETERS = "found, P, R, ctx, out"


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
        self.callables = FunctionWriter(self)
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

    def remark(self, node: Any, body: Body) -> None:
        """Say in the variant for reading what the code that follows is for."""
        if self.commented:
            body.line("# " + _shown(node, 110))

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
        arguments = node[1:]
        function = callee(self, node[0], "transform", len(arguments), place)
        if function is None or function.emit is None:
            return
        self.remark(node, place.body)
        if self.traced:
            point = self._point(place, node)
            place.body.line(f"trace.enter({point})")
            function.emit(self, Call(function, arguments, place))
            place.body.line(f"trace.done({point})")
        else:
            function.emit(self, Call(function, arguments, place))

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
        arguments = node[1:]
        function = callee(self, node[0], "expression", len(arguments), place)
        if function is None:
            return Code("None")
        self.facts.flags |= function.flags
        call = Call(function, arguments, place)
        if function.emit is not None:
            code: Code = function.emit(self, call)
            return code
        return self.calls.ordinary(call)

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


def _shown(node: Any, limit: int = 60) -> str:
    text = json.dumps(node, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 3] + "..."


# Importing the packages fills the registry.
assert forms
assert functions
