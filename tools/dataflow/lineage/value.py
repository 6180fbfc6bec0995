"""What is known of a value without running anything: which properties it is, or is made of, and what decides about it.

A `Value` stands for everything an expression or a target may be. A list counts as its elements, as paths do. Nothing is ever
left out: where rules do not tell which property it is, the value depends on more, and says that this is not certain.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dataflow.dtl.targets import wildcard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# An element of a path that stands for a name in any namespace.
ANY = "*:"
# The last element of a path that stands for whether there is something at all: an entity, a dict, so many elements of a list.
THERE = "?"
# The namespace of a pattern that is for the whole key, with whatever colons are in it.
WHOLE = "\0"
# Data that holds itself would give paths without end.
DEEPEST = 8

Path = tuple[str, ...]
Via = tuple[str, ...]


class Place(NamedTuple):
    """Where entities are: `kind` is "source" (what comes in), "pipe" (before transform `stage`), "dataset", "request" (what
    the transform or sink `stage` sends to a system), "response" (what it answers) or "output" (what a pipe gives).
    """

    kind: str
    id: str
    stage: int = 0


class Node(NamedTuple):
    """A property at a place; an empty path is the whole entity."""

    place: Place
    path: Path


class Kind(StrEnum):
    """Whether a property goes into another, or only decides about it: by a condition, a join, a filter."""

    VALUE = "value"
    DECISION = "decision"


class Filter(NamedTuple):
    """Patterns of names: `include` None is all. A pattern is (namespace, None for any, or WHOLE; name), both with wildcards."""

    include: tuple[tuple[str | None, str], ...] | None
    exclude: tuple[tuple[str | None, str], ...] = ()

    def lets(self, element: str) -> bool:
        """Whether a name may get through; one of any namespace is kept out only if every one of them is."""
        if element == THERE:
            return True
        if self.include is not None and not any(_may(pattern, element) for pattern in self.include):
            return False
        return not any(_must(pattern, element) for pattern in self.exclude)


@lru_cache(maxsize=65536)
def _may(pattern: tuple[str | None, str], element: str) -> bool:
    namespace, _, name = _parts(pattern, element)
    if element.startswith(ANY):
        return wildcard(pattern[1]).fullmatch(name) is not None
    space = pattern[0] is None or wildcard(pattern[0]).fullmatch(namespace) is not None
    return space and wildcard(pattern[1]).fullmatch(name) is not None


@lru_cache(maxsize=65536)
def _must(pattern: tuple[str | None, str], element: str) -> bool:
    return (not element.startswith(ANY) or pattern[0] in (None, "*")) and _may(pattern, element)


def _parts(pattern: tuple[str | None, str], element: str) -> tuple[str, str, str]:
    if pattern[0] == WHOLE and not element.startswith(ANY):
        return WHOLE, "", element
    return element.rpartition(":")


class Atom(NamedTuple):
    """One property a value comes from. `exact` says that it is the very property, so that what lies below it lies below the
    value too; `sure` that this is known, and not only possible.
    """

    node: Node
    exact: bool
    sure: bool = True
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """`atoms` are the properties it comes from, with the pointers of the rules on the way; `fields` are those of its own that
    are written one by one, which the atoms say nothing of. `decided` are the properties that decide about it, with whether
    that is sure. `constant` says that it may be a constant other than null.
    """

    atoms: Mapping[Atom, Via] = field(default_factory=dict)
    fields: Mapping[str, Value] = field(default_factory=dict)
    decided: Mapping[tuple[Node, bool], Via] = field(default_factory=dict)
    constant: bool = False

    def step(self, element: str) -> Value:
        """What stands under a name; one that begins with ANY is looked for in every namespace."""
        found = [inner for key, inner in self.fields.items() if matches(element, key)]
        if element not in self.fields:
            found.append(Value(dict(_below(self.atoms, element))))
        result = found[0] if len(found) == 1 else join(*found)
        return result.decided_by(self.decided)

    def follow(self, elements: Iterable[str]) -> Value:
        value = self
        for element in elements:
            value = value.step(element)
        return value

    def whole(self) -> Iterator[tuple[Node, Kind, bool, Via]]:
        """Everything the value depends on, at every depth."""
        for atom, via in self.atoms.items():
            for node in _covered(atom):
                yield node, Kind.VALUE, atom.sure, via
        for (node, sure), via in self.decided.items():
            yield node, Kind.DECISION, sure, via
        for inner in self.fields.values():
            yield from inner.whole()

    def own(self) -> Iterator[tuple[Node, Kind, bool, Via, bool]]:
        """The same without what only its fields depend on, and last whether a part of it is a part of the value."""
        for atom, via in self.atoms.items():
            yield atom.node, Kind.VALUE, atom.sure, via, atom.exact
        for (node, sure), via in self.decided.items():
            yield node, Kind.DECISION, sure, via, False

    def decisions(self) -> dict[tuple[Node, bool], Via]:
        """What it depends on, as what decides about something else."""
        return {(node, sure): via for node, _, sure, via in self.whole()}

    def existence(self, *, content: bool = False) -> Value:
        """What decides whether there is anything, or how much; with `content` also whether there is anything in it."""
        atoms: dict[Atom, Via] = {}
        for atom, via in self.atoms.items():
            place, path = atom.node
            if atom.exact and not (content and path):
                atom = Atom(Node(place, (*path, THERE)), exact=False, sure=atom.sure)
            atoms[atom] = via
        return replace(self, atoms=atoms, fields=self.fields if content else {})

    def made(self, *, sure: bool = True) -> Value:
        """Something a function makes of it, whose parts are not parts of it."""
        atoms: dict[Atom, Via] = {}
        decided: dict[tuple[Node, bool], Via] = {}
        for node, kind, certain, via in self.whole():
            if kind is Kind.VALUE:
                atoms.setdefault(Atom(node, exact=False, sure=sure and certain), via)
            else:
                decided.setdefault((node, certain), via)
        return Value(atoms, {}, decided, self.constant)

    def decided_by(self, decided: Mapping[tuple[Node, bool], Via]) -> Value:
        return replace(self, decided={**decided, **self.decided}) if decided else self

    def through(self, pointer: str) -> Value:
        """The same, having passed the transform at a pointer."""
        return Value(
            {atom: _passed(via, pointer) for atom, via in self.atoms.items()},
            {key: inner.through(pointer) for key, inner in self.fields.items()},
            {decision: _passed(via, pointer) for decision, via in self.decided.items()},
            self.constant,
        )

    def written(self, name: str, value: Value) -> Value:
        """With a property set to a value."""
        return replace(self, fields={**self.fields, name: value})

    def filtered(self, names: Filter) -> Value:
        """With the properties that the patterns let through."""
        atoms = {
            atom._replace(filters=(*atom.filters, names)) if atom.exact else atom: via
            for atom, via in self.atoms.items()
        }
        fields = {key: inner if names.lets(key) else NOTHING for key, inner in self.fields.items()}
        return replace(self, atoms=atoms, fields=fields)


NOTHING = Value()


def _covered(atom: Atom) -> Iterator[Node]:
    """The properties an atom takes in: all below its own, or those that patterns without wildcards name."""
    place, path = atom.node
    for include, _ in atom.filters:
        if include is not None and not any("*" in name or "?" in name for _, name in include):
            for space, name in include:
                element = (
                    name
                    if space == WHOLE
                    else ANY + name
                    if space is None or {"*", "?"} & set(space)
                    else _full(space, name)
                )
                if all(names.lets(element) for names in atom.filters):
                    yield Node(place, (*path, element))
            return
    yield atom.node


def _full(namespace: str, name: str) -> str:
    return f"{namespace}:{name}" if namespace else name


def _passed(via: Via, pointer: str) -> Via:
    return via if via and via[-1] == pointer else (*via, pointer)


def _below(atoms: Mapping[Atom, Via], element: str) -> Iterator[tuple[Atom, Via]]:
    for atom, via in atoms.items():
        if not atom.exact:
            yield atom, via
        elif all(names.lets(element) for names in atom.filters):
            place, path = atom.node
            if len(path) >= DEEPEST:
                yield Atom(atom.node, exact=False, sure=False), via
            else:
                yield Atom(Node(place, (*path, element)), exact=True, sure=atom.sure), via


def matches(element: str, key: str) -> bool:
    """Whether two names, either of which may stand for any namespace, can be the same."""
    if element == key:
        return True
    if element.startswith(ANY) or key.startswith(ANY):
        return element.rpartition(":")[2] == key.rpartition(":")[2]
    return False


def overlaps(one: Path, other: Path) -> bool:
    """Whether one of two paths is, or can be, within the other."""
    return all(matches(a, b) for a, b in zip(one, other, strict=False))


def join(*values: Value) -> Value:
    """A value that may be any of these."""
    if len(values) == 1:
        return values[0]
    atoms: dict[Atom, Via] = {}
    decided: dict[tuple[Node, bool], Via] = {}
    for value in values:
        for atom, via in value.atoms.items():
            atoms.setdefault(atom, via)
        for decision, via in value.decided.items():
            decided.setdefault(decision, via)
    fields: dict[str, Value] = {}
    for key in dict.fromkeys(key for value in values for key in value.fields):
        fields[key] = join(*(value.fields.get(key) or Value(dict(_below(value.atoms, key))) for value in values))
    return Value(atoms, fields, decided, any(value.constant for value in values))


def choose(decided: Mapping[tuple[Node, bool], Via], *branches: Value) -> Value:
    """One of several, by what `decided` says. Where there are but constants to choose from, the choice is what the value tells."""
    joined = join(*branches).decided_by(decided)
    if joined.constant and not joined.atoms and not joined.fields:
        told = {Atom(node, exact=False, sure=sure): via for (node, sure), via in decided.items()}
        return replace(joined, atoms={**told, **joined.atoms})
    return joined


def choose_target(decided: Mapping[tuple[Node, bool], Via], one: Value, other: Value) -> Value:
    """One of two states of a target; what is the same in both depends on no choice."""
    fields = {}
    for key in dict.fromkeys([*one.fields, *other.fields]):
        a, b = (side.fields.get(key) or Value(dict(_below(side.atoms, key))) for side in (one, other))
        fields[key] = a if a is b else choose(decided, a, b)
    joined = join(replace(one, fields={}), replace(other, fields={}))
    kept = joined if one.atoms == other.atoms else joined.decided_by(decided)
    return replace(kept, fields=fields)
