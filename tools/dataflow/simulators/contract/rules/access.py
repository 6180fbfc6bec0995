"""Who is let in."""

from __future__ import annotations

from typing import Any

from dataflow.simulators.contract.rule import Rule, Trial, wants

_NOBODY = 999_999_999_999
_ETAG = '"0-0"'


def _strangers(kind: str) -> Rule:
    def check(trial: Trial) -> None:
        operation = trial.operation(kind)
        body: dict[str, Any] | None = {} if operation.bodies else None
        etag = _ETAG if any(parameter.name == "If-Match" for parameter in operation.parameters) else None
        for token in (None, "not-a-token"):
            reply = trial.client.call_as_stranger(operation, token, record_id=_NOBODY, body=body, etag=etag)
            wants(reply, 401)

    return Rule("strangers", kind, "nobody is let in without a token that is good", check)


RULES = tuple(_strangers(kind) for kind in ("list", "create", "read", "update", "delete"))
