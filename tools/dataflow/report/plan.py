"""A plan as people read it before they let it happen: as text, as JSON, and as one page."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import resources
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import extension
from dataflow.report.results import shown
from dataflow.scenario.plan import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.scenario.plan import Change, Line, Plan

TITLES = {
    Kind.INSERT: "to be made",
    Kind.MATCH: "to be linked",
    Kind.UPDATE: "to be changed",
    Kind.DELETE: "to be deleted",
    Kind.CONFLICT: "for you to decide",
    Kind.WAIT: "waiting",
    Kind.REFUSED: "cannot be looked up",
    Kind.UNCHANGED: "as it should be",
}
# Lines of one kind that are shown of each datatype, unless all are asked for.
SHOWN = 10


def plan_lines(plan: Plan, *, everything: bool = False) -> Iterator[str]:
    """Per datatype how many records of each kind, and of those that would change what would."""
    for member in plan.members:
        lines = plan.of(member)
        counts = {kind: [line for line in lines if line.kind is kind] for kind in Kind}
        told = ", ".join(f"{len(found)} {TITLES[kind]}" for kind, found in counts.items() if found)
        yield f"{member}: {told}"
        for kind, found in counts.items():
            if kind is Kind.UNCHANGED:
                continue
            for line in found if everything else found[:SHOWN]:
                yield f"  {kind:<8}  {line.entity}  {_told(line)}".rstrip()
            if len(found) > SHOWN and not everything:
                yield f"  {kind:<8}  and {len(found) - SHOWN} more"


def summary(plan: Plan) -> str:
    """`12 to be made, 3 to be linked`; what is not to be touched is left out."""
    told = [f"{count} {TITLES[Kind(kind)]}" for kind, count in plan.counts().items() if kind != Kind.UNCHANGED]
    return ", ".join(told) or "nothing would be written"


def plan_json(plan: Plan) -> str:
    """`{"counts": {...}, "lines": [{"kind", "member", "entity", "changes", "why"}]}`."""
    document = {"counts": plan.counts(), "lines": [asdict(line) for line in plan.lines]}
    return json.dumps(document, indent=2, ensure_ascii=False, default=extension)


def plan_page(plan: Plan, *, title: str) -> str:
    """One HTML page that needs nothing else, with a line per record that would be touched."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    source = resources.files("dataflow.report.pages").joinpath("plan.html.j2").read_text("utf-8")
    groups = [(member, [one for one in plan.of(member) if one.kind is not Kind.UNCHANGED]) for member in plan.members]
    return environment.from_string(source).render(
        title=title, summary=summary(plan), groups=groups, counts=plan.counts(), titles=TITLES, shown=_value
    )


def _told(line: Line) -> str:
    if line.why is not None:
        return line.why
    return "; ".join(_change(line, change) for change in line.changes)


def _change(line: Line, change: Change) -> str:
    after = _value(change.after)
    if line.kind is Kind.INSERT:
        return f"{change.property} {after}"
    return f"{change.property} {_value(change.before)} becomes {after}"


def _value(value: Any) -> str:
    return "nothing" if value in (None, "") else shown(value)
