"""Why a property of a record is what it is: who claims what since when, and the way the value came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.checklist.checks.direction import BACK, OUT
from dataflow.checklist.wording import row_title
from dataflow.errors import DataflowError, UsageError
from dataflow.node.explain import explain

if TYPE_CHECKING:
    from dataflow.node.explain import Link
    from dataflow.scenario.reading import Reading
    from dataflow.scenario.world import World

_WAYS = {
    "both": "Either system may change it; the newest edit counts.",
    "crm": "webCRM owns it: what is edited in Customerp is put back.",
    "erp": "Customerp owns it: what is edited in webCRM is put back.",
}
# The claim of a record on a value that it was given, and that nobody has edited there since.
_NONE = "0"


@dataclass(frozen=True, slots=True)
class Claim:
    """What one record says. `since` is an instant in ISO text, None when it only repeats what it was given.

    Of the claims on a property the one that `wins` counts.
    """

    place: str
    value: Any
    since: str | None
    wins: bool


@dataclass(frozen=True, slots=True)
class Why:
    """`title` is the row. `chain` is every entity the value passed, the last one first; None where no pipe has the value."""

    place: str
    name: str
    value: Any
    title: str
    rule: str
    claims: tuple[Claim, ...]
    chain: Link | None


def why(world: World, reading: Reading, member: str, record_id: str, name: str) -> Why:
    """Explain a property of a record. Raises UsageError for a record or a property that is not there."""
    place = f"{member}:{record_id}"
    record = world.records().get(member, {}).get(record_id)
    if record is None:
        raise UsageError(f"there is no {place}")
    system = reading.members[member].system
    rows = [row for flow in reading.flows for row in flow.rows if row.member(system) == member]
    row = next((row for row in rows if name in reading.properties(row, system)), None)
    if row is None:
        raise UsageError(f"no row of a mapping is about {name} of {place}")
    concept = reading.concept_of(member)
    group = _group(world, concept.dataset, place)
    claims = _claims(world, group, row.golden) if group else []
    shared = (concept.dataset, (group or {}).get("_id"), row.golden)
    chain = _chain(world, [(f"{member}-transform", place, name), shared])
    rule = f"{_WAYS[row.way]} Note: {row.note}." if row.note else _WAYS[row.way]
    title = row_title(reading, row, BACK if row.way == "erp" else OUT)
    if row.way == "both":
        title = title.replace(OUT.arrow, "↔")
    return Why(place, name, record.get(name), title, rule, tuple(claims), chain)


def _group(world: World, dataset: str, place: str) -> dict[str, Any] | None:
    """The entity of a global that a record belongs to."""
    return next((one for one in world.entities(dataset).values() if f"~:{place}" in one.get("$ids", ())), None)


def _claims(world: World, group: dict[str, Any], golden: str) -> list[Claim]:
    found = []
    for identifier in group["$ids"]:
        place = identifier.removeprefix("~:")
        member = place.partition(":")[0]
        entity = world.entities(f"{member}-enrich").get(place, {})
        claims: dict[str, Any] = next(
            (value for key, value in entity.items() if key.rpartition(":")[2] == "claims"), {}
        )
        claim = claims.get(golden)
        if type(claim) is dict and "k" in claim:
            found.append((place, claim.get("v"), str(claim["k"])))
    newest = max((key for _, _, key in found), default=_NONE)
    return [
        Claim(place, value, None if key == _NONE else key.partition(" ")[0], key == newest and key != _NONE)
        for place, value, key in found
    ]


def _chain(world: World, ways: list[tuple[str, Any, str]]) -> Link | None:
    """The first explanation there is: of the record as it shall be, or of the entity that both sides share."""
    for pipe, entity, name in ways:
        try:
            return explain(world.node, pipe, str(entity), name)
        except DataflowError:
            continue
    return None
