"""Links, each made once: both native ids in one global entity, no Customerp record in two, nothing linked made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.results import Evidence, Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.checklist.view import View
    from dataflow.generate.mapping import Flow

SHOWN = 10


def check(view: View, flow: Flow, group: str) -> Result:
    """One result; its evidence names each record that is linked twice, or not linked although it names the other."""
    concept = view.concept_of(flow.webcrm)
    pairs = [g for g in view.groups[concept.concept] if g.of(flow.webcrm) and g.of(flow.customerp)]
    faults = [*_twice(view, flow), *_named_but_apart(view, flow), *_made_again(view, flow)]
    title = f"each link stands once: {len(pairs)} linked"
    if faults:
        reason = "; ".join(dict.fromkeys(f"{e.entity}: {e.note}" for e in faults[:SHOWN]))
        return Result(f"{group}.linked", title, Verdict.FAIL, reason, tuple(faults[:SHOWN]), group=group)
    if not pairs:
        reason = f"no {flow.webcrm} of the fixtures has a {flow.customerp}"
        return Result(f"{group}.linked", title, Verdict.UNPROVEN, reason, group=group)
    return Result(
        f"{group}.linked", title, Verdict.PASS, evidence=(Evidence(concept.dataset, pairs[0].id),), group=group
    )


def _twice(view: View, flow: Flow) -> Iterator[Evidence]:
    concept = view.concept_of(flow.webcrm)
    seen: dict[tuple[str, str], str] = {}
    for group in view.groups[concept.concept]:
        # A concept may serve two flows; a record that is in none of this flow's pairs is the other flow's to judge.
        for member in (flow.webcrm, flow.customerp):
            for record in group.of(member):
                first = seen.setdefault((member, record), group.id)
                if first is not group.id and _concerns(view, flow, member, record):
                    note = f"stands in two entities of {concept.dataset}: {first} and {group.id}"
                    yield Evidence(concept.dataset, f"{member}:{record}", note=note)


def _concerns(view: View, flow: Flow, member: str, record: str) -> bool:
    concept = view.concept_of(flow.webcrm)
    holders = [g for g in view.groups[concept.concept] if record in g.of(member)]
    return member == flow.webcrm or any(g.of(flow.webcrm) for g in holders)


def _named_but_apart(view: View, flow: Flow) -> Iterator[Evidence]:
    """A Customerp record that carries the id of a webCRM record must be linked to it."""
    for prop, link in view.members[flow.customerp].links.items():
        if link.to != flow.webcrm:
            continue
        for record in view.records(flow.customerp).values():
            named = str(record.values.get(prop) or "").removeprefix(link.prefix)
            known = view.records(flow.webcrm).get(named)
            if record.gone or known is None or known.gone or view.left_out(flow.webcrm, known.values):
                continue
            mine, other = view.group_of(flow.customerp, record.id), view.group_of(flow.webcrm, named)
            if mine is not None and other is not None and mine.id != other.id:
                note = f"its {prop} names {flow.webcrm}:{named}, but they are not linked"
                yield Evidence(None, f"{flow.customerp}:{record.id}", f"/{prop}", other.id, mine.id, note)


def _made_again(view: View, flow: Flow) -> Iterator[Evidence]:
    for desired in view.desired(flow.customerp):
        group = desired.group
        if desired.native is None and not desired.held and group and group.of(flow.webcrm) and group.of(flow.customerp):
            linked = ", ".join(group.of(flow.customerp))
            note = f"would be made again although {flow.customerp} {linked} is linked"
            yield Evidence(desired.pipe, desired.entity, note=note)
