"""Compiled rules: what the rest of the toolkit holds in its hands; `expression` has the other kind."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.diagnostics import Diagnostic
from dataflow.dtl import reach
from dataflow.dtl.compiler import Compiler
from dataflow.dtl.generated import check, generate, load, too_deep
from dataflow.dtl.namespaces import Namespaces
from dataflow.dtl.targets import Stop
from dataflow.dtl.trace import Trace
from dataflow.dtl.values import kind_name
from dataflow.errors import DtlError, FindingsError, TransformFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dataflow.dtl.context import Context
    from dataflow.dtl.drops import Drop
    from dataflow.dtl.facts import Facts
    from dataflow.dtl.values import Entity, Value


# Indented fifty times, or a line with so many brackets that they may stand in each other.
_DEEP = re.compile(r"^ {200}|^(?:[^\n(\[{]*[(\[{]){100}", re.MULTILINE)


class Outcome(NamedTuple):
    """What one run of the rules did: `state` is "kept", "filtered" or "discarded"; `target` is None unless kept."""

    target: Entity | None
    created: list[Entity]
    state: str


class Transform:
    """Compiled rules of one pipe; made by `compile_rules`."""

    def __init__(
        self,
        rules: dict[str, Any],
        *,
        pipe_id: str,
        namespaces: Namespaces,
        id_required: bool,
        load: Callable[[], Callable[..., Any]],
        facts: Facts,
        warnings: Sequence[Diagnostic],
    ) -> None:
        self.rules = rules
        self.pipe_id = pipe_id
        self.namespaces = namespaces
        self.id_required = id_required
        self.warnings = list(warnings)
        self.facts = facts
        self.load = load

    @cached_property
    def default(self) -> Callable[..., Any]:
        """The function of the default rule. Made when it is first asked for: who only checks rules does not run them."""
        return self.load()

    @property
    def hops(self) -> list[Any]:
        """The datasets the rules hop to, with the join keys on their side."""
        return self.facts.hops

    @property
    def reads(self) -> set[str | None]:
        """Root properties of the source entity that are read; None among them means any."""
        return self.facts.reads

    @property
    def writes(self) -> set[str | None]:
        """Root properties of the target that are written; None among them means any."""
        return self.facts.writes

    @property
    def code(self) -> str:
        """The generated Python, with the DTL each part stands for as comments."""
        compiler = Compiler(self.rules, namespaces=self.namespaces, id_required=self.id_required, commented=True)
        return generate(compiler, list(self.rules))

    def run(self, source: Value, target: Entity, context: Context) -> Outcome:
        """Run the `default` rule as it stands: no completion of `_id`, no check of it."""
        created: list[Entity] = []
        start = dict(target)
        try:
            result = self.default(source, target, None, None, context, created)
        except Exception as error:
            raise self.explained(error, source, context, start) from error
        if type(result) is Stop:
            return Outcome(None, created, result.state)
        return Outcome(result, created, "kept")

    def __call__(self, entity: Entity, context: Context) -> Iterator[Entity]:
        """The entities one source entity becomes: created ones first, then the target, filtered or not.

        The target starts with the source's `_id`, and `_deleted` when that is true (node-semantics, section 3.1).
        Raises TransformFailed.
        """
        target: Entity = {}
        if "_id" in entity:
            target["_id"] = entity["_id"]
        if entity.get("_deleted") is True:
            target["_deleted"] = True
        outcome = self.run(entity, target, context)
        yield from outcome.created
        if outcome.state == "filtered":
            if type(target.get("_id")) is str:
                yield {"_id": target["_id"], "_filtered": True}
        elif outcome.target is not None and self.check_id(outcome.target):
            yield outcome.target

    def check_id(self, target: Entity) -> bool:
        """Whether a result has the string `_id` an entity needs; TransformFailed when it has not and must."""
        if type(target.get("_id")) is str:
            return True
        if not self.id_required:
            return False
        found = kind_name(target.get("_id"))
        message = f"the result needs a string _id, and has {'none' if found == 'null' else f'one of type {found}'}"
        raise TransformFailed(message, pipe=self.pipe_id, entity_id=None, rule="default", where="/default")

    def explained(
        self, error: Exception, source: Value, context: Context, target: Entity | None = None
    ) -> TransformFailed:
        """Run the traced variant to find out where an entity broke the rules; `target` is what the run started with."""
        entity_id = source.get("_id") if type(source) is dict else None
        start = dict(target) if target is not None else {"_id": entity_id} if entity_id is not None else {}
        names, compiler = self._variant(traced=True)
        trace = names["trace"] = Trace(compiler.points)
        try:
            names[compiler.rule_name("default")](source, start, None, None, context, [])
        except Exception as again:
            error = again
        return failure_of(error, trace, source, self.pipe_id)

    def drops(self, source: Value, target: Entity, context: Context) -> list[Drop]:
        """Every place where a function ignored a value on the way of this entity (`dtl.drops` has what is not seen).

        The rules are run once more for it, on a copy of the target; what they had done when they failed is there.
        """
        from dataflow.dtl.drops import Drops

        names, compiler = self._variant(watched=True)
        drops = names["trace"] = Drops(compiler.points)
        with suppress(Exception):
            names[compiler.rule_name("default")](source, dict(target), None, None, context, [])
        return drops.found

    def _variant(self, **variant: bool) -> tuple[dict[str, Any], Compiler]:
        compiler = Compiler(self.rules, namespaces=self.namespaces, id_required=self.id_required, **variant)
        return load(generate(compiler, list(self.rules)), compiler, f"{self.pipe_id} {next(iter(variant))}"), compiler


def failure_of(error: Exception, trace: Trace, source: Value, pipe_id: str) -> TransformFailed:
    """What to raise for an error that a traced run has met."""
    rule, pointer, _ = trace.failed
    entity_id = source.get("_id") if type(source) is dict else None
    return TransformFailed(
        reason(error), pipe=pipe_id, entity_id=entity_id, rule=rule, where=pointer, trace=trace.steps()
    )


def reason(error: Exception) -> str:
    """An exception in the words of a user of DTL."""
    if isinstance(error, DtlError):
        return error.message
    if isinstance(error, RecursionError):
        return "rules apply each other without end"
    return f"{type(error).__name__}: {error}"


def compile_rules(
    rules: Any,
    *,
    pipe_id: str = "",
    namespaces: Namespaces | None = None,
    id_required: bool = True,
) -> Transform:
    """Compile the `rules` of a dtl transform; FindingsError carries every fault, with pointers relative to `rules`."""
    spaces = namespaces or Namespaces.of_pipe(pipe_id)
    if type(rules) is not dict or "default" not in rules:
        found = "no rule of that name" if type(rules) is dict else kind_name(rules)
        raise FindingsError(
            [
                Diagnostic(
                    "DF408",
                    f'rules need a rule called "default"; found {found}',
                    pointer="",
                    expected='{"default": [["copy", "*"]]}',
                )
            ]
        )
    compiler = Compiler(rules, namespaces=spaces, id_required=id_required)
    try:
        source = generate(compiler, list(rules))
    except RecursionError:
        raise too_deep() from None
    warnings = [*check(compiler), *reach.unused(compiler)]

    def default() -> Callable[..., Any]:
        function: Callable[..., Any] = load(source, compiler, pipe_id)[compiler.rule_name("default")]
        return function

    made = Transform(
        rules,
        pipe_id=pipe_id,
        namespaces=spaces,
        id_required=id_required,
        load=default,
        facts=compiler.facts,
        warnings=warnings,
    )
    if _may_be_too_deep(source):
        made.load()
    return made


def _may_be_too_deep(source: str) -> bool:
    """Whether Python may refuse a source, which is then a fault of the rules: its limits are 100 levels and 200 brackets."""
    return _DEEP.search(source) is not None
