"""Fuzzing DTL: whatever is written, nothing but a DataflowError may come out of compiling and running it.

`make fuzz` does it for five minutes: `python tests/dtl/fuzz_expressions.py [--minutes 5] [--seed N]`. What it ends with breaks
the engine in the first thousand under the seed it tells.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import dataflow.dtl.functions  # noqa: F401 - importing it fills the registry
from dataflow.clock import FixedClock, Randomness
from dataflow.dtl import Context, Namespaces, compile_expression, compile_rules
from dataflow.dtl.context import Table
from dataflow.dtl.registry import REGISTRY
from dataflow.errors import DataflowError, DtlError

NAMES = sorted({name for name, _ in REGISTRY} - {"encrypt-pgp", "decrypt-pgp", "encrypt-pki", "decrypt-pki"})
SCALARS: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    7,
    10**25,
    0.0,
    2.5,
    "",
    "a",
    "_S",
    "_S.",
    "_S.a",
    "_S..",
    "_S.a.",
    "_S.'a",
]
SCALARS += [
    "_T.x",
    "_T.",
    "_P._S.a",
    "_.",
    "_.a.b",
    "_R.",
    "_B.q",
    "t._id",
    "o.k",
    "~:",
    "~:a:b",
    "~t",
    "~t2020-01-01",
    "~f1.5",
]
SCALARS += [
    "~fx",
    "~u1",
    "~b!",
    "~bZWxt",
    "~rhttp://x",
    "~",
    "*",
    "year",
    "murmur3",
    "UTC",
    "%Y",
    "trees t",
    "r",
    "\x00",
    "æ\ud7ff",
]
SOURCE = {"_id": "1", "a": [1, {"b": "c"}, None], "c": "~x", "n": -3, "a.b": 2.5, "o": {"k": ["v"]}}
WORDS = ["datasets", "where", "return", "recurse", "max_depth", "exclude_root", "subsets", "a", "_id", "x:y"]


def anything(chance: random.Random, depth: int) -> Any:
    """JSON that looks more or less like DTL."""
    kind = chance.random()
    if depth <= 0 or kind < 0.25:
        return chance.choice(SCALARS)
    if kind < 0.32:
        return {chance.choice(WORDS): anything(chance, depth - 1) for _ in range(chance.randrange(4))}
    if kind < 0.38:
        return [anything(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind < 0.45:
        return hops(chance, depth)
    # Big powers and ranges are slow, not wrong.
    name = chance.choice(NAMES)
    if name in ("^", "pow", "range", "ljust", "rjust", "*", "multiply"):
        return [name, *(chance.choice([-2, 0, 3, "x", None, 1.5, "_S.a"]) for _ in range(chance.randrange(1, 4)))]
    return [name, *(anything(chance, depth - 1) for _ in range(chance.choice([0, 1, 1, 2, 2, 2, 3, 4])))]


def hops(chance: random.Random, depth: int) -> Any:
    """A hops that is right but for a thing or two."""
    spec = {"datasets": ["trees t"], "where": [["eq", "_S.a", "t._id"], anything(chance, depth - 2)]}
    if chance.random() < 0.6:
        spec[chance.choice(WORDS)] = anything(chance, depth - 2)
    return [chance.choice(["hops", "hops", "apply-hops"]), *chance.choice([[], ["r"], ["nosuch"]]), spec]


def attempt(dtl: Any, *, enabled: bool = False) -> None:
    """Compile and run one piece of DTL, as an expression and as a rule; raises what should never be raised."""
    context = Context(
        datasets={"trees": Table([{"_id": "1", "k": "v"}, {"_id": "2"}])}, clock=FixedClock(), random=Randomness(0)
    )
    namespaces = Namespaces.of_pipe("p", enabled=enabled)
    rules = {"r": [["add", "v", "_S."]]}
    runs = (
        lambda: compile_expression(dtl, rules=rules, namespaces=namespaces)(context, S=SOURCE, T={}),
        lambda: list(compile_rules({**rules, "default": dtl}, namespaces=namespaces)(SOURCE, context)),
        lambda: list(compile_rules({**rules, "default": [["add", "x", dtl]]}, namespaces=namespaces)(SOURCE, context)),
    )
    for run in runs:
        try:
            run()
        except DataflowError as error:
            cause = error.__cause__
            if (
                isinstance(error, DtlError)
                and cause is not None
                and not isinstance(cause, (DataflowError, RecursionError))
            ):
                raise cause from None


def fuzz(count: int, seed: int) -> tuple[Any, Exception] | None:
    """The first piece of DTL that breaks the engine, and how; None when all `count` are fine."""
    chance = random.Random(seed)
    for number in range(count):
        dtl = anything(chance, 1 + number % 5)
        try:
            attempt(dtl, enabled=number % 2 == 0)
        except Exception as error:
            return dtl, error
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description="Compile and run malformed DTL.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=0, help="of the first thousand; the next has the next one")
    given = parser.parse_args()
    end = time.monotonic() + given.minutes * 60
    for seed in itertools.count(given.seed):
        found = fuzz(1000, seed)
        if found is not None:
            dtl, error = found
            sys.stdout.write(f"seed {seed}: {type(error).__name__}: {error}\n{json.dumps(dtl)}\n")
            return 1
        if time.monotonic() > end:
            sys.stdout.write(
                f"{(seed - given.seed + 1) * 1000} pieces of DTL, seeds {given.seed} to {seed}: no traceback\n"
            )
            return 0
    raise AssertionError("there is always a next seed")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
