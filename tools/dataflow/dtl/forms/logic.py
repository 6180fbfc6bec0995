"""`and`, `or`, `not` and `coalesce-args`: they stop at the argument that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.emitter import Code
from dataflow.dtl.registry import Chapter, Example

if TYPE_CHECKING:
    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.place import Call

boolean_logic = Chapter("Boolean logic", "dtl-functions-boolean-logic.rst")
nulls = Chapter("Nulls", "dtl-functions-nulls.rst")


@boolean_logic.form(
    "and",
    "VALUE(boolean-expression{>0})",
    returns="boolean",
    examples=[
        Example(["and", True, 0, ""], True),
        Example(["and", ["eq", "_S.kind", "oak"], ["gt", "_S.age", 100]], False, source={"kind": "oak", "age": 90}),
    ],
)
def and_(compiler: Compiler, call: Call) -> Code:
    """True when every VALUE is true; stops at the first that is not."""
    return Code(_chain(compiler, call, "and"), "boolean")


@boolean_logic.form(
    "or",
    "VALUE(boolean-expression{>0})",
    returns="boolean",
    examples=[Example(["or", False, None, "x"], True), Example(["or", False, ["list"]], False)],
)
def or_(compiler: Compiler, call: Call) -> Code:
    """True when at least one VALUE is true; stops at the first that is."""
    return Code(_chain(compiler, call, "or"), "boolean")


@boolean_logic.form(
    "not",
    "VALUE(boolean-expression{>0})",
    returns="boolean",
    examples=[Example(["not", ["list"]], True), Example(["not", True, False], True)],
)
def not_(compiler: Compiler, call: Call) -> Code:
    """True when VALUE is false; of several values, when not all are true."""
    return Code(f"(not {_chain(compiler, call, 'and')})", "boolean")


def _chain(compiler: Compiler, call: Call, word: str) -> str:
    """A Python condition over all arguments; arguments that need statements are evaluated only when reached."""
    body = call.place.body
    text = compiler.condition(call.arguments[0], call.place_of(0))
    for index, node in enumerate(call.arguments[1:], start=1):
        with body.aside() as lines:
            condition = compiler.condition(node, call.place_of(index))
        if not lines:
            text = f"{text} {word} {condition}"
            continue
        name = body.name("b")
        body.line(f"{name} = {text}")
        body.line(f"if {name}:" if word == "and" else f"if not {name}:")
        body.lines += ["    " + line for line in lines]
        body.line(f"    {name} = {condition}")
        text = name
    return f"({text})" if len(call.arguments) > 1 else text


@nulls.form(
    "coalesce-args",
    "VALUES(value-expression{>=1})",
    examples=[
        Example(["coalesce-args", "_S.nickname", "_S.name"], "Ada", source={"name": "Ada"}),
        Example(["coalesce-args", None, ["list"]], []),
    ],
)
def coalesce_args(compiler: Compiler, call: Call) -> Code:
    """The first argument that is not null; the later ones are not evaluated."""
    body = call.place.body
    code = compiler.expression(call.arguments[0], call.place_of(0))
    for index, node in enumerate(call.arguments[1:], start=1):
        name = body.name()
        body.line(f"{name} = {code.text}")
        with body.block(f"if {name} is None:"):
            body.line(f"{name} = {compiler.expression(node, call.place_of(index)).text}")
        code = Code(name)
    return code
