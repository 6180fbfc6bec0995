"""Which Python name holds each DTL variable at a place in a rule."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

# Variables that start a path; `_` and dataset aliases come and go with the scope.
VARIABLES = ("_S", "_T", "_P", "_R", "_B")


@dataclass(frozen=True, slots=True)
class Scope:
    """`current` is the name of `_`, None where there is none; `aliases` maps dataset aliases to names.

    `entity` says that `_S` is certainly a dict (the source entity or a hopped one), so that it needs no check; `own` that it is,
    or may be, what the rule was given. `kind` is the DTL type that `_` certainly has, if that is known.
    """

    rule: str
    source: str = "S"
    entity: bool = False
    current: str | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    own: bool = True
    kind: str | None = None

    def with_current(self, name: str, kind: str | None = None) -> Scope:
        return Scope(self.rule, self.source, self.entity, name, self.aliases, self.own, kind)

    def with_aliases(self, aliases: dict[str, str]) -> Scope:
        return replace(self, aliases={**self.aliases, **aliases})

    def with_source(self, name: str, *, entity: bool, own: bool) -> Scope:
        return replace(self, source=name, entity=entity, own=own)


def variable(text: str, scope: Scope) -> tuple[str, str] | None:
    """(variable or alias, rest of the path) when a string is a path here; None when it is plain text."""
    head, dot, rest = text.partition(".")
    if not dot:
        return None
    if head in VARIABLES or head == "_" or head in scope.aliases:
        return head, rest
    return None


def variables_in(expression: object, aliases: set[str]) -> set[str]:
    """The aliases and variables an expression refers to, wherever they stand in it; used to tell joins from filters."""
    found: set[str] = set()
    if type(expression) is str:
        head, dot, _ = expression.partition(".")
        if dot and (head in VARIABLES or head == "_" or head in aliases):
            found.add(head)
    elif type(expression) is list:
        if expression and expression[0] == "literal":
            return found
        for element in expression[1:] if expression and type(expression[0]) is str else expression:
            found |= variables_in(element, aliases)
    return found
