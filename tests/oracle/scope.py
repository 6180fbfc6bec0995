"""What an expression sees while it is evaluated: the variables of its rule, the current value, the aliases of a hops."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

VARIABLES = ("_S", "_T", "_P", "_R", "_B", "_")


class Stopped(Exception):
    """`filter` or `discard` ended the rule."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class Scope:
    """One rule at work (hub/dtl/variables.rst). `parent` is the rule that applied this one, None for the outermost."""

    source: Any
    target: Any
    parameters: dict[str, Any]
    parent: Scope | None = None
    current: Any = None
    aliases: dict[str, Any] = field(default_factory=dict)

    def variable(self, name: str) -> Any:
        """The value of a variable or alias; what has been read of a target does not change with it later."""
        if name in self.aliases:
            return self.aliases[name]
        if name == "_S":
            return self.source
        if name == "_T":
            return dict(self.target)
        if name == "_B":
            return self.parameters
        if name == "_P":
            return None if self.parent is None else self.parent.as_dict()
        if name == "_R":
            root = self.root
            return {"_S": root.source, "_T": dict(root.target)}
        return self.current

    @property
    def root(self) -> Scope:
        return self if self.parent is None else self.parent.root

    def as_dict(self) -> dict[str, Any]:
        """The calling context as `_P` shows it: the pair, and its own caller if there is one."""
        pair = {"_S": self.source, "_T": dict(self.target)}
        return pair if self.parent is None else {**pair, "_P": self.parent.as_dict()}

    def with_current(self, value: Any) -> Scope:
        return replace(self, current=value)

    def with_source(self, source: Any) -> Scope:
        return replace(self, source=source)

    def with_aliases(self, row: dict[str, Any]) -> Scope:
        return replace(self, aliases={**self.aliases, **row})

    def rule(self, source: Any) -> Scope:
        """The scope of a rule applied here: its own source, a fresh target."""
        return Scope(source, {}, self.parameters, parent=self)
