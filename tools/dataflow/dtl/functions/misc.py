"""Chapter "Misc": content hashes, tuples for composite keys, completeness; `literal` and `is-changed` are forms."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from dataflow.dtl import kinds
from dataflow.dtl.mapping import IGNORED, each, first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import as_list
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from dataflow.dtl.context import Context
    from dataflow.dtl.values import Value

misc = Chapter("Misc", "dtl-functions-misc.rst")


@misc.expression(
    "hash128",
    "ALGORITHM(string{1}) SEED(integer-expression{0|1}) VALUES(value-expression{1})",
    accepts=kinds.STRING | kinds.BYTES,
    gives=kinds.INTEGER,
    examples=[
        Example(["hash128", "murmur3", ""], 0),
        Example(
            ["hash128", "murmur3", ["list", "oak", 5, "~bb2Fr"]],
            [23757497987688766868886830037364721893, 23757497987688766868886830037364721893],
        ),
        Example(["hash128", "murmur3", 5], None),
    ],
)
def hash128(algorithm: Value, seed: Value, values: Value) -> Value:
    """128-bit unsigned integers that stand for the content of strings (in UTF-8) and bytes; other values are left out.

    The only ALGORITHM is "murmur3", MurmurHash3 in its 64-bit form. SEED (0 when left out) gives another series of hashes.
    """
    # The extension is loaded only by rules that hash.
    import mmh3

    if algorithm != "murmur3":
        raise DtlError(f'"{algorithm}" is not an algorithm of hash128: use "murmur3"')
    start = first(seed)
    start = start & 0xFFFFFFFF if type(start) is int else 0

    def one(value: Value) -> Value:
        if type(value) is str:
            return mmh3.hash128(value.encode("utf-8", "surrogatepass"), start)
        return mmh3.hash128(value, start) if type(value) is bytes else IGNORED

    return each(values, one)


@misc.expression(
    "tuples",
    "VALUES(value-expression{>=0})",
    returns="list",
    examples=[
        Example(["tuples", ["list", "oak", "elm"], 7], [["oak", 7], ["elm", 7]]),
        Example(["tuples", "_S.kind", "_S.size"], [], source={"kind": "oak"}),
    ],
)
def tuples(*values: Value) -> list[tuple[Value, ...]]:
    """Every combination of one value of each argument, as a tuple; nulls take no part. Made for joins on several values."""
    if not values:
        return []
    return list(itertools.product(*([v for v in as_list(argument) if v is not None] for argument in values)))


@misc.expression(
    "completeness",
    "VIA_DATASET_ID(string{1}) DATASET_ID(string{1})",
    context=True,
    flags={"datasets"},
    examples=[Example(["completeness", "trees", "forests"], None)],
)
def completeness(context: Context, via: Value, dataset: Value) -> Value:
    """How complete the second dataset is as far as the first knows, as a datetime; null when it does not know."""
    return None if context.completeness is None else context.completeness(via, dataset)
