"""Rules about namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity
from dataflow.effective import ADDING_SOURCES
from dataflow.rules.rule import Family, Files, Found, dtl, pipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.pipe import Pipe
    from dataflow.rules.package import Package

family = Family("namespaces")

# The entities of datasets have namespaces already, if any.
_INTERNAL = frozenset({"dataset", "merge", "merge_datasets", "union_datasets", "diff_datasets"})
_META = {"node-metadata.conf.json": {"_id": "node", "type": "metadata", "namespaced_identifiers": True}}


@family.rule(
    "DF821",
    page="features/namespaces.rst",
    bad=pipe("erp-order", remove_namespaces=True),
    good=pipe("erp-order", remove_namespaces=False),
)
def removed_before_a_dataset(package: Package) -> Iterator[Found]:
    """`remove_namespaces` in a pipe that writes a dataset. It takes the namespaces off values too, so `$ids` and
    `$origin` name nothing any more; to write properties without namespaces, say `"namespaced_identifiers": false`.
    """
    for one in package.pipes:
        if one.writes is not None and one.document.value.get("remove_namespaces") is True:
            message = "identifiers lose their namespaces before they are stored, those in $ids and $origin too"
            yield Found(one.document, "/remove_namespaces", message, 'use "namespaced_identifiers": false')


def _conditional(**properties: Any) -> dict[str, Any]:
    alternatives = {"prod": {"type": "empty"}, "test": {"type": "embedded", "entities": [{"_id": "1"}]}}
    source = {"type": "conditional", "condition": "$ENV(node-env)", "alternatives": alternatives}
    return pipe("erp-order", source, **properties) | _META | {"test-env.json": {"node-env": "test"}}


@family.rule(
    "DF822",
    page="features/namespaces.rst",
    bad=_conditional(),
    good=_conditional(add_namespaces=False),
)
def alternatives_differ(package: Package) -> Iterator[Found]:
    """The alternatives of a source of which one adds namespaces by default and another does not: what is tested has
    other property names than what runs. Say `add_namespaces`, or `"namespaced_identifiers": false`.
    """
    for one in package.pipes:
        written = one.document.value
        source = written.get("source")
        if type(source) is not dict or source.get("type") != "conditional" or "add_namespaces" in written:
            continue
        if one.config["namespaced_identifiers"] is not True:
            continue
        kinds = [part.config.get("type") for part in package.parts(one) if part.pointer.startswith("/source")]
        adding = sorted({str(kind) for kind in kinds if kind in ADDING_SOURCES})
        others = sorted({str(kind) for kind in kinds if kind not in ADDING_SOURCES and kind not in _INTERNAL})
        if adding and others:
            message = f"{', '.join(adding)} adds namespaces here, and {', '.join(others)} does not"
            yield Found(one.document, "/source/alternatives", message, '"add_namespaces" in the pipe')


_LOOK = ["add", "line", ["hops", {"datasets": ["erp-line l"], "where": [["eq", "_S._id", "l.order"]]}]]


@family.rule(
    "DF823",
    page="dtl/caveats.rst",
    bad=pipe(
        "crm-order",
        {"type": "dataset", "dataset": "erp-order"},
        add_namespaces=True,
        transform=dtl(["copy", "*"], _LOOK),
    )
    | pipe("erp-order", {"type": "http_endpoint"})
    | pipe("erp-line", {"type": "http_endpoint"}),
    good=pipe(
        "crm-order",
        {"type": "dataset", "dataset": "erp-order"},
        add_namespaces=False,
        transform=dtl(["copy", "*"], _LOOK),
    )
    | pipe("erp-order", {"type": "http_endpoint"})
    | pipe("erp-line", {"type": "http_endpoint"}),
)
def untracked_by_namespaces(package: Package) -> Iterator[Found]:
    """`add_namespaces` changes the entities of the source before the transforms see them. Dependency tracking goes
    back to the entities as they are in the dataset, and does not find them.
    """
    for one in package.pipes:
        if one.source.get("type") != "dataset" or one.document.value.get("add_namespaces") is not True:
            continue
        for call in package.calls(one, "hops", "apply-hops"):
            for number, spec in enumerate(call.arguments):
                if type(spec) is dict and spec.get("track-dependencies") is not False:
                    message = "changes in what is found here go unnoticed, because add_namespaces is true"
                    yield Found(
                        one.document, call.at(number), message, "add namespaces in an inbound pipe before this one"
                    )


_CLAIMS = ("_S.$origin", "_S.$last-modified")
_MERGED = {"type": "merge", "datasets": ["erp-order e", "crm-order c"], "identity": "first", "version": 2}
_FROM_MERGED = {"type": "dataset", "dataset": "global-order"}


def _of_a_global(path: str) -> Files:
    reading = pipe("web-order", _FROM_MERGED, transform=dtl(["copy", "*"], ["add", "changed", path]))
    return reading | pipe("global-order", _MERGED) | pipe("erp-order") | pipe("crm-order")


@family.rule(
    "DF824",
    severity=Severity.INFO,
    page="documentation/service-configuration/pipes/configuration-sources-merge.rst",
    bad=_of_a_global("_S.$last-modified"),
    good=_of_a_global("_S.erp-order:changed"),
)
def mixture(package: Package) -> Iterator[Found]:
    """`$origin` or `$last-modified` of a merged entity. Properties without a namespace are the same for all datasets that are
    merged, so this one has the values of all of them, and nobody knows whose they are. Put it into a property of each
    system before.
    """
    for one in package.pipes:
        writers = [package.writer(dataset) for dataset in one.reads]
        merged = _merges(one) or any(other is not None and _merges(other) for other in writers)
        for call in package.calls(one) if merged and _mentioned(one) else ():
            for number, argument in enumerate(call.arguments):
                if call.rule == "default" and call.step == 0 and argument in _CLAIMS:
                    message = f'"{argument}" is a mixture of what all the merged entities have'
                    yield Found(one.document, call.at(number), message, "keep one for each system, in its namespace")


def _merges(one: Pipe) -> bool:
    return one.source.get("type") == "merge" and len(one.reads) > 1


def _mentioned(one: Pipe) -> bool:
    return any(path in one.document.text for path in _CLAIMS)
