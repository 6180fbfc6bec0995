"""`apply` and `apply-hops`: running another rule on values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.dtl import kinds
from dataflow.dtl.emitter import Code
from dataflow.dtl.forms.hops import entities
from dataflow.dtl.registry import Chapter, Example

if TYPE_CHECKING:
    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.place import Call

dictionaries = Chapter("Dictionaries", "dtl-functions-dictionaries.rst")


@dictionaries.form(
    "apply",
    "RULE_ID(string{1}) VALUES(value-expression{1})",
    examples=[
        Example(
            ["apply", "line", "_S.lines"],
            [{"amount": 6}],
            source={"lines": [{"n": 2, "price": 3}]},
            rules={"line": [["add", "amount", ["*", "_S.n", "_S.price"]]]},
        )
    ],
)
def apply(compiler: Compiler, call: Call) -> Code:
    """Run the rule RULE_ID on VALUES, each with a fresh target; `_P` is the calling context. One value gives one value.

    The rule must not contain hops: dependency tracking could not see them. Use `apply-hops` for that.
    """
    rule = rule_of(compiler, call)
    if rule is None:
        return Code("None")
    if contains_hops(compiler.rules[rule]):
        return compiler.fault(
            "DF406",
            f'rule "{rule}" contains hops and cannot be used with "apply"',
            call.place,
            expected="a rule without hops",
            hint='use "apply-hops", or move the hops out of the rule',
        )
    if _endless(compiler, call, rule):
        return compiler.fault(
            "DF409",
            f'rule "{rule}" is applied to its own source again without end',
            call.place,
            expected="a rule that is applied to a part of its source",
            hint='apply the rule to a property, such as "_S.children"',
        )
    scope = call.place.scope
    if call.arguments[1] == "_S." and scope.own and not compiler.traced:
        # What is read of the source is what the rule reads of it, and not all of it.
        compiler.facts.of(scope.rule).shares.add(rule)
        return Code(_call(compiler, call, rule, scope.source))
    values = compiler.expression(call.arguments[1], call.place_of(1))
    return Code(_call(compiler, call, rule, values.text))


def rule_of(compiler: Compiler, call: Call) -> str | None:
    """The rule a call names, or None after reporting that there is no such rule."""
    name = call.arguments[0]
    if type(name) is str and name in compiler.rules:
        compiler.facts.of(call.place.scope.rule).applies.add(name)
        return name
    hint = did_you_mean(name, compiler.rules) if type(name) is str else None
    known = ", ".join(f'"{r}"' for r in compiler.rules if r != "default")
    compiler.fault(
        "DF403",
        f"unknown rule {name!r}" if type(name) is str else "the rule must be given by its name",
        call.place_of(0),
        expected=f"one of the rules of this transform{': ' + known if known else ', which has none but the default'}",
        hint=hint,
    )
    return None


def contains_hops(nodes: Any) -> bool:
    """Whether a rule hops itself (hub/dtl/dtl-functions-dictionaries.rst, note under apply-hops)."""
    if type(nodes) is list:
        if nodes and nodes[0] in ("hops", "apply-hops"):
            return True
        if nodes and nodes[0] in ("comment", "literal"):
            return False
        return any(contains_hops(node) for node in nodes)
    return False


def _endless(compiler: Compiler, call: Call, rule: str) -> bool:
    """Whether this `apply` and those it leads to hand the very same value round in a circle, come what may."""
    here = call.place.scope.rule
    if call.arguments[1] != "_S." or rule not in _applied_to_source(compiler.rules.get(here, [])):
        return False
    reached, todo = set(), [rule]
    while todo:
        name = todo.pop()
        if name == here:
            return True
        if name not in reached and name in compiler.rules:
            reached.add(name)
            todo += _applied_to_source(compiler.rules[name])
    return False


def _applied_to_source(nodes: Any) -> list[str]:
    """Rules a rule applies to its own source in each of its runs, not only under a condition."""
    found: list[str] = []
    if type(nodes) is list and nodes and nodes[0] not in ("if", "case", "case-eq", "comment", "literal"):
        if len(nodes) == 3 and nodes[0] == "apply" and nodes[2] == "_S." and type(nodes[1]) is str:
            found.append(nodes[1])
        for node in nodes:
            found += _applied_to_source(node)
    return found


def _call(compiler: Compiler, call: Call, rule: str, values: str) -> str:
    root = compiler.paths.root(call.place) if compiler.uses_root else "None"
    return f"apply({compiler.rule_name(rule)}, {values}, {compiler.parent(call.place)}, {root}, ctx, out)"


@dictionaries.form(
    "apply-hops",
    "RULE_ID(string{1}) HOPS_SPEC(hops-spec{>=1})",
    flags={"datasets"},
    returns="list",
    examples=[
        Example(
            ["apply-hops", "line", {"datasets": ["lines l"], "where": ["eq", "_S._id", "l.order"]}],
            [{"text": "Nails"}],
            source={"_id": "o1"},
            rules={"line": [["add", "text", "_S.name"]]},
            datasets={"lines": [{"_id": "1", "order": "o1", "name": "Nails"}, {"_id": "2", "order": "o2"}]},
        )
    ],
)
def apply_hops(compiler: Compiler, call: Call) -> Code:
    """Hop as `hops` does, and run the rule RULE_ID on every entity found. Always gives a list."""
    rule = rule_of(compiler, call)
    found, roles = entities(compiler, call, first=1)
    if rule is None:
        return Code("None")
    applied = compiler.facts.of(rule)
    applied.given |= roles
    applied.around |= call.place.scope.roles
    body, function = call.place.body, compiler.rule_name(rule)
    parent = body.atom(Code(compiler.parent(call.place))).text
    root = compiler.paths.root(call.place) if compiler.uses_root else "None"
    over = found.borrowed or found.text
    if rule in compiler.looped:
        return Code(f"{function}({over}, {parent}, {root}, ctx, out)", "list", kinds=kinds.DICT)
    entity, result = body.name("e"), body.name("r")
    run = f"{function}({entity}, {{}}, {parent}, {root}, ctx, out)"
    if not may_stop(compiler.rules[rule]):
        return Code(f"[{run} for {entity} in {over}]", "list", kinds=kinds.DICT)
    kept = f"[{result} for {entity} in {over} if type({result} := {run}) is not Stop]"
    return Code(kept, "list", kinds=kinds.DICT)


def may_stop(nodes: Any) -> bool:
    """Whether a rule can give its entity up."""
    if type(nodes) is not list:
        return False
    return (bool(nodes) and nodes[0] in ("filter", "discard")) or any(may_stop(node) for node in nodes)
