"""Comparing two states of a record, and what is sent of their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.fields import written

if TYPE_CHECKING:
    from dataflow.generate.mapping import Mapping, Member, Row


def compared(mappings: dict[str, Mapping], mapping: Mapping, member: Member) -> dict[str, Any]:
    """The rules that bring a state to what counts in comparisons: our properties, without those that hold nothing."""
    something = ["and", ["is-not-empty", "_."], ["neq", "_.", ""]]
    rules: dict[str, Any] = {}
    rule: list[Any] = [["comment", "null, an empty text and a missing property are the same nothing."]]
    for prop in written(mapping, member):
        value: Any = f"_S.{prop}"
        if prop == member.children:
            lines, line = next(
                (m, member_)
                for m in mappings.values()
                for member_ in m.members.values()
                if member_.parent == member.name
            )
            value = ["sorted", "_.LineNumber", ["apply", "compared-line", value]]
            props = [line.pk, *written(lines, line)]
            rules["compared-line"] = [["add-if", p, something, f"_S.{p}"] for p in props]
        rule.append(["add-if", prop, something, value])
    return {"compared": rule, **rules}


def payloads(mapping: Mapping, member: Member) -> dict[str, Any]:
    """`changed`: what an update sends, and nothing else. `filled`: what an insert sends."""
    props = written(mapping, member)
    changed: list[Any] = [["if", ["neq", f"_S.wanted.{p}", f"_S.had.{p}"], ["add", p, f"_S.want.{p}"]] for p in props]
    if member.system == "webcrm":
        changed.insert(0, ["add", member.pk, f"_S.want.{member.pk}"])
    rules: dict[str, Any] = {"changed": changed}
    if member.insert != "never":
        given = [*props, *[row.webcrm[0] for row in mapping.rows_of(member) if _only_on_insert(row, member)]]
        filled: list[Any] = [["add-if", p, f"_S.{p}"] for p in given]
        if member.system == "webcrm":
            filled.insert(0, ["add", member.pk, 0])
        rules["filled"] = filled
    return rules


def _only_on_insert(row: Row, member: Member) -> bool:
    return member.system == "webcrm" and (row.on_insert or row.kind == "parent")
