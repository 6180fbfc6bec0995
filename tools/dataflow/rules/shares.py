"""Rules about shares: pipes that write to a system, and keep a log of it in their own dataset.

hub/documentation/data-synchronization/insert-pattern.rst and capture-response-with-transform-pattern.rst;
hub/dtl/dtl-functions-hops.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.rules.rule import Family, Files, Found, dtl, pipe, system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.pipe import Pipe
    from dataflow.rules.package import Package

family = Family("flow")

_HOPS = "dtl/dtl-functions-hops.rst"
_INSERT = "documentation/data-synchronization/insert-pattern.rst"


def _own_log(*, tracked: bool = False) -> dict[str, Any]:
    spec: dict[str, Any] = {"datasets": ["erp-order-share l"], "where": [["eq", "_S.$ids", "l.$ids"]]}
    if not tracked:
        spec["track-dependencies"] = False
    return dtl(["copy", "*"], ["add", "_before", ["hops", spec]])


_INSERTS = {"type": "rest", "system": "erp", "operation": "insert"}
_ERP = system("erp", "system:rest", operations={"insert": {"url": "orders", "method": "POST"}})
_SOURCE = {"type": "dataset", "dataset": "erp-order-transform"}
_SINK = {"type": "dataset", "deletion_tracking": False, "set_initial_offset": "onload"}
_LOOP = [
    "hops",
    {"datasets": ["erp-order-share l"], "where": [["eq", "_S._id", "l.$generated_id"]], "return": "l.$origin"},
]


def _around(share: Files) -> Files:
    """A share with the pipe it reads from, and the one that reads its log."""
    collect = pipe(
        "erp-order-collect",
        {"type": "dataset", "dataset": "erp-order-all"},
        transform=dtl(["copy", "*"], ["add", "$origin", _LOOP]),
    )
    return share | collect | pipe("erp-order-all") | pipe("erp-order-transform", {"type": "http_endpoint"}) | _ERP


def _share(**properties: Any) -> Files:
    given = {"transform": [_own_log(), _INSERTS], "sink": _SINK, "batch_size": 1, **properties}
    return pipe("erp-order-share", _SOURCE, **{key: value for key, value in given.items() if value is not None})


@family.rule(
    "DF832",
    page=_INSERT,
    bad=_share() | pipe("erp-order-transform", {"type": "http_endpoint"}) | _ERP,
    good=_around(_share()),
)
def without_a_loop(package: Package) -> Iterator[Found]:
    """A share whose log nobody reads. The id that the system gave to a new record is in the log alone; unless a
    collect pipe looks it up there and gives the record its `$origin`, the record comes back as a stranger and is
    made once more in the other system.
    """
    readers = _readers(package) if package.shares else {}
    for one in package.pipes:
        if one.id in package.shares and one.writes is not None and not readers.get(one.writes, set()) - {one.id}:
            hint = "look the log up by $generated_id in the collect pipe"
            yield Found(one.document, one.sink_at, f'nothing reads the log "{one.writes}"', hint)


def _readers(package: Package) -> dict[str, set[str]]:
    """Dataset -> the pipes that read it, look it up, or name it to a template."""
    found: dict[str, set[str]] = {}
    for one in package.pipes:
        named = (_object(part.config.get("properties")).get("share_dataset") for part in package.parts(one))
        for dataset in (*one.reads, *one.hops, *(name for name in named if type(name) is str)):
            found.setdefault(dataset, set()).add(one.id)
    return found


def _object(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}


@family.rule(
    "DF833",
    page=_HOPS,
    bad=_around(_share(batch_size=None)),
    good=_around(_share()),
)
def batch_size(package: Package) -> Iterator[Found]:
    """A pipe that hops to the dataset it writes needs `batch_size` 1: what is in the batch at hand is not written
    yet, so that the hops do not find it, and one entity that fails takes its neighbours through everything again.
    """
    for one in package.pipes:
        share = one.id in package.shares
        if one.writes is not None and (one.writes in one.hops or share) and one.config.get("batch_size") != 1:
            at = "/batch_size" if "batch_size" in one.document.value else ""
            message = (
                f'pipe "{one.id}" looks up what it writes, and has a batch_size of {one.config.get("batch_size", 100)}'
            )
            if type(one.config.get("batch_size", 100)) is int:
                yield Found(one.document, at, message, expected='"batch_size": 1')


@family.rule(
    "DF834",
    page=_INSERT,
    bad=_around(_share(transform=[_own_log(tracked=True), _INSERTS])),
    good=_around(_share()),
)
def tracked_in_a_share(package: Package) -> Iterator[Found]:
    """Hops of a share that dependency tracking follows. When what they find changes, the entity goes through the
    share again, and an insert is made again.
    """
    for one in package.pipes:
        if one.id in package.shares:
            for call in package.calls(one, "hops", "apply-hops"):
                for number, spec in enumerate(call.arguments):
                    if type(spec) is dict and spec.get("track-dependencies") is not False:
                        message = "dependency tracking would send entities through this share again"
                        yield Found(one.document, call.at(number), message, 'add "track-dependencies": false')


@family.rule(
    "DF835",
    page="documentation/service-configuration/pipes/configuration-sinks-dataset.rst",
    bad=_around(_share(sink={"type": "dataset", "set_initial_offset": "onload"})),
    good=_around(_share()),
)
def log_that_is_emptied(package: Package) -> Iterator[Found]:
    """The log of a share is no mirror of its source. With `deletion_tracking` a full run deletes every entry whose
    entity is not there any more, and deleted entries are not found by hops: what was inserted is forgotten, and
    inserted again.
    """
    for one in package.pipes:
        if one.id in package.shares and one.sink.get("deletion_tracking", True) is True:
            at = f"{one.sink_at}/deletion_tracking" if "deletion_tracking" in one.sink else one.sink_at
            yield Found(one.document, at, "a full run deletes from this log", expected='"deletion_tracking": false')


@family.rule(
    "DF836",
    page="features/completeness-feature.rst",
    bad=_around(_share())
    | pipe(
        "erp-order-transform",
        {"type": "dataset", "dataset": "erp-order-collect", "initial_completeness": ["erp-order-collect"]},
    ),
    good=_around(_share())
    | pipe(
        "erp-order-transform",
        {"type": "dataset", "dataset": "erp-order-collect", "initial_completeness": ["erp-order-collect"]},
    )
    | pipe(
        "erp-order-collect",
        {"type": "dataset", "dataset": "erp-order-all"},
        transform=dtl(["copy", "*"], ["add", "$origin", _LOOP]),
        exclude_completeness=["erp-order-share"],
    ),
)
def completeness_loop(package: Package) -> Iterator[Found]:
    """A pipe that waits for the completeness of a dataset which, on its way, depends on what the pipe itself writes:
    each waits for the other. As a rule a collect pipe looks up the log of a share that gets its entities from it;
    the log then has to stand in `exclude_completeness` of the pipe that looks it up.
    """
    told: set[tuple[str, str]] = set()
    for waiting in package.pipes:
        for dataset in _awaited(waiting) if waiting.writes is not None else ():
            link = _link(package, dataset, str(waiting.writes))
            if link is not None and (link[0].id, link[1]) not in told:
                one, looked_up = link
                told.add((one.id, looked_up))
                at = "/exclude_completeness" if "exclude_completeness" in one.document.value else ""
                message = (
                    f'"{waiting.id}" waits for the completeness of "{dataset}", which by "{looked_up}" waits for it'
                )
                yield Found(one.document, at, message, expected=f'"exclude_completeness": ["{looked_up}"]')


def _awaited(one: Pipe) -> list[str]:
    """The datasets that have to be complete before a pipe takes their entities."""
    found = list(one.reads) if one.source.get("completeness") is True else []
    for name in ("completeness", "initial_completeness"):
        listed = one.source.get(name)
        found += [dataset for dataset in listed if type(dataset) is str] if type(listed) is list else []
    return found


def _contributing(one: Pipe) -> list[str]:
    """The datasets that the completeness of a pipe's own dataset depends on."""
    included, excluded = (one.config.get(f"{word}_completeness") for word in ("include", "exclude"))
    names = included if type(included) is list else [*one.reads, *one.hops]
    return [name for name in names if name not in (excluded if type(excluded) is list else ())]


def _link(package: Package, dataset: str, goal: str) -> tuple[Pipe, str] | None:
    """Where the completeness of a dataset comes to depend on another: the last pipe on the way that only looks up,
    and what.
    """
    came: dict[str, tuple[Pipe, str]] = {}
    todo = [dataset]
    while todo:
        name = todo.pop()
        writer = package.writer(name)
        for other in _contributing(writer) if writer is not None else ():
            if other not in came and writer is not None:
                came[other] = (writer, name)
                todo.append(other)
    if goal not in came:
        return None
    way = []
    name = goal
    while True:
        writer, before = came[name]
        way.append((writer, name))
        if before == dataset or len(way) > len(came):
            break
        name = before
    return next((step for step in reversed(way) if step[1] in step[0].hops), way[0])
