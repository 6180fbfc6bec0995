"""`if`, `case` and `case-eq`, as expressions and as transforms: only the branch that is chosen is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl import reach
from dataflow.dtl.cases import Cases
from dataflow.dtl.emitter import Code
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.scope import variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.kinds import Kinds
    from dataflow.dtl.place import Call

# Python's own compiler takes a longer `elif` chain for deep nesting.
_LONGEST_CHAIN = 50

conditionals = Chapter("Conditionals", "dtl-functions-conditionals.rst")
transforms = Chapter("Transforms", "dtl-functions-transforms.rst")


@conditionals.form(
    "if",
    "CONDITION(boolean-expression{1}) THEN(value-expression{1}) ELSE(value-expression{0|1})",
    examples=[
        Example(["if", ["gt", "_S.n", 1], "many", "few"], "many", source={"n": 3}),
        Example(["if", False, "many"], None),
    ],
)
def if_(compiler: Compiler, call: Call) -> Code:
    """THEN when CONDITION is true, ELSE or null when it is not."""
    condition = compiler.condition(call.arguments[0], call.place_of(0))
    reach.branches(compiler, call, [(0, condition)], 2)
    return _choose(compiler, call, [(condition, 1)], 2)


@conditionals.form(
    "case",
    "(VALUE(value-expression{1}) THEN(value-expression{1}))+ ELSE(value-expression{0|1})",
    examples=[
        Example(["case", ["lt", "_S.n", 10], "low", ["lt", "_S.n", 20], "mid", "high"], "mid", source={"n": 12}),
        Example(["case", False, "never"], None),
    ],
)
def case(compiler: Compiler, call: Call) -> Code:
    """The THEN that follows the first true VALUE; without one, ELSE or null."""
    return _cases(compiler, call, None)


@conditionals.form(
    "case-eq",
    "VALUE(value-expression{1}) (VALUE_N(value-expression{1}) THEN(value-expression{1}))+ ELSE(value-expression{0|1})",
    examples=[
        Example(["case-eq", "_S.code", 1, "one", 2, "two", "other"], "two", source={"code": 2}),
        Example(["case-eq", "_S.code", 1, "one"], None, source={"code": "1"}),
    ],
)
def case_eq(compiler: Compiler, call: Call) -> Code:
    """The THEN that follows the first VALUE_N equal to VALUE; without one, ELSE or null."""
    value = call.place.body.atom(compiler.expression(call.arguments[0], call.place_of(0)))
    if not compiler.traced and not value.known and all(_constant(node, call) for node in call.arguments[1:]):
        table = _table(compiler, call, value)
        if table is not None:
            return table
    return _cases(compiler, call, value)


def _constant(node: Any, call: Call) -> bool:
    return type(node) is not list and (type(node) is not str or variable(node, call.place.scope) is None)


def _table(compiler: Compiler, call: Call, value: Code) -> Code | None:
    """From constants to constants in one step, where the value is a string or an integer, as some constants are."""
    codes = [compiler.expression(node, call.place_of(i)) for i, node in enumerate(call.arguments[1:], start=1)]
    last = len(codes) // 2 * 2
    pairs = [(codes[i].constant, codes[i + 1].constant) for i in range(0, last, 2)]
    tests = [f"type({value.text}) is {kind.__name__}" for kind in (int, str) if kind in {type(c) for c, _ in pairs}]
    if not tests:
        return None
    reach.branches(compiler, call, [(i + 1, "") for i in range(0, last, 2)], last + 1)
    results = [*codes[1:last:2], codes[last] if last < len(codes) else compiler.value(None)]
    cases = Cases(pairs, results[-1].constant)
    plain, others = (compiler.constants.bind(c, "cases") for c in (cases.plain, cases))
    null = compiler.constants.literal(cases(None))
    found = f"{plain}.get({value.text}, {results[-1].text}) if {' or '.join(tests)}"
    kind = results[0].kind if len({code.kind for code in results}) == 1 else None
    return Code(
        f"({found} else {null} if {value.text} is None else {others}({value.text}))",
        kind,
        kinds=_either(*results),
        single=all(code.alone for code in results),
    )


def _cases(compiler: Compiler, call: Call, value: Code | None) -> Code:
    """Flat code for any number of branches: each is entered only while no earlier one was."""
    body = call.place.body
    result = body.name()
    values: list[Code] = []

    def write(index: int) -> None:
        chosen = compiler.value(None)
        if index < len(call.arguments):
            chosen = compiler.expression(call.arguments[index], call.place_of(index))
        values.append(chosen)
        body.line(f"{result} = {chosen.text}")

    _branches(compiler, call, value, write, otherwise=True)
    return Code(result, kinds=_either(*values), single=all(code.alone for code in values))


def _branches(
    compiler: Compiler, call: Call, value: Code | None, write: Callable[[int], None], *, otherwise: bool
) -> None:
    """The branches of a `case`, as one `elif` chain where conditions are plain; `write` writes argument number so and so.

    A condition that needs statements of its own must not be evaluated before its turn: then the code stays flat, and each
    branch is entered only while none was before.
    """
    body = call.place.body
    start = 0 if value is None else 1
    last = start + (len(call.arguments) - start) // 2 * 2
    conditions = []
    for index in range(start, last, 2):
        with body.aside() as lines:
            conditions.append((index, lines, _matches(compiler, call, index, value)))
    reach.branches(compiler, call, [(index, condition) for index, _, condition in conditions], last)
    if len(conditions) <= _LONGEST_CHAIN and not any(lines for _, lines, _ in conditions[1:]):
        body.lines += conditions[0][1]
        for number, (index, _, condition) in enumerate(conditions):
            with body.block(f"{'elif' if number else 'if'} {condition}:"):
                write(index + 1)
        if otherwise or last < len(call.arguments):
            with body.block("else:"):
                write(last)
        return
    undecided = body.name("b")
    body.line(f"{undecided} = True")
    for index, lines, condition in conditions:
        body.line(f"if {undecided}:")
        body.lines += ["    " + line for line in lines]
        body.line(f"    if {condition}:")
        body.line(f"        {undecided} = False")
        with body.aside() as inner:
            write(index + 1)
        body.lines += ["        " + line for line in inner]
    if otherwise or last < len(call.arguments):
        with body.block(f"if {undecided}:"):
            write(last)


def _matches(compiler: Compiler, call: Call, index: int, value: Code | None) -> str:
    if value is None:
        return compiler.condition(call.arguments[index], call.place_of(index))
    other = compiler.expression(call.arguments[index], call.place_of(index))
    return compiler.calls.called("eq", [value, other], call.place).text


def _choose(compiler: Compiler, call: Call, branches: list[tuple[str, int]], otherwise: int) -> Code:
    body = call.place.body
    (condition, then) = branches[0]
    with body.aside() as then_lines:
        yes = compiler.expression(call.arguments[then], call.place_of(then))
    no, else_lines = compiler.value(None), []
    if otherwise < len(call.arguments):
        with body.aside() as else_lines:
            no = compiler.expression(call.arguments[otherwise], call.place_of(otherwise))
    kind = yes.kind if yes.kind == no.kind else None
    kinds, single = _either(yes, no), yes.alone and no.alone
    if not then_lines and not else_lines:
        return Code(f"({yes.text} if {condition} else {no.text})", kind, kinds=kinds, single=single)
    name = body.name()
    body.line(f"if {condition}:")
    body.lines += ["    " + line for line in then_lines]
    body.line(f"    {name} = {yes.text}")
    body.line("else:")
    body.lines += ["    " + line for line in else_lines]
    body.line(f"    {name} = {no.text}")
    return Code(name, kind, kinds=kinds, single=single)


def _either(*codes: Code) -> Kinds | None:
    """The kinds of a value that is one of these."""
    found = [frozenset() if code.text == "None" else code.possible for code in codes]
    return None if None in found else frozenset().union(*(kinds for kinds in found if kinds is not None)) or None


@transforms.form(
    "if",
    "CONDITION(boolean-expression{1}) THEN(transforms{1}) ELSE(transforms{0|1})",
    kind="transform",
    examples=[
        Example(
            [["if", ["is-null", "_S.n"], ["add", "size", "unknown"], [["add", "size", "_S.n"]]]],
            {"size": 3},
            source={"n": 3},
            kind="target",
        )
    ],
)
def if_transform(compiler: Compiler, call: Call) -> None:
    """Run the THEN transforms when CONDITION is true, else the ELSE transforms."""
    body = call.place.body
    condition = compiler.condition(call.arguments[0], call.place_of(0))
    reach.branches(compiler, call, [(0, condition)], 2)
    with body.block(f"if {condition}:"):
        compiler.transforms(call.arguments[1], call.place_of(1))
    if len(call.arguments) == 3:
        with body.block("else:"):
            compiler.transforms(call.arguments[2], call.place_of(2))


@transforms.form(
    "case",
    "(VALUE(value-expression{1}) THEN(transforms{1}))+ ELSE(transforms{0|1})",
    kind="transform",
    examples=[
        Example(
            [["case", ["lt", "_S.n", 10], ["add", "band", "low"], ["lt", "_S.n", 20], ["add", "band", "mid"]]],
            {"band": "mid"},
            source={"n": 15},
            kind="target",
        )
    ],
)
def case_transform(compiler: Compiler, call: Call) -> None:
    """Run the transforms that follow the first true VALUE; without one, the ELSE transforms."""
    _case_transforms(compiler, call, None)


@transforms.form(
    "case-eq",
    "VALUE(value-expression{1}) (VALUE_N(value-expression{1}) THEN(transforms{1}))+ ELSE(transforms{0|1})",
    kind="transform",
    examples=[
        Example(
            [
                [
                    "case-eq",
                    "_S.c",
                    "N",
                    ["add", "land", "Norway"],
                    "S",
                    ["add", "land", "Sweden"],
                    ["add", "land", None],
                ]
            ],
            {"land": "Sweden"},
            source={"c": "S"},
            kind="target",
        )
    ],
)
def case_eq_transform(compiler: Compiler, call: Call) -> None:
    """Run the transforms that follow the first VALUE_N equal to VALUE; without one, the ELSE transforms."""
    value = call.place.body.atom(compiler.expression(call.arguments[0], call.place_of(0)))
    _case_transforms(compiler, call, value)


def _case_transforms(compiler: Compiler, call: Call, value: Code | None) -> None:
    def write(index: int) -> None:
        compiler.transforms(call.arguments[index], call.place_of(index))

    _branches(compiler, call, value, write, otherwise=False)
