"""Whether a pipe's output is what its expected file says, by sesam-py's rules, and the form `update` writes it in.

Source of every rule: sesam-py 2.11.13, `verify` and `update` (README, "Expected output" and "Test specification"; where the
README and the code differ, the code). The quirks are kept on purpose, because the verdict here must be the verdict there: the
expected side is never normalised, list order counts, `1.0` and `1` are the same only in the output, an integer of more than
16 characters is rounded to a double, and `foo[].bar` does not reach into a list. Entities are plain JSON (transit-encoded).
"""

from __future__ import annotations

import fnmatch
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.errors import DataflowError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataflow.expect.spec import Spec

Json = Any
JsonEntity = dict[str, Any]

# The longest integer text that is not rounded; sesam-py counts characters, so a minus sign counts too.
_LONGEST_EXACT = len("9007199254740991")


class Incomparable(DataflowError):
    """The output has no order or form under sesam-py's rules; there it ends with an error, which is a failure too."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides as compared: sorted, the output stripped and its numbers settled. `reason` says why they differ."""

    equal: bool
    expected: list[JsonEntity]
    current: list[JsonEntity]
    reason: str | None = None


def compare(expected: Sequence[JsonEntity], output: Iterable[JsonEntity], spec: Spec) -> Comparison:
    """The verdict of `verify` for one spec of endpoint `json` or `excel`."""
    current = [_stripped(entity, (), spec) for entity in output]
    try:
        if spec.ignore_deletes:
            deletes = [_id_of_deleted(entity) for entity in expected if _deleted(entity)]
            current = [entity for entity in current if not _deleted(entity) or _id_of_deleted(entity) in deletes]
        current = [_settled(entity) for entity in current]
        left, right = _sorted(expected, spec), _sorted(current, spec)
    except Incomparable as error:
        return Comparison(False, list(expected), current, str(error))
    if len(left) != len(right):
        return Comparison(False, left, right, f"expected {_count(len(left))}, got {len(right)}")
    if text(left) != text(right):
        return Comparison(False, left, right, "content differs")
    return Comparison(True, left, right)


def updated(output: Iterable[JsonEntity], spec: Spec) -> list[JsonEntity]:
    """What `update` writes for this output: stripped, numbers settled, sorted, and without deletes if they are ignored.

    Raises `Incomparable`.
    """
    current = [_settled(_stripped(entity, (), spec)) for entity in output]
    if spec.ignore_deletes:
        current = [entity for entity in current if not _deleted(entity)]
    return _sorted(current, spec)


def text(value: Json) -> str:
    """The text two sides are compared as: key order does not count, everything else does."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


def blacklist_pattern(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """One expression that matches every blacklisted path; None when there is nothing to match.

    `[].` stands for `.*.`, and `*` crosses dots. A path is the keys from the root joined by dots; positions in lists add
    nothing to it, so `foo.bar` is `bar` in the object `foo` and in every object of the list `foo`.
    """
    texts = [fnmatch.translate(pattern.replace("[].", ".*.")) for pattern in patterns]
    return re.compile("|".join(f"(?:{one})" for one in texts)) if texts else None


def _stripped(value: Json, path: tuple[str, ...], spec: Spec) -> Json:
    if type(value) is list:
        return [_stripped(item, path, spec) for item in value]
    if type(value) is not dict:
        return value
    kept: JsonEntity = {}
    for key, inner in value.items():
        here = (*path, key)
        if spec.blacklisted is not None and spec.blacklisted.match(".".join(here).replace("\\.", ".")):
            continue
        if not key.startswith("_"):
            kept[key] = _stripped(inner, here, spec)
        elif key == "_id" or (key == "_deleted" and inner is True):
            kept[key] = inner
    return kept


def _settled(value: Json) -> Json:
    kind = type(value)
    if kind is dict:
        return {key: _settled(inner) for key, inner in value.items()}
    if kind is list:
        return [_settled(inner) for inner in value]
    if kind is float:
        # `1e+16` has no ".0" and stays a float: the rule is about the text.
        return _settled(int(value)) if str(value).endswith(".0") else value
    if kind is int and len(str(value)) > _LONGEST_EXACT:
        try:
            return int(Decimal(str(float(value))))
        except OverflowError:
            raise Incomparable(f"an integer of {len(str(value))} digits is too large for a double") from None
    return value


def _sorted(entities: Iterable[JsonEntity], spec: Spec) -> list[JsonEntity]:
    def key(entity: JsonEntity) -> list[Any]:
        fields = [entity.get(field) for field in spec.fields_to_sort_by]
        return [*(_compact(value) if type(value) is dict else value for value in fields), _compact(entity)]

    try:
        return sorted(entities, key=key)
    except TypeError:
        fields = ", ".join(spec.fields_to_sort_by)
        raise Incomparable(f"the entities cannot be sorted: {fields} is not of one type in all of them") from None


def _deleted(entity: JsonEntity) -> bool:
    return entity.get("_deleted") is True


def _id_of_deleted(entity: JsonEntity) -> Json:
    if "_id" not in entity:
        raise Incomparable("a deleted entity has no _id")
    return entity["_id"]


def _compact(value: Json) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _count(number: int) -> str:
    return "1 entity" if number == 1 else f"{number} entities"
