"""Kinds of values, by the names DTL's documentation gives them: what a function takes, and what is known before a rule runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dataflow.dtl.values import kind_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.dtl.values import Value

    # Those of a single value, or of the elements of a list; null is no kind. None stands for "not known".
    Kinds = frozenset[str]

STRING: Final = frozenset({"string"})
NUMBER: Final = frozenset({"integer", "float", "decimal"})
INTEGER: Final = frozenset({"integer"})
FLOAT: Final = frozenset({"float"})
DECIMAL: Final = frozenset({"decimal"})
BOOLEAN: Final = frozenset({"boolean"})
DATETIME: Final = frozenset({"datetime", "date"})
BYTES: Final = frozenset({"bytes"})
DICT: Final = frozenset({"dict"})
NI: Final = frozenset({"namespaced identifier"})
URI: Final = frozenset({"URI"})
UUID: Final = frozenset({"UUID"})

# What an argument must be for its type alone (hub/dtl/argument-types.rst).
OF_TYPE: Final[dict[str, Kinds]] = {
    "string": STRING,
    "wildcard-string": STRING,
    "character-expression": STRING,
    "integer": INTEGER,
    "integer-expression": INTEGER,
    "numeric-expression": NUMBER,
}


def of(value: Value) -> Kinds:
    """The kinds of a value or of a list's elements."""
    return frozenset(kind_name(v) for v in (value if type(value) is list else (value,)) if v is not None)


def listed(kinds: Iterable[str]) -> str:
    """ "integer, float or decimal"."""
    names = sorted(kinds)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
