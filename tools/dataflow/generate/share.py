"""`-share`: decide, look up, compare, write, log. The only pipes that change anything in a system.

The sink is a log: one entity per `-transform` entity with what was done (`$operation`), why not (`$error`), and the id a
record was given (`$generated_id`). It links what has no natural key, so it is never emptied and never holds a deleted entity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.comparing import compared, payloads
from dataflow.generate.expressions import hop
from dataflow.generate.fields import written
from dataflow.generate.outcome import log
from dataflow.generate.steps import rest_step

if TYPE_CHECKING:
    from dataflow.generate.mapping import Mapping, Member

# Answers that will not change when asked again; anything else (401, 408, 429, 5xx) fails the pipe, which tries again in order.
SETTLED = "200-299,400,404,409,412,422"


def share_pipe(mappings: dict[str, Mapping], mapping: Mapping, member: Member) -> dict[str, Any]:
    name = f"{member.name}-share"
    comparing = compared(mappings, mapping, member)
    steps: list[Any] = [
        {"type": "dtl", "rules": {"default": _decide(member), **comparing}},
        rest_step(member, "lookup", "lookup", headers="lookup_headers"),
    ]
    if member.insert != "never" and (member.find or member.find_alike):
        steps.append(rest_step(member, "find", "found"))
    steps.append(
        {"type": "dtl", "rules": {"default": _compare(mapping, member), **comparing, **payloads(mapping, member)}}
    )
    if member.insert != "never":
        steps.append(_writing(rest_step(member, "insert", "response_body")))
    steps.append(_writing(rest_step(member, "update", "response_body")))
    if member.delete:
        steps.append(_writing(rest_step(member, "delete", "response_body")))
    remembered = [["merge", "_S.before"], ["merge", "_S.now"]]
    steps.append({"type": "dtl", "rules": {"default": log(member), "written": remembered}})
    return {
        "_id": name,
        "type": "pipe",
        "description": f"Brings each {member.type} of {member.system} to its desired state and logs what was done.",
        "comment": [
            "batch_size 1: the log must be readable for the next entity, and a failing one must not repeat its neighbours.",
            'set_initial_offset "onload": the pipe reads its own log.',
            "deletion_tracking false: a log is no mirror.",
        ],
        "source": {"type": "dataset", "dataset": f"{member.name}-transform"},
        "transform": steps,
        "sink": {"type": "dataset", "dataset": name, "deletion_tracking": False, "set_initial_offset": "onload"},
        "pump": {"mode": "$ENV(share-pump-mode)", "rescan_cron_expression": "15 2 * * *"},
        "batch_size": 1,
        "compaction": {"keep_versions": 100},
        "metadata": {"durable": True},
        "namespaced_identifiers": False,
    }


def _writing(step: dict[str, Any]) -> dict[str, Any]:
    live = step["alternatives"]["prod"]
    live["response_status_property"] = "response_status"
    live["allowed_status_codes"] = SETTLED
    stub = step["alternatives"]["test"]["rules"]["default"]
    for transform in stub:
        if transform[:2] == ["add", "response_body_status"]:
            transform[1] = "response_status"
    return step


def _decide(member: Member) -> list[Any]:
    """Classify the entity without calling anything; the order of the cases is the decision."""
    name = f"{member.name}-share"
    pk = f"_S.{member.pk}"
    deleted: Any = ["eq", "_S._deleted", True]
    target = ["coalesce-args", "l.$generated_id", "l.$target"]
    together = ["eq", "_S.$ids", "l.$ids"]
    known = hop(name, "l", together, ["is-not-null", target], returns=target, tracked=False)
    collect = f"{member.name}-collect"
    alive = [
        "hops",
        {
            "datasets": [f"{name} l", f"{collect} c"],
            "where": [together, ["eq", target, "c._id"]],
            "return": "c._id",
            "track-dependencies": False,
        },
    ]
    delete: list[Any] = [
        ["and", deleted, ["neq", "$ENV(propagate-deletes)", True]],
        "discard-deletes-not-enabled",
        deleted,
        "delete",
    ]
    if not member.delete:
        delete = [deleted, "discard-deletes-not-enabled"]
    insert: list[Any] = [["is-not-empty", "_T._linked"], "discard-already-inserted", "insert"]
    if member.insert == "never":
        insert = ["discard-never-inserted"]
    operation = [
        "case",
        ["and", deleted, ["eq", "_S.$replaced", True]],
        "discard-replaced",
        ["is-not-null", "_S.$discard"],
        "discard-by-connector",
        ["and", deleted, ["is-null", pk]],
        "discard-delete-non-existent",
        *delete,
        ["and", ["is-not-null", pk], ["eq", ["apply", "compared", "_S."], ["apply", "compared", "_S.$based_on"]]],
        "discard-entity-not-changed",
        ["is-not-null", pk],
        "lookup",
        *insert,
    ]
    linked: list[Any] = []
    triggers: list[Any] = ["lookup", ["add", "_trigger", "lookup"]]
    if member.delete:
        triggers += ["delete", ["add", "_trigger", "lookup"]]
    if member.insert != "never":
        linked = [
            ["comment", "Linked once and not seen any more (not collected yet, or deleted): not made again."],
            ["add", "_linked", ["if", ["is-null", pk], ["difference", known, alive]]],
        ]
        unmade = ["if", ["is-null", "_S.$origin"], ["fail!", "a new record without $origin could never be linked"]]
        triggers += ["insert", [unmade, ["add", "_trigger", _finding(member)]]]
    logged = ["is-not-empty", hop(name, "r", ["eq", "_S._id", "r._id"], tracked=False)]
    rule: list[Any] = [
        ["comment", "Untracked, here and below: to process an insert again would be to insert again."],
        ["comment", "Of a candidate that was linked before anything came of it there is nothing to tell."],
        ["discard", ["or", ["neq", "_S.$replaced", True], logged]],
        ["copy", "*"],
        *linked,
        ["add", "$operation", operation],
        ["comment", "A log entry is never deleted, or joins would not find it any more."],
        ["add", "_deleted", False],
        ["add-if", "$deleted", ["eq", "_.", True], "_S._deleted"],
        ["case-eq", "_T.$operation", *triggers],
        *([["remove", "_linked"]] if linked else []),
    ]
    return rule


def _finding(member: Member) -> Any:
    if member.find_alike:
        return "find"
    if not member.find:
        return "insert"
    given = [["and", ["is-not-null", f"_S.{prop}"], ["neq", f"_S.{prop}", ""]] for prop in member.find]
    return ["if", ["or", *given] if len(given) > 1 else given[0], "find", "insert"]


def _compare(mapping: Mapping, member: Member) -> list[Any]:
    """After reading: has somebody changed the record meanwhile, and is there anything left to change?"""
    now, then, want = (["apply", "compared", path] for path in ("_S.lookup", "_S.$based_on", "_S."))
    states = ["dict", "want", "_S.", "wanted", "_T._want", "had", "_T._now"]
    update: list[Any] = [
        ["add", "$operation", "update"],
        ["add", "_trigger", "update"],
        ["add", "payload", ["apply", "changed", states]],
    ]
    if member.system == "customerp":
        etag = ["coalesce-args", "_S.lookup_headers.ETag", "_S.lookup_headers.Etag", "_S.lookup_headers.etag"]
        update.append(["add-if", "$etag", etag])
    removal: list[Any] = []
    if member.delete:
        gone: list[Any] = [["add", "_trigger", "delete"]]
        if member.system == "customerp":
            gone.append(update[-1])
        removal = [
            ["and", ["eq", "_S.$operation", "delete"], ["eq", "_S.lookup_status", 404]],
            [["add", "$operation", "discard-delete-non-existent"], ["add", "_trigger", "none"]],
            ["and", ["eq", "_S.$operation", "delete"], ["eq", "_S.lookup_status", 200]],
            gone,
        ]
    stop = ["add", "_trigger", "none"]
    rule: list[Any] = [
        ["copy", "*", ["list", "lookup_headers", "found", "found_status"]],
        [
            "if",
            ["eq", "_S._trigger", "lookup"],
            [
                ["add", "_now", now],
                ["add", "_want", want],
                [
                    "case",
                    *removal,
                    ["neq", "_S.lookup_status", 200],
                    [["add", "$error", ["concat", ["string", "_S.lookup_status"], ": cannot be looked up"]], stop],
                    ["and", ["neq", "_T._now", then], ["neq", "_S.$unsafe_skip_optimistic_locking", True]],
                    [
                        ["comment", "Somebody was faster: the newer version will be collected, and that run decides."],
                        ["add", "$operation", "discard-modified-in-system"],
                        stop,
                    ],
                    ["eq", "_T._now", "_T._want"],
                    [["add", "$operation", "discard-entity-not-changed"], stop],
                    update,
                ],
            ],
        ],
    ]
    if member.insert != "never":
        if member.find or member.find_alike:
            rule += _found(mapping, member)
        rule.append(
            [
                "if",
                ["eq", "_T._trigger", "insert"],
                ["add", "payload", ["apply", "filled", "_S."]],
            ]
        )
    rule.append(["remove", ["list", "lookup", "lookup_status", "_now", "_want"]])
    return rule


def _found(mapping: Mapping, member: Member) -> list[Any]:
    """A record that names ours already exists: the answer to an earlier insert was lost."""
    items = ["combine", "_S.found.Items", "_S.found"]
    named: list[Any] = [["and", ["is-not-null", f"_S.{p}"], ["eq", f"_.{p}", f"_S.{p}"]] for p in member.find]
    match = ["filter", named[0] if len(named) == 1 else ["or", *named], items]
    before: list[Any] = []
    if member.find_alike:
        # Nothing in it names ours, so it is one that has all we would write, and that nobody is linked with.
        other = next(mapping.side("customerp"))
        ids = ["string", f"_S.found.{member.pk}"]
        links = f"e.{other.name}:external-ni"
        linked = hop(
            f"{other.name}-enrich",
            "e",
            ["eq", ["ni", member.name, ids], links],
            returns=["ni-id", links],
            tracked=False,
        )
        made = hop(
            f"{member.name}-share", "l", ["eq", ids, "l.$generated_id"], returns="l.$generated_id", tracked=False
        )
        before = [["add", "_taken", ["flatten", ["combine", linked, made]]]]
        free = ["not", ["in", ["string", f"_.{member.pk}"], "_T._taken"]]
        alike = [["or", ["is-null", f"_S.{p}"], ["eq", f"_.{p}", f"_S.{p}"]] for p in written(mapping, member)]
        match = ["filter", ["and", free, *alike], items]
    return [
        [
            "if",
            ["eq", "_S._trigger", "find"],
            [
                *before,
                ["add", "_match", ["first", match]],
                [
                    "if",
                    ["is-not-null", "_T._match"],
                    [
                        ["add", "$operation", "discard-already-inserted"],
                        ["add", "$generated_id", ["string", f"_T._match.{member.pk}"]],
                        ["add", "_trigger", "none"],
                    ],
                    ["add", "_trigger", "insert"],
                ],
                ["remove", ["list", "_match", "_taken"] if before else "_match"],
            ],
        ]
    ]
