"""`-all` and `-collect`: what a system holds, raw, with the maker and the time of change of each record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.expressions import hop
from dataflow.generate.steps import rest_step

if TYPE_CHECKING:
    from dataflow.generate.mapping import Member

Pipe = dict[str, Any]

# The forms in which the two systems write a moment: webCRM with an offset, Customerp in UTC.
MOMENTS = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S.%fZ")


def all_pipe(member: Member) -> Pipe:
    """The list of a datatype as the system answers it, without secrets."""
    live = {
        "type": "rest",
        "system": member.system,
        "operation": f"{member.type}-list",
        "if_source_empty": "$ENV(if-source-empty)",
    }
    rule: list[Any] = [["copy", "*"]]
    if member.secrets:
        rule = [["comment", "Secrets and login logs never enter the node."], ["copy", "*", ["list", *member.secrets]]]
    return {
        "_id": f"{member.name}-all",
        "type": "pipe",
        "description": f"Every {member.type} of {member.system}, as it came.",
        "source": {
            "type": "conditional",
            "condition": "$ENV(node-env)",
            "alternatives": {"prod": live, "test": {"type": "http_endpoint"}},
        },
        "transform": {"type": "dtl", "rules": {"default": rule}},
        "pump": {"schedule_interval": "$ENV(collect-interval)"},
        "namespaced_identifiers": False,
    }


def collect_pipe(member: Member, share: str | None) -> Pipe:
    """What the system holds now: deletions verified, each record with its maker and its time of change."""
    path = f"_S.{member.updated}"
    rule: list[Any] = [["copy", "*"]]
    if share:
        rule += [
            [
                "comment",
                "A record that we made has the share's $generated_id. Tracked, because the log may be written after this.",
            ],
            ["add-if", "$origin", ["first", hop(share, "s", ["eq", "_S._id", "s.$generated_id"], returns="s.$origin")]],
        ]
    rule += [
        ["add-if", "$last-modified", ["coalesce", ["list", *[["datetime-parse", form, path] for form in MOMENTS]]]],
        ["comment", "Without a time of change the newest edit cannot win, and nobody would notice."],
        [
            "if",
            ["and", ["is-not-null", path], ["is-null", "_T.$last-modified"]],
            ["fail!", f"{member.updated} has a form we do not know"],
        ],
        ["if", ["eq", "_S._deleted", True], ["add", "_trigger", "verify"]],
    ]
    alive: list[Any] = ["eq", "_S.check_status", 200]
    steps: list[Any] = [{"type": "dtl", "rules": {"default": rule}}, rest_step(member, "verify", "check")]
    finish: list[Any] = [
        ["comment", "Missing from a list is not deleted: only what can no longer be looked up is."],
        ["copy", "*", ["list", "check", "check_status", "became", "became_status", "_trigger"]],
        ["if", alive, ["add", "_deleted", False]],
    ]
    if member.became:
        steps.append(rest_step(member, "verify", "became", type_=member.became))
        finish.append(
            ["if", ["eq", "_S.became_status", 200], [["add", "_deleted", False], ["add", "$became", member.became]]]
        )
    steps.append({"type": "dtl", "rules": {"default": finish}})
    pipe: Pipe = {
        "_id": f"{member.name}-collect",
        "type": "pipe",
        "description": f"What {member.system} holds: each {member.type} with $origin and $last-modified; deletions are verified.",
        "source": {"type": "dataset", "dataset": f"{member.name}-all", "include_previous_versions": True},
        "transform": steps,
        "sink": breaker(f"{member.name}-collect"),
        "namespaced_identifiers": False,
    }
    if share:
        pipe["exclude_completeness"] = [share]
    return pipe


def breaker(dataset: str) -> dict[str, Any]:
    """A dataset sink that stops a flood of changes before it reaches the other system."""
    return {
        "type": "dataset",
        "dataset": dataset,
        "circuit_breaker_threshold_count": "$ENV(circuit-breaker-count)",
        "circuit_breaker_threshold_factor": "$ENV(circuit-breaker-factor)",
    }


def line_pipes(member: Member, parent: Member) -> list[Pipe]:
    """The lines of a record as records of their own: split off, emitted, collected."""
    split: list[Any] = [
        ["comment", "The sink remembers the children of the last version and deletes those that are gone."],
        [
            "if",
            ["neq", "_S._deleted", True],
            ["create-child", ["apply", "line", f"_S.{parent.children}"]],
        ],
    ]
    line: list[Any] = [
        ["copy", "*"],
        ["add", "_id", ["concat", "_R._S._id", "-", ["string", f"_S.{member.pk}"]]],
        ["add", "parent-id", "_R._S._id"],
        ["add-if", "$last-modified", "_R._S.$last-modified"],
    ]
    gone: list[Any] = [
        ["copy", "*"],
        [
            "comment",
            "A line that left an order which still stands was removed by somebody: remember that instead of forgetting the line.",
        ],
        [
            "if",
            [
                "and",
                ["eq", "_S._deleted", True],
                [
                    "is-not-empty",
                    hop(f"{parent.name}-collect", "o", ["eq", ["first", ["split", "-", "_S._id"]], "o._id"]),
                ],
            ],
            [["add", "_deleted", False], ["add", "$removed", True]],
        ],
    ]
    return [
        {
            "_id": f"{member.name}-all",
            "type": "pipe",
            "description": f"Each {parent.type} with its lines as children.",
            "source": {"type": "dataset", "dataset": f"{parent.name}-collect", "include_previous_versions": True},
            "transform": {"type": "dtl", "rules": {"default": split, "line": line}},
            "namespaced_identifiers": False,
        },
        {
            "_id": f"{member.name}-all2",
            "type": "pipe",
            "description": "The lines alone. Emitting stands in a pipe of its own, or deletions of lines would be lost.",
            "source": {"type": "dataset", "dataset": f"{member.name}-all", "include_previous_versions": True},
            "transform": {"type": "emit_children"},
            "namespaced_identifiers": False,
        },
        {
            "_id": f"{member.name}-collect",
            "type": "pipe",
            "description": "What customerp holds: each line with the time its order changed.",
            "source": {"type": "dataset", "dataset": f"{member.name}-all2", "include_previous_versions": True},
            "transform": {"type": "dtl", "rules": {"default": gone}},
            "namespaced_identifiers": False,
        },
    ]
