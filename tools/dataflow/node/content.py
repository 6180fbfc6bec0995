"""What a dataset stores of an entity: its normal form, and the hash that tells whether anything changed.

Rules: hub/documentation/data-management/entity-data-model.rst (reserved properties, value types); node-semantics, section 1.1.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from dataflow.dtl import transit
from dataflow.dtl.values import NI, URI, UUID

if TYPE_CHECKING:
    from dataflow.dtl.values import Entity, Value

_TAGGED_TEXTS = frozenset({NI, URI, UUID})
_CONTAINERS = frozenset({dict, list, tuple})


def properties(entity: Entity) -> Entity:
    """The root properties that are stored, sorted by full key; their values are copies that nobody else holds."""
    result: Entity = {}
    for name in sorted(entity):
        # What starts with an underscore stands between these two; to compare takes less than to look at the first character.
        if not "_" <= name < "`":
            value = entity[name]
            result[name] = own(value) if type(value) in _CONTAINERS else value
    return result


def own(value: Value) -> Value:
    """A value with its lists and dicts copied, dicts sorted by key, tuples as lists; scalars keep their type and scale."""
    kind = type(value)
    if kind is dict:
        return {
            name: own(element) if type(element := value[name]) in _CONTAINERS else element for name in sorted(value)
        }
    if kind is list or kind is tuple:
        return [own(element) if type(element) in _CONTAINERS else element for element in value]
    return value


def digest(entity_id: str, deleted: bool, stored: Entity) -> str:
    """32 hexadecimal digits that depend on the id, the deletion and the stored properties, types included, and nothing else."""
    whole = [entity_id, deleted, stored]
    try:
        text = orjson.dumps(whole, default=_tagged, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    except TypeError:
        # Integers beyond 64 bits, and halves of surrogate pairs.
        text = json.dumps(_spelled(whole)).encode()
    return blake2b(text, digest_size=16).hexdigest()


def _tagged(value: Value) -> Any:
    """A typed value so that no plain text can look like it."""
    return {"\0": str(value) if type(value) in _TAGGED_TEXTS else transit.extension(value)}


def _spelled(value: Value) -> Any:
    kind = type(value)
    if kind is dict:
        return {name: _spelled(element) for name, element in value.items()}
    if kind is list:
        return [_spelled(element) for element in value]
    if value is None or kind in (str, int, bool, float):
        return value
    return _tagged(value)


def exported(entity: Entity) -> Entity:
    """An entity as a node hands it out: of the reserved root properties only `_id`, and `_deleted` when it is true."""
    return {name: value for name, value in entity.items() if name[:1] != "_" or _kept(name, value)}


def _kept(name: str, value: Value) -> bool:
    return name == "_id" or (name == "_deleted" and value is True)
