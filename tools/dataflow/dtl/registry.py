"""The registry of DTL functions: each described once, next to its code; checks, docs and tests are derived from it.

A chapter module of `functions/` makes one `Chapter` and registers its functions with `@chapter.expression(...)`.

An ordinary function receives one argument per parameter of its signature: values for value-like types, a Python callable
`f(value) -> value` for function-expression and default-value-expression types, None for an optional argument that is left
out; a parameter of unlimited cardinality becomes `*args`. With `context=True` the run's `Context` comes first. It must
not change its arguments; with the flag "namespaces" the pipe's `Namespaces` come before the arguments.

A special form decides itself whether, when and in which scope an argument is evaluated: `@chapter.form(...)` registers the
function that writes its code, `emit(compiler, call) -> Code`, whose docstring describes the form to its users.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.dtl import kinds
from dataflow.dtl import signature as notation

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.emitter import Code
    from dataflow.dtl.kinds import Kinds
    from dataflow.dtl.signature import Parameter, Signature

# What a function needs or does beyond its arguments.
FLAGS = frozenset({"clock", "random", "secrets", "datasets", "namespaces", "versions", "effect"})


class Example(NamedTuple):
    """One call and what it gives; shown in the reference and executed as a test.

    `call`, `result` and the rest are JSON in transit form. `kind` is "value", "target", "entities", "discarded",
    "error" or "type" (only the result's type is promised, because clock or chance decide the rest).
    """

    call: Any
    result: Any = None
    source: Any = None
    target: Any = None
    kind: str = "value"
    rules: dict[str, Any] | None = None
    datasets: dict[str, Any] | None = None
    namespaced: bool = False
    secrets: dict[str, str] | None = None


class Plan(NamedTuple):
    """One number of arguments: the signature for it, the parameter each argument belongs to, and whether they are one for one."""

    signature: Signature
    assigned: tuple[Parameter, ...]
    straight: bool

    @classmethod
    def of(cls, signature: Signature, count: int) -> Plan:
        assigned = tuple(signature.assign(count))
        return cls(signature, assigned, signature.group is not None or assigned == signature.parameters)


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One entry of the reference. `call` is the general function, `emit` the writer of a special form; one is None.

    `fast` is an optional inline form for compiled code: a template in which `{0}`, `{1}`... are argument names and
    `{slow}` is the general call, or a callable that is given a `FastCall` and returns such code, as text or as `Code` when it
    knows more of the type than `returns`, or None.
    `borrows` says that the result never holds a list that was an argument, so that one may be lent which is not its own.
    `returns` names the DTL type the result certainly has ("string", "boolean", "list", ...), or is None.
    `accepts` are the kinds of values (`dtl.kinds`) its value arguments may be or hold, the others being ignored; `gives` those
    its result is or holds, nulls apart. None stands for any, and for not known.
    """

    name: str
    kind: str
    signatures: tuple[Signature, ...]
    chapter: str
    page: str
    doc: str
    examples: tuple[Example, ...]
    call: Callable[..., Any] | None
    emit: Callable[..., Any] | None
    context: bool
    flags: frozenset[str]
    fast: str | Callable[..., str | Code | None] | None
    returns: str | None
    borrows: bool
    deprecated: str | None
    accepts: Kinds | None
    gives: Kinds | None
    _plans: dict[int, Plan | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def pure(self) -> bool:
        return not self.flags

    def signature_for(self, count: int) -> Signature | None:
        plan = self.plan(count)
        return None if plan is None else plan.signature

    def plan(self, count: int) -> Plan | None:
        """How a call with so many arguments is read; None when there is no such call."""
        if count not in self._plans:
            signature = next((s for s in self.signatures if s.accepts(count)), None)
            self._plans[count] = None if signature is None else Plan.of(signature, count)
        return self._plans[count]

    def accepted(self, parameter: Parameter) -> Kinds | None:
        """The kinds of values an argument of a general function may have; None for any."""
        return self.accepts if parameter.type == "value-expression" else kinds.OF_TYPE.get(parameter.type)

    @property
    def least(self) -> int:
        return min(s.least for s in self.signatures)

    @property
    def most(self) -> int | None:
        limits = [s.most for s in self.signatures]
        return None if None in limits else max(limit for limit in limits if limit is not None)


# (name, kind): `filter`, `if`, `case` and `case-eq` are both a transform and an expression.
REGISTRY: dict[tuple[str, str], Function] = {}


class Chapter:
    """A chapter of the function reference; `page` is its file under hub/dtl/ in the public documentation."""

    def __init__(self, title: str, page: str) -> None:
        self.title = title
        self.page = page

    def expression(
        self, name: str, *signatures: str, **details: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register an ordinary function; `details` are the optional fields of `_add`."""

        def register(call: Callable[..., Any]) -> Callable[..., Any]:
            self._add(name, "expression", signatures, call, None, **details)
            return call

        return register

    def form(
        self, name: str, *signatures: str, kind: str = "expression", **details: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a special form, or with kind "transform" a transform."""

        def register(emit: Callable[..., Any]) -> Callable[..., Any]:
            self._add(name, kind, signatures, None, emit, **details)
            return emit

        return register

    def _add(
        self,
        name: str,
        kind: str,
        signatures: tuple[str, ...],
        call: Callable[..., Any] | None,
        emit: Callable[..., Any] | None,
        *,
        examples: list[Example] | None = None,
        context: bool = False,
        flags: set[str] | None = None,
        fast: str | Callable[..., str | Code | None] | None = None,
        returns: str | None = None,
        borrows: bool = False,
        deprecated: str | None = None,
        accepts: Kinds | None = None,
        gives: Kinds | None = None,
    ) -> None:
        doc = inspect.getdoc(call or emit)
        if (name, kind) in REGISTRY:
            raise ValueError(f"{kind} {name} is registered twice")
        if not doc or not examples:
            raise ValueError(f"{name} needs a docstring and at least one example")
        unknown = (flags or set()) - FLAGS
        if unknown:
            raise ValueError(f"{name}: unknown flags {unknown}")
        REGISTRY[name, kind] = Function(
            name=name,
            kind=kind,
            signatures=tuple(notation.parse(text) for text in signatures),
            chapter=self.title,
            page=self.page,
            doc=doc,
            examples=tuple(examples),
            call=call,
            emit=emit,
            context=context,
            flags=frozenset(flags or ()),
            fast=fast,
            returns=returns,
            borrows=borrows,
            deprecated=deprecated,
            accepts=accepts,
            gives=gives,
        )


def lookup(name: str, kind: str) -> Function | None:
    """The function of that name and kind, or None."""
    return REGISTRY.get((name, kind))


def names(kind: str) -> list[str]:
    """All registered names of a kind, sorted."""
    return sorted(name for name, its_kind in REGISTRY if its_kind == kind)
