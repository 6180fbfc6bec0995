"""How an edit went: the records at both ends, before and after, the pipes in between, and the requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.results import Passage, Seen, Sent
from dataflow.scenario.normal import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dataflow.checklist.live.edits import Edit
    from dataflow.scenario.journey import Journey
    from dataflow.scenario.pairs import Records
    from dataflow.scenario.reading import Reading


def passage_of(edit: Edit, reading: Reading, journey: Journey, before: Records, after: Records) -> Passage:
    """`before` are all records as they were ahead of the edit, `after` when everything had come to rest again."""
    part = journey.of({edit.place, edit.arrival, *_parents(reading, edit)})
    source, target = edit.direction.source, edit.direction.target
    seen = (
        _seen(edit, reading, source, edit.record, before, after),
        _seen(edit, reading, target, edit.counterpart, before, after),
    )
    sent = tuple(Sent(f"{r.method} {r.system} {r.path}", r.body, r.status) for r in part.requests)
    return Passage(seen, part.pipes, sent)


def _parents(reading: Reading, edit: Edit) -> Iterator[str]:
    """The records that a line stands in and is written with: of `1004-2` that is 1004."""
    for place in (edit.place, edit.arrival):
        member, _, record_id = place.partition(":")
        parent = reading.members[member].parent
        if parent is not None:
            yield f"{parent}:{record_id.partition('-')[0]}"


def _seen(edit: Edit, reading: Reading, system: str, record_id: str, before: Records, after: Records) -> Seen:
    """Of a record the properties that its table has."""
    member = edit.row.member(system)
    names = dict.fromkeys(name for row in edit.flow.rows for name in reading.properties(row, system))

    def shown(records: Records) -> dict[str, Any] | None:
        record: Mapping[str, Any] | None = records.get(member, {}).get(record_id)
        return None if record is None else {name: plain(record.get(name)) for name in names}

    return Seen(f"{member}:{record_id}", shown(before), shown(after), reading.properties(edit.row, system))
