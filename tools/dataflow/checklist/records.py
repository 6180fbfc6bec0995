"""The raw records of the fixtures: what each system answered, version by version, before any pipe touched it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import loads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataflow.generate.mapping import Member

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Version:
    """What a record looked like, and when it was changed to that (microseconds since the epoch)."""

    values: dict[str, Any]
    at: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record with its versions, oldest first; `gone` when the last thing heard of it is that it was deleted."""

    id: str
    versions: tuple[Version, ...]
    gone: bool = False

    @property
    def values(self) -> dict[str, Any]:
        """What it looks like now."""
        return self.versions[-1].values if self.versions else {}


def read_records(testdata: Path, member: Member, parent: Member | None = None) -> dict[str, Record]:
    """The records of one datatype by id, from `testdata/<member>-all.json`; a part of another record from its parent's file."""
    path = testdata / f"{(parent or member).name}-all.json"
    entities = loads(path.read_text("utf-8-sig")) if path.is_file() else []
    if parent is not None:
        return _parts(entities, member, parent)
    versions: dict[str, list[Version]] = {}
    gone: dict[str, bool] = {}
    for entity in entities:
        record_id = str(entity.get("_id", entity.get(member.pk)))
        gone[record_id] = entity.get("_deleted") is True
        kept = versions.setdefault(record_id, [])
        if not gone[record_id]:
            kept.append(Version(entity, _moment(entity.get(member.updated))))
    return {record_id: Record(record_id, tuple(kept), gone[record_id]) for record_id, kept in versions.items()}


def _parts(entities: list[dict[str, Any]], member: Member, parent: Member) -> dict[str, Record]:
    """The parts of records, such as the lines of an order: as old as the version of the record they stand in."""
    versions: dict[str, list[Version]] = {}
    last: dict[str, set[str]] = {}
    for entity in entities:
        whole = str(entity.get("_id", entity.get(parent.pk)))
        last[whole] = set()
        for part_id, part in _children(entity, whole, member, parent):
            last[whole].add(part_id)
            versions.setdefault(part_id, []).append(Version(part, _moment(entity.get(parent.updated))))
    present = set().union(*last.values())
    return {part_id: Record(part_id, tuple(kept), part_id not in present) for part_id, kept in versions.items()}


def _children(
    entity: dict[str, Any], whole: str, member: Member, parent: Member
) -> Iterator[tuple[str, dict[str, Any]]]:
    if entity.get("_deleted") is not True:
        for part in entity.get(parent.children or "") or []:
            yield f"{whole}-{part.get(member.pk)}", part


def _moment(text: str | None) -> int:
    """Microseconds since the epoch; a record without a time of change is older than any other."""
    try:
        moment = datetime.fromisoformat(text) if text else _EPOCH
    except ValueError:
        moment = _EPOCH
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)
