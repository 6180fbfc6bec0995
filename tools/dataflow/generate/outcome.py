"""The log entry of a `-share`: what came of it, what went wrong, and what must not be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.expressions import hop

if TYPE_CHECKING:
    from dataflow.generate.mapping import Member


def log(member: Member) -> list[Any]:
    name = f"{member.name}-share"
    wrote: Any = ["in", "_S.$operation", ["list", "insert", "update", "delete"]]
    refused: list[Any] = ["or", ["gte", "_S.response_status", 300], ["eq", "_S.response_body.IsError", True]]
    if member.system == "webcrm":
        # It may say 200 and tell of its refusal in the body alone, in the form of its other refusals.
        refused.append(["is-not-null", "_S.response_body.Message"])
    said = [
        "coalesce-args",
        "_S.response_body.detail",
        "_S.response_body.title",
        "_S.response_body.ErrorDescription",
        "_S.response_body.Message",
        ["string", "_S.response_body"],
    ]
    body = "_S.response_body" if member.system == "webcrm" else f"_S.response_body.{member.pk}"
    rule: list[Any] = [
        ["copy", ["list", "_id", "$*", "payload"], ["list", "$based_on", "$based_on_properties", "$replaced", "$etag"]],
        ["add", "_deleted", False],
        ["add-if", "$target", ["string", f"_S.{member.pk}"]],
        ["add", "_before", ["first", hop(name, "b", ["eq", "_S._id", "b._id"], tracked=False)]],
        ["comment", "What was linked or generated once stays known, whatever happens later."],
        ["add", "$ids", ["union", "_T._before.$ids", "_S.$ids"]],
        ["if", ["is-null", "_T.$target"], ["add-if", "$target", "_T._before.$target"]],
        ["if", ["is-null", "_S.$generated_id"], ["add-if", "$generated_id", "_T._before.$generated_id"]],
        ["if", ["is-null", "_S.$origin"], ["add-if", "$origin", "_T._before.$origin"]],
        [
            "if",
            ["and", wrote, refused],
            [
                ["add", "$error", ["concat", ["string", "_S.response_status"], ": ", said]],
                ["add", "$response", ["dict", "status", "_S.response_status", "body", "_S.response_body"]],
            ],
        ],
    ]
    if member.insert != "never":
        conflict: list[Any] = ["and", ["eq", "_S.response_status", 409], ["is-not-null", "_S.response_body.existingId"]]
        rule.append(
            [
                "case",
                ["and", ["eq", "_S.$operation", "insert"], conflict],
                [
                    ["comment", "The system says itself which record has our external id."],
                    ["add", "$operation", "discard-already-inserted"],
                    ["add", "$generated_id", ["string", "_S.response_body.existingId"]],
                    ["remove", ["list", "$error", "$response"]],
                ],
                ["and", ["eq", "_S.$operation", "insert"], ["is-null", "_T.$error"]],
                [
                    ["if", ["is-null", ["integer", body]], ["trip!", f"{member.system} did not say which id it gave"]],
                    ["add", "$generated_id", ["string", body]],
                ],
            ]
        )
    stale: list[Any] = ["and", ["eq", "_S.$operation", "update"], ["eq", "_S.response_status", 412]]
    settled = ["list", "discard-entity-not-changed", "discard-replaced"]
    earlier = ["coalesce-args", "_T._before.$written", ["if", "_T._before.$success", "_T._before.payload"]]
    now = ["if", "_T.$success", "_T.payload"]
    rule += [
        [
            "if",
            stale,
            [
                ["comment", "Changed between our look and our write, which is why nothing was written."],
                ["add", "$operation", "discard-modified-in-system"],
                ["remove", ["list", "$error", "$response", "payload"]],
            ],
        ],
        ["add", "$success", ["is-null", "_T.$error"]],
        ["comment", "What we wrote is remembered until the record is seen with it: when it comes back it is no edit."],
        [
            "if",
            ["and", ["is-not-null", earlier], ["not", ["in", "_T.$operation", settled]]],
            ["add", "$written", ["apply", "written", ["dict", "before", earlier, "now", now]]],
        ],
    ]
    return rule
