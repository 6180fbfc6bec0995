"""Compiled expressions: one value, from what their variables stand for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.dtl.compiler import PARAMETERS, Compiler
from dataflow.dtl.emitter import Body
from dataflow.dtl.generated import check, generate, load, too_deep
from dataflow.dtl.namespaces import Namespaces
from dataflow.dtl.place import Place
from dataflow.dtl.scope import Scope
from dataflow.dtl.trace import Trace
from dataflow.dtl.transform import failure_of, reason
from dataflow.errors import DtlError, TransformFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataflow.diagnostics import Diagnostic
    from dataflow.dtl.context import Context
    from dataflow.dtl.drops import Drop
    from dataflow.dtl.values import Entity, Value


class Expression:
    """One compiled expression; made by `compile_expression`."""

    def __init__(self, written: _Written, aliases: Sequence[str], make: Callable[..., _Written]) -> None:
        self._call = written.call
        self._aliases = aliases
        self._make = make
        self.facts = written.compiler.facts
        self.warnings = written.warnings

    def __call__(self, context: Context, *, S: Value = None, T: Entity | None = None, **aliases: Value) -> Value:
        """The value; `S` and `T` are the source and target, and every alias is given by name.

        Raises DtlError: TransformFailed, with its trace, when the expression is not a part of a larger one (no aliases).
        """
        try:
            return self._call(S, {} if T is None else T, None, None, context, [], *(aliases[a] for a in self._aliases))
        except Exception as error:
            if not aliases:
                raise self._explained(error, context, S, T) from error
            if isinstance(error, DtlError):
                raise
            raise DtlError(reason(error)) from error

    @property
    def code(self) -> str:
        """The generated Python, that of the rules it applies first."""
        return self._make(commented=True).code

    def drops(self, context: Context, *, S: Value = None, T: Entity | None = None) -> list[Drop]:
        """As `Transform.drops`."""
        from dataflow.dtl.drops import Drops

        written = self._make(watched=True)
        drops = written.names["trace"] = Drops(written.compiler.points)
        with suppress(Exception):
            written.call(S, dict(T or {}), None, None, context, [])
        return drops.found

    def _explained(self, error: Exception, context: Context, source: Value, target: Entity | None) -> TransformFailed:
        written = self._make(traced=True)
        trace = written.names["trace"] = Trace(written.compiler.points)
        try:
            written.call(source, dict(target or {}), None, None, context, [])
        except Exception as again:
            error = again
        return failure_of(error, trace, source, "")


class _Written(NamedTuple):
    """One variant of an expression: `names` is what its code refers to."""

    code: str
    names: dict[str, Any]
    compiler: Compiler
    warnings: list[Diagnostic]

    @property
    def call(self) -> Callable[..., Value]:
        function: Callable[..., Value] = self.names["expression"]
        return function


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
    others = rules or {}

    def make(**variant: bool) -> _Written:
        compiler = Compiler(others, namespaces=spaces, beside=expression, **variant)
        body = Body(compiler.constants)
        # An alias must not clash with the generated code's own names.
        names = {alias: f"a_{index}" for index, alias in enumerate(aliases)}
        place = Place(Scope(rule="default", aliases=names), body, "")
        generate(compiler, list(others))
        code = compiler.expression(expression, place)
        body.line(f"return {code.text}")
        own = body.text(f"def expression({', '.join([PARAMETERS, *names.values()])}):")
        source = "\n\n\n".join([*compiler.functions, own])
        warnings = check(compiler)
        return _Written(source, load(source, compiler, pipe_id), compiler, warnings)

    try:
        written = make()
    except RecursionError:
        raise too_deep() from None
    return Expression(written, aliases, make)
