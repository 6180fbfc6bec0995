"""The transforms: what each does to the target (hub/dtl/dtl-functions-transforms.rst; node-semantics, sections 3 and 6)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import plain
from dataflow.dtl.values import NI, as_list, key, same
from dataflow.errors import DtlError
from oracle import check, paths
from oracle.scope import Scope, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from oracle.interpreter import Interpreter


def body(self: Interpreter, transforms: list[Any], scope: Scope) -> None:
    """Run one transform, or a list of them in order; Stopped when one ends the rule."""
    if transforms and type(transforms[0]) is str:
        _TRANSFORMS[transforms[0]](self, transforms[1:], scope)
        return
    for transform in transforms:
        body(self, transform, scope)


def _names(self: Interpreter, expression: Any, scope: Scope) -> list[str]:
    return [name for name in as_list(self.value(expression, scope)) if type(name) is str]


def _written(self: Interpreter, name: str) -> str:
    """The key a name is written under: `_` and `$` names and qualified ones stay, others get the property namespace."""
    if not self.namespaces.enabled or (":" not in name and name[:1] in ("_", "$")):
        return name
    return paths.qualified(name if ":" in name else f":{name}", self.namespaces)


def _store(self: Interpreter, scope: Scope, name: str, value: Any) -> None:
    written = _written(self, name)
    if written == "_id":
        if value is None:
            return
        if self.namespaces.enabled and type(value) is str and ":" not in value:
            value = f"{self.namespaces.identity}:{value}"
    scope.target[written] = value


def _add(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    names, value = _names(self, arguments[0], scope), self.value(arguments[1], scope)
    for name in names:
        _store(self, scope, name, value)


def _add_if(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    names, value = _names(self, arguments[0], scope), self.value(arguments[-1], scope)
    wanted = value is not None if len(arguments) == 2 else self.true(arguments[1], scope.with_current(value))
    for name in names if wanted else []:
        _store(self, scope, name, value)


def _default(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    for name in _names(self, arguments[0], scope):
        if _written(self, name) not in scope.target:
            _store(self, scope, name, self.value(arguments[1], scope))


def _if(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    body(self, arguments[1] if self.true(arguments[0], scope) else [*arguments, []][2], scope)


def _case(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    from oracle.interpreter import chosen

    body(self, chosen(arguments, lambda condition: self.true(condition, scope)), scope)


def _case_eq(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    from oracle.interpreter import chosen, equal

    value = self.value(arguments[0], scope)
    body(self, chosen(arguments[1:], lambda candidate: equal(value, self.value(candidate, scope))), scope)


def _comment(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    """Nothing: its arguments are not even looked at."""


def _patterns(self: Interpreter, argument: Any, scope: Scope) -> list[str]:
    return argument if check.is_bare_list(argument) else _names(self, argument, scope)


def _matches(self: Interpreter, pattern: str, name: str) -> bool:
    """`*` and `?` over the whole name; with namespaces, namespace and identifier each by its own part of the pattern."""
    if not self.namespaces.enabled:
        return _wild(pattern, name)
    namespace, _, identifier = name.rpartition(":")
    if ":" not in pattern:
        return _wild(pattern, identifier)
    wanted = paths.qualified(pattern, self.namespaces)
    if ":" not in wanted:
        return _wild(wanted, name)
    left, _, right = wanted.rpartition(":")
    return ":" in name and _wild(left, namespace) and _wild(right, identifier)


def _wild(pattern: str, text: str) -> bool:
    regex = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    return re.fullmatch(regex, text, re.DOTALL) is not None


def _copy(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    include, exclude = (_patterns(self, argument, scope) for argument in [*arguments, []][:2])
    for name, value in scope.source.items() if type(scope.source) is dict else ():
        if any(_matches(self, p, name) for p in include) and not any(_matches(self, p, name) for p in exclude):
            scope.target[name] = value


def _remove(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    for pattern in _patterns(self, arguments[0], scope):
        for name in list(scope.target):
            spared = name == "_id" and pattern != "_id"
            if not spared and _matches(self, pattern, name):
                del scope.target[name]


def _rename(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    for old in _names(self, arguments[0], scope):
        for new in _names(self, arguments[1], scope):
            _collect(scope, _found(self, scope, old, new))


def _found(self: Interpreter, scope: Scope, old: str, new: str) -> dict[str, list[Any]]:
    """Target key -> the values to be put there: an unqualified new name keeps the namespace of each old one."""
    found: dict[str, list[Any]] = {}
    source = scope.source if type(scope.source) is dict else {}
    for name in paths.matching(source, old, self.namespaces):
        namespace = name.rpartition(":")[0]
        if not self.namespaces.enabled:
            written = new
        elif ":" in new or new[:1] in ("_", "$"):
            written = paths.qualified(new, self.namespaces)
        else:
            written = f"{namespace}:{new}" if namespace else new
        found.setdefault(written, []).append(source[name])
    return found


def _collect(scope: Scope, found: dict[str, list[Any]]) -> None:
    for written, values in found.items():
        if len(values) == 1:
            scope.target[written] = values[0]
        else:
            scope.target[written] = [one for value in values for one in as_list(value)]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in as_list(value) if type(one) is dict]


def _merge(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    for one in _dicts(self.value(arguments[0], scope)):
        scope.target.update((name, value) for name, value in one.items() if not name.startswith("_"))


def _merge_union(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    """The first value of a property is kept as it is; what later ones have besides is appended."""
    for one in _dicts(self.value(arguments[0], scope)):
        for name, value in one.items():
            if name.startswith("_"):
                continue
            if name not in scope.target:
                scope.target[name] = value
                continue
            before = scope.target[name]
            present = list(before) if isinstance(before, list) else [before]
            for extra in value if isinstance(value, list) else [value]:
                if not any(same(extra, other) for other in present):
                    present.append(extra)
            scope.target[name] = present


def _make_ni(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    namespace, old, *rest = (self.value(argument, scope) for argument in arguments)
    if type(namespace) is not str or type(old) is not str:
        raise DtlError("make-ni takes names")
    # Without namespaced identifiers a colon is a character like any other.
    name = old.rpartition(":")[2] if self.namespaces.enabled else old
    new = rest[0] if rest else name + "-ni"
    for written, values in _found(self, scope, old, new).items():
        texts = [text for value in values for one in as_list(value) if (text := _ni_text(one)) is not None]
        made = sorted(NI.of(f"{namespace}:{text}") for text in texts)
        if made:
            scope.target[written] = made if len(made) > 1 else made[0]


def _ni_text(value: Any) -> str | None:
    if type(value) is str:
        return value
    if type(value) is Decimal:
        return plain(value)
    return str(value) if type(value) in (int, float) else None


def _identified(self: Interpreter, values: Any) -> list[dict[str, Any]]:
    found = [one for one in _dicts(values) if type(one.get("_id")) is str]
    if self.id_required and len(found) != len(as_list(values)):
        raise DtlError("only entities with a string _id can be created")
    return found


def _create(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    self.created += _identified(self, self.value(arguments[0], scope))


def _create_child(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    children = _identified(self, self.value(arguments[0], scope))
    present = as_list(scope.target.get("$children"))
    known = {key(child) for child in present}
    scope.target["$children"] = [*present, *(child for child in children if key(child) not in known)]


def _stopping(state: str) -> Callable[[Interpreter, list[Any], Scope], None]:
    def transform(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
        if not arguments or not self.true(arguments[0], scope):
            raise Stopped(state)

    return transform


def _fail(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    raise DtlError(str(self.value(arguments[0], scope)))


def _sleep(self: Interpreter, arguments: list[Any], scope: Scope) -> None:
    self.context.clock.sleep(self.value(arguments[0], scope))


_TRANSFORMS: dict[str, Callable[[Interpreter, list[Any], Scope], None]] = {
    "add": _add,
    "add-if": _add_if,
    "case": _case,
    "case-eq": _case_eq,
    "comment": _comment,
    "copy": _copy,
    "create": _create,
    "create-child": _create_child,
    "default": _default,
    "discard": _stopping("discarded"),
    "fail!": _fail,
    "filter": _stopping("filtered"),
    "if": _if,
    "make-ni": _make_ni,
    "merge": _merge,
    "merge-union": _merge_union,
    "remove": _remove,
    "rename": _rename,
    "sleep!": _sleep,
    "trip!": _fail,
}
