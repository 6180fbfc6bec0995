"""Properties: each row of a mapping, each way it may go, proved or disproved by the records of the replay.

What a record shall have is worked out from the raw fixtures and the row alone: the newest claim on the property wins. A record
discriminates when it shows something else now, or is not there yet; a row without one is unproven, however many records agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.checklist.checks.direction import BACK, OUT, directions
from dataflow.checklist.wording import row_title, values_shown
from dataflow.dtl.values import Datetime
from dataflow.results import Evidence, Result, Verdict
from dataflow.scenario.normal import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataflow.checklist.checks.direction import Direction
    from dataflow.checklist.view import Claim, Desired, Group, View
    from dataflow.generate.mapping import Row

SHOWN = 5

# Only these can be written to an order; any other is the ERP's own, counts as won and is not undone (design: order head).
_WRITABLE_STATUSES = frozenset({"Draft", "Confirmed", "Cancelled"})

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "decimal": (int, float, Decimal),
    "boolean": (bool,),
    "date": (str, Datetime),
}


@dataclass(frozen=True, slots=True)
class Observation:
    """One desired state seen through one row: did it have to change (`discriminates`), and is it right (`holds`)."""

    desired: Desired
    discriminates: bool
    holds: bool
    evidence: Evidence


def check(view: View, row: Row, group: str) -> Iterator[Result]:
    """One result per way the row may go."""
    for direction in directions(row):
        seen = list(observe(view, row, direction))
        result_id = f"{group}.{row.golden}.{direction.id}"
        title = row_title(view, row, direction)
        about = {"row": row.golden, "way": row.way, "direction": direction.id, "looked_at": len(seen)}
        faults = [one for one in seen if not one.holds]
        proofs = sorted((one for one in seen if one.discriminates), key=lambda one: one.desired.native is None)
        if faults:
            reason = f"{len(faults)} of {len(seen)} records are wrong: {faults[0].evidence.note}"
            evidence = tuple(one.evidence for one in faults[:SHOWN])
            yield Result(result_id, title, Verdict.FAIL, reason, evidence, group=group, properties=about)
        elif proofs:
            yield Result(result_id, title, Verdict.PASS, None, (proofs[0].evidence,), group=group, properties=about)
        else:
            reason = _unproven(seen, direction)
            yield Result(result_id, title, Verdict.UNPROVEN, reason, group=group, properties=about)


def observe(view: View, row: Row, direction: Direction) -> Iterator[Observation]:
    """Every record of the replay that says something about a row in one direction."""
    if row.kind in OWN_WAY:
        yield from OWN_WAY[row.kind](view, row)
        return
    yield from _carried(view, row, direction)
    if row.owner is not None:
        yield from _strays(view, row, OUT if direction is BACK else BACK)


def _carried(view: View, row: Row, direction: Direction) -> Iterator[Observation]:
    """Rows whose newest value travels."""
    concept = view.concept_of(row.webcrm_member)
    source, target = row.member(direction.source), row.member(direction.target)
    properties = view.properties(row, direction.target)
    for desired, group in _states(view, source, target):
        winner = view.winner(concept, row, group)
        if winner is None:
            continue
        raw = _raw(view, target, desired)
        before = view.normal(row, target, raw)
        kept = _is_kept(row, direction, before, raw.get(properties[0]))
        expected = before if kept else winner.value
        if row.to is not None and expected is not None and not view.resolves(expected, direction.target):
            continue
        there = any(name in desired.values for name in properties)
        after = _after(view, row, target, desired, raw)
        wrong_type = there and direction is OUT and not _typed(row, desired.values.get(properties[0]))
        yield Observation(
            desired,
            discriminates=not kept and winner.member == source and expected != before,
            holds=after == expected and not wrong_type,
            evidence=_evidence(desired, properties, raw, expected, winner, row if wrong_type else None),
        )


def _strays(view: View, row: Row, against: Direction) -> Iterator[Observation]:
    """The owner of a one-way property must not be told the other side's value."""
    source, target = row.member(against.source), row.member(against.target)
    properties = view.properties(row, against.target)
    for desired, group in _states(view, source, target):
        if not any(name in desired.values for name in properties):
            continue
        raw = _raw(view, target, desired)
        after = _after(view, row, target, desired, raw)
        theirs = [view.normal(row, source, values) for values in _values(view, source, group)]
        own = [view.normal(row, target, values) for values in _values(view, target, group)]
        note = f"{against.target_name} owns it, and {_change(raw, desired.values, properties)}"
        evidence = Evidence(desired.pipe, desired.entity, _pointer(properties), own, after, note)
        yield Observation(desired, discriminates=False, holds=after in own or after not in theirs, evidence=evidence)


def _link(view: View, row: Row) -> Iterator[Observation]:
    """A property of Customerp that names the linked webCRM record."""
    (prop,) = view.properties(row, "customerp")
    link = view.members[row.customerp_member].links[prop]
    for desired, group in _states(view, row.webcrm_member, row.customerp_member):
        wanted = [link.prefix + record for record in group.of(link.to)]
        raw = _raw(view, row.customerp_member, desired)
        yield Observation(
            desired,
            discriminates=str(raw.get(prop)) not in wanted,
            holds=str(plain(desired.values.get(prop))) in wanted,
            evidence=_evidence(desired, (prop,), raw, " or ".join(wanted)),
        )


def _parent(view: View, row: Row) -> Iterator[Observation]:
    """A line stands in the order of its own opportunity; only a line that was not there before shows it."""
    (prop,) = view.properties(row, "webcrm")
    for desired, group in _states(view, row.webcrm_member, row.customerp_member):
        lines = _values(view, row.webcrm_member, group)
        belongs = {view.group_of(str(row.to), str(line.get(prop))) for line in lines}
        whole = desired.whole.group if desired.whole else None
        number = plain(lines[0].get(prop)) if lines else None
        note = f"stands in {whole.id if whole else 'no order'}, opportunity {number}"
        evidence = Evidence(desired.pipe, desired.entity, None, f"{row.to}:{number}", whole and whole.id, note)
        yield Observation(desired, discriminates=desired.native is None, holds=whole in belongs, evidence=evidence)


def _contact_type(view: View, row: Row) -> Iterator[Observation]:
    """`internal` for whoever is a user, `customer` for other persons."""
    (prop,) = view.properties(row, "customerp")
    users = next(name for name in view.concept_of(row.webcrm_member).members if name.endswith("-user"))
    for desired, group in _states(view, row.webcrm_member, row.customerp_member):
        wanted = "internal" if group.of(users) else "customer"
        raw = _raw(view, row.customerp_member, desired)
        evidence = _evidence(desired, (prop,), raw, wanted)
        yield Observation(desired, raw.get(prop) != wanted, desired.values.get(prop) == wanted, evidence)


def _compared(view: View, row: Row) -> Iterator[Observation]:
    """Compared and reported, never written to either side, least of all where the two differ."""
    for way in (BACK, OUT):
        source, target = row.member(way.source), row.member(way.target)
        properties = view.properties(row, way.target)
        for desired, group in _states(view, source, target) if properties else ():
            raw = _raw(view, target, desired)
            own = view.normal(row, target, raw)
            theirs = [view.normal(row, source, values) for values in _values(view, source, group)]
            there = properties[0] in desired.values
            note = f"{values_shown(raw, properties)} is left alone"
            if there:
                note = _change(raw, desired.values, properties)
            yield Observation(
                desired,
                discriminates=own is not None and own not in theirs,
                holds=not there or view.normal(row, target, desired.values) == own,
                evidence=Evidence(desired.pipe, desired.entity, _pointer(properties), own, theirs, note),
            )


# Kinds that are no values travelling as they are; `normal.NORMAL` has a reading for all the others.
OWN_WAY: dict[str, Callable[[View, Row], Iterator[Observation]]] = {
    "link": _link,
    "parent": _parent,
    "contact-type": _contact_type,
    "compared": _compared,
}


def _states(view: View, source: str, target: str) -> Iterator[tuple[Desired, Group]]:
    """Desired states that are about to be sent, of records that have a counterpart in `source`."""
    for desired in view.desired(target):
        group = desired.group
        if group is not None and not desired.held and group.id not in view.unsettled and group.of(source):
            yield desired, group


def _values(view: View, member: str, group: Group) -> list[dict[str, Any]]:
    """What the member's records of a group look like in their system."""
    records = view.records(member)
    return [records[record].values for record in group.of(member) if record in records]


def _raw(view: View, member: str, desired: Desired) -> dict[str, Any]:
    """What the record looks like in its system now; nothing if it is not there yet."""
    record = view.records(member).get(desired.native) if desired.native else None
    return record.values if record else {}


def _after(view: View, row: Row, member: str, desired: Desired, raw: dict[str, Any]) -> Any:
    """What the record will show; what is left as it is keeps its meaning, which other raw properties may have a part in."""
    properties = view.properties(row, view.members[member].system)
    if all(plain(desired.values.get(name)) == plain(raw.get(name)) for name in properties if name in desired.values):
        return view.normal(row, member, raw)
    return view.normal(row, member, desired.values)


def _is_kept(row: Row, direction: Direction, before: Any, raw: Any) -> bool:
    """Values that stay as they are whoever edited last: what is set once, and the ERP's own statuses."""
    if row.once:
        return before is not None
    return row.kind == "status" and direction is OUT and raw is not None and raw not in _WRITABLE_STATUSES


def _typed(row: Row, value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, _TYPES[row.type]) and (type(value) is not bool or row.type == "boolean")


def _evidence(
    desired: Desired,
    properties: tuple[str, ...],
    raw: dict[str, Any],
    expected: Any,
    winner: Claim | None = None,
    mistyped: Row | None = None,
) -> Evidence:
    note = _change(raw, desired.values, properties)
    if mistyped is not None:
        note += f", which is no {mistyped.type}"
    elif winner is not None:
        note += f" (newest: {winner.member}:{winner.record})"
    actual = _of(desired.values, properties)
    return Evidence(desired.pipe, desired.entity, _pointer(properties), expected, actual, note)


def _change(raw: dict[str, Any], values: dict[str, Any], properties: tuple[str, ...]) -> str:
    if not any(name in values for name in properties):
        return f"{values_shown(raw, properties)} and the desired state does not have it"
    before, after = values_shown(raw, properties), values_shown(values, properties)
    if not raw:
        return f"made with {after}"
    return f"stays {after}" if before == after else f"{before} becomes {after}"


def _of(values: dict[str, Any], properties: tuple[str, ...]) -> Any:
    found = [plain(values.get(name)) for name in properties]
    return found[0] if len(found) == 1 else found


def _pointer(properties: tuple[str, ...]) -> str:
    return f"/{properties[0]}"


def _unproven(seen: list[Observation], direction: Direction) -> str:
    if not seen:
        return f"no record of the fixtures that is in both systems, or about to be, has it in {direction.source_name}"
    return f"none of {len(seen)} records differs with the newer edit in {direction.source_name}"
