"""Inline forms: whatever the arguments are, constants or not, they give what the general function gives."""

import itertools
from functools import partial

import pytest

from dataflow.dtl import Context, compile_expression, functions, transit
from dataflow.dtl.registry import REGISTRY

assert functions

CHAPTERS = {"Strings", "Comparisons", "Booleans", "Bytes", "Numbers", "Math"}
VALUES = [
    None,
    True,
    0,
    1,
    -2,
    7,
    2.5,
    "",
    "a",
    "b-c",
    " a ",
    "~f1.0",
    "~:a",
    "~t2024-01-01",
    "~bYQ==",
    {"a": "b"},
    [],
    [None],
    ["a"],
    ["a", 1],
    [1, "a"],
]
NEEDED = {"string": str, "integer": int, "integer-expression": int, "dict": dict}


def _calls(least):
    """Every function with an inline form, with every number of arguments it takes."""
    for (name, kind), function in sorted(REGISTRY.items()):
        if kind == "expression" and function.fast is not None and function.chapter in CHAPTERS:
            for count in range(least, 4):
                signature = function.signature_for(count)
                types = [p.type for p in signature.assign(count)] if signature else []
                # A default is an expression of its own, which `general` would have to compile.
                if types and "default-value-expression" not in types:
                    yield pytest.param(function, types, id=f"{name}-{count}")


def outcome(call, *arguments):
    try:
        return transit.dumps(call(*arguments), sort_keys=True)
    except Exception as error:
        return type(error)


def general(function, arguments):
    """The general function, with None for optional arguments that are left out."""
    signature = function.signature_for(len(arguments))
    assigned, given = signature.assign(len(arguments)), iter(arguments)
    positional = []
    for parameter in signature.parameters:
        taken = sum(1 for p in assigned if p is parameter)
        positional += [next(given) for _ in range(taken)] if taken or parameter.most is None else [None]
    return outcome(function.call, *positional)


@pytest.mark.parametrize(("function", "types"), list(_calls(1)))
def test_inline_forms_agree_with_the_general_function(function, types):
    pool = VALUES if len(types) < 3 else VALUES[:1] + VALUES[2:10] + VALUES[-3:-1]
    context, names = Context(), [str(place) for place in range(len(types))]
    call = compile_expression([function.name, *(f"_S.{name}" for name in names)])
    for values in itertools.product(pool, repeat=len(types)):
        source = dict(zip(names, map(transit.decode, values), strict=True))
        assert outcome(partial(call, context, S=source)) == general(function, list(source.values())), values


@pytest.mark.parametrize(("function", "types"), list(_calls(2)))
def test_inline_forms_with_a_constant_agree_too(function, types):
    context, names = Context(), [str(place) for place in range(len(types))]
    pool = VALUES if len(types) < 3 else VALUES[5:10]
    for place, kind in enumerate(types):
        for constant in (v for v in VALUES if type(v) is not list):
            decoded = transit.decode(constant)
            if kind in NEEDED and type(decoded) is not NEEDED[kind]:
                continue
            call = compile_expression(
                [function.name, *(constant if n == place else f"_S.{n}" for n in range(len(types)))]
            )
            for values in itertools.product(pool, repeat=len(types) - 1):
                arguments = [*map(transit.decode, values)]
                arguments.insert(place, decoded)
                source = dict(zip(names, arguments, strict=True))
                assert outcome(partial(call, context, S=source)) == general(function, arguments), (
                    place,
                    constant,
                    values,
                )
