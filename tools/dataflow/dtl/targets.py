"""What transforms do to a target at run time: the general forms behind the generated code.

Rules: hub/dtl/dtl-functions-transforms.rst; node-semantics, sections 3.1 and 6.4; DTL semantics, sections 14 to 16.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dataflow.dtl import plain
from dataflow.dtl.paths import exact
from dataflow.dtl.values import NI, NUMBERS, as_list, kind_name, same
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Entity, Value


class Stop:
    """What a rule returns when it gives its entity up."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


FILTERED = Stop("filtered")
DISCARDED = Stop("discarded")


@lru_cache(maxsize=4096)
def wildcard(pattern: str) -> re.Pattern[str]:
    """`*` any characters, `?` exactly one; everything else is literal."""
    return re.compile("".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern), re.DOTALL)


class Patterns:
    """Property name patterns of `copy` and `remove`; without a colon they match an identifier in any namespace.

    `all` says that every name matches, whatever it is; `known` has the names that have been tried.
    """

    def __init__(self, patterns: list[str], namespaces: Namespaces) -> None:
        self.all = "*" in patterns
        self._enabled = namespaces.enabled
        self._tests = [self._parts(pattern, namespaces) for pattern in patterns]
        self.known: dict[str, bool] = {}

    def _parts(self, pattern: str, namespaces: Namespaces) -> tuple[re.Pattern[str] | None, re.Pattern[str]]:
        if not self._enabled:
            return None, wildcard(pattern)
        if pattern.startswith("::"):
            return wildcard(""), wildcard(pattern[2:])
        if pattern.startswith(":"):
            return wildcard(namespaces.property), wildcard(pattern[1:])
        namespace, colon, name = pattern.rpartition(":")
        return (wildcard(namespace) if colon else None), wildcard(name)

    def match(self, key: str) -> bool:
        if self.all:
            return True
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = self._test(key)
        return known

    def _test(self, key: str) -> bool:
        namespace, _, name = key.rpartition(":") if self._enabled else ("", "", key)
        return any(
            (ns is None or ns.fullmatch(namespace) is not None) and test.fullmatch(name) is not None
            for ns, test in self._tests
        )


def patterns_of(value: Value) -> list[str]:
    return [v for v in as_list(value) if type(v) is str]


def copy(source: Value, target: Entity, include: Patterns, exclude: Patterns | None) -> None:
    if type(source) is not dict:
        return
    if include.all:
        if exclude is None:
            target.update(source)
            return
        known = exclude.known
        for name, value in source.items():
            if not (known[name] if name in known else exclude.match(name)):
                target[name] = value
        return
    known = include.known
    for name, value in source.items():
        if (known[name] if name in known else include.match(name)) and not (
            exclude is not None and exclude.match(name)
        ):
            target[name] = value


def remove(target: Entity, patterns: Patterns) -> None:
    """`_id` stays, whatever the pattern, unless it is named."""
    for name in [k for k in target if k != "_id" and patterns.match(k)]:
        del target[name]


def add(target: Entity, names: Value, value: Value, namespaces: Namespaces) -> None:
    """Set one or several properties; `_id` is prefixed and never set to null."""
    for name in as_list(names):
        if type(name) is not str:
            raise DtlError(f"a property name must be a string, not {kind_name(name)}")
        if name == "_id":
            set_id(target, value, namespaces)
        else:
            target[namespaces.written(name)] = value


def set_id(target: Entity, value: Value, namespaces: Namespaces) -> None:
    if value is not None:
        target["_id"] = namespaces.entity_id(value) if type(value) is str else value


def default(target: Entity, names: Value, value: Value, namespaces: Namespaces) -> None:
    for name in as_list(names):
        if type(name) is not str:
            raise DtlError(f"a property name must be a string, not {kind_name(name)}")
        if namespaces.written(name) not in target:
            add(target, name, value, namespaces)


def rename(source: Value, target: Entity, old: Value, new: Value, namespaces: Namespaces) -> None:
    """Copy `old` of the source to `new` of the target; several that come together are collected in a list."""
    if type(source) is not dict or type(old) is not str or type(new) is not str:
        return
    for name, values in _placed(source, old, new, namespaces).items():
        target[name] = values[0] if len(values) == 1 else [v for x in values for v in as_list(x)]


def _placed(source: Entity, old: str, new: str, namespaces: Namespaces) -> dict[str, list[Value]]:
    """Target name to source values: each match keeps its namespace, unless `new` has one or is a reserved name."""
    placed: dict[str, list[Value]] = {}
    own = not namespaces.enabled or ":" in new or new[:1] in ("_", "$")
    for match in _matches(source, old, namespaces):
        namespace, colon, _ = match.rpartition(":")
        name = namespaces.written(new) if own else f"{namespace}{colon}{new}"
        placed.setdefault(name, []).append(source[match])
    return placed


def _matches(source: Entity, name: str, namespaces: Namespaces) -> list[str]:
    key = exact(name, namespaces)
    if key is not None:
        return [key] if key in source else []
    return [k for k in source if k.rpartition(":")[2] == name]


def merge(target: Entity, values: Value) -> None:
    for entity in as_list(values):
        if type(entity) is dict:
            target.update({k: v for k, v in entity.items() if k[:1] != "_"})


def merge_union(target: Entity, values: Value) -> None:
    """Collect values: the first is kept as it is; a second one makes a list of them, each distinct value once (decision 0304)."""
    for entity in as_list(values):
        if type(entity) is not dict:
            continue
        for name, value in entity.items():
            if name[:1] == "_":
                continue
            if name not in target:
                target[name] = value
                continue
            present = target[name]
            kept = list(present) if type(present) is list else [present]
            target[name] = [*kept, *(v for v in _members(value) if not any(same(v, k) for k in kept))]


def _members(value: Value) -> list[Value]:
    return value if type(value) is list else [value]


def make_ni(source: Value, target: Entity, namespace: Value, name: Value, new: Value, namespaces: Namespaces) -> None:
    """NIs made of the strings and numbers in a property; a list of them is sorted."""
    if type(source) is not dict or type(namespace) is not str or type(name) is not str:
        return
    bare = name.rpartition(":")[2] if namespaces.enabled else name
    placed = _placed(source, name, new if type(new) is str else bare + "-ni", namespaces)
    for key, values in placed.items():
        found = [v for value in values for v in as_list(value) if type(v) is str or type(v) in NUMBERS]
        made = [NI.of(f"{namespace}:{plain.text(v)}") for v in found]
        if made:
            target[key] = made[0] if len(made) == 1 else sorted(made)


def created(values: Value, id_required: bool, what: str) -> list[Entity]:
    """The entities among the values; what is none is an error, or passed over where no `_id` is required."""
    entities = []
    for value in as_list(values):
        if type(value) is dict and type(value.get("_id")) is str:
            entities.append(value)
        elif id_required:
            found = f"a {kind_name(value)}" if type(value) is not dict else "a dict without a string _id"
            raise DtlError(f"{what} needs entities with a string _id, and met {found}")
    return entities


def create_child(target: Entity, values: Value, id_required: bool) -> None:
    children = list(as_list(target.get("$children")))
    for child in created(values, id_required, "create-child"):
        if not any(same(child, other) for other in children):
            children.append(child)
    target["$children"] = children
