"""Rules about the way entities take from pipe to pipe."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity
from dataflow.rules.rule import Family, Found, dtl, pipe, system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.pipe import Pipe
    from dataflow.rules.expressions import Call
    from dataflow.rules.package import Package

family = Family("flow")

_DATASETS = frozenset({"dataset", "merge", "merge_datasets", "union_datasets", "diff_datasets"})
_LOOK = ["add", "line", ["hops", {"datasets": ["erp-line l"], "where": [["eq", "_S._id", "l.order"]]}]]
_UNTRACKED = [
    "add",
    "line",
    ["hops", {"datasets": ["erp-line l"], "where": [["eq", "_S._id", "l.order"]], "track-dependencies": False}],
]
_BOTH = pipe("erp-order", {"type": "http_endpoint"}) | pipe("erp-line", {"type": "http_endpoint"})
_MERGE = {"type": "merge", "datasets": ["erp-order o"], "version": 2, "identity": "first"}
_READ = {"type": "dataset", "dataset": "erp-order"}


@family.rule(
    "DF831",
    page="dtl/dtl-functions-hops.rst",
    bad=pipe("crm-order", {"type": "dataset", "dataset": "erp-order"})
    | pipe("erp-order", {"type": "dataset", "dataset": "crm-order"}),
    good=pipe(
        "crm-order",
        {"type": "dataset", "dataset": "erp-order"},
        sink={"type": "dataset", "set_initial_offset": "onload"},
    )
    | pipe("erp-order", {"type": "dataset", "dataset": "crm-order"}),
)
def circle(package: Package) -> Iterator[Found]:
    """Pipes that get their entities, or look them up, from each other in a circle. Each counts as populated only when
    the others are, so none ever is; one of their sinks has to be set to `onload`.
    """
    waiting = {
        one.id: one
        for one in package.pipes
        if one.writes is not None and one.sink.get("set_initial_offset", "if-source-populated") == "if-source-populated"
    }
    before = {
        name: {
            writer.id
            for dataset in (*one.reads, *one.hops)
            if (writer := package.writer(dataset)) is not None and writer.id in waiting
        }
        for name, one in waiting.items()
    }
    told: set[str] = set()
    for name in waiting:
        if name in told:
            continue
        members = _circle(name, before)
        if members:
            told |= members
            # Best cut where a pipe looks up what it wrote itself.
            own = [member for member in sorted(members) if waiting[member].writes in waiting[member].hops]
            first = waiting[own[0] if own else min(members)]
            names = " and ".join(f'"{member}"' for member in sorted(members))
            message = (
                f"{names} wait for each other to be populated" if len(members) > 1 else f"{names} waits for itself"
            )
            yield Found(first.document, _sink(first), message, '"set_initial_offset": "onload" in one of their sinks')


def _sink(one: Pipe) -> str:
    return one.sink_at if "sink" in one.document.value else ""


def _circle(name: str, before: dict[str, set[str]]) -> set[str]:
    """Everything that leads to a pipe and that it leads to; nothing when it does not lead to itself."""

    def reached(edges: dict[str, set[str]]) -> set[str]:
        found: set[str] = set()
        todo = [name]
        while todo:
            new = edges.get(todo.pop(), set()) - found
            found |= new
            todo += new
        return found

    upstream = reached(before)
    if name not in upstream:
        return set()
    after: dict[str, set[str]] = {}
    for one, others in before.items():
        for other in others:
            after.setdefault(other, set()).add(one)
    return upstream & reached(after)


_SENT = {"type": "rest", "system": "erp", "operation": "put"}
_LOG = [
    "hops",
    {"datasets": ["erp-order-share l"], "where": [["eq", "_S.$ids", "l.$ids"]], "track-dependencies": False},
]
_SHARED = (
    pipe("crm-order", {"type": "http_endpoint"})
    | pipe(
        "erp-order-share",
        _READ,
        transform=[dtl(["copy", "*"], ["add", "_before", _LOG]), _SENT],
        sink={"type": "dataset", "deletion_tracking": False, "set_initial_offset": "onload"},
        batch_size=1,
    )
    | pipe("erp-order-sent", {"type": "dataset", "dataset": "erp-order-share"})
    | system("erp", "system:rest", operations={"put": {"url": "orders", "method": "PUT"}})
)
_OPEN = ["eq", "_S.open", True]


@family.rule(
    "DF837",
    page="dtl/dtl-functions-transforms.rst",
    bad=pipe("erp-order", {"type": "dataset", "dataset": "crm-order"}, transform=dtl(["filter", _OPEN], ["copy", "*"]))
    | _SHARED,
    good=pipe(
        "erp-order", {"type": "dataset", "dataset": "crm-order"}, transform=dtl(["discard", _OPEN], ["copy", "*"])
    )
    | _SHARED,
)
def filter_that_deletes(package: Package) -> Iterator[Found]:
    """A `filter` in a pipe whose dataset is sent to a REST system. An entity that is filtered although it was there
    before is deleted from the dataset, and the pipe behind makes a deletion in the system of it. `discard` leaves it
    as it was.
    """
    for one in package.pipes:
        takers = package.takers.get(one.writes, ()) if one.writes is not None else ()
        sent = any(_sends(package, taker) for taker in takers)
        # What leaves the dataset by one filter can leave it by all of them.
        for pointer in package.fact(partial(_filters, package, one), f"filters {one.digest}")[:1] if sent else ():
            message = f'what is filtered here is deleted from "{one.writes}", and a pipe behind it sends that out'
            yield Found(one.document, pointer, message, "use discard, or say what shall be deleted by _deleted")


def _filters(package: Package, one: Pipe) -> list[str]:
    calls = package.calls(one, "filter")
    return [call.pointer for call in calls if len(call.arguments) < 2 and not _about_deleted(call)]


def _about_deleted(call: Call) -> bool:
    return "_deleted" in str(call.arguments)


def _sends(package: Package, one: Pipe) -> bool:
    """Whether deletions leave the node by a pipe; one that filters by `_deleted` has thought of them."""
    out = one.id in package.shares or any(
        part.pointer.startswith("/sink") and part.config.get("type") == "rest" for part in package.parts(one)
    )
    if not out or "_deleted" not in one.document.text:
        return out
    return not package.fact(partial(_keeps_deletions_back, package, one), f"deletions {one.digest}")


def _keeps_deletions_back(package: Package, one: Pipe) -> bool:
    return any(_about_deleted(call) for call in package.calls(one, "filter", "discard"))


@family.rule(
    "DF838",
    alone=True,
    page="dtl/caveats.rst",
    bad=_BOTH | pipe("global-order", _MERGE, transform=dtl(["copy", "*"], _LOOK)),
    good=_BOTH
    | pipe("global-order", _MERGE)
    | pipe("global-order-line", _READ | {"dataset": "global-order"}, transform=dtl(["copy", "*"], _LOOK)),
)
def untracked_source(package: Package) -> Iterator[Found]:
    """Hops in a pipe that merges. Only a pipe with a dataset source notices when what it hopped to changes; here the
    entity stays as it was. Hop in a pipe behind this one, or say `"track-dependencies": false` where it does not
    matter.
    """
    for one in package.pipes:
        kind = one.source.get("type")
        if kind in _DATASETS and kind != "dataset":
            for _, pointer in _tracked(package, one):
                message = f"changes in what is found here go unnoticed, because the source is a {kind}"
                yield Found(one.document, pointer, message, "hop in a pipe that reads this one's dataset")


def _tracked(package: Package, one: Pipe) -> Iterator[tuple[Call, str]]:
    for call in package.calls(one, "hops", "apply-hops"):
        for number, spec in enumerate(call.arguments):
            if type(spec) is dict and spec.get("track-dependencies") is not False:
                yield call, call.at(number)


@family.rule(
    "DF839",
    alone=True,
    severity=Severity.INFO,
    page="dtl/caveats.rst",
    bad=_BOTH
    | pipe("crm-order", _READ, transform=[dtl(["copy", "*"], ["add", "seen", True]), dtl(["copy", "*"], _LOOK)]),
    good=_BOTH
    | pipe("crm-order", _READ, transform=[dtl(["copy", "*"], _LOOK), dtl(["copy", "*"], ["add", "seen", True])]),
)
def tracked_too_late(package: Package) -> Iterator[Found]:
    """Hops in a transform that is not the first. Dependency tracking goes back from what changed to the entities of
    the source, so it works only when the transforms before leave alone what the entities are joined by.
    """
    for one in package.pipes:
        if one.source.get("type") == "dataset" and len(one.transforms) > 1:
            for call, pointer in _tracked(package, one):
                if call.step > 0:
                    message = "changes in what is found here may go unnoticed: this is not the first transform"
                    yield Found(
                        one.document, pointer, message, 'hop in the first transform, or add "track-dependencies": false'
                    )


@family.rule(
    "DF840",
    page="documentation/service-configuration/pipes/configuration-transforms-emit-children.rst",
    bad=_BOTH | pipe("erp-part", _READ, transform=[{"type": "emit_children"}, dtl(["copy", "*"])]),
    good=_BOTH | pipe("erp-part", _READ, transform={"type": "emit_children"}),
)
def children_among_others(package: Package) -> Iterator[Found]:
    """`emit_children` beside other transforms. It has to be alone in its pipe, or children that are gone are not deleted."""
    for one in package.pipes:
        steps = one.transforms
        for step in steps if len(steps) > 1 else ():
            if step.config.get("type") == "emit_children":
                message = "emit_children is not alone, so children that are gone are not deleted"
                yield Found(one.document, step.pointer, message, "give it a pipe of its own")


@family.rule(
    "DF841",
    severity=Severity.ERROR,
    page="documentation/service-configuration/pipes/configuration-pump.rst",
    bad=pipe("erp-order", pump={"dead_letter_dataset": "dead"})
    | pipe("erp-line", pump={"dead_letter_dataset": "dead"}),
    good=pipe("erp-order", pump={"dead_letter_dataset": "erp-order-dead"})
    | pipe("erp-line", pump={"dead_letter_dataset": "erp-line-dead"}),
)
def shared_dead_letters(package: Package) -> Iterator[Found]:
    """A dataset for dead letters belongs to one pipe; here it is that of another one, or the dataset that a pipe writes."""
    owners: dict[Any, str] = {}
    for one in package.pipes:
        letters = one.pump.get("dead_letter_dataset")
        if type(letters) is not str:
            continue
        writer = package.writer(letters)
        owner = writer.id if writer is not None else owners.setdefault(letters, one.id)
        if writer is not None or owner != one.id:
            message = f'dataset "{letters}" belongs to pipe "{owner}" already'
            yield Found(one.document, "/pump/dead_letter_dataset", message, f'call it "{one.id}-dead-letters"')


@family.rule(
    "DF842",
    page="features/completeness-feature.rst",
    bad=_BOTH | pipe("crm-order", _READ | {"completeness": True}, pump={"rescan_cron_expression": "0 3 * * *"}),
    good=_BOTH
    | pipe(
        "crm-order",
        _READ | {"completeness": True},
        pump={"rescan_cron_expression": "0 3 * * *"},
        sink={"type": "dataset", "deletion_tracking": False},
    ),
)
def complete_and_rescanned(package: Package) -> Iterator[Found]:
    """With `completeness` a full run sees the entities only as far as the dataset is complete. Deletion tracking then
    deletes all those behind.
    """
    for one in package.pipes:
        rescans = any(one.pump.get(name) for name in ("rescan_cron_expression", "rescan_run_count"))
        tracking = one.sink.get("type") == "dataset" and one.sink.get("deletion_tracking", True) is True
        if rescans and tracking and one.source.get("completeness") not in (None, False):
            message = "a rescan deletes what is not complete yet"
            yield Found(
                one.document, f"{one.source_at}/completeness", message, '"deletion_tracking": false in the sink'
            )


@family.rule(
    "DF843",
    page="documentation/service-configuration/pipes/configuration-sinks-dataset.rst",
    bad=pipe("erp-order", sink={"type": "dataset", "set_initial_offset": "onload"})
    | pipe("crm-order", _READ | {"require_populated_input": True}),
    good=pipe("erp-order", sink={"type": "dataset", "set_initial_offset": "onload"})
    | pipe("crm-order", _READ | {"initial_completeness": ["erp-order"]}),
)
def populated_from_the_start(package: Package) -> Iterator[Found]:
    """`require_populated_input` waits until the dataset is populated. A dataset whose sink says `onload` counts as
    populated while it is still empty, so nothing is waited for; `initial_completeness` waits for its first run.
    """
    for one in package.pipes:
        if one.source.get("require_populated_input") is not True:
            continue
        for dataset in one.reads:
            writer = package.writer(dataset)
            if writer is not None and writer.sink.get("set_initial_offset") in ("onload", "initially"):
                message = f'"{dataset}" counts as populated while it is empty'
                yield Found(
                    one.document, f"{one.source_at}/require_populated_input", message, "use initial_completeness"
                )
