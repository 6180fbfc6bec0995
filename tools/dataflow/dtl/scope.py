"""Which Python name holds each DTL variable at a place in a rule."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dataflow.dtl import registry

if TYPE_CHECKING:
    from dataflow.dtl.facts import Role

# Variables that start a path; `_` and dataset aliases come and go with the scope.
VARIABLES = ("_S", "_T", "_P", "_R", "_B")
# The types of arguments in which `_` is what the function they are given to gives them.
BINDING = frozenset({"function-expression", "default-value-expression"})


@dataclass(frozen=True, slots=True)
class Scope:
    """`current` is the name of `_`, None where there is none; `aliases` maps dataset aliases to names.

    `entity` says that `_S` is certainly a dict (the source entity or a hopped one), so that it needs no check; `own` that it is,
    or may be, what the rule was given. `kind` is the DTL type that `_` certainly has, if that is known. `roles` are those that
    `_S` may have here.
    """

    rule: str
    source: str = "S"
    entity: bool = False
    current: str | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    own: bool = True
    kind: str | None = None
    roles: frozenset[Role] = frozenset()

    def with_current(self, name: str, kind: str | None = None) -> Scope:
        return replace(self, current=name, kind=kind)

    def with_aliases(self, aliases: dict[str, str]) -> Scope:
        return replace(self, aliases={**self.aliases, **aliases})

    def with_source(self, name: str, *, entity: bool, own: bool, roles: frozenset[Role]) -> Scope:
        return replace(self, source=name, entity=entity, own=own, roles=roles)


def variable(text: str, scope: Scope) -> tuple[str, str] | None:
    """(variable or alias, rest of the path) when a string is a path here; None when it is plain text."""
    head, dot, rest = text.partition(".")
    if not dot:
        return None
    if head in VARIABLES or head == "_" or head in scope.aliases:
        return head, rest
    return None


def variables_in(expression: object, aliases: set[str]) -> set[str]:
    """The aliases and variables an expression refers to, wherever they stand in it; used to tell joins from filters.

    A `_` inside a function expression is that function's own.
    """
    if type(expression) is str:
        head, dot, _ = expression.partition(".")
        return {head} if dot and (head in VARIABLES or head == "_" or head in aliases) else set()
    if type(expression) is not list or (expression and expression[0] == "literal"):
        return set()
    if not expression or type(expression[0]) is not str:
        return set().union(*(variables_in(element, aliases) for element in expression))
    own = _function_arguments(expression[0], len(expression) - 1)
    found: set[str] = set()
    for index, element in enumerate(expression[1:]):
        found |= variables_in(element, aliases) - ({"_"} if index in own else set())
    return found


def _function_arguments(name: str, count: int) -> set[int]:
    """The arguments of a call in which `_` is what the function gives them."""
    function = registry.lookup(name, "expression")
    plan = function.plan(count) if function is not None else None
    return set() if plan is None else {i for i, p in enumerate(plan.assigned) if p.type in BINDING}


def renamed(expression: Any, head: str, to: str) -> Any:
    """The expression with every path that begins with one name (`o`, `_P._S`) beginning with another."""
    if type(expression) is list:
        return expression if expression[:1] == ["literal"] else [renamed(e, head, to) for e in expression]
    if type(expression) is str and expression.startswith(f"{head}."):
        return to + expression[len(head) :]
    return expression
