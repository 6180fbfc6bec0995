"""Compiled rules and expressions: what the rest of the toolkit holds in its hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic
from dataflow.dtl.compiler import PARAMETERS, Compiler, Place, check, generate, load
from dataflow.dtl.emitter import Body
from dataflow.dtl.namespaces import Namespaces
from dataflow.dtl.scope import Scope
from dataflow.dtl.targets import Stop
from dataflow.dtl.trace import Trace
from dataflow.dtl.values import kind_name
from dataflow.errors import DtlError, FindingsError, TransformFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dataflow.dtl.context import Context
    from dataflow.dtl.facts import Facts
    from dataflow.dtl.values import Entity, Value


@dataclass(frozen=True, slots=True)
class Outcome:
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
        default: Callable[..., Any],
        facts: Facts,
        warnings: Sequence[Diagnostic],
    ) -> None:
        self.rules = rules
        self.pipe_id = pipe_id
        self.namespaces = namespaces
        self.id_required = id_required
        self.warnings = list(warnings)
        self.facts = facts
        self.default = default

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
        try:
            result = self.default(source, target, None, None, context, created)
        except Exception as error:
            raise self.explained(error, source, context) from error
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
        raise TransformFailed(message, pipe=self.pipe_id, entity_id=None, rule="default", where="/default", trace="")

    def explained(self, error: Exception, source: Value, context: Context) -> TransformFailed:
        """Run the traced variant to find out where an entity broke the rules."""
        compiler = Compiler(self.rules, namespaces=self.namespaces, id_required=self.id_required, traced=True)
        names = load(generate(compiler, list(self.rules)), compiler, f"{self.pipe_id} traced")
        trace = names["trace"] = Trace(compiler.points)
        entity_id = source.get("_id") if type(source) is dict else None
        target = {"_id": entity_id} if entity_id is not None else {}
        try:
            names[compiler.rule_name("default")](source, target, None, None, context, [])
        except Exception as again:
            error = again
        rule, pointer, _ = trace.failed
        return TransformFailed(
            reason(error), pipe=self.pipe_id, entity_id=entity_id, rule=rule, where=pointer, trace=trace.text()
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
        raise FindingsError(
            [Diagnostic("DF408", "expressions are nested too deeply to be compiled", pointer="")]
        ) from None
    warnings = check(compiler)
    names = load(source, compiler, pipe_id)
    return Transform(
        rules,
        pipe_id=pipe_id,
        namespaces=spaces,
        id_required=id_required,
        default=names[compiler.rule_name("default")],
        facts=compiler.facts,
        warnings=warnings,
    )


class Expression:
    """One compiled expression; made by `compile_expression`."""

    def __init__(self, call: Callable[..., Value], facts: Facts, code: str) -> None:
        self._call = call
        self.facts = facts
        self.code = code

    def __call__(self, context: Context, *, S: Value = None, T: Entity | None = None, **aliases: Value) -> Value:  # noqa: N803
        """The value; `S` and `T` are the source and target, and every alias is given by name. Raises DtlError."""
        try:
            return self._call(S, {} if T is None else T, None, None, context, [], **aliases)
        except DtlError:
            raise
        except Exception as error:
            raise DtlError(reason(error)) from error


def compile_expression(
    expression: Any,
    *,
    aliases: Sequence[str] = (),
    namespaces: Namespaces | None = None,
    pipe_id: str = "",
    rules: dict[str, Any] | None = None,
) -> Expression:
    """Compile one expression, in which `aliases` are variables beside `_S` and `_T`; FindingsError carries every fault."""
    spaces = namespaces or Namespaces.of_pipe(pipe_id)
    compiler = Compiler(rules or {}, namespaces=spaces)
    # An alias must not clash with the generated code's own names.
    names = {alias: f"a_{index}" for index, alias in enumerate(aliases)}
    body = Body(compiler.constants)
    place = Place(Scope(rule="default", aliases=names), body, "")
    try:
        generate(compiler, list(rules or {}))
        code = compiler.expression(expression, place)
    except RecursionError:
        raise FindingsError(
            [Diagnostic("DF408", "expressions are nested too deeply to be compiled", pointer="")]
        ) from None
    body.line(f"return {code.text}")
    own = body.text(f"def expression({', '.join([PARAMETERS, *names.values()])}):")
    check(compiler)
    loaded = load("\n\n\n".join([*compiler.functions, own]), compiler, pipe_id)
    call = loaded["expression"]
    if not names:
        return Expression(call, compiler.facts, own)
    return Expression(lambda *args, **given: call(*args, *(given[alias] for alias in names)), compiler.facts, own)
