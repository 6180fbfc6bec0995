"""Adding namespaces to what comes in, and taking them off what goes out.

Rules: hub/features/namespaces.rst; node-semantics, sections 6.2 and 6.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.values import NI

if TYPE_CHECKING:
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Entity, Value


def add_namespaces(entity: Entity, namespaces: Namespaces) -> Entity:
    """Prefix every key at every depth, and every `_id`; whatever stands under a key with `_` or `$` is left alone.

    A key that has another namespace gets ours as well; one that has ours already, and such an id, is kept.
    """
    return _added(entity, f"{namespaces.property}:", f"{namespaces.identity}:")


def _added(entity: Entity, prefix: str, identity: str) -> Entity:
    result: Entity = {}
    for name, value in entity.items():
        if name == "_id":
            result[name] = identity + value if type(value) is str and not value.startswith(identity) else value
        elif name[:1] in ("_", "$"):
            result[name] = value
        else:
            key = name if name.startswith(prefix) else prefix + name
            result[key] = _added_within(value, prefix, identity)
    return result


def _added_within(value: Value, prefix: str, identity: str) -> Value:
    if type(value) is dict:
        return _added(value, prefix, identity)
    if type(value) is list:
        return [_added_within(element, prefix, identity) for element in value]
    return value


def remove_namespaces(entity: Entity) -> Entity:
    """Take everything up to the last colon off every key at every depth, and the namespace off ids and identifiers.

    Where keys become the same, the last one wins.
    """
    result: Entity = {}
    for name, value in entity.items():
        if name == "_id" and type(value) is str:
            result[name] = _bare(value)
        else:
            result[name.rpartition(":")[2]] = _removed_within(value)
    return result


def _removed_within(value: Value) -> Value:
    kind = type(value)
    if kind is dict:
        return remove_namespaces(value)
    if kind is list:
        return [_removed_within(element) for element in value]
    return NI.of(_bare(value.name)) if kind is NI else value


def _bare(name: str) -> str:
    """What follows the first colon: no recording tells first from last, and an id may hold colons of its own."""
    return name.partition(":")[2] if ":" in name else name
