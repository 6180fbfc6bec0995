"""What is wrong with an expression before any entity is seen: names, numbers of arguments, rules, hops, literals."""

from __future__ import annotations

from typing import Any

from dataflow.dtl.registry import lookup
from dataflow.dtl.transit import decode, text_value
from dataflow.errors import DtlError
from oracle import paths, shape

# Special forms and transforms: least and most arguments (functions reference).
FORMS: dict[str, tuple[int, int | None]] = {
    "if": (2, 3),
    "case": (2, None),
    "case-eq": (3, None),
    "and": (1, None),
    "or": (1, None),
    "not": (1, None),
    "coalesce-args": (1, None),
    "literal": (1, 1),
    "path": (2, 2),
    "apply": (2, 2),
    "apply-hops": (2, None),
    "hops": (1, None),
    "lookup-entity": (2, 2),
    "is-changed": (1, 1),
}
TRANSFORMS: dict[str, tuple[int, int | None]] = {
    "add": (2, 2),
    "add-if": (2, 3),
    "case": (2, None),
    "case-eq": (3, None),
    "comment": (0, None),
    "copy": (1, 2),
    "create": (1, 1),
    "create-child": (1, 1),
    "default": (2, 2),
    "discard": (0, 1),
    "fail!": (1, 1),
    "filter": (0, 1),
    "if": (2, 3),
    "make-ni": (2, 3),
    "merge": (1, 1),
    "merge-union": (1, 1),
    "remove": (1, 1),
    "rename": (2, 2),
    "sleep!": (1, 1),
    "trip!": (1, 1),
}


def rules(all_rules: dict[str, Any]) -> None:
    """DtlError when any rule is malformed."""
    for rule in all_rules.values():
        body(rule, all_rules)


def body(transforms: Any, all_rules: dict[str, Any]) -> None:
    """One transform, or a list of them."""
    if type(transforms) is not list:
        raise DtlError("a transform is an array")
    if transforms and type(transforms[0]) is str:
        _transform(transforms, all_rules)
        return
    for transform in transforms:
        body(transform, all_rules)


def _transform(transform: list[Any], all_rules: dict[str, Any]) -> None:
    name, arguments = transform[0], transform[1:]
    _count(name, arguments, TRANSFORMS.get(name), "transform")
    if name == "comment":
        return
    if name in ("if", "case", "case-eq"):
        conditions, bodies = branches(name, arguments)
        for condition in conditions:
            expression(condition, all_rules)
        for one in bodies:
            body(one, all_rules)
        return
    for argument in arguments:
        if name not in ("copy", "remove") or not is_bare_list(argument):
            expression(argument, all_rules)


def branches(name: str, arguments: list[Any]) -> tuple[list[Any], list[Any]]:
    """(expressions, bodies) of a conditional transform."""
    if name == "if":
        return arguments[:1], arguments[1:]
    head = 1 if name == "case-eq" else 0
    rest = arguments[head:]
    pairs = len(rest) // 2 * 2
    return [*arguments[:head], *rest[:pairs:2]], [*rest[1:pairs:2], *rest[pairs:]]


def is_bare_list(argument: Any) -> bool:
    """A wildcard list written as plain JSON: an array of strings that does not start with a function's name."""
    if type(argument) is not list or not all(type(part) is str for part in argument):
        return False
    return not argument or (argument[0] not in FORMS and lookup(argument[0], "expression") is None)


def expression(part: Any, all_rules: dict[str, Any], aliases: tuple[str, ...] = ()) -> None:
    """DtlError when the expression can never be evaluated."""
    if type(part) is str:
        if paths.split(part, aliases) is None:
            text_value(part)
        return
    if type(part) is not list:
        decode(part)
        return
    if not part or type(part[0]) is not str:
        raise DtlError("a call is an array that starts with a function's name")
    name, arguments = part[0], part[1:]
    if name in FORMS:
        _count(name, arguments, FORMS[name], "function")
    else:
        _ordinary(name, arguments)
    if name == "literal":
        decode(arguments[0])
    elif name in ("hops", "apply-hops", "apply"):
        _with_rule_or_specs(name, arguments, all_rules, aliases)
    else:
        for argument in arguments:
            expression(argument, all_rules, aliases)


def _ordinary(name: str, arguments: list[Any]) -> None:
    function = lookup(name, "expression")
    if function is None:
        raise DtlError(f"unknown function {name}")
    signature = function.signature_for(len(arguments))
    if signature is None or len(signature.assign(len(arguments))) != len(arguments):
        raise DtlError(f"{name} does not take {len(arguments)} arguments")


def _count(name: str, arguments: list[Any], limits: tuple[int, int | None] | None, kind: str) -> None:
    if limits is None:
        raise DtlError(f"unknown {kind} {name}")
    least, most = limits
    if len(arguments) < least or (most is not None and len(arguments) > most):
        raise DtlError(f"{name} does not take {len(arguments)} arguments")


def _with_rule_or_specs(name: str, arguments: list[Any], all_rules: dict[str, Any], aliases: tuple[str, ...]) -> None:
    if name != "hops":
        if type(arguments[0]) is not str or arguments[0] not in all_rules:
            raise DtlError(f"unknown rule {arguments[0]!r}")
        if name == "apply" and _hops_in(all_rules[arguments[0]]):
            raise DtlError("a rule that hops is applied with apply-hops")
    if name == "apply":
        expression(arguments[1], all_rules, aliases)
        return
    specs = arguments if name == "hops" else arguments[1:]
    for spec in specs:
        shape.check(spec, last=spec is specs[-1], outer=aliases)
        inner = (*aliases, *shape.aliases(spec))
        for condition in shape.conditions(spec):
            expression(condition, all_rules, inner)
        if "return" in spec and shape.returned(spec) is None:
            wanted = spec["return"]
            if type(wanted) is str and paths.split(wanted, inner) is None:
                raise DtlError(f"unknown alias in return {wanted!r}")
            expression(wanted, all_rules, inner)
        _subsets(spec, all_rules)


def _subsets(spec: dict[str, Any], all_rules: dict[str, Any]) -> None:
    for alias, subset in spec.get("subsets", {}).items():
        if alias not in shape.aliases(spec) or type(subset) is not list or subset[:1] != ["eq"] or len(subset) != 3:
            raise DtlError(f"subset of {alias} is not an eq of one of the aliases")
        expression(subset, all_rules)


def _hops_in(part: Any) -> bool:
    if type(part) is not list or part[:1] in (["comment"], ["literal"]):
        return False
    return part[:1] in (["hops"], ["apply-hops"]) or any(map(_hops_in, part))
