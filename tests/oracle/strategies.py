"""Hypothesis strategies for DTL: values, expressions over the registry's signatures, transforms and hops."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import dataflow.dtl.functions  # noqa: F401 - importing it fills the registry
from dataflow.dtl.registry import REGISTRY, Function

KEYS = ["a", "b", "c", "x:a", "_id", "n.m"]
PATH_ELEMENTS = ["a", "b", "c", "x:a", "_id", "'n.m'"]

# Functions whose result clock, chance or keys decide, or which wait.
UNPREDICTABLE = {"now", "uuid", "encrypt-pki", "decrypt-pki", "encrypt-pgp", "decrypt-pgp"}
# Forms with arguments of their own shape, generated apart.
SHAPED = {"apply", "apply-hops", "hops", "literal", "lookup-entity", "completeness"}

TEXTS = ["", "a", "b", "x:a", "elm", "Oak tree", " a ", "42", "-7", "1.5", "0x0f", "true", "Blåbær", "a,b", "a*"]
WRITTEN = ["2024-02-29T12:30:00Z", "2024-02-29", "http://trees.example/elm", "[1, 2]", '{"a": 1}', "+4733923333"]
TYPED = ["~:x:a", "~:elm", "~rhttp://trees.example/elm", "~u531a379e-31bb-4ce1-8690-158dceb64be6", "~bZWxt"]
QUANTITIES = ["~f1.50", "~f-12", "~t2024-02-29T12:30:00.5Z", "~t2020-01-01", "~f2.5"]
texts = st.sampled_from([*TEXTS, *WRITTEN, "531a379e-31bb-4ce1-8690-158dceb64be6"])
typed = st.sampled_from([*TYPED, *QUANTITIES])
numbers = st.one_of(st.integers(-3, 12), st.sampled_from([0.0, 1.0, 2.5, -1.25, 10**20]))
scalars = st.one_of(st.none(), st.booleans(), numbers, texts, typed)

# Data in transit form.
data = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)),
    max_leaves=6,
)
entities = st.dictionaries(st.sampled_from([*KEYS[:4], "n.m"]), data, max_size=5)

# What an argument usually is, by the parameter's name: random text would seldom get past the first check.
FITTING: dict[str, list[Any]] = {
    "DATEPART": ["year", "month", "week", "day", "hour", "minute", "second", "millisecond", "nanosecond"],
    "TIMEZONE_NAME": ["Europe/Oslo", "America/New_York", "UTC"],
    "FROM_TIMEZONE": ["Europe/Oslo", "UTC"],
    "TO_TIMEZONE": ["Asia/Tokyo", "UTC"],
    "FORMATSTRING": ["%Y-%m-%d", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%SZ"],
    "FORMAT_STRING": ["e164", "international", "national"],
    "DEFAULT_REGION": ["NO", "DK"],
    "ALGORITHM": ["murmur3"],
    "PATTERN": ["a*", "?", "*", "elm"],
    "SEPARATOR": [",", " ", "", "--"],
    "FILL_CHARACTER": ["0", " "],
    "CHARACTERS": ["a", " ", "xyz"],
    "NAMESPACE": ["x", "tree"],
    "NAMESPACE_OR_CONFIGDICT": ["x", {}, {"property": "p", "identity": "i"}],
    "REPLACEMENTS": [{"a": "b", "e": ""}, {}],
    "PREFIX": ["p"],
    "KEY": ["secret"],
    "DATASET_ID": ["trees", "parks"],
    "ENTITY_ID": ["e1"],
}
# Arguments that set the size of a result are kept small: a slow answer tells nothing about agreement.
SMALL = {"START", "STOP", "STEP", "WIDTH", "EXPONENT", "DIGITS", "STRIDE", "INDEX", "END", "VALUE", "SEED"}
SIZED = {"range", "ljust", "rjust", "pow", "^", "ceil", "floor", "round", "slice", "enumerate", "nth", "insert"}


def paths(variables: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Path strings on the given variables, up to three elements deep."""
    return st.tuples(st.sampled_from(variables), st.lists(st.sampled_from(PATH_ELEMENTS), max_size=3)).map(
        lambda parts: f"{parts[0]}.{'.'.join(parts[1])}"
    )


def _functions() -> list[Function]:
    return [
        function
        for (name, kind), function in sorted(REGISTRY.items())
        if kind == "expression" and name not in UNPREDICTABLE | SHAPED
    ]


@st.composite
def expressions(
    draw: st.DrawFn, *, depth: int = 3, variables: tuple[str, ...] = ("_S", "_T", "_R._S"), rule: str | None = None
) -> Any:
    """An expression; functions get arguments that mostly fit. `rule` may be applied to values."""
    choice = draw(st.integers(0, 9)) if depth > 0 else draw(st.integers(7, 9))
    if choice == 9:
        return draw(scalars)
    if choice >= 7:
        return draw(paths(variables))
    if choice == 6 and rule is not None:
        return ["apply", rule, draw(expressions(depth=depth - 1, variables=variables))]
    if choice == 5:
        return draw(st.one_of(data.filter(lambda v: type(v) is not list), data.map(lambda value: ["literal", value])))
    return draw(_call(depth=depth, variables=variables))


@st.composite
def _call(draw: st.DrawFn, *, depth: int, variables: tuple[str, ...]) -> Any:
    function = draw(st.sampled_from(_functions()))
    signature = draw(st.sampled_from(function.signatures))
    most = signature.least + 2 if signature.most is None else signature.most
    count = draw(st.integers(signature.least, most))
    arguments: list[Any] = []
    for parameter in signature.assign(count):
        if parameter.type in ("function-expression", "default-value-expression"):
            inner = expressions(depth=depth - 1, variables=("_", "_", "_", *variables))
        elif parameter.name in SMALL and function.name in SIZED:
            inner = st.one_of(st.integers(-2, 5), st.integers(0, 3))
        elif parameter.name in FITTING and draw(st.integers(0, 7)):
            inner = st.sampled_from(FITTING[parameter.name])
        elif parameter.type in ("integer", "integer-expression") and draw(st.integers(0, 3)):
            inner = st.integers(-3, 5)
        else:
            inner = expressions(depth=depth - 1, variables=variables)
        arguments.append(draw(inner))
    if function.name == "^":
        arguments[1] = draw(st.integers(-2, 5))
    return [function.name, *arguments]


names = st.sampled_from(["a", "b", "c", "x:a", "_id", "_t", "::a", ":b", "$ids"])
patterns = st.one_of(
    st.sampled_from(["*", "a", "x:*", "*a", "_*", "?", "x:a"]), st.sampled_from([["list", "a", "x:*"], ["list"]])
)


@st.composite
def bodies(
    draw: st.DrawFn, *, depth: int = 2, variables: tuple[str, ...] = ("_S", "_T"), rule: str | None = None
) -> Any:
    """A list of transforms."""
    return draw(st.lists(_transforms(depth=depth, variables=variables, rule=rule), max_size=4))


@st.composite
def _transforms(draw: st.DrawFn, *, depth: int, variables: tuple[str, ...], rule: str | None) -> Any:
    value = expressions(depth=2, variables=variables, rule=rule)
    simple: dict[str, list[st.SearchStrategy[Any]]] = {
        "add": [names, value],
        "add-if": [names, value],
        "default": [names, value],
        "copy": [patterns],
        "remove": [patterns],
        "rename": [names, names],
        "merge": [value],
        "merge-union": [value],
        "make-ni": [st.just("tree"), names],
        "create": [value],
        "create-child": [value],
        "filter": [value],
        "discard": [value],
        "comment": [value],
    }
    name = draw(
        st.sampled_from([*simple, "add", "add", "copy", "if", "case", "case-eq", "add-if-3", "copy-2", "make-ni-3"])
    )
    if name in simple:
        return [name, *(draw(argument) for argument in simple[name])]
    if name == "add-if-3":
        condition = expressions(depth=1, variables=("_", *variables))
        return ["add-if", draw(names), draw(condition), draw(value)]
    if name == "copy-2":
        return ["copy", draw(patterns), draw(patterns)]
    if name == "make-ni-3":
        return ["make-ni", "tree", draw(names), draw(names)]
    inner = bodies(depth=depth - 1, variables=variables) if depth else st.just([])
    rest = [draw(inner)] if draw(st.booleans()) else []
    if name == "if":
        return ["if", draw(value), draw(inner), *rest]
    pairs = [part for _ in range(draw(st.integers(1, 2))) for part in (draw(value), draw(inner))]
    return [name, *([draw(value)] if name == "case-eq" else []), *pairs, *rest]


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """A `default` rule that may apply the rule `inner`."""
    inner = draw(bodies(depth=1, variables=("_S", "_T", "_P._S", "_P._T", "_R._S", "_R._T")))
    return {"default": draw(bodies(rule="inner")), "inner": inner}


keys = st.sampled_from([None, 1, 2, 3, "r", "s", "~:x:r", 1.0])
stored = st.fixed_dictionaries(
    {"_id": st.sampled_from(["e1", "e2", "e3", "e10"])},
    optional={
        "k": st.one_of(keys, st.lists(keys, max_size=3)),
        "m": st.one_of(keys, st.lists(keys, max_size=3)),
        "n": keys,
        "_deleted": st.booleans(),
    },
)
datasets = st.fixed_dictionaries(
    {name: st.lists(stored, max_size=4, unique_by=lambda e: str(e["_id"])) for name in ("trees", "parks")}
)


@st.composite
def hops_specs(draw: st.DrawFn, *, last: bool = True) -> dict[str, Any]:
    """A hops specification with one or two aliases, joined in one of several ways, filtered or not."""
    aliases = draw(st.sampled_from([["t"], ["p"], ["t", "p"]]))
    dataset = {"t": "trees", "p": "parks"}
    side = st.sampled_from(["k", "m", "_id", "n"])
    where: list[Any] = []
    before = "_S"
    for alias in aliases:
        left, right = f"{before}.{draw(side)}", f"{alias}.{draw(side)}"
        join: list[Any] = ["eq", left, right]
        how = draw(st.integers(0, 5))
        if how == 0:
            join = ["eq", right, left]
        elif how == 1:
            join = ["eq", ["list", left, f"{before}.n"], right]
        elif how == 2:
            join = ["eq", ["tuples", left, f"{before}.n"], ["tuples", right, f"{alias}.n"]]
        elif how == 3:
            join = ["or", join, ["eq", f"{before}.n", f"{alias}.n"]]
        where.append(join)
        before = draw(st.sampled_from(["_S", alias]))
    for _ in range(draw(st.integers(0, 2))):
        alias = draw(st.sampled_from(aliases))
        where.append(
            draw(
                st.sampled_from(
                    [
                        ["eq", f"{alias}.n", 1],
                        ["eq", f"{alias}.m", "_S.m"],
                        ["is-not-null", f"{alias}.k"],
                        ["or", ["eq", f"{alias}.n", 2], ["gt", f"{alias}.k", 1]],
                        ["in", "_S.n", f"{alias}.k"],
                        ["eq", ["list", f"{alias}.k", "_S.k"], ["list", 1, 1]],
                    ]
                )
            )
        )
    spec: dict[str, Any] = {"datasets": [f"{dataset[a]} {a}" for a in aliases], "where": draw(st.permutations(where))}
    if draw(st.integers(0, 3)) == 0:
        spec["subsets"] = {aliases[0]: ["eq", "_S.n", draw(st.sampled_from([1, "r"]))]}
    if draw(st.integers(0, 2)) == 0:
        spec |= {
            "recurse": True,
            **draw(st.sampled_from([{}, {"max_depth": 1}, {"max_depth": None}, {"exclude_root": True}])),
        }
    elif last and draw(st.booleans()):
        alias = aliases[-1]
        spec["return"] = draw(
            st.sampled_from(
                [alias, aliases[0], ",".join(aliases), f"{alias}.k", ["dict", "id", f"{alias}._id", "n", "_S.n"]]
            )
        )
    return spec
