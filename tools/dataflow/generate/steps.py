"""REST steps: a call to a system and, in the test profile, the stub that reads the canned answer instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.expressions import hop

if TYPE_CHECKING:
    from dataflow.generate.mapping import Member

MOCKS = "mock-response"

# What the stub answers where `mock-response` has no answer: deletions are real, records are as we collected them, writes succeed.
_DEFAULT: dict[str, tuple[Any, int]] = {
    "verify": (None, 404),
    "lookup": ("_S.$based_on", 200),
    "find": (["list"], 200),
    "update": (None, 200),
    "delete": (None, 200),
}


def rest_step(
    member: Member, verb: str, response: str, *, type_: str | None = None, headers: str | None = None
) -> dict[str, Any]:
    """One conditional transform, run for entities whose `_trigger` is `verb`.

    The answer goes to the property `response`, its status code to `<response>_status`.
    """
    operation = f"{type_ or member.type}-{verb}"
    trigger = {"key": "_trigger", "value": verb}
    live: dict[str, Any] = {
        "type": "rest",
        "system": member.system,
        "operation": operation,
        "trigger_on": trigger,
        "response_property": response,
        "response_status_property": f"{response}_status",
        "side_effects": verb in ("insert", "update", "delete"),
    }
    if headers:
        live["response_headers_property"] = headers
    return {
        "type": "conditional",
        "condition": "$ENV(node-env)",
        "alternatives": {
            "prod": live,
            "test": {
                "type": "dtl",
                "trigger_on": trigger,
                "rules": {"default": _stub(member, operation, verb, response)},
            },
        },
    }


def _stub(member: Member, operation: str, verb: str, response: str) -> list[Any]:
    key = ["concat", f"{member.system}-{operation}|", "_S._id"]
    rule: list[Any] = [
        ["copy", "*"],
        ["add", "_mock", ["first", hop(MOCKS, "m", ["eq", key, "m._id"], tracked=False)]],
    ]
    if verb not in _DEFAULT:
        rule.append(
            ["if", ["is-null", "_T._mock"], ["fail!", f"mock-response has no answer to {member.system}'s {operation}"]]
        )
    body, status = _DEFAULT.get(verb, (None, 200))
    return [
        *rule,
        ["add-if", response, ["if", ["is-not-null", "_T._mock"], "_T._mock.body", body]],
        ["add", f"{response}_status", ["coalesce-args", "_T._mock.status", status]],
        ["remove", "_mock"],
    ]


def mock_pipe() -> dict[str, Any]:
    """The canned answers of the test profile; empty elsewhere."""
    return {
        "_id": MOCKS,
        "type": "pipe",
        "description": "What the systems answer in the test profile: _id is <system>-<operation>|<id of the entity>.",
        "source": {
            "type": "conditional",
            "condition": "$ENV(node-env)",
            "alternatives": {"prod": {"type": "empty"}, "test": {"type": "http_endpoint"}},
        },
        "namespaced_identifiers": False,
    }
