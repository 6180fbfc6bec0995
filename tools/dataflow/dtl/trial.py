"""A trial: one expression, list of transforms or set of rules tried on one entity, with faults at their place in the text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from dataflow.diagnostics import Diagnostic
from dataflow.dtl.expression import compile_expression
from dataflow.dtl.registry import lookup
from dataflow.dtl.trace import text
from dataflow.dtl.transform import compile_rules
from dataflow.errors import DtlError, FindingsError, TransformFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow.dtl.context import Context
    from dataflow.dtl.drops import Drop
    from dataflow.dtl.expression import Expression
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.transform import Transform
    from dataflow.dtl.values import Entity, Value
    from dataflow.source import Document


class Report(NamedTuple):
    """`results` is the one value of an expression, or the entities rules made; `compiled` is what made them.

    `warnings` are what the compiler found odd, `drops` the values that functions ignored (only when asked for).
    """

    results: list[Value]
    entities: bool
    compiled: Expression | Transform
    warnings: list[Diagnostic]
    drops: list[Diagnostic]


class Trial(NamedTuple):
    """What is tried (`dtl`, other rules in `rules`) and in which surroundings. `target` None starts as a pipe starts it."""

    dtl: Document
    rules: Document | None
    namespaces: Namespaces
    context: Context

    @property
    def of_rules(self) -> bool:
        """Whether `dtl` is a rules object, a list of transforms or a transform, and not an expression."""
        value = self.dtl.value
        if type(value) is dict:
            return type(value.get("default")) is list
        if type(value) is not list or not value or type(value[0]) is not str:
            return type(value) is list
        return lookup(value[0], "expression") is None and lookup(value[0], "transform") is not None

    def run(self, source: Value, target: Entity | None = None, *, drops: bool = False) -> Report:
        """Compile and run; FindingsError has what is wrong with the DTL, and DF701 when it fails on this entity.

        `drops` has the watched variant run as well.
        """
        try:
            return (self._rules if self.of_rules else self._expression)(source, target, drops)
        except FindingsError as error:
            raise FindingsError([self._placed(d) for d in error.diagnostics]) from error
        except DtlError as error:
            self._failed(error)

    def _others(self) -> dict[str, Any]:
        return {} if self.rules is None else dict(self.rules.value)

    def _expression(self, source: Value, target: Entity | None, drops: bool) -> Report:
        compiled = compile_expression(self.dtl.value, namespaces=self.namespaces, rules=self._others())
        value = compiled(self.context, S=source, T=dict(target or {}))
        found = compiled.drops(self.context, S=source, T=target) if drops else []
        return self._report([value], compiled, found)

    def _rules(self, source: Value, target: Entity | None, drops: bool) -> Report:
        value = self.dtl.value
        compiled = compile_rules(
            {**self._others(), **(value if type(value) is dict else {"default": value})}, namespaces=self.namespaces
        )
        if target is None:
            target = {name: source[name] for name in ("_id", "_deleted") if type(source) is dict and name in source}
            if target.get("_deleted") is not True:
                target.pop("_deleted", None)
        start = dict(target)
        outcome = compiled.run(source, start, self.context)
        results = list(outcome.created)
        if outcome.state == "filtered":
            results.append({**{name: start[name] for name in ("_id",) if name in start}, "_filtered": True})
        elif outcome.target is not None:
            results.append(outcome.target)
        found = compiled.drops(source, target, self.context) if drops else []
        return self._report(results, compiled, found)

    def _report(self, results: list[Value], compiled: Expression | Transform, drops: Sequence[Drop]) -> Report:
        # A file of rules for many purposes holds some that are not needed today.
        told = [d for d in compiled.warnings if d.code != "DF413" or self._home(d.pointer or "")[0] is not self.rules]
        return Report(
            results,
            self.of_rules,
            compiled,
            [self._placed(d) for d in told],
            [self._placed(drop.diagnostic()) for drop in drops],
        )

    def _home(self, pointer: str) -> tuple[Document, str]:
        """The document a fault is in, and its pointer there: pointers start with a rule's name."""
        first, _, rest = pointer[1:].partition("/")
        if self.rules is not None and first in self.rules.value and not (self.of_rules and first == "default"):
            return self.rules, pointer
        if self.of_rules and type(self.dtl.value) is list:
            return self.dtl, f"/{rest}" if rest else ""
        return self.dtl, pointer

    def _placed(self, diagnostic: Diagnostic) -> Diagnostic:
        document, pointer = self._home(diagnostic.pointer or "")
        line, column = document.locate(pointer)
        return replace(diagnostic, file=document.file, pointer=pointer, line=line, column=column)

    def _place(self, pointer: str) -> str:
        document, inner = self._home(pointer)
        return ":".join([document.file or "", *map(str, document.locate(inner))])

    def _failed(self, error: DtlError) -> NoReturn:
        rule = trace = None
        if isinstance(error, TransformFailed):
            trace = text(error.trace, self._place) or None
            rule = f'in rule "{error.rule}"' if error.rule != "default" else None
        found = Diagnostic("DF701", error.message, pointer=error.where, hint=rule, trace=trace)
        raise FindingsError([self._placed(found)]) from error
