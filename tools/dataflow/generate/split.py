"""`-transform-split`: one entity per record of the target system, or one candidate where the target has none yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataflow.generate.mapping import Mapping, Member


def split_pipe(mapping: Mapping, member: Member) -> dict[str, Any]:
    """An entity's own records go out under their own ids; a candidate keeps the id of the record it was born as."""
    name = member.name
    foreign = ["not", ["matches", f"{name}:*", "_S._id"]]
    gone = ["create", ["apply", "gone", "_S."]]
    own: list[Any] = [["create", ["apply", "own", "_T._own"]]]
    other: list[Any] = []
    rules: dict[str, Any] = {}
    if member.insert != "never":
        own.append(["if", foreign, gone])
        candidate: Any = ["create", ["apply", "candidate", "_S."]]
        if member.insert_unless:
            candidate = ["if", ["in", member.insert_unless, ["ni-ns", "_S.$ids"]], gone, candidate]
        other.append(candidate)
        rules["candidate"] = [["merge", "_S."], ["add", "_id", "_S._id"], ["add", "_deleted", "_S._deleted"]]
        rules["gone"] = [
            ["comment", "$replaced: the record lives on under another id, so this is no deletion."],
            ["add", "_id", "_S._id"],
            ["add", "$ids", "_S.$ids"],
            ["add", "$replaced", True],
            ["add", "_deleted", True],
        ]
    rule: list[Any] = [
        ["add", "_own", ["filter", ["eq", ["ni-ns", "_."], name], ["combine", "_S.$ids"]]],
        [
            "case",
            ["eq", "_S.$replaced", True],
            [["if", foreign, gone]] if member.insert != "never" else [["comment", "Its group speaks for it."]],
            ["is-not-empty", "_T._own"],
            own,
            *([other] if other else []),
        ],
        ["discard"],
    ]
    rules["own"] = [
        ["merge", "_R._S"],
        ["add", "_id", ["string", "_S."]],
        ["add", "_deleted", "_R._S._deleted"],
        ["comment", "The record's own claim: what it says itself, and the raw values it had."],
        ["add", "sesam:mine", ["first", ["filter", ["eq", "_.id", "_S."], ["combine", "_R._S.sesam:claims"]]]],
    ]
    datasets = [f"{m.parent or m.name}-collect" for m in mapping.members.values()]
    return {
        "_id": f"{name}-transform-split",
        "type": "pipe",
        "description": f"{mapping.dataset} by {member.type} of {member.system}."
        + ("" if member.insert != "never" else f" A {member.type} is never made there, so there are no candidates."),
        "source": {"type": "dataset", "dataset": mapping.dataset, "initial_completeness": datasets},
        "transform": {"type": "dtl", "rules": {"default": rule, **rules}},
        "sink": {"type": "dataset", "dataset": f"{name}-transform-split", "deletion_tracking": False},
        "namespaced_identifiers": False,
    }
