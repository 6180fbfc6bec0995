"""Which rows and properties of a mapping concern a member: what it decides, and what we write to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.generate.kinds import KINDS

if TYPE_CHECKING:
    from dataflow.generate.mapping import Mapping, Member, Row


def decided(mapping: Mapping, member: Member) -> list[Row]:
    """The rows whose golden value a member may decide: two-way ones and those its system owns."""
    return [row for row in mapping.rows_of(member) if KINDS[row.kind].claimed and row.owner in (None, member.system)]


def written(mapping: Mapping, member: Member) -> list[str]:
    """The properties of a member that we may write, in the order of the tables."""
    names = [
        prop
        for row in mapping.rows_of(member)
        if row.owner != member.system and row.kind not in ("compared", "parent")
        for prop in row.properties(member.system)
    ]
    return list(dict.fromkeys([*names, *([member.children] if member.children else [])]))


def fields(mapping: Mapping, member: Member) -> dict[str, list[Row]]:
    """The properties we may write, each with the rows that make it up."""
    result: dict[str, list[Row]] = {}
    writable = set(written(mapping, member))
    for row in mapping.rows_of(member):
        for prop in row.properties(member.system):
            if prop in writable and row.owner != member.system and row.kind != "compared":
                result.setdefault(prop, []).append(row)
    return result


def references(mapping: Mapping, member: Member) -> list[Row]:
    """The rows that refer to another record of the target."""
    return [row for row in mapping.rows_of(member) if row.kind == "reference" and row.owner != member.system]
