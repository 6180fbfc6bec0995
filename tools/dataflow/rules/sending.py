"""Rules about pipes that send to systems: what keeps an entity from being sent twice, and what is known of it afterwards.

hub/documentation/data-synchronization/insert-pattern.rst and capture-response-with-transform-pattern.rst.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity
from dataflow.rules.expressions import aliases
from dataflow.rules.rule import Family, Files, Found, dtl, inbound, pipe, system
from dataflow.rules.texts import strings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.effective import Part
    from dataflow.pipe import Pipe
    from dataflow.rules.package import Package

family = Family("flow")

_INSERT = "documentation/data-synchronization/insert-pattern.rst"
_CAPTURE = "documentation/data-synchronization/capture-response-with-transform-pattern.rst"
_ERP = system(
    "erp",
    "system:rest",
    operations={"insert": {"url": "orders", "method": "POST"}, "list": {"url": "orders", "method": "GET"}},
)
_SINK = {"type": "dataset", "deletion_tracking": False, "set_initial_offset": "onload"}
_POST = {"type": "rest", "system": "erp", "operation": "insert"}


def _log(name: str, key: str) -> list[Any]:
    spec = {"datasets": [f"{name} l"], "where": [["eq", f"_S.{key}", f"l.{key}"]], "track-dependencies": False}
    return ["discard", ["is-empty", ["hops", spec]]]


def _share(name: str, key: str | None, dataset: str = "erp-order-transform", *more: Any) -> Files:
    """A share that looks its log up by a key, and the pipe that reads the log."""
    guard = [] if key is None else [_log(name, key)]
    return pipe(
        name,
        {"type": "dataset", "dataset": dataset},
        transform=[dtl(*guard, *more, ["copy", "*"]), _POST],
        sink=_SINK,
        batch_size=1,
    ) | pipe(f"{name}-read", {"type": "dataset", "dataset": name})


_CHANGED = ["discard", ["is-changed", "_.sum"]]
_MERGED = pipe(
    "erp-order-transform",
    {"type": "merge", "datasets": ["crm-order c", "web-order w"], "identity": "first", "version": 2},
)
_TWO = pipe("crm-order") | pipe("web-order")


@family.rule(
    "DF847",
    page=_INSERT,
    bad=_share("erp-order-share", "_id") | _MERGED | _TWO | _ERP,
    good=_share("erp-order-share", "$ids") | _MERGED | _TWO | _ERP,
)
def guarded_by_id(package: Package) -> Iterator[Found]:
    """A share that finds its log entries by `_id` alone, behind a merge with `"identity": "first"`. When an entity of an earlier
    dataset joins in, the merged entity takes over its `_id`; the log is not found any more, and the record is inserted once more.
    `$ids` keeps all of them.
    """
    for one in package.pipes:
        inserts = one.id in package.shares and any(_inserting(package, part) for part in package.parts(one))
        if not inserts or not _behind_a_moving_merge(package, one):
            continue
        guards = [
            (call.at(number), spec)
            for call in package.calls(one, "hops", "apply-hops")
            for number, spec in enumerate(call.arguments)
            if type(spec) is dict and one.writes in aliases(spec).values()
        ]
        joins = [text for _, spec in guards for _, text in strings(spec.get("where"))]
        if "_S._id" in joins and "_S.$ids" not in joins:
            message = "the log is looked up by _id, which changes when another entity is merged in"
            yield Found(one.document, guards[0][0], message, 'join by "$ids"')


def _behind_a_moving_merge(package: Package, one: Pipe) -> bool:
    return any(
        other.source.get("type") == "merge"
        and other.source.get("identity", "first") == "first"
        and len(other.reads) > 1
        for other in _upstream(package, one)
    )


def _upstream(package: Package, one: Pipe) -> list[Pipe]:
    """The pipes whose entities get to a pipe, itself among them."""
    found = {one.id: one}
    todo = [one]
    while todo:
        for dataset in todo.pop().reads:
            writer = package.writer(dataset)
            if writer is not None and writer.id not in found:
                found[writer.id] = writer
                todo.append(writer)
    return list(found.values())


@family.rule(
    "DF848",
    page=_INSERT,
    bad=_share("erp-order-share", "$ids")
    | _share("erp-orders-share", "$ids")
    | pipe("erp-order-transform", {"type": "http_endpoint"})
    | _ERP,
    good=_share("erp-order-share", "$ids") | pipe("erp-order-transform", {"type": "http_endpoint"}) | _ERP,
)
def two_shares(package: Package) -> Iterator[Found]:
    """Two shares that insert by the same operation. Each knows only of its own log what is in the system already, so what comes to
    both of them is made twice. Bring the entities together in one pipe before.
    """
    first: dict[tuple[Any, Any, str], Pipe] = {}
    for one in package.pipes:
        if one.id not in package.shares:
            continue
        for part in package.parts(one):
            inserting = _inserting(package, part)
            if inserting is None:
                continue
            other = first.setdefault(inserting, one)
            if other is not one:
                message = f'pipe "{other.id}" inserts by operation "{inserting[1]}" of system "{inserting[0]}" too'
                yield Found(one.document, part.pointer, message, "let one share do it")
                break


def _inserting(package: Package, part: Part) -> tuple[Any, Any, str] | None:
    """System, operation and its properties, of a transform that makes new records."""
    config = part.config
    given = config.get("properties")
    if config.get("template") == "transform-share-rest" and type(given) is dict:
        if "operation_insert" not in given:
            return None
        more = json.dumps(given.get("operation_insert_properties"))
        return given.get("rest_system"), given["operation_insert"], more
    if _method(package, part) != "POST":
        return None
    return config.get("system"), config.get("operation"), json.dumps(given)


def _method(package: Package, part: Part) -> Any:
    """The method of a REST transform that changes something; None of any other part."""
    config = part.config
    if config.get("type") != "rest" or not part.pointer.startswith("/transform") or config.get("side_effects") is False:
        return None
    if "method" in config:
        return config["method"]
    used = package.project.systems.get(str(config.get("system")))
    operations = config.get("operations", used.config.get("operations") if used is not None else None)
    operation = operations.get(str(config.get("operation"))) if type(operations) is dict else None
    return operation.get("method") if type(operation) is dict else None


@family.rule(
    "DF849",
    severity=Severity.INFO,
    page=_INSERT,
    bad=_share("erp-order-share", None) | pipe("erp-order-transform", {"type": "http_endpoint"}) | _ERP,
    good=_share("erp-order-share", "$ids") | pipe("erp-order-transform", {"type": "http_endpoint"}) | _ERP,
)
def unguarded(package: Package) -> Iterator[Found]:
    """A pipe that posts entities of a dataset to a system and never looks at what it has posted before. When it is reset, or an
    entity changes, everything is made once more. Look the own log up, or say `"side_effects": false` of a request that only asks.
    """
    for one in package.pipes:
        if one.writes is None or not one.reads or one.writes in one.hops or one.id in package.shares:
            continue
        for part in package.parts(one):
            if _method(package, part) == "POST":
                message = f'nothing keeps "{part.config.get("operation")}" from being done again for the same entity'
                yield Found(one.document, part.pointer, message, f'look "{one.writes}" up before')
                break


@family.rule(
    "DF427",
    page=_CAPTURE,
    bad=_share("erp-order-share", "$ids", "erp-order", _CHANGED) | pipe("erp-order", {"type": "http_endpoint"}) | _ERP,
    good=_share("erp-order-share", "$ids", "erp-order-changed")
    | pipe("erp-order-changed", {"type": "dataset", "dataset": "erp-order"}, transform=dtl(_CHANGED, ["copy", "*"]))
    | pipe("erp-order", {"type": "http_endpoint"})
    | _ERP,
)
def changed_for_the_source(package: Package) -> Iterator[Found]:
    """`is-changed` in a pipe that sends to a system. It compares with the version of the source that was processed before, whether
    that got to the system or not: after a failure, what has to be sent again counts as unchanged. Look up what was sent.
    """
    for one in package.pipes:
        sink = one.sink.get("type") == "rest"
        if sink or one.id in package.shares:
            for call in package.calls(one, "is-changed"):
                message = '"is-changed" does not tell whether the system has got the change'
                yield Found(one.document, call.pointer, message, "hop to the log of what was sent, and compare")


@family.rule(
    "DF856",
    severity=Severity.INFO,
    page=_CAPTURE,
    usual=False,
    bad=pipe(
        "erp-order-endpoint",
        {"type": "dataset", "dataset": "erp-order"},
        sink={"type": "rest", "system": "erp", "operation": "insert"},
    )
    | pipe("erp-order")
    | _ERP,
    good=_share("erp-order-share", "$ids", "erp-order") | pipe("erp-order", {"type": "http_endpoint"}) | _ERP,
)
def answer_thrown_away(package: Package) -> Iterator[Found]:
    """A REST sink keeps nothing of the answers, so the ids that the system gives to new records are never known. A REST transform
    in front of a dataset keeps them.
    """
    for one in package.pipes:
        if one.sink.get("type") == "rest":
            yield Found(one.document, one.sink_at, "the answers of the system are thrown away", "use a REST transform")


@family.rule(
    "DF830",
    severity=Severity.INFO,
    page="documentation/service-configuration/pipes/configuration-sources-merge.rst",
    usual=False,
    bad=_share("erp-order-share", "$ids", "crm-order") | inbound("crm-order", "crm") | system("crm") | _ERP,
    good=_share("erp-order-share", "$ids", "global-order")
    | pipe(
        "global-order",
        {"type": "merge", "datasets": ["crm-order c"], "identity": "composite", "version": 2},
    )
    | inbound("crm-order", "crm")
    | system("crm")
    | _ERP,
)
def point_to_point(package: Package) -> Iterator[Found]:
    """What one system sends to another without being merged on the way. A third system then needs pipes to both of them; with a
    global dataset between, it needs pipes to that alone.
    """
    for one in package.pipes:
        out = _systems(one, "write") | {
            part.config.get("system") for part in package.parts(one) if _method(package, part) is not None
        }
        if not out or not one.reads:
            continue
        behind = _upstream(package, one)
        if any(other.source.get("type") == "merge" for other in behind):
            continue
        sources = {use.name for other in behind for use, _ in other.systems if use.pointer.startswith("/source")} - out
        if sources:
            message = f"this sends what comes straight from {' and '.join(sorted(map(str, sources)))}"
            yield Found(one.document, one.source_at, message, "merge it into a global dataset before")


def _systems(one: Pipe, kind: str) -> set[Any]:
    return {use.name for use, _ in one.systems if use.kind == kind}
