"""Rules about joins: what can never be equal, what hops never find, and what is joined twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity
from dataflow.rules.expressions import aliases, constant
from dataflow.rules.language import says_deleted
from dataflow.rules.rule import Family, Files, Found, dtl, pipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.rules.package import Package

family = Family("dtl", alone=True)

_NUMBERS = frozenset({"integer", "float", "decimal"})


def _joining(*where: Any) -> Files:
    spec = {"datasets": ["erp-line l"], "where": list(where)}
    reads = {"type": "dataset", "dataset": "crm-order"}
    order = pipe("erp-order", reads, transform=dtl(["copy", "*"], ["add", "lines", ["hops", spec]]))
    return order | pipe("erp-line", {"type": "http_endpoint"}) | pipe("crm-order", {"type": "http_endpoint"})


@family.rule(
    "DF421",
    page="dtl/joins.rst",
    bad=_joining(["eq", ["string", "_S.no"], ["integer", "l.no"]]),
    good=_joining(["eq", ["string", "_S.no"], ["string", "l.no"]]),
)
def never_equal(package: Package) -> Iterator[Found]:
    """Two values that are compared or joined and can never be equal, because the functions they come from give values
    of different types: `1` is not `"1"`, and a namespaced identifier is no string.
    """
    for one in package.pipes:
        for call in package.calls(one, "eq"):
            if len(call.arguments) != 2:
                continue
            left, right = (_gives(argument) for argument in call.arguments)
            if left and right and not (left & right or (left & _NUMBERS and right & _NUMBERS)):
                message = f"these are never equal: the one is of type {_or(left)}, the other {_or(right)}"
                yield Found(one.document, call.pointer, message, "bring both to the same type")


def _or(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds))


def _gives(node: Any) -> frozenset[str] | None:
    """The kinds of values an expression gives, as far as its outermost function tells; None when it does not."""
    if type(node) is not list or not node or type(node[0]) is not str:
        return None
    from dataflow.dtl import registry

    function = registry.lookup(node[0], "expression")
    gives = None if function is None or function.emit is not None else function.gives
    return None if gives is None else frozenset(gives)


@family.rule(
    "DF422",
    page="features/namespaces.rst",
    bad=_joining(["eq", ["ni", "crm-order", "_S.no"], ["ni", "erp-order", "l.no"]]),
    good=_joining(["eq", ["ni", "erp-order", "_S.no"], ["ni", "erp-order", "l.no"]]),
)
def different_namespaces(package: Package) -> Iterator[Found]:
    """Two identifiers that are compared or joined and have different namespaces. They are never equal, whatever the ids."""
    for one in package.pipes:
        for call in package.calls(one, "eq"):
            spaces = [_namespace(argument) for argument in call.arguments]
            if len(spaces) == 2 and None not in spaces and spaces[0] != spaces[1]:
                message = f'these are never equal: the one is of namespace "{spaces[0]}", the other of "{spaces[1]}"'
                yield Found(one.document, call.pointer, message, "give both the same namespace")


def _namespace(node: Any) -> str | None:
    """The namespace of an identifier that is written out, or made by `ni` with a constant."""
    if type(node) is str and node.startswith("~:"):
        return node[2:].rpartition(":")[0] or None
    if type(node) is list and len(node) == 3 and node[0] == "ni" and type(node[1]) is str:
        return node[1] if constant(node[1]) and "$ENV(" not in node[1] else None
    return None


@family.rule(
    "DF424",
    severity=Severity.INFO,
    page="dtl/joins.rst",
    bad=_joining(["eq", "_S.no", "l.no"], ["eq", "_S.year", "l.year"]),
    good=_joining(["eq", ["tuples", "_S.no", "_S.year"], ["tuples", "l.no", "l.year"]]),
)
def joined_twice(package: Package) -> Iterator[Found]:
    """Two joins between the same two datasets. The first finds entities by an index, the second only filters what was
    found; `tuples` makes one join of them, which is faster and more precise.
    """
    for one in package.pipes:
        for call in package.calls(one, "hops", "apply-hops"):
            for number, spec in enumerate(call.arguments):
                where = spec.get("where") if type(spec) is dict else None
                names = {*aliases(spec), *call.aliases}
                met: set[frozenset[str]] = set()
                for index, part in enumerate(where if type(where) is list else ()):
                    pair = _joined(part, names)
                    if pair is not None and pair in met:
                        message = f"{' and '.join(sorted(pair))} are joined already; this only filters"
                        yield Found(
                            one.document, f"{call.at(number)}/where/{index}", message, "use one join, of tuples"
                        )
                    elif pair is not None:
                        met.add(pair)


def _joined(part: Any, names: set[str]) -> frozenset[str] | None:
    """The two that an `eq` joins, each a dataset's alias or `_S`."""
    if type(part) is not list or len(part) != 3 or part[0] != "eq":
        return None
    heads = [_heads(side, names) for side in part[1:]]
    if any(len(head) != 1 for head in heads) or heads[0] == heads[1]:
        return None
    return frozenset(heads[0] | heads[1])


def _heads(node: Any, names: set[str]) -> set[str]:
    if type(node) is str:
        head = node.partition(".")[0]
        return {head} if "." in node and (head in names or head == "_S") else set()
    return {head for inner in node[1:] for head in _heads(inner, names)} if type(node) is list else set()


@family.rule(
    "DF428",
    page="dtl/dtl-functions-hops.rst",
    bad=_joining(["eq", "_S._id", "l.order"], ["eq", "l._deleted", True]),
    good=_joining(["eq", "_S._id", "l.order"], ["eq", "l.open", True]),
)
def looks_for_deleted(package: Package) -> Iterator[Found]:
    """Hops that look for deleted entities. They never find any: a deleted entity is not in the index. To find entries of a log
    later, do not delete them, but mark them with a property of another name.
    """
    for one in package.pipes:
        for call in package.calls(one, "hops", "apply-hops"):
            for number, spec in enumerate(call.arguments):
                where = spec.get("where") if type(spec) is dict else None
                for alias in aliases(spec):
                    for index, condition in enumerate(where if type(where) is list else ()):
                        if says_deleted(condition, f"{alias}._deleted"):
                            at = f"{call.at(number)}/where/{index}"
                            yield Found(one.document, at, "hops never find a deleted entity", "remove the condition")
