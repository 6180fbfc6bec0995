"""The transforms: what changes the target entity, or ends the rule.

Rules: hub/dtl/dtl-functions-transforms.rst; node-semantics, sections 3.1 and 6.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl import paths
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.targets import Patterns, patterns_of

if TYPE_CHECKING:
    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.emitter import Code
    from dataflow.dtl.facts import RuleFacts
    from dataflow.dtl.place import Call

transforms = Chapter("Transforms", "dtl-functions-transforms.rst")


def _names(compiler: Compiler, call: Call, index: int) -> Code:
    code = compiler.expression(call.arguments[index], call.place_of(index))
    names = code.constant if type(code.constant) is list else [code.constant]
    _facts(compiler, call).writes |= {compiler.namespaces.written(n) if type(n) is str else None for n in names}
    return code


def _facts(compiler: Compiler, call: Call) -> RuleFacts:
    return compiler.facts.of(call.place.scope.rule)


def _note_copied(compiler: Compiler, call: Call, old: Any, new: Any) -> None:
    """A property of the source that becomes one of the target, beside it when `new` names no namespace."""
    facts, spaces = _facts(compiler, call), compiler.namespaces
    facts.reads |= compiler.paths.named([old] if type(old) is str else [])
    if type(old) is not str or type(new) is not str:
        facts.writes.add(None)
    elif not spaces.enabled or new[:1] in ("_", "$"):
        facts.writes.add(new)
    elif ":" in new:
        facts.writes.add(spaces.written(new))
    else:
        match = paths.exact(old, spaces)
        facts.writes.add(None if match is None else "".join([*match.rpartition(":")[:2], new]))


def _space(compiler: Compiler) -> str:
    return compiler.constants.bind(compiler.namespaces)


def _set(compiler: Compiler, call: Call, names: Code, value: Code) -> None:
    """Write one property, as directly as what is known of its name allows."""
    body = call.place.body
    if type(names.constant) is str and names.constant != "_id":
        name = compiler.namespaces.written(names.constant)
        recalled = compiler.recalls(names.constant)
        value = body.atom(value) if recalled else value
        body.line(f"T[{name!r}] = {value.text}")
        body.forget_target(name)
        if recalled:
            body.remember(f"T.get({name!r})", value)
    else:
        _write(call, f"add(T, {names.text}, {value.text}, {_space(compiler)})")


def _write(call: Call, line: str) -> None:
    """A statement that changes the target in a way of its own."""
    call.place.body.line(line)
    call.place.body.forget_target()


@transforms.form(
    "add",
    "PROPERTY(string{1}) VALUES(value-expression{1})",
    kind="transform",
    examples=[
        Example([["add", "name", ["upper", "_S.name"]]], {"name": "ADA"}, source={"name": "Ada"}, kind="target"),
        Example([["add", ["list", "a", "b"], 1]], {"a": 1, "b": 1}, kind="target"),
    ],
)
def add(compiler: Compiler, call: Call) -> None:
    """Set PROPERTY of the target to VALUES, null included. Several property names set all of them."""
    names = _names(compiler, call, 0)
    value = compiler.expression(call.arguments[1], call.place_of(1))
    if call.place.pointer in compiler.unstored:
        call.place.body.remember(f"T.get({names.constant!r})", call.place.body.atom(value))
    else:
        _set(compiler, call, names, value)


@transforms.form(
    "add-if",
    "PROPERTY(string{1}) CONDITION(boolean-expression{0|1}) VALUES(value-expression{1})",
    kind="transform",
    examples=[
        Example([["add-if", "name", "_S.name"]], {}, source={}, kind="target"),
        Example([["add-if", "age", ["gt", "_.", 17], "_S.age"]], {"age": 20}, source={"age": 20}, kind="target"),
    ],
)
def add_if(compiler: Compiler, call: Call) -> None:
    """Set PROPERTY to VALUES where CONDITION holds, in which `_` is the whole result; without one, where it is not null."""
    body = call.place.body
    names = _names(compiler, call, 0)
    value = body.assign(compiler.expression(call.arguments[-1], call.place_of(len(call.arguments) - 1)))
    condition = f"{value.text} is not None"
    if len(call.arguments) == 3:
        inner = call.place_of(1).within(call.place.scope.with_current(value.text))
        condition = compiler.condition(call.arguments[1], inner)
    with body.block(f"if {condition}:"):
        _set(compiler, call, names, value)


@transforms.form(
    "default",
    "PROPERTY(string{1}) VALUES(value-expression{1})",
    kind="transform",
    examples=[
        Example([["copy", "*"], ["default", "land", "NO"]], {"land": "SE"}, source={"land": "SE"}, kind="target"),
        Example([["default", "land", "NO"]], {"land": "NO"}, kind="target"),
    ],
)
def default(compiler: Compiler, call: Call) -> None:
    """Set PROPERTY to VALUES unless the target has it already, be it null."""
    names = _names(compiler, call, 0)
    if type(names.constant) is str:
        with call.place.body.block(f"if {compiler.namespaces.written(names.constant)!r} not in T:"):
            value = compiler.expression(call.arguments[1], call.place_of(1))
            _set(compiler, call, names, value)
        return
    value = compiler.expression(call.arguments[1], call.place_of(1))
    _write(call, f"default(T, {names.text}, {value.text}, {_space(compiler)})")


def _note_patterns(compiler: Compiler, call: Call, include: Any) -> None:
    """What `copy` reads and writes: single properties when its patterns are plain names."""
    names = include[include[:1] == ["list"] :] if type(include) is list else [include]
    for name in names:
        plain = type(name) is str and not set("*?.") & set(name)
        _note_copied(compiler, call, name if plain else None, _bare(compiler, name) if plain else None)


def _bare(compiler: Compiler, name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(":")[2] if compiler.namespaces.enabled else name


def _patterns(compiler: Compiler, call: Call, index: int) -> str:
    """Name patterns as a bound object, made when compiling if they are constant."""
    node = call.arguments[index]
    if type(node) is list and node and all(type(n) is str for n in node) and node[0] != "list":
        code = compiler.value(node)
    else:
        code = compiler.expression(node, call.place_of(index))
    if code.known:
        return compiler.constants.bind(Patterns(patterns_of(code.constant), compiler.namespaces), "names")
    return f"matching({code.text}, {_space(compiler)})"


@transforms.form(
    "copy",
    "INCLUDE_PROPERTIES(wildcard-string-list{1}) EXCLUDE_PROPERTIES(wildcard-string-list{0|1})",
    kind="transform",
    examples=[
        Example(
            [["copy", "*", ["list", "secret", "_*"]]],
            {"name": "Ada"},
            source={"name": "Ada", "secret": 1, "_x": 2},
            kind="target",
        ),
        Example([["copy", "p?"]], {"p1": 1}, source={"p1": 1, "p10": 2}, kind="target"),
    ],
)
def copy(compiler: Compiler, call: Call) -> None:
    """Copy the properties of the source whose names match the first list of patterns and not the second.

    `*` stands for any characters, `?` for one.
    """
    body, scope = call.place.body, call.place.scope
    include = call.arguments[0]
    _note_patterns(compiler, call, include)
    if len(call.arguments) == 1 and scope.entity and scope.source == "S":
        if include == "*":
            _write(call, "T.update(S)")
            return
        names = include[1:] if type(include) is list and include[:1] == ["list"] else [include]
        if not compiler.namespaces.enabled and all(type(n) is str and not set("*?.") & set(n) for n in names):
            for name in names:
                body.line(f"if {name!r} in S:")
                _write(call, f"    T[{name!r}] = S[{name!r}]")
            return
    exclude = _patterns(compiler, call, 1) if len(call.arguments) == 2 else "None"
    _write(call, f"copy({scope.source}, T, {_patterns(compiler, call, 0)}, {exclude})")


@transforms.form(
    "remove",
    "PROPERTY(wildcard-string{1})",
    kind="transform",
    examples=[Example([["copy", "*"], ["remove", "tmp*"]], {"a": 1}, source={"a": 1, "tmp1": 2}, kind="target")],
)
def remove(compiler: Compiler, call: Call) -> None:
    """Remove the properties of the target whose names match; `_id` stays."""
    pattern = call.arguments[0]
    if call.place.pointer in compiler.unstored:
        call.place.body.forget_target(pattern)
        return
    plain = type(pattern) is str and not set("*?") & set(pattern) and "." not in pattern and pattern != "_id"
    if plain and (not compiler.namespaces.enabled or pattern.startswith("_")):
        _write(call, f"T.pop({pattern!r}, None)")
    else:
        _write(call, f"remove(T, {_patterns(compiler, call, 0)})")


@transforms.form(
    "rename",
    "PROPERTY1(string{1}) PROPERTY2(string{1})",
    kind="transform",
    examples=[Example([["rename", "nick", "name"]], {"name": "Ada"}, source={"nick": "Ada"}, kind="target")],
)
def rename(compiler: Compiler, call: Call) -> None:
    """Copy PROPERTY1 of the source to PROPERTY2 of the target."""
    old, new = (compiler.expression(call.arguments[i], call.place_of(i)) for i in (0, 1))
    _note_copied(compiler, call, old.constant, new.constant)
    _write(call, f"rename({call.place.scope.source}, T, {old.text}, {new.text}, {_space(compiler)})")


@transforms.form(
    "make-ni",
    "NAMESPACE(string{1}) FROM_PROPERTY(string{1}) TO_PROPERTY(string{0|1})",
    kind="transform",
    examples=[
        Example([["make-ni", "city", "town"]], {"town-ni": "~:city:oslo"}, source={"town": "oslo"}, kind="target"),
        Example([["make-ni", "city", "town", "where"]], {"where": "~:city:7"}, source={"town": 7}, kind="target"),
    ],
)
def make_ni(compiler: Compiler, call: Call) -> None:
    """Set TO_PROPERTY, or FROM_PROPERTY with `-ni` after it, to namespaced identifiers made of the source's values."""
    codes = [compiler.expression(node, call.place_of(i)) for i, node in enumerate(call.arguments)]
    old, new = codes[1].constant, codes[-1].constant
    _note_copied(compiler, call, old, new if len(codes) == 3 or type(old) is not str else _bare(compiler, old) + "-ni")
    arguments = ", ".join([*(code.text for code in codes), "None"][:3])
    _write(call, f"make_ni({call.place.scope.source}, T, {arguments}, {_space(compiler)})")


@transforms.form(
    "merge",
    "VALUES(value-expression{1})",
    kind="transform",
    examples=[
        Example([["merge", "_S.rows"]], {"a": 2, "b": 3}, source={"rows": [{"a": 1, "b": 3}, {"a": 2}]}, kind="target")
    ],
)
def merge(compiler: Compiler, call: Call) -> None:
    """Put the properties of the given entities on the target, later ones over earlier ones; `_` properties are left out."""
    _merging(compiler, call, "merge")


@transforms.form(
    "merge-union",
    "VALUES(value-expression{1})",
    kind="transform",
    examples=[
        Example(
            [["merge-union", "_S.rows"]],
            {"a": [1, 2], "b": 3},
            source={"rows": [{"a": 1, "b": 3}, {"a": 2}]},
            kind="target",
        )
    ],
)
def merge_union(compiler: Compiler, call: Call) -> None:
    """Collect the distinct values of the given entities' properties on the target; `_` properties are left out."""
    _merging(compiler, call, "merge_union")


def _merging(compiler: Compiler, call: Call, function: str) -> None:
    node, facts = call.arguments[0], _facts(compiler, call)
    values = compiler.expression(node, call.place_of(0))
    if type(node) is list and node[:1] in (["apply"], ["apply-hops"]) and type(node[1]) is str:
        facts.merged.add(node[1])
    elif type(values.constant) is dict:
        facts.writes |= {name for name in values.constant if name[:1] != "_"}
    else:
        facts.writes.add(None)
    _write(call, f"{function}(T, {values.text})")


@transforms.form(
    "create",
    "VALUES(value-expression{1})",
    kind="transform",
    examples=[
        Example(
            [["create", "_S.lines"]],
            [{"_id": "l1"}, {"_id": "o"}],
            source={"_id": "o", "lines": [{"_id": "l1"}]},
            kind="entities",
        )
    ],
)
def create(compiler: Compiler, call: Call) -> None:
    """Emit the given entities beside the target."""
    values = compiler.expression(call.arguments[0], call.place_of(0))
    call.place.body.line(f"out.extend(created({values.text}, {compiler.id_required}, 'create'))")


@transforms.form(
    "create-child",
    "VALUES(value-expression{1})",
    kind="transform",
    examples=[
        Example([["create-child", "_S.l"]], {"$children": [{"_id": "1"}]}, source={"l": [{"_id": "1"}]}, kind="target")
    ],
)
def create_child(compiler: Compiler, call: Call) -> None:
    """Add the given entities to `$children` of the target."""
    values = compiler.expression(call.arguments[0], call.place_of(0))
    _facts(compiler, call).writes.add("$children")
    _write(call, f"create_child(T, {values.text}, {compiler.id_required})")


@transforms.form(
    "filter",
    "UNLESS_CONDITION(boolean-expression{0|1})",
    kind="transform",
    examples=[
        Example(
            [["filter", ["eq", "_S.kind", "a"]]],
            {"_filtered": True},
            source={"_id": "1", "kind": "b"},
            kind="discarded",
        )
    ],
)
def filter_(compiler: Compiler, call: Call) -> None:
    """End the rule unless the condition holds. A dataset sink deletes the entity if it has it; other sinks pass it over."""
    _stop(compiler, call, "FILTERED")


@transforms.form(
    "discard",
    "UNLESS_CONDITION(boolean-expression{0|1})",
    kind="transform",
    examples=[Example([["discard", ["eq", "_S.kind", "a"]]], None, source={"_id": "1", "kind": "b"}, kind="discarded")],
)
def discard(compiler: Compiler, call: Call) -> None:
    """End the rule unless the condition holds, and emit nothing for this entity."""
    _stop(compiler, call, "DISCARDED")


def _stop(compiler: Compiler, call: Call, state: str) -> None:
    body = call.place.body
    if not call.arguments:
        # `if True` keeps what follows reachable for Python, and in the reader's sight.
        body.line("if True:")
    else:
        body.line(f"if not {compiler.condition(call.arguments[0], call.place_of(0))}:")
    body.line("    continue" if body.looped else f"    return {state}")


@transforms.form(
    "comment",
    "COMMENTS(value-expression{>=0})",
    kind="transform",
    examples=[Example([["comment", "why", ["not", "evaluated"]], ["add", "a", 1]], {"a": 1}, kind="target")],
)
def comment(compiler: Compiler, call: Call) -> None:
    """Does nothing; its arguments are not evaluated."""


@transforms.form(
    "fail!",
    "MESSAGE(string{1})",
    kind="transform",
    flags={"effect"},
    examples=[Example([["fail!", "no such country"]], kind="error")],
)
def fail(compiler: Compiler, call: Call) -> None:
    """Fail the pump with a message."""
    _effect(compiler, call, "fail({0})")


@transforms.form(
    "trip!",
    "MESSAGE(string{1})",
    kind="transform",
    flags={"effect"},
    examples=[Example([["trip!", "no id in the answer"]], kind="error")],
)
def trip(compiler: Compiler, call: Call) -> None:
    """Fail the pump with a message and trip the sink's circuit breaker."""
    _effect(compiler, call, "trip({0})")


@transforms.form(
    "sleep!",
    "PERIOD(integer{1})",
    kind="transform",
    flags={"effect", "clock"},
    examples=[Example([["sleep!", 0], ["add", "a", 1]], {"a": 1}, kind="target")],
)
def sleep(compiler: Compiler, call: Call) -> None:
    """Pause for PERIOD seconds."""
    _effect(compiler, call, "sleep({0}, ctx)")


def _effect(compiler: Compiler, call: Call, template: str) -> None:
    compiler.facts.flags |= call.function.flags
    argument = compiler.expression(call.arguments[0], call.place_of(0))
    call.place.body.line(template.format(argument.text))
