"""In sync: of a linked pair that differs, the side with the older edit is told the newer one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dataflow.checklist.checks.properties import observe
from dataflow.results import Evidence, Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.checklist.checks.direction import Direction
    from dataflow.checklist.checks.properties import Observation
    from dataflow.checklist.view import View
    from dataflow.generate.mapping import Flow

SHOWN = 10


def check(view: View, flow: Flow, direction: Direction, group: str) -> Result:
    """One result per direction, about records as wholes: `property` looks at each property of them."""
    result_id = f"{group}.sync-{direction.id}"
    edits: defaultdict[str, list[Observation]] = defaultdict(list)
    for row in flow.rows:
        if row.way == "both":
            for seen in observe(view, row, direction):
                if seen.desired.native and seen.discriminates:
                    edits[seen.desired.entity].append(seen)
    arrived = [next(one for one in seen if one.holds) for seen in edits.values() if any(one.holds for one in seen)]
    lost = [seen[0].evidence for seen in edits.values() if not any(one.holds for one in seen)]
    lost += _without_state(view, flow, direction)
    number = "1 record" if len(arrived) == 1 else f"{len(arrived)} records"
    title = f"in sync, {direction.source_name} to {direction.target_name}: {number} told of a newer edit"
    if lost:
        reason = f"{len(lost)} linked records are not told: " + ", ".join(str(one.entity) for one in lost[:SHOWN])
        return Result(result_id, title, Verdict.FAIL, reason, tuple(lost[:SHOWN]), group=group)
    if not arrived:
        reason = f"no linked pair of the fixtures differs with the newer edit in {direction.source_name}"
        return Result(result_id, title, Verdict.UNPROVEN, reason, group=group)
    return Result(result_id, title, Verdict.PASS, evidence=(arrived[0].evidence,), group=group)


def _without_state(view: View, flow: Flow, direction: Direction) -> Iterator[Evidence]:
    """Linked records that no desired state speaks of: no edit could ever reach them."""
    source, target = (flow.webcrm, flow.customerp)
    if direction.source == "customerp":
        source, target = target, source
    told = {state.native for state in view.desired(target)}
    for group in view.groups[view.concept_of(source).concept]:
        if group.of(source) and group.id not in view.unsettled:
            for record in group.of(target):
                if record not in told and view.group_of(target, record) == group:
                    yield Evidence(f"{target}-transform", f"{target}:{record}", note="has no desired state")
