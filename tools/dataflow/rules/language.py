"""Rules about DTL that can be seen in how it is written; the compiler tells the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity
from dataflow.rules.expressions import aliases, constant
from dataflow.rules.rule import Family, Found, dtl, pipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.rules.expressions import Call
    from dataflow.rules.package import Package

family = Family("dtl", alone=True)

# What stands for a variable of DTL in other notations, or is one misspelt: _s.x, S.x, $S.x, _X.x.
_NEARLY = re.compile(r"^(?:_[a-z]|\$?[STPR]|_[A-Z]{2,}|_[A-OQU-Z]|\$_[STPR])\.[A-Za-z_$:*]")
_DOTTED = re.compile(r"^([A-Za-z_]\w*)\.[A-Za-z_$*][\w$:*.-]*$")
_TRANSFORMS_NAMING = frozenset({"add", "add-if", "default", "copy", "remove", "rename", "make-ni"})


@family.rule(
    "DF416",
    page="dtl/variables.rst",
    bad=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "name", ["upper", "_s.name"]])),
    good=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "name", ["upper", "_S.name"]])),
)
def nearly_a_path(package: Package) -> Iterator[Found]:
    """A string that looks like a path and is none. A path begins with `_S.`, `_T.`, `_P.`, `_R.`, `_.` or, in hops,
    with the alias of a dataset; anything else is taken as a literal text, without a word.
    """
    for one in package.pipes:
        for call in package.calls(one):
            for number, argument in enumerate(call.arguments):
                if type(argument) is str and _NEARLY.match(argument) and argument.partition(".")[0] not in call.aliases:
                    yield Found(
                        one.document, call.at(number), f'"{argument}" is a text, and no path', _spelling(argument)
                    )
        for call in package.calls(one, "hops", "apply-hops"):
            yield from _strange_aliases(one.document, call)


def _spelling(text: str) -> str:
    head, _, rest = text.partition(".")
    letter = head.strip("_$").upper()[:1]
    return f'"_{letter if letter in "STPR" else "S"}.{rest}" is a path'


def _strange_aliases(document: Any, call: Call) -> Iterator[Found]:
    """Paths in joins, and in what hops return, of a dataset that they do not read."""
    for number, spec in enumerate(call.arguments):
        if type(spec) is not dict:
            continue
        known = {*aliases(spec), *call.aliases}
        for key in ("where", "return"):
            for pointer, text in _operands(spec.get(key), f"{call.at(number)}/{key}", key == "return"):
                head = _DOTTED.match(text)
                if head is not None and head[1] not in known and not head[1].startswith("_"):
                    message = f'"{text}" is a text, and no path: no dataset has the alias "{head[1]}"'
                    yield Found(document, pointer, message, expected=", ".join(sorted(known)))


_COMPARING = frozenset({"eq", "neq", "gt", "gte", "lt", "lte"})

# What gives values as they are; in what hops return, a constant among its arguments is hardly ever meant.
_PASSING = frozenset({"first", "last", "list", "coalesce", "coalesce-args", "combine", "distinct", "string", "integer"})


def _operands(node: Any, pointer: str, direct: bool) -> Iterator[tuple[str, str]]:
    """The strings that a comparison, or `return`, takes directly, or through functions that pass values on."""
    if type(node) is str and direct:
        yield pointer, node
    elif type(node) is list and node:
        name = node[0] if type(node[0]) is str else ""
        compares = name in _COMPARING or (direct and name in _PASSING)
        for index, inner in enumerate(node):
            if type(inner) is list or index > 0:
                yield from _operands(inner, f"{pointer}/{index}", compares)


@family.rule(
    "DF417",
    page="dtl/dtl-functions-transforms.rst",
    bad=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "_T.name", "_S.title"])),
    good=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "name", "_S.title"])),
)
def path_for_a_name(package: Package) -> Iterator[Found]:
    """`add`, `copy`, `rename` and `remove` take the name of a property, not a path to it: `["add", "_T.name", ...]`
    makes a property called `_T.name`.
    """
    for one in package.pipes:
        for call in package.calls(one, *_TRANSFORMS_NAMING):
            named = call.arguments[:2] if call.name in ("rename", "copy") else call.arguments[:1]
            for number, name in enumerate(named):
                if type(name) is str and re.match(r"^_[STPR]\.", name):
                    short = name.partition(".")[2]
                    message = f'"{call.name}" takes the name of a property, and "{name}" is a path'
                    yield Found(one.document, call.at(number), message, f'write "{short}"' if short else None)


@family.rule(
    "DF418",
    page="dtl/dtl-functions-transforms.rst",
    bad=pipe("erp-order", transform=dtl(["discard", ["eq", "_S._deleted", True]], ["copy", "*"])),
    good=pipe("erp-order", transform=dtl(["discard", ["neq", "_S._deleted", True]], ["copy", "*"])),
)
def keeps_deleted_alone(package: Package) -> Iterator[Found]:
    """`filter` and `discard` go on when their condition holds, and drop the entity otherwise. A condition that says
    "is deleted" keeps the deleted entities and drops all others; as a rule the reverse is meant.
    """
    for one in package.pipes:
        for call in package.calls(one, "discard", "filter"):
            if len(call.arguments) == 1 and call.around is None and says_deleted(call.arguments[0]):
                message = f'"{call.name}" drops every entity that is not deleted'
                hint = f'to drop the deleted ones: ["{call.name}", ["neq", "_S._deleted", true]]'
                yield Found(one.document, call.at(0), message, hint)


def says_deleted(condition: Any, path: str = "_S._deleted") -> bool:
    """Whether a condition holds for deleted entities alone."""
    if type(condition) is not list or not condition:
        return type(condition) is str and condition == path
    deleted = path in condition
    if condition[0] == "eq" and len(condition) == 3:
        return deleted and True in [part for part in condition[1:] if type(part) is bool]
    if condition[0] == "neq" and len(condition) == 3:
        return deleted and False in [part for part in condition[1:] if type(part) is bool]
    return condition[0] in ("is-true", "boolean") and deleted


# Arguments that say how a function works; values come last.
_SETTINGS = frozenset({"string", "integer", "wildcard-string"})


@family.rule(
    "DF419",
    page="dtl/argument-types.rst",
    bad=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "day", ["datetime-parse", "_S.day", "%Y-%m-%d"]])),
    good=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "day", ["datetime-parse", "%Y-%m-%d", "_S.day"]])),
)
def swapped(package: Package) -> Iterator[Found]:
    """A function whose pattern, format, separator or other setting is a path, while a constant stands where its value
    belongs: the arguments are in the wrong order. In DTL the value comes last.
    """
    from dataflow.dtl import registry

    for one in package.pipes:
        for call in package.calls(one):
            function = registry.lookup(call.name, "expression")
            plan = None if function is None or function.emit is not None else function.plan(len(call.arguments))
            if plan is None or len(call.arguments) < 2:
                continue
            last = len(call.arguments) - 1
            if not (constant(call.arguments[last]) and plan.assigned[last].type == "value-expression"):
                continue
            settings = [
                number
                for number in range(last)
                if plan.assigned[number].type in _SETTINGS and _path(call.arguments[number], call)
            ]
            if settings:
                parameter = plan.assigned[settings[0]].name
                message = (
                    f'the arguments of "{call.name}" look swapped: {parameter} is a path, and the value a constant'
                )
                yield Found(one.document, call.pointer, message, expected=f"{call.name} {plan.signature.text}")


def _path(argument: Any, call: Call) -> bool:
    return (
        type(argument) is str
        and "." in argument
        and argument.partition(".")[0] in ("_S", "_T", "_P", "_R", "_", *call.aliases)
    )


@family.rule(
    "DF420",
    page="deprecations.rst",
    bad=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "x", ["curie", "erp", "_S.id"]])),
    good=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "x", ["ni", "erp", "_S.id"]])),
)
def deprecated_function(package: Package) -> Iterator[Found]:
    """A function that the platform keeps for old configurations and may take away."""
    from dataflow.dtl import registry

    for one in package.pipes:
        for call in package.calls(one):
            function = registry.lookup(call.name, "expression") or registry.lookup(call.name, "transform")
            if function is not None and function.deprecated:
                yield Found(one.document, f"{call.pointer}/0", f'"{call.name}" is deprecated', function.deprecated)


@family.rule(
    "DF425",
    severity=Severity.INFO,
    page="dtl/dtl-functions-date-and-time.rst",
    bad=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "seen", ["now"]])),
    good=pipe("erp-order", transform=dtl(["copy", "*"], ["add", "seen", "_S.updated"])),
)
def changes_every_time(package: Package) -> Iterator[Found]:
    """The time of day, or chance, in what a pipe stores: the entity is another one whenever it is processed, so every
    full run, every rescan and every reprocessing is a change for all pipes behind.
    """
    for one in package.pipes:
        if one.writes is None:
            continue
        for call in package.calls(one, "now", "uuid"):
            if not call.arguments and call.inside("add", "default", "add-if") and not call.inside(*_DECIDING):
                message = f'"{call.name}" gives another value each time, so the entity changes whenever it is processed'
                yield Found(one.document, call.pointer, message, "take a time, or a key, that comes with the entity")


# Time that is only compared does not show in the result as such.
_DECIDING = frozenset(
    {"if", "case", "case-eq", "filter", "discard", "gt", "gte", "lt", "lte", "eq", "neq", "datetime-diff"}
)
