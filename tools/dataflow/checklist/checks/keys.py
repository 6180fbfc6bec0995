"""Keys and links in a replay: what is equal is together, what a key alone brought together, and that a link comes first.

A pair proves a key when Customerp's record names no webCRM record of the pair, so that nothing but the key can have linked them.
Records with the same key that are apart disprove it, but for those that a key leaves apart on purpose: where more than
one record of a side has it, or it is known with different references that must not differ (`within`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from dataflow.results import Evidence, Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.checklist.checks.direction import Direction
    from dataflow.checklist.view import Group, View
    from dataflow.generate.mapping import Flow, Row

SHOWN = 10


def check(view: View, flow: Flow, row: Row, group: str) -> Result:
    """Whether one key links by itself: a match key, or the id that Customerp keeps."""
    result_id = f"{group}.key-{row.golden}"
    title = f"{' and '.join(view.properties(row, 'webcrm'))} = {row.customerp} alone links"
    alone, apart = (_named(view, flow, row)) if row.kind == "link" else (_matched(view, flow, row))
    if apart:
        reason = f"{apart[0].entity} {apart[0].note}"
        return Result(result_id, title, Verdict.FAIL, reason, tuple(apart[:SHOWN]), group=group)
    if not alone:
        reason = "no two records of the fixtures have only this key in common"
        return Result(result_id, title, Verdict.UNPROVEN, reason, group=group)
    return Result(result_id, title, Verdict.PASS, evidence=tuple(alone[:1]), group=group)


def _named(view: View, flow: Flow, row: Row) -> tuple[list[Evidence], list[Evidence]]:
    link = view.members[flow.customerp].links[str(row.customerp)]
    alone: list[Evidence] = []
    apart: list[Evidence] = []
    for record in view.records(flow.customerp).values():
        named = str(record.values.get(str(row.customerp)) or "").removeprefix(link.prefix)
        known = view.records(flow.webcrm).get(named)
        if record.gone or known is None or known.gone or view.left_out(flow.webcrm, known.values):
            continue
        pair = f"{flow.webcrm}:{named} and {flow.customerp}:{record.id}"
        together = view.group_of(flow.webcrm, named) == view.group_of(flow.customerp, record.id)
        note = f"are linked by {row.customerp}" if together else f"are apart although {row.customerp} names it"
        (alone if together else apart).append(Evidence(entity=pair, note=note))
    return alone, apart


def _matched(view: View, flow: Flow, row: Row) -> tuple[list[Evidence], list[Evidence]]:
    shared = _shared(view, flow, row)
    left, right = (_by_key(view, member, row) for member in (flow.webcrm, flow.customerp))
    alone: list[Evidence] = []
    apart: list[Evidence] = []
    for key in left.keys() & right.keys():
        if len(left[key]) > 1 or len(right[key]) > 1 or key in shared:
            continue
        original, counterpart = left[key][0], right[key][0]
        mine, theirs = view.group_of(flow.webcrm, original), view.group_of(flow.customerp, counterpart)
        pair = f"{flow.webcrm}:{original} and {flow.customerp}:{counterpart}"
        if mine is None or theirs is None or view.unsettled & {mine.id, theirs.id}:
            continue
        if mine != theirs:
            if not _is_spoken_for(view, flow, mine, theirs):
                apart.append(Evidence(entity=pair, note=f"have the same {row.customerp} and are apart"))
        elif not any(view.records(flow.customerp)[counterpart].values.get(name) for name in _links(view, flow)):
            alone.append(Evidence(entity=pair, note=f"are linked by {row.customerp} alone"))
    return alone, apart


def _is_spoken_for(view: View, flow: Flow, mine: Group, theirs: Group) -> bool:
    """Whether one of the two has a partner already, which a key never takes away."""
    return bool(mine.of(flow.customerp) or theirs.of(flow.webcrm))


def _links(view: View, flow: Flow) -> list[str]:
    return list(view.members[flow.customerp].links)


def _shared(view: View, flow: Flow, row: Row) -> set[str]:
    """Keys that records with different references have, such as an e-mail of contacts of two customers: they match nobody."""
    concept = view.concept_of(flow.webcrm)
    within = next(match.within for match in concept.match if match.row == row.golden)
    found: defaultdict[str, set[Any]] = defaultdict(set)
    for name, member in concept.members.items():
        own = {other.golden: other for other in concept.rows if other.member(member.system) == name}
        if row.golden in own and within in own:
            for key, records in _by_key(view, name, own[row.golden]).items():
                found[key] |= {view.normal(own[within], name, view.records(name)[one].values) for one in records}
    return {key for key, bounds in found.items() if len(bounds - {None}) > 1}


def _by_key(view: View, member: str, row: Row) -> dict[str, list[str]]:
    """The living records of a member by the normal form of their key."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for record in view.records(member).values():
        key = None if record.gone or view.left_out(member, record.values) else view.normal(row, member, record.values)
        if key is not None:
            # Case never counts in a key (design: match keys).
            found[str(key).upper()].append(record.id)
    return found


def first(view: View, flow: Flow, direction: Direction, group: str) -> Result:
    """A link comes first: no desired state makes a record of the target out of one that has none."""
    target = flow.webcrm if direction.target == "webcrm" else flow.customerp
    source = flow.customerp if target == flow.webcrm else flow.webcrm
    result_id = f"{group}.link-first"
    made = [
        Evidence(desired.pipe, desired.entity, note="would be made before there is a link")
        for desired in view.desired(target)
        if desired.native is None and not desired.held and desired.group is not None and desired.group.of(source)
    ]
    strangers = list(_strangers(view, source, target))
    title = f"a link comes first: {len(strangers)} without one are left alone"
    if made:
        reason = f"{len(made)} would be made: {made[0].entity}"
        return Result(result_id, title, Verdict.FAIL, reason, tuple(made[:SHOWN]), group=group)
    if not strangers:
        return Result(result_id, title, Verdict.UNPROVEN, f"every {source} of the fixtures is linked", group=group)
    return Result(result_id, title, Verdict.PASS, evidence=tuple(strangers[:1]), group=group)


def _strangers(view: View, source: str, target: str) -> Iterator[Evidence]:
    for group in view.groups[view.concept_of(source).concept]:
        if group.of(source) and not group.of(target):
            yield Evidence(None, f"{source}:{group.of(source)[0]}", note=f"has no {target}, and none is made")
