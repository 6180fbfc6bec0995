"""Coverage: every webCRM record of the flow's datatype has its Customerp record, or the desired state of one to be made."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dataflow.results import Evidence, Result, Verdict

if TYPE_CHECKING:
    from dataflow.checklist.records import Record
    from dataflow.checklist.view import Desired, View
    from dataflow.generate.mapping import Flow

SHOWN = 10


def check(view: View, flow: Flow, group: str) -> Result:
    """One result; its evidence names the records that are missing, its properties count how the others are covered."""
    counts: Counter[str] = Counter()
    missing: list[Evidence] = []
    waiting: list[Evidence] = []
    by_record = _by_record(view, flow)
    for record in view.records(flow.webcrm).values():
        linked = view.group_of(flow.webcrm, record.id)
        if record.gone and linked is None:
            continue
        if view.left_out(flow.webcrm, record.values):
            counts["left_out"] += 1
            continue
        desired = by_record.get(record.id)
        if linked is not None and linked.of(flow.customerp):
            counts["linked"] += 1
        elif desired is None and (unknown := _unknown_whole(view, flow, record)):
            counts["waiting"] += 1
            waiting.append(Evidence(None, f"{flow.webcrm}:{record.id}", note=f"waits for {unknown}"))
        elif desired is None:
            missing.append(
                Evidence(f"{flow.customerp}-transform", f"{flow.webcrm}:{record.id}", note="no Customerp record")
            )
        elif desired.held:
            counts["waiting"] += 1
            waiting.append(Evidence(desired.pipe, desired.entity, note=desired.held))
        else:
            counts["to_be_made"] += 1
    covered = counts["linked"] + counts["to_be_made"] + counts["waiting"]
    total = covered + len(missing)
    title = f"every record is covered: {covered} of {total}" + _told(counts)
    if missing:
        reason = f"{len(missing)} of {total} have no {flow.customerp}: " + _ids([e.entity or "" for e in missing])
        return Result(f"{group}.covered", title, Verdict.FAIL, reason, tuple(missing[:SHOWN]), 0.0, group, dict(counts))
    if not total:
        reason = f"the fixtures have no {flow.webcrm}"
        return Result(f"{group}.covered", title, Verdict.UNPROVEN, reason, (), 0.0, group, dict(counts))
    return Result(f"{group}.covered", title, Verdict.PASS, None, tuple(waiting[:SHOWN]), 0.0, group, dict(counts))


def _by_record(view: View, flow: Flow) -> dict[str, Desired]:
    """The desired Customerp state that speaks for each webCRM record."""
    found: dict[str, Desired] = {}
    for desired in view.desired(flow.customerp):
        if desired.group is not None:
            for record in desired.group.of(flow.webcrm):
                found.setdefault(record, desired)
    return found


def _unknown_whole(view: View, flow: Flow, record: Record) -> str | None:
    """What a part belongs to, such as the opportunity of a line, when nobody knows it: a part waits and makes none."""
    for row in flow.rows:
        if row.kind == "parent" and row.to is not None:
            whole = str(record.values.get(view.properties(row, "webcrm")[0]))
            known = view.records(row.to).get(whole)
            if known is None or known.gone:
                return f"{row.to}:{whole}"
    return None


def _told(counts: Counter[str]) -> str:
    parts = [
        f"{counts['linked']} linked" if counts["linked"] else "",
        f"{counts['to_be_made']} to be made" if counts["to_be_made"] else "",
        f"{counts['waiting']} waiting" if counts["waiting"] else "",
        f"{counts['left_out']} of the vendor's own organisation left out" if counts["left_out"] else "",
    ]
    told = ", ".join(filter(None, parts))
    return f" ({told})" if told else ""


def _ids(ids: list[str]) -> str:
    rest = len(ids) - SHOWN
    return ", ".join(ids[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
