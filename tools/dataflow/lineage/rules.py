"""The rules of a DTL transform over what is known without running: which properties each property of the result comes from.

Every transform is gone through in its order, both branches of a condition. What may be there before stays where a transform
only may write. Rules: hub/dtl/dtl-functions-transforms.rst; `dtl.targets` is what happens in a run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dataflow.dtl import paths, registry
from dataflow.lineage.expressions import Expressions, Surroundings
from dataflow.lineage.value import ANY, NOTHING, WHOLE, Filter, Value, choose_target, join
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.dtl.namespaces import Namespaces
    from dataflow.lineage.value import Node, Via

    Decisions = dict[tuple[Node, bool], Via]

# A rule that applies itself is followed so far; what lies deeper is not known.
_ROUNDS = 3
_INTERNAL = Filter(None, ((WHOLE, "_*"),))


class Rules:
    """The rules of one transform; `pointer` is where they stand in the file of the pipe."""

    def __init__(self, rules: Mapping[str, Any], namespaces: Namespaces, pointer: str) -> None:
        self._rules = rules
        self._namespaces = namespaces
        self._pointer = pointer
        self._expressions = Expressions(namespaces, self)
        self._running: list[str] = []
        self._created: list[Value] = []
        self._guards: list[Decisions] = []

    def result(self, source: Value) -> Value:
        """What an entity becomes: the target, and what is created beside it."""
        start = Value(fields={"_id": source.step("_id"), "_deleted": source.step("_deleted")})
        target, decided = self._run("default", Surroundings(source, start))
        results = [*([target] if target is not None else []), *self._created]
        # Of entities that come to have one id the last one stays.
        named = [result.decided_by(result.step("_id").decisions()) for result in results]
        return join(*named, NOTHING).decided_by(decided)

    def applied(self, rule: str, values: Value, around: Surroundings) -> Value:
        """What another rule makes of values, each with a fresh target."""
        if rule not in self._rules or self._running.count(rule) >= _ROUNDS:
            return values.made(sure=False)
        target, decided = self._run(rule, Surroundings(values, NOTHING, around))
        # How many results there are is how many values there are.
        return (target or NOTHING).decided_by({**decided, **values.existence().decisions()})

    def _run(self, rule: str, around: Surroundings) -> tuple[Value | None, Decisions]:
        """The target after a rule, None when it always gives up, and what decides whether it does."""
        run = _Run(self, around)
        self._running.append(rule)
        try:
            run.transforms(self._rules[rule], f"{self._pointer}/{escaped(rule)}")
        finally:
            self._running.pop()
        return run.target, run.stopping

    @property
    def namespaces(self) -> Namespaces:
        return self._namespaces

    @property
    def expressions(self) -> Expressions:
        return self._expressions

    @property
    def guards(self) -> list[Decisions]:
        """What has to hold for the transform at hand to run, in the rules around it too."""
        return self._guards

    def create(self, values: Value) -> None:
        for guard in self._guards:
            values = values.decided_by(guard)
        self._created.append(values)


class _Run:
    """One rule on its way; `target` is None behind an end."""

    def __init__(self, rules: Rules, around: Surroundings) -> None:
        self._rules = rules
        self._around = around
        self.target: Value | None = around.target
        self.stopping: Decisions = {}
        self._ends = 0

    def transforms(self, nodes: Any, pointer: str) -> None:
        if type(nodes) is not list or not nodes:
            return
        if type(nodes[0]) is str:
            self._transform(nodes[0], nodes[1:], pointer)
            return
        for index, node in enumerate(nodes):
            if self.target is not None and type(node) is list and node and type(node[0]) is str:
                self._transform(node[0], node[1:], f"{pointer}/{index}")

    def _transform(self, name: str, arguments: list[Any], pointer: str) -> None:
        function = registry.lookup(name, "transform")
        name = name if function is None else function.name
        method = _METHODS.get(name)
        if method is None or self.target is None:
            return
        self._around = self._around.inner(target=self.target)
        getattr(self, method)(arguments, pointer)

    def _value(self, node: Any, pointer: str) -> Value:
        return self._rules.expressions.value(node, self._around).through(pointer)

    def _names(self, node: Any) -> list[str] | None:
        """The names a transform writes, None when that is not known."""
        listed = node[1:] if type(node) is list and node[:1] == ["list"] else [node]
        if not all(type(name) is str and self._rules.expressions.value(name, self._around).constant for name in listed):
            return None
        return [name if name == "_id" else self._rules.namespaces.written(name) for name in listed]

    def _set(self, node: Any, value: Value, *, may: bool) -> None:
        """Write a value; where it only `may` be written, what is there may stay."""
        target = self.target or NOTHING
        names = self._names(node)
        if names is None:
            named = self._rules.expressions.value(node, self._around)
            self._anywhere(join(value, named).made(sure=False))
            return
        for name in names:
            target = target.written(name, join(value, target.step(name)) if may or name == "_id" else value)
        self.target = target

    def _anywhere(self, value: Value) -> None:
        """Write a value under a name that is not known."""
        target = self.target or NOTHING
        fields = {key: join(inner, value) for key, inner in target.fields.items()}
        self.target = replace(join(replace(target, fields={}), value), fields=fields)

    # --- properties ---------------------------------------------------------------------------------------------------

    def _add(self, arguments: list[Any], pointer: str) -> None:
        self._set(arguments[0], self._value(arguments[1], pointer), may=False)

    def _add_if(self, arguments: list[Any], pointer: str) -> None:
        value = self._value(arguments[-1], pointer)
        decided = value.existence().decisions()
        if len(arguments) == 3:
            inner = self._around.inner(current=value)
            decided = self._rules.expressions.value(arguments[1], inner).through(pointer).decisions()
        self._set(arguments[0], value.decided_by(decided), may=True)

    def _default(self, arguments: list[Any], pointer: str) -> None:
        self._set(arguments[0], self._value(arguments[1], pointer), may=True)

    def _copy(self, arguments: list[Any], pointer: str) -> None:
        target, source = self.target or NOTHING, self._around.source.through(pointer)
        patterns = [self._patterns(node) for node in arguments[:2]]
        if None in patterns:
            self.target = join(target, source.made(sure=False))
            return
        include, exclude = [*patterns, ()][:2]
        self.target = join(target, source.filtered(Filter(include, exclude or ())))

    def _patterns(self, node: Any) -> tuple[tuple[str | None, str], ...] | None:
        """Names as a `Filter` has them."""
        listed = node[node[:1] == ["list"] :] if type(node) is list else [node]
        if not all(type(name) is str for name in listed):
            return None
        return tuple(self._pattern(name) for name in listed)

    def _pattern(self, text: str) -> tuple[str | None, str]:
        spaces = self._rules.namespaces
        if text == "*":
            return None, "*"
        if not spaces.enabled:
            return WHOLE, text
        if text.startswith("::"):
            return "", text[2:]
        if text.startswith(":"):
            return spaces.property, text[1:]
        namespace, colon, name = text.rpartition(":")
        return (namespace if colon else None), name

    def _remove(self, arguments: list[Any], pointer: str) -> None:
        patterns = self._patterns(arguments[0])
        if patterns is None or self.target is None:
            return
        # `_id` stays, whatever the pattern.
        kept = self.target.step("_id")
        self.target = self.target.filtered(Filter(None, patterns)).written("_id", kept)

    def _rename(self, arguments: list[Any], pointer: str) -> None:
        old, new = arguments[:2]
        if type(old) is not str or type(new) is not str:
            self._anywhere(self._around.source.through(pointer).made(sure=False))
            return
        self._placed(old, new, pointer, made=False)

    def _make_ni(self, arguments: list[Any], pointer: str) -> None:
        old = arguments[1]
        new = arguments[2] if len(arguments) == 3 else None
        if type(old) is not str or not (new is None or type(new) is str):
            self._anywhere(self._around.source.through(pointer).made(sure=False))
            return
        bare = old.rpartition(":")[2] if self._rules.namespaces.enabled else old
        self._placed(old, new or bare + "-ni", pointer, made=True)

    def _placed(self, old: str, new: str, pointer: str, *, made: bool) -> None:
        """A property of the source under another name, in the namespace it has unless the name brings one."""
        spaces, source, target = self._rules.namespaces, self._around.source, self.target or NOTHING
        key = paths.exact(old, spaces)
        value = self._rules.expressions.follow(Value(source.atoms, source.fields, source.decided), [old])
        value = (value.made() if made else value).through(pointer)
        if not spaces.enabled or ":" in new or new[:1] in ("_", "$"):
            name = spaces.written(new)
        elif key is not None:
            name = "".join([*key.rpartition(":")[:2], new])
        else:
            name = ANY + new
        self.target = target.written(name, join(value, target.step(name)))

    def _merge(self, arguments: list[Any], pointer: str) -> None:
        value = self._value(arguments[0], pointer).filtered(_INTERNAL)
        self.target = join(self.target or NOTHING, value)

    def _create(self, arguments: list[Any], pointer: str) -> None:
        self._rules.create(self._value(arguments[0], pointer))

    def _create_child(self, arguments: list[Any], pointer: str) -> None:
        target = self.target or NOTHING
        value = self._value(arguments[0], pointer)
        self.target = target.written("$children", join(value, target.step("$children")))

    # --- branches and ends --------------------------------------------------------------------------------------------

    def _if(self, arguments: list[Any], pointer: str) -> None:
        decided = self._value(arguments[0], pointer).decisions()
        branches = [(node, f"{pointer}/{index}") for index, node in enumerate(arguments[1:], 2)]
        self._branch(decided, branches, complete=len(branches) == 2)

    def _case(self, arguments: list[Any], pointer: str) -> None:
        self._cases({}, arguments, pointer, 1)

    def _case_eq(self, arguments: list[Any], pointer: str) -> None:
        self._cases(self._value(arguments[0], pointer).decisions(), arguments[1:], pointer, 2)

    def _cases(self, decided: Decisions, arguments: list[Any], pointer: str, offset: int) -> None:
        last = len(arguments) // 2 * 2
        conditions = dict(decided)
        for node in arguments[:last:2]:
            conditions.update(self._value(node, pointer).decisions())
        branches = [(arguments[i], f"{pointer}/{i + offset}") for i in range(1, last, 2)]
        if last < len(arguments):
            branches.append((arguments[last], f"{pointer}/{last + offset}"))
        self._branch(conditions, branches, complete=last < len(arguments))

    def _branch(self, decided: Decisions, branches: list[tuple[Any, str]], *, complete: bool) -> None:
        """Go through every branch from the same state, and join the states after them.

        Unless they are `complete` it may be that none is taken.
        """
        before = self.target
        states: list[Value | None] = []
        self._rules.guards.append(decided)
        ends = self._ends
        for nodes, pointer in branches:
            self.target = before
            self.transforms(nodes, pointer)
            states.append(self.target)
        self._rules.guards.pop()
        if not complete:
            states.append(before)
        if self._ends > ends:
            self.stopping.update(decided)
        self.target = None
        for state in states:
            if self.target is None or state is None:
                self.target = state if self.target is None else self.target
            else:
                self.target = choose_target(decided, self.target, state)

    def _stop(self, arguments: list[Any], pointer: str) -> None:
        """The rule ends here, unless the condition holds."""
        self._ends += 1
        condition = arguments[0] if arguments else None
        if condition is None or condition is False:
            self.target = None
        else:
            self.stopping.update(self._value(condition, pointer).decisions())


_METHODS = {
    "add": "_add",
    "add-if": "_add_if",
    "case": "_case",
    "case-eq": "_case_eq",
    "copy": "_copy",
    "create": "_create",
    "create-child": "_create_child",
    "default": "_default",
    "discard": "_stop",
    "filter": "_stop",
    "if": "_if",
    "make-ni": "_make_ni",
    "merge": "_merge",
    "merge-union": "_merge",
    "remove": "_remove",
    "rename": "_rename",
}
