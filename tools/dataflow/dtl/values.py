"""The values DTL works on, their equality and their order.

A value is None, bool, int (unbounded), float, Decimal, str, a list, a dict with string keys, a tuple (made by `tuples`),
bytes, or one of the types below. Tests of a value's kind are always exact (`type(v) is str`), because NI, URI and UUID are
strings to Python but never to DTL.

Rules: hub/documentation/data-management/entity-data-model.rst (types, compatible groups, order);
hub/dtl/dtl-functions-comparisons.rst (equality).
"""

from __future__ import annotations

from decimal import Context, Decimal
from functools import total_ordering
from typing import TYPE_CHECKING, Any

from dataflow.digits import MOST_DIGITS

if TYPE_CHECKING:
    from collections.abc import Hashable

Value = Any
Entity = dict[str, Any]

# Wide enough for any product met in practice, and with no more places than are read; separate from the interpreter's global
# context, which others may change.
_PRECISION = 60
DECIMALS = Context(prec=_PRECISION, Emax=MOST_DIGITS - 1, Emin=_PRECISION - 1 - MOST_DIGITS)


class NI(str):
    """A namespaced identifier. The text is its transit form, `~:namespace:id`; `name` is what follows the tag."""

    __slots__ = ()

    @classmethod
    def of(cls, name: str) -> NI:
        return cls("~:" + name)

    @property
    def name(self) -> str:
        return self[2:]


class URI(str):
    """A URI. The text is its transit form, `~r<uri>`."""

    __slots__ = ()

    @classmethod
    def of(cls, name: str) -> URI:
        return cls("~r" + name)

    @property
    def name(self) -> str:
        return self[2:]


class UUID(str):
    """A UUID. The text is its transit form, `~u` and 36 lower-case characters."""

    __slots__ = ()

    @classmethod
    def of(cls, name: str) -> UUID:
        return cls("~u" + name)

    @classmethod
    def parse(cls, text: str) -> UUID:
        """The UUID a text names, in any of the usual spellings; ValueError when it names none."""
        import uuid

        return cls.of(str(uuid.UUID(text)))

    @property
    def name(self) -> str:
        return self[2:]


@total_ordering
class Datetime:
    """An instant: nanoseconds since the epoch, UTC, from year 1 to 9999."""

    __slots__ = ("ns",)

    def __init__(self, ns: int) -> None:
        self.ns = ns

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Datetime) and self.ns == other.ns

    def __lt__(self, other: Datetime) -> bool:
        return self.ns < other.ns

    def __hash__(self) -> int:
        return hash(("t", self.ns))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.ns})"


class Date(Datetime):
    """A day without a time. Equal to its midnight; written without the time (node-semantics, section 7)."""

    __slots__ = ()


NUMBERS = frozenset({int, float, Decimal})
TEXTS = frozenset({str, NI, URI, UUID})


def same(a: Value, b: Value) -> bool:
    """DTL equality: numbers of any kind compare by value, everything else only with its own type."""
    kind = type(a)
    if kind is str:
        return type(b) is str and a == b
    if kind in NUMBERS:
        return type(b) in NUMBERS and bool(a == b)
    if kind is list or kind is tuple:
        return (type(b) is list or type(b) is tuple) and len(a) == len(b) and all(map(same, a, b))
    if kind is dict:
        return type(b) is dict and a.keys() == b.keys() and all(same(v, b[k]) for k, v in a.items())
    if isinstance(a, Datetime):
        return isinstance(b, Datetime) and a.ns == b.ns
    return kind is type(b) and bool(a == b)


def key(value: Value) -> Hashable:
    """A hashable stand-in: `key(a) == key(b)` exactly when `same(a, b)`. Plain text and numbers stand for themselves."""
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value  # type: ignore[no-any-return]  # any value to the checker; to name its type first takes time
    if kind is bool:
        return ("?", value)
    if kind is NI or kind is URI or kind is UUID:
        return (kind, str(value))
    if kind is list or kind is tuple:
        return ("[", *map(key, value))
    if kind is dict:
        return ("{", frozenset((k, key(v)) for k, v in value.items()))
    if kind is bytes:
        return ("b", value)
    return value  # type: ignore[no-any-return]  # float, Decimal, Datetime hash and compare as DTL wants


_RANK: dict[type, int] = {
    type(None): 0,
    bool: 1,
    int: 2,
    float: 2,
    Decimal: 2,
    Date: 3,
    Datetime: 3,
    UUID: 4,
    NI: 5,
    URI: 6,
    str: 7,
    dict: 8,
    tuple: 9,
    list: 9,
    bytes: 10,
}


def order_key(value: Value) -> tuple[Any, ...]:
    """Sort key of the mixed-type order: rank of the type first, then the value (entity-data-model, "ordering")."""
    kind = type(value)
    rank = _RANK[kind]
    if rank == 0:
        return (0,)
    if rank == 3:
        return (3, value.ns)
    if kind is dict:
        return (8, [(k, order_key(value[k])) for k in sorted(value)])
    if rank == 9:
        return (9, [order_key(v) for v in value])
    if kind is NI or kind is URI or kind is UUID:
        return (rank, str(value))
    return (rank, value)


def as_list(value: Value) -> list[Value]:
    """Coercion to a list: null is empty, a list is itself, anything else is a list of one."""
    if value is None:
        return []
    return value if type(value) is list else [value]


def true(value: Value) -> bool:
    """DTL truth: only false, null and the empty list are false (argument-types.rst)."""
    return not (value is None or value is False or (type(value) is list and not value))


def kind_name(value: Value) -> str:
    """The name DTL's documentation gives the type of a value, for messages."""
    return _NAMES.get(type(value), type(value).__name__)


_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "float",
    Decimal: "decimal",
    str: "string",
    list: "list",
    dict: "dict",
    tuple: "tuple",
    bytes: "bytes",
    NI: "namespaced identifier",
    URI: "URI",
    UUID: "UUID",
    Datetime: "datetime",
    Date: "date",
}
