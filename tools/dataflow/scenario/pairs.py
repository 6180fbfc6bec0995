"""Who is linked with whom, by what the records of the two systems say alone: no pipe and no dataset is asked.

A record of Customerp names the webCRM record it belongs to in a link property (`ExternalId`). Records of webCRM that fold into one,
such as products with the same number, share a counterpart that can name one of them only; the others are found by their match key.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.generate.mapping import Mapping as Concept
    from dataflow.generate.mapping import Match
    from dataflow.scenario.reading import Reading

    # Member, id of the record (of a part: id of the whole, a hyphen, its own), the record as the API gives it.
    Records = Mapping[str, Mapping[str, Mapping[str, Any]]]

Ref = tuple[str, str]  # member and id


class Pairs:
    """Of one moment: `records` is all that both systems hold."""

    def __init__(self, reading: Reading, records: Records) -> None:
        self._reading = reading
        self._records = records

    @cached_property
    def named(self) -> Mapping[Ref, list[Ref]]:
        """webCRM record -> the Customerp records whose link property names it; more than one is a fault."""
        found: defaultdict[Ref, list[Ref]] = defaultdict(list)
        for member in self._reading.members.values():
            for prop, link in member.links.items():
                for record_id, record in self._records.get(member.name, {}).items():
                    value = record.get(prop)
                    if value not in (None, "") and str(value).startswith(link.prefix):
                        found[link.to, str(value).removeprefix(link.prefix)].append((member.name, record_id))
        return found

    def counterpart(self, member: str, record_id: str) -> str | None:
        """The id of the one Customerp record that a webCRM record is linked with; None when there is none, or not one alone."""
        named = self.named.get((member, record_id), ())
        if len(named) == 1:
            return named[0][1]
        if named:
            return None
        shared = [found for key in self._keys(member, record_id) for found in self._keyed[key]]
        return shared[0][1] if len(set(shared)) == 1 else None

    def originals(self, member: str, record_id: str) -> list[Ref]:
        """The webCRM records that a Customerp record's link properties name, whether they exist or not."""
        record = self._records.get(member, {}).get(record_id, {})
        links = self._reading.members[member].links
        named = [(link, record.get(prop)) for prop, link in links.items()]
        return [(link.to, str(value).removeprefix(link.prefix)) for link, value in named if value not in (None, "")]

    @cached_property
    def _keyed(self) -> Mapping[tuple[Any, ...], list[Ref]]:
        """Match key -> the Customerp records that have it."""
        found: defaultdict[tuple[Any, ...], list[Ref]] = defaultdict(list)
        for concept in self._reading.concepts.values():
            for member in concept.side("customerp"):
                for record_id in self._records.get(member.name, {}):
                    for key in self._keys(member.name, record_id):
                        found[key].append((member.name, record_id))
        return found

    def _keys(self, member: str, record_id: str) -> list[tuple[Any, ...]]:
        concept = self._reading.concept_of(member)
        record = self._records.get(member, {}).get(record_id)
        if record is None:
            return []
        values = [(match, self._value(concept, match.row, member, record)) for match in concept.match]
        return [
            # Case never counts in a key (design: match keys).
            (concept.concept, match.key, str(value).upper(), self._within(concept, match, member, record))
            for match, value in values
            if value is not None
        ]

    def _value(self, concept: Concept, golden: str, member: str, record: Mapping[str, Any]) -> Any:
        system = self._reading.members[member].system
        row = next((r for r in concept.rows if r.golden == golden and r.member(system) == member), None)
        return None if row is None else self._reading.normal(row, member, record)

    def _within(self, concept: Concept, match: Match, member: str, record: Mapping[str, Any]) -> Any:
        """What must be the same beside the key, as an id of Customerp; a person's organisation for its e-mail."""
        if match.within is None:
            return None
        value = self._value(concept, match.within, member, record)
        if value is None or self._reading.members[member].system == "customerp":
            return value
        row = next(row for row in concept.rows if row.golden == match.within and row.webcrm_member == member)
        return self.counterpart(str(row.to), value)
