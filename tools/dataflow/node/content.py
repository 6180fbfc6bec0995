"""What a dataset stores of an entity: its normal form, and the hash that tells whether anything changed.

Rules: hub/documentation/data-management/entity-data-model.rst (reserved properties, value types); node-semantics, section 1.1.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from dataflow.errors import DtlError
from dataflow.node.packed import pack, unpack

if TYPE_CHECKING:
    from dataflow.dtl.values import Entity


class Content(NamedTuple):
    """Id, whether deleted, root properties and hash. `packed` has places for what a version has beside, so that it is in order.

    `hash` is 32 hexadecimal digits that depend on the id, the deletion and the stored properties, types included, and nothing else.
    """

    id: str
    deleted: bool
    packed: bytes
    hash: str


def content_of(entity_id: str, deleted: bool, entity: Entity) -> Content:
    """The content of an entity: root properties that start with an underscore are not in it. Raises DtlError as `pack` does."""
    # What starts with an underscore stands between these two; to compare takes less than to look at the first character.
    stored = {name: value for name, value in entity.items() if not "_" <= name < "`"}
    stored["_deleted"] = deleted
    stored["_hash"] = None
    stored["_id"] = entity_id
    stored["_previous"] = None
    stored["_ts"] = None
    stored["_updated"] = None
    try:
        packed = pack(stored)
    except DtlError as error:
        raise DtlError(f'entity "{entity_id}": {error.message}') from None
    return Content(entity_id, deleted, packed, blake2b(packed, digest_size=16).hexdigest())


def version_of(packed: bytes, content_hash: str, updated: int, previous: int | None, ts: int) -> Entity:
    """A version with a content: a new dict, sorted by key as those in it are."""
    version: Entity = unpack(packed)
    version["_hash"] = content_hash
    version["_previous"] = previous
    version["_ts"] = ts
    version["_updated"] = updated
    return version


def exported(entity: Entity) -> Entity:
    """An entity as a node hands it out: of the reserved root properties only `_id`, and `_deleted` when it is true."""
    return {name: value for name, value in entity.items() if name[:1] != "_" or _kept(name, value)}


def _kept(name: str, value: object) -> bool:
    return name == "_id" or (name == "_deleted" and value is True)
