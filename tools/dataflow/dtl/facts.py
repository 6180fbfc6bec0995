"""What is known of rules without running them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Role(NamedTuple):
    """Where the entities of one kind stand in rules: the source of a rule, or an alias of the hops specification at a pointer."""

    rule: str
    alias: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A join that leads to an alias: `wanted` of its entity shares a value with `known` of an entity of one of `origins`.

    Both are expressions on `_S`, of the pipe's namespaces; `subset` is what the alias is restricted to, or None. In a recursion
    the entities of `feeds` (an alias of the same specification) are origins of the next of at most `most` evaluations.
    """

    wanted: Any
    subset: Any
    known: Any
    origins: frozenset[Role]
    feeds: Role | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One join with a dataset that a rule hops to: `keys` are the index expressions on its side.

    `tracked` is its dependency tracking, and `way` the join the other way round; None when what it joins with stands in no entity,
    because it depends on the target, on `_`, on parameters, or on several entities at once.
    """

    dataset: str
    keys: tuple[str, ...]
    rule: str
    pointer: str
    tracked: bool
    role: Role
    way: Way | None


class RuleFacts:
    """What one rule does by itself.

    `reads` are properties of its own source, `outer` those it reads of a source around it by `_P` and `_R`; `writes` are those of
    its target. `applies` are the rules it applies, `shares` those it hands its very source, `merged` those whose results it
    merges into its target. `given` are the roles of the entities it is applied to by `apply-hops`, None among them for what is no
    entity of a dataset, and `around` those of the sources around it then.
    """

    __slots__ = ("applies", "around", "given", "merged", "outer", "reads", "shares", "writes")

    def __init__(self) -> None:
        self.reads: set[str | None] = set()
        self.outer: set[str | None] = set()
        self.writes: set[str | None] = set()
        self.applies: set[str] = set()
        self.shares: set[str] = set()
        self.merged: set[str] = set()
        self.given: set[Role | None] = set()
        self.around: set[Role] = set()


@dataclass(slots=True)
class Facts:
    """Collected while rules are compiled.

    `looked_up` are the datasets of `lookup-entity`, as far as they are constants; `flags` what the functions need or do.
    """

    hops: list[Hop] = field(default_factory=list)
    rules: dict[str, RuleFacts] = field(default_factory=dict)
    looked_up: set[str] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)

    def of(self, rule: str) -> RuleFacts:
        facts = self.rules.get(rule)
        if facts is None:
            facts = self.rules[rule] = RuleFacts()
        return facts

    @property
    def reads(self) -> set[str | None]:
        """Root properties of the source entity that may be read; None among them stands for any.

        Named as paths name them: with namespaced identifiers `name` is that of any namespace, and `::name` that of none. What
        a rule reads of a source around its own counts, whichever source that is. `_id` and `_deleted`, which every transform
        starts its target with, are there only when the rules read them.
        """
        found = {name for rule in self._closure("shares") for name in self.of(rule).reads}
        return found.union(*(self.of(rule).outer for rule in self.reached))

    @property
    def writes(self) -> set[str | None]:
        """The keys of root properties of the target that may be written; None among them stands for any. Removals do not count."""
        merged = {name for rule in self._closure("merged") - {"default"} for name in self.of(rule).writes}
        return self.of("default").writes | {name for name in merged if name is None or name[:1] != "_"}

    @property
    def reached(self) -> set[str]:
        """The rules that `default` applies, and those they apply, itself among them."""
        return self._closure("applies")

    def _closure(self, step: str) -> set[str]:
        found, todo = {"default"}, ["default"]
        while todo:
            new = getattr(self.of(todo.pop()), step) - found
            found |= new
            todo += new
        return found
