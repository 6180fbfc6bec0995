"""Rules about what hops never find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.rules.expressions import aliases
from dataflow.rules.language import says_deleted
from dataflow.rules.rule import Family, Files, Found, dtl, pipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.rules.package import Package

family = Family("dtl", alone=True)


def _looking(*more: Any) -> Files:
    spec = {"datasets": ["erp-line l"], "where": [["eq", "_S._id", "l.order"], *more]}
    reads = {"type": "dataset", "dataset": "crm-order"}
    order = pipe("erp-order", reads, transform=dtl(["copy", "*"], ["add", "lines", ["hops", spec]]))
    return order | pipe("erp-line", {"type": "http_endpoint"}) | pipe("crm-order", {"type": "http_endpoint"})


@family.rule(
    "DF428",
    page="dtl/dtl-functions-hops.rst",
    bad=_looking(["eq", "l._deleted", True]),
    good=_looking(["eq", "l.open", True]),
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
