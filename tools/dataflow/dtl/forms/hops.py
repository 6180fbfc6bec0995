"""`hops` and `lookup-entity`: joins written as loops over index look-ups.

Rules: hub/dtl/dtl-functions-hops.rst, hub/dtl/joins.rst; node-semantics, section 3.2; DTL semantics, section 18.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.dtl import kinds
from dataflow.dtl.emitter import Body, Code
from dataflow.dtl.facts import Hop, Role, Way
from dataflow.dtl.hop_spec import read
from dataflow.dtl.joins import PropertyKeys, index_name, plain_property
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.scope import Scope, renamed, variables_in

if TYPE_CHECKING:
    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.hop_spec import Join, Spec
    from dataflow.dtl.place import Call, Place

hops_chapter = Chapter("Hops", "dtl-functions-hops.rst")


@hops_chapter.form(
    "hops",
    "HOPS_SPEC(hops-spec{>=1})",
    flags={"datasets"},
    returns="list",
    examples=[
        Example(
            ["hops", {"datasets": ["orders o"], "where": [["eq", "_S._id", "o.customer"]], "return": "o.total"}],
            [5, 7],
            source={"_id": "c1"},
            datasets={
                "orders": [
                    {"_id": "1", "customer": "c1", "total": 5},
                    {"_id": "2", "customer": "c2", "total": 6},
                    {"_id": "3", "customer": "c1", "total": 7},
                ]
            },
        )
    ],
)
def hops(compiler: Compiler, call: Call) -> Code:
    """Join the source with other datasets and give what `return` asks for; always a list.

    An `eq` whose two sides refer to exactly one, different alias or variable is a join: any common value joins, and nulls and
    deleted entities never do. Every other condition filters. Each alias must be reachable from the source through joins.
    """
    return entities(compiler, call, first=0)[0]


def entities(compiler: Compiler, call: Call, first: int) -> tuple[Code, set[Role | None]]:
    """The result of the HOPS_SPECs that start at argument `first`; the output of one is the source of the next.

    With it go the roles of the entities in the result, None among them when an expression is returned.
    """
    place, body = call.place, call.place.body
    specs = list(enumerate(call.arguments))[first:]
    source: Code | None = None
    roles = place.scope.roles
    for index, raw in specs:
        here, last = call.place_of(index), index == specs[-1][0]
        spec = read(compiler, raw, here, last=last)
        if spec is None:
            return Code("[]", "list"), set()
        found = spec.role(spec.last, place.scope.rule)
        if source is None and not spec.recurses:
            source, roles = _rows(compiler, spec, here), frozenset({found})
            continue
        inside = roles | {found} if spec.recurses else roles
        step = _function(compiler, spec, here, own=source is None and place.scope.own, roles=inside)
        if spec.recurses:
            step = f"(lambda root: recurse({step}, root, {raw.get('exclude_root') is True}, {spec.depth}))"
        if source is None:
            source = body.assign(Code(f"{step}({place.scope.source})", "list"))
        else:
            source = body.assign(Code(f"distinct([e for s in {source.text} for e in {step}(s)])", "list"))
        roles = inside if spec.recurses and raw.get("exclude_root") is not True else frozenset({found})
    assert source is not None
    assert spec is not None
    if spec.recurses:
        return source, {*roles}
    return source, {None} if spec.returned is None else {spec.role(a, place.scope.rule) for a in spec.returned}


def _function(compiler: Compiler, spec: Spec, place: Place, *, own: bool, roles: frozenset[Role]) -> str:
    """The hop as a Python function of its source, for chains and recursion; `own` when it is called with the rule's own."""
    body = place.body
    source, name = body.name("s"), body.name("hop")
    inner = place.within(place.scope.with_source(source, entity=False, own=own, roles=roles))
    with body.aside() as lines:
        result = _rows(compiler, spec, inner)
    body.line(f"def {name}({source}):")
    body.lines += ["    " + line for line in lines]
    body.line(f"    return {result.text}")
    return name


def _rows(compiler: Compiler, spec: Spec, place: Place) -> Code:
    """Write the loops; the result is the list of what `return` asks for."""
    body, scope = place.body, place.scope
    wanted = spec.returned
    if wanted is not None and len(wanted) == len(spec.order) == 1 and not spec.order[0][1]:
        found = _look_up(compiler, spec, spec.order[0][0], place, 0)
        return Code(f"list({found})", "list", borrowed=found, kinds=kinds.DICT)
    result = body.name("rows")
    body.line(f"{result} = []")
    depth = 0
    with body.aside() as lines:
        for join, filters in spec.order:
            name = body.name(_python(join.alias))
            body.line("    " * depth + f"for {name} in {_look_up(compiler, spec, join, place.within(scope), depth)}:")
            scope = scope.with_aliases({join.alias: name})
            depth += 1
            _filters(compiler, filters, place.within(scope), depth)
        inner = place.within(scope)
        if wanted is not None:
            for alias in wanted:
                body.line("    " * depth + f"{result}.append({scope.aliases[alias]})")
        else:
            value = _nested(compiler, spec.raw["return"], inner.at("return"), depth)
            body.line("    " * depth + f"if {value} is not None:")
            body.line("    " * (depth + 1) + f"{result}.append({value})")
    body.lines += lines
    if wanted is not None and (len(spec.order) > 1 or len(wanted) > 1):
        body.line(f"{result} = distinct({result})")
    return Code(result, "list", kinds=kinds.DICT if wanted is not None else None)


def _nested(compiler: Compiler, expression: Any, place: Place, depth: int) -> str:
    """An expression written at a greater depth; the name of its value."""
    body = place.body
    with body.aside() as lines:
        code = body.assign(compiler.expression(expression, place))
    body.lines += ["    " * depth + line for line in lines]
    return code.text


def _filters(
    compiler: Compiler, filters: list[tuple[Any, tuple[str | int, ...], bool]], place: Place, depth: int
) -> None:
    body = place.body
    for expression, at, joined in filters:
        with body.aside() as lines:
            if joined:
                pairs = [
                    (compiler.expression(a, place.at(*at)).text, compiler.expression(b, place.at(*at)).text)
                    for _, a, b in expression[1:]
                ]
                condition = " or ".join(f"overlap({a}, {b})" for a, b in pairs)
            else:
                condition = compiler.condition(expression, place.at(*at))
            body.line(f"if not ({condition}):")
            body.line("    continue")
        body.lines += ["    " * depth + line for line in lines]


def _look_up(compiler: Compiler, spec: Spec, join: Join, place: Place, depth: int) -> str:
    """The entities of the joined dataset that share a value, as a Python expression."""
    body = place.body
    found = []
    for known, wanted in join.sides:
        joined = _index(compiler, spec, join.alias, wanted, place.at(*join.pointer))
        shown = json.dumps(wanted, sort_keys=True, default=str)
        compiler.facts.hops.append(
            Hop(
                spec.aliases[join.alias],
                (shown,),
                place.scope.rule,
                place.at(*join.pointer).pointer,
                spec.raw.get("track-dependencies") is not False,
                spec.role(join.alias, place.scope.rule),
                _way(spec, join.alias, wanted, known, place.scope),
            )
        )
        with body.aside() as lines:
            code = body.atom(compiler.expression(known, place.at(*join.pointer)))
        body.lines += ["    " * depth + line for line in lines]
        found.append((joined, code.text))
    if len(found) == 1:
        (index, late), value = found[0]
        direct = f"{index}.get({value}) or {late}({value})"
        return f"({direct} if type({value}) is str else gather(({index}, {late}), {value}))"
    return f"gather_all([{', '.join(f'(({index}, {late}), {value})' for (index, late), value in found)}])"


def _index(compiler: Compiler, spec: Spec, alias: str, expression: Any, place: Place) -> tuple[str, str]:
    """The local names of an index on a dataset and of what finds the rest, set up once per run of the rule."""
    dataset, subset = spec.aliases[alias], spec.subset(alias)
    identity = index_name(renamed(expression, alias, "_S"), subset, compiler.namespaces)
    keys = _keys_function(compiler, alias, expression, subset, place)
    name = f"index_{len(compiler.indexes)}"
    compiler.indexes[name] = (f"{dataset} {identity}", dataset, identity, keys)
    index, late = f"by_{name}", f"late_{name}"
    place.body.once(f"{index}, {late}", f"ctx.joined.get({name}[0]) or ctx.index(*{name})")
    return index, late


def _way(spec: Spec, alias: str, wanted: Any, known: Any, scope: Scope) -> Way | None:
    """The join from the alias back to what it is joined with."""
    heads = variables_in(known, {*spec.aliases, *scope.aliases})
    head = heads.pop() if len(heads) == 1 else ""
    feeds = most = None
    if head in spec.aliases:
        origins = {spec.role(head, scope.rule)}
    elif head == "_S":
        feeds = spec.role(spec.last, scope.rule) if spec.recurses else None
        most = spec.depth
        origins = {*scope.roles} - {feeds}
    elif head in ("_P", "_R"):
        origins = {Role("default") if head == "_R" else Role(scope.rule, "_P")}
        head += "._S"
    else:
        return None
    known = renamed(known, head, "_S")
    if variables_in(known, set()) != {"_S"}:
        return None
    return Way(renamed(wanted, alias, "_S"), spec.subset(alias), known, frozenset(origins), feeds, most)


def _keys_function(compiler: Compiler, alias: str, expression: Any, subset: Any, place: Place) -> str:
    """The name of a generated function from an entity to the keys it stands under; datasets call it."""
    name = plain_property(renamed(expression, alias, "_S"), compiler.namespaces) if subset is None else None
    if name is not None:
        return compiler.constants.bind(PropertyKeys(name), "keys")
    own = Body(compiler.constants)
    scope = Scope(rule=place.scope.rule, source="e", entity=True, aliases={alias: "e"}, own=False)
    inner = type(place)(scope, own, place.pointer)
    if subset is not None:
        _subset(compiler, subset, inner)
    value = own.atom(compiler.expression(expression, inner))
    own.line(f"return ({value.text},) if type({value.text}) is str else keys({value.text})")
    name = f"keys_{len(compiler.functions)}_{_python(alias)}"
    compiler.functions.append(own.text(f"def {name}(e, ctx=None, out=None, T=None, P=None, R=None):"))
    return name


def _subset(compiler: Compiler, subset: Any, place: Place) -> None:
    if type(subset) is not list or len(subset) != 3 or subset[0] != "eq":
        compiler.fault(
            "DF408", "a subset must be an eq of an expression and a literal", place, expected='["eq", "_S.kind", "x"]'
        )
        return
    left = compiler.expression(subset[1], place)
    right = compiler.constant(subset[2], place)
    place.body.line(f"if not overlap({left.text}, {right.text}):")
    place.body.line("    return ()")


def _python(alias: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in alias) + "_"


@hops_chapter.form(
    "lookup-entity",
    "DATASET_ID(string{1}) ENTITY_ID(string{1})",
    flags={"datasets"},
    examples=[
        Example(
            ["path", "name", ["lookup-entity", "countries", "_S.code"]],
            "Norway",
            source={"code": "NO"},
            datasets={"countries": [{"_id": "NO", "name": "Norway"}]},
        )
    ],
)
def lookup_entity(compiler: Compiler, call: Call) -> Code:
    """The entity of that id in a dataset, or null; null as well when one of the two is no string. Not dependency tracked."""
    dataset = call.place.body.atom(compiler.expression(call.arguments[0], call.place_of(0)))
    entity_id = call.place.body.atom(compiler.expression(call.arguments[1], call.place_of(1)))
    if compiler.calls.suits(dataset, "DATASET_ID", "string", call.place_of(0)) and type(dataset.constant) is str:
        compiler.facts.looked_up.add(dataset.constant)
    both = f"type({dataset.text}) is str and type({entity_id.text}) is str"
    return Code(f"(ctx.dataset({dataset.text}).latest({entity_id.text}) if {both} else None)")
