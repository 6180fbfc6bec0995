"""`literal`, `path` and `is-changed`: forms that take an argument unevaluated, as a path, or as a function of the entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl import paths
from dataflow.dtl.emitter import Code
from dataflow.dtl.registry import Chapter, Example

if TYPE_CHECKING:
    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.place import Call

misc = Chapter("Misc", "dtl-functions-misc.rst")
dictionaries = Chapter("Dictionaries", "dtl-functions-dictionaries.rst")


@misc.form(
    "literal",
    "VALUE(value{1})",
    examples=[
        Example(["literal", "_S.name"], "_S.name", source={"name": "Ada"}),
        Example(["literal", ["a", 1]], ["a", 1]),
    ],
)
def literal(compiler: Compiler, call: Call) -> Code:
    """VALUE as it stands: neither a path nor a function call."""
    return compiler.constant(call.arguments[0], call.place_of(0))


@misc.form(
    "is-changed",
    "FUNCTION(function-expression{1})",
    flags={"versions"},
    examples=[Example(["is-changed", "_.name"], None, source={"_id": "1", "name": "Ada"})],
)
def is_changed(compiler: Compiler, call: Call) -> Code:
    """Whether FUNCTION gives something else for this version of the source entity than for the one before.

    Null when there is no earlier version or the source is not a dataset; true when either version is deleted.
    """
    node = call.arguments[0]
    plain = type(node) is str and node.startswith("_.")
    compiler.facts.of(call.place.scope.rule).reads |= compiler.paths.named(
        (paths.split(node[2:]) or [])[:1] if plain else []
    )
    function = compiler.callables.function(node, call.place_of(0))
    return Code(f"is_changed({function}, {call.place.scope.source}, ctx)")


@dictionaries.form(
    "path",
    "PROPERTY_PATH(value-expression{1}) VALUES(value-expression{1})",
    examples=[
        Example(["path", "n", ["list", {"n": 1}, {"n": 2}]], [1, 2]),
        Example(["path", ["list", "a", "b.c"], "_S."], 5, source={"a": {"b.c": 5}}),
    ],
)
def path(compiler: Compiler, call: Call) -> Code:
    """Follow property names from VALUES. PROPERTY_PATH is one name, taken whole even with dots in it, or a list of names."""
    names = compiler.expression(call.arguments[0], call.place_of(0))
    values = compiler.expression(call.arguments[1], call.place_of(1))
    if names.known:
        constant = names.constant if type(names.constant) is list else [names.constant]
        return compiler.paths.steps(values.text, [n for n in constant if type(n) is str], call.place)
    return Code(f"pick({names.text}, {values.text}, {compiler.constants.bind(compiler.namespaces)})")
