"""Expressions of DTL over what is known without running: which properties the value of one is made of.

Functions are told apart by what they keep. Some give (elements of) what they are given, so that a path into the result is a path
into the argument; all others make something new of everything they are given.
Rules: hub/dtl/; `dtl.scope` and `dtl.paths` for variables and paths.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dataflow.dtl import forms, functions, paths, registry
from dataflow.dtl.scope import Scope, variable
from dataflow.lineage.value import ANY, NOTHING, Atom, Node, Place, Value, choose, join

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataflow.dtl.namespaces import Namespaces
    from dataflow.lineage.rules import Rules

# Importing the packages fills the registry.
assert forms
assert functions

# These give what they are given, or elements of it, whatever it is.
_KEEPING = frozenset({"combine", "first", "flatten", "last", "list", "reversed"})
# The same of their last argument; which elements, or in which order, the others decide.
_PICKING = frozenset({"filter", "max", "min", "nth", "slice", "sorted", "sorted-descending", "distinct"})
# Elements of all arguments, by comparison of all.
_COMPARING = frozenset({"difference", "intersection", "union"})
# These only ask whether there is anything; with True also whether anything is in it.
_ASKING = {"count": True, "is-empty": True, "is-not-empty": True, "is-not-null": False, "is-null": False}
# Nothing of an entity goes into these.
_APART = frozenset({"completeness", "now"})
_HOPS = frozenset({"hops", "apply-hops"})

CONSTANT = Value(constant=True)


@dataclass
class Surroundings:
    """Where an expression stands: what its variables are. `target` is that of the rule at hand, as far as it is made."""

    source: Value
    target: Value = NOTHING
    parent: Surroundings | None = None
    current: Value | None = None
    aliases: Mapping[str, Value] = field(default_factory=dict)

    @property
    def root(self) -> Surroundings:
        return self if self.parent is None else self.parent.root

    def inner(self, **changes: Any) -> Surroundings:
        return replace(self, **changes)


class Expressions:
    """Evaluates expressions of one set of rules; `rules` is who runs those that are applied."""

    def __init__(self, namespaces: Namespaces, rules: Rules | None = None) -> None:
        self._namespaces = namespaces
        self._rules = rules

    def value(self, node: Any, around: Surroundings) -> Value:
        kind = type(node)
        if kind is str:
            found = _variable(node, around.aliases)
            return CONSTANT if found is None else self._path(*found, around)
        if kind is list and node and type(node[0]) is str:
            return self._call(node[0], node[1:], around)
        return NOTHING if node is None else CONSTANT

    # --- paths --------------------------------------------------------------------------------------------------------

    def _path(self, head: str, rest: str, around: Surroundings) -> Value:
        elements = (paths.split(rest) or []) if rest else []
        if head in ("_P", "_R") and head not in around.aliases:
            return self._outer(head, elements, around)
        if head in around.aliases:
            start = around.aliases[head]
        elif head == "_":
            start = around.current or NOTHING
        elif head == "_S":
            start = around.source
        elif head == "_T":
            start = around.target
        else:
            return CONSTANT
        return self.follow(start, elements)

    def _outer(self, head: str, elements: Sequence[str], around: Surroundings) -> Value:
        context = around.root if head == "_R" else around.parent
        names = list(elements)
        while names and names[0] == "_P" and context is not None:
            context = context.parent
            names.pop(0)
        if context is None:
            return NOTHING
        if not names:
            return join(context.source, context.target).made()
        start = {"_S": context.source, "_T": context.target}.get(names[0], NOTHING)
        return self.follow(start, names[1:])

    def follow(self, start: Value, elements: Sequence[str]) -> Value:
        value = start
        for index, element in enumerate(elements):
            if index == 0 and element == "$ids" and self._namespaces.enabled:
                # Made of the `_id` of an entity that has none.
                value = join(value.step("$ids"), value.step("_id").made())
                continue
            name = paths.exact(element, self._namespaces)
            value = value.step(ANY + element if name is None else name)
        return value

    # --- calls --------------------------------------------------------------------------------------------------------

    def _call(self, name: str, arguments: list[Any], around: Surroundings) -> Value:
        if name in ("literal", "comment"):
            return CONSTANT
        function = registry.lookup(name, "expression")
        name = name if function is None else function.name
        if name in _APART:
            return CONSTANT
        if name in _HOPS:
            return self._hops(name, arguments, around)
        if name in _SPECIAL:
            found: Value | None = getattr(self, _SPECIAL[name])(arguments, around)
            if found is not None:
                return found
        if name in _KEEPING:
            return join(NOTHING, *(self.value(node, around) for node in arguments))
        if name in _PICKING and arguments:
            return self._picked(name, arguments, around)
        if name in _COMPARING:
            values = [self.value(node, around) for node in arguments]
            return join(NOTHING, *values).decided_by({k: v for one in values for k, v in one.decisions().items()})
        if name in _ASKING:
            asked = join(NOTHING, *(self.value(node, around) for node in arguments))
            return asked.existence(content=_ASKING[name]).made()
        known = function is not None and not (function.context and "datasets" in function.flags)
        return self._made(arguments, around, sure=known)

    def _made(self, arguments: list[Any], around: Surroundings, *, sure: bool = True) -> Value:
        """What any other function makes: functions among the arguments are for what the rest gives."""
        everything = join(NOTHING, *(self.value(node, around) for node in arguments))
        inner = around.inner(current=join(around.current or NOTHING, everything))
        again = [self.value(node, inner) for node in arguments if type(node) in (list, str)]
        return join(everything, *again).made(sure=sure)

    def _picked(self, name: str, arguments: list[Any], around: Surroundings) -> Value:
        values = self.value(arguments[-1], around)
        deciding = [self.value(node, around.inner(current=values)) for node in arguments[:-1]]
        if not deciding or name in ("max", "min"):
            deciding.append(values)
        return values.decided_by({k: v for one in deciding for k, v in one.decisions().items()})

    def _if(self, arguments: list[Any], around: Surroundings) -> Value:
        decided = self.value(arguments[0], around).decisions()
        return choose(decided, *(self.value(node, around) for node in [*arguments[1:], None][:2]))

    def _case(self, arguments: list[Any], around: Surroundings) -> Value:
        return self._cases({}, arguments, around)

    def _case_eq(self, arguments: list[Any], around: Surroundings) -> Value:
        return self._cases(self.value(arguments[0], around).decisions(), arguments[1:], around)

    def _cases(self, decided: Mapping[Any, Any], arguments: list[Any], around: Surroundings) -> Value:
        last = len(arguments) // 2 * 2
        conditions = [self.value(node, around) for node in arguments[:last:2]]
        branches = [self.value(node, around) for node in arguments[1:last:2]]
        branches.append(self.value(arguments[last], around) if last < len(arguments) else NOTHING)
        return choose({**decided, **{k: v for one in conditions for k, v in one.decisions().items()}}, *branches)

    def _coalesce_args(self, arguments: list[Any], around: Surroundings) -> Value:
        values = [self.value(node, around) for node in arguments]
        return choose({k: v for one in values[:-1] for k, v in one.decisions().items()}, *values)

    def _coalesce(self, arguments: list[Any], around: Surroundings) -> Value | None:
        values = self.value(arguments[-1], around)
        deciding = [values, *(self.value(node, around.inner(current=values)) for node in arguments[:-1])]
        return values.decided_by({k: v for one in deciding for k, v in one.decisions().items()})

    def _map(self, arguments: list[Any], around: Surroundings) -> Value:
        values = self.value(arguments[1], around)
        # How many there are shows in the result, even if it is made of nothing in them.
        return self.value(arguments[0], around.inner(current=values)).decided_by(values.existence().decisions())

    def _map_dict(self, arguments: list[Any], around: Surroundings) -> Value | None:
        return self._map_values(arguments[1:], around) if arguments[0] == "_." else None

    def _map_values(self, arguments: list[Any], around: Surroundings) -> Value | None:
        values = self.value(arguments[-1], around)
        if values.atoms:
            return None
        fields = {key: self.value(arguments[0], around.inner(current=inner)) for key, inner in values.fields.items()}
        return replace(values, fields=fields)

    def _dict(self, arguments: list[Any], around: Surroundings) -> Value | None:
        names = arguments[::2]
        if len(arguments) % 2 or not all(type(n) is str and _variable(n, {}) is None for n in names):
            return None
        values = (self.value(node, around) for node in arguments[1::2])
        return Value(fields=dict(zip(names, values, strict=True)))

    def _path_of(self, names: Any) -> list[str] | None:
        listed = names[1:] if type(names) is list and names[:1] == ["list"] else [names]
        plain = all(type(n) is str and _variable(n, {}) is None for n in listed)
        return listed if plain else None

    def _path_call(self, arguments: list[Any], around: Surroundings) -> Value | None:
        names = self._path_of(arguments[0])
        return None if names is None else self.follow(self.value(arguments[1], around), names)

    def _is_changed(self, arguments: list[Any], around: Surroundings) -> Value:
        return self.value(arguments[0], around.inner(current=around.source)).made()

    def _apply(self, arguments: list[Any], around: Surroundings) -> Value:
        values = self.value(arguments[1], around)
        if self._rules is None or type(arguments[0]) is not str:
            return values.made(sure=False)
        return self._rules.applied(arguments[0], values, around)

    def _lookup_entity(self, arguments: list[Any], around: Surroundings) -> Value:
        decided = self.value(arguments[1], around).decisions()
        if type(arguments[0]) is not str:
            return self._made(arguments, around, sure=False)
        return entity_of(Place("dataset", arguments[0])).decided_by(decided)

    # --- hops ---------------------------------------------------------------------------------------------------------

    def _hops(self, name: str, arguments: list[Any], around: Surroundings) -> Value:
        first = 1 if name == "apply-hops" else 0
        source, found = around.source, NOTHING
        for spec in arguments[first:]:
            if type(spec) is not dict:
                return self._made(arguments, around, sure=False)
            found = self._hop(spec, around.inner(source=source))
            source = found
        if name == "apply-hops" and self._rules is not None:
            return self._rules.applied(str(arguments[0]), found, around)
        return found

    def _hop(self, spec: dict[str, Any], around: Surroundings) -> Value:
        aliases = dict(around.aliases)
        names = []
        for text in spec.get("datasets") or ():
            dataset, _, alias = str(text).partition(" ")
            names.append(alias.strip())
            aliases[names[-1]] = entity_of(Place("dataset", dataset))
        last = aliases[names[-1]] if names else NOTHING
        source = join(around.source, last) if spec.get("recurse") else around.source
        inner = around.inner(source=source, aliases=aliases)
        conditions = [spec.get("where"), *_values(spec.get("subsets")), *_values(spec.get("prefilters"))]
        decided = {k: v for node in conditions for k, v in self._condition(node, inner).items()}
        for name in names:
            # Joins do not find what is deleted.
            decided.update(aliases[name].step("_deleted").decisions())
        returned = spec.get("return", names[-1] if names else None)
        wanted = [a.strip() for a in returned.split(",")] if type(returned) is str else []
        if wanted and all(alias in aliases for alias in wanted):
            result = join(*(aliases[alias] for alias in wanted))
        else:
            result = self.value(returned, inner)
        if spec.get("recurse") and spec.get("exclude_root") is not True:
            result = join(result, around.source)
        return result.decided_by(decided)

    def _condition(self, node: Any, around: Surroundings) -> dict[tuple[Node, bool], tuple[str, ...]]:
        if type(node) is list and node and type(node[0]) is list:
            return {k: v for inner in node for k, v in self._condition(inner, around).items()}
        return self.value(node, around).decisions()


# Functions with an evaluation of their own; None from it when the general one has to do.
_SPECIAL = {
    "apply": "_apply",
    "case": "_case",
    "case-eq": "_case_eq",
    "coalesce": "_coalesce",
    "coalesce-args": "_coalesce_args",
    "dict": "_dict",
    "if": "_if",
    "is-changed": "_is_changed",
    "lookup-entity": "_lookup_entity",
    "map": "_map",
    "map-dict": "_map_dict",
    "map-values": "_map_values",
    "path": "_path_call",
}


def _variable(text: str, aliases: Mapping[str, Value]) -> tuple[str, str] | None:
    """`scope.variable`, where `_` always has a value."""
    return variable(text, Scope(rule="", aliases=dict.fromkeys(aliases, "")))


def entity_of(place: Place) -> Value:
    """The entity at a place, as it is."""
    return Value({Atom(Node(place, ()), exact=True): ()})


def _values(given: Any) -> list[Any]:
    return list(given.values()) if type(given) is dict else []
