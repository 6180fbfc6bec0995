"""The generic part of the check: requests made up by schemathesis from the contract, and its judgement of the answers.

Lists and single records are read in every way. What writes is only asked for what has to be refused, and where it names a record,
for one of the check's own, so that a server that refuses too little is no danger to anybody's data.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dataflow.errors import CallFailed
from dataflow.results import Result, Verdict
from dataflow.simulators.contract.rule import Unproven

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dataflow.simulators.contract.client import Client
    from dataflow.simulators.contract.description import Description, Operation, Resource
    from dataflow.simulators.contract.workshop import Workshop

INSTALL = "pip install 'webcrm-customerp[contract]'"
_SAYS = "made-up requests are answered as the contract says"
_SECONDS = 60.0
_SHOWN = 400


def made_up(
    description: Description, client: Client, workshop: Workshop, tried: Collection[str], examples: int
) -> Iterator[Result]:
    """One result per operation that is tried, with so many examples of each kind; skipped when schemathesis is not installed."""
    for resource in description.resources.values():
        for operation in resource.operations.values():
            if operation.id not in tried:
                continue
            started = time.perf_counter()
            verdict, reason = Verdict.PASS, None
            try:
                reason = _tried(description, resource, operation, client, workshop, examples)
                verdict = Verdict.FAIL if reason else Verdict.PASS
            except Unproven as unproven:
                verdict, reason = Verdict.UNPROVEN, str(unproven)
            except ImportError:
                verdict, reason = Verdict.SKIP, f"schemathesis is not installed: {INSTALL}"
            seconds = time.perf_counter() - started
            yield Result(f"{operation.id}.made-up", _SAYS, verdict, reason, seconds=seconds, group=operation.id)


def _tried(
    description: Description,
    resource: Resource,
    operation: Operation,
    client: Client,
    workshop: Workshop,
    examples: int,
) -> str | None:
    """The faults of the first example that has one, in words. Raises Unproven, ImportError."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, assume, given, settings
    from schemathesis import GenerationMode
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    writes = operation.method != "GET"
    document, record_id = description.document, None
    if writes and "{id}" in operation.path:
        record_id = workshop.sample(resource.noun, 2).id
        document = _pinned(document, operation.path, record_id)
    loaded = schemathesis.openapi.from_dict(document)
    loaded.config.update(base_url=client.base_url)

    def trial(case: Any) -> None:
        if record_id is not None:
            assume(str(case.path_parameters.get("id")) == str(record_id))
        verify = True if client.trusted is None else str(client.trusted)
        answer = case.call(headers=dict(client.authorization()), timeout=_SECONDS, verify=verify)
        client.requests += 1
        if operation.method == "POST" and answer.status_code == 201:
            client.made.append((operation.id, int(answer.json()["Id"])))
        # A value that fits its schema may be refused all the same, such as a reference to nothing.
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])

    bounds = settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for mode in (GenerationMode.NEGATIVE,) if writes else tuple(GenerationMode):
        strategy = loaded[operation.path][operation.method].as_strategy(generation_mode=mode)
        try:
            bounds(given(case=strategy)(trial))()
        except FailureGroup as group:
            return "; ".join(_told(failure) for failure in group.exceptions)
        except (OSError, CallFailed) as none:
            return f"{operation.method} {operation.path}: no answer ({type(none).__name__})"
    return None


def _pinned(document: dict[str, Any], path: str, record_id: int) -> dict[str, Any]:
    """The document with one path that has one record."""
    item = document["paths"][path]
    pinned = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "enum": [record_id]}}
    return {**document, "paths": {path: {**item, "parameters": [pinned]}}}


def _told(failure: Any) -> str:
    return " ".join(f"{failure.title}: {failure.message}".split())[:_SHOWN]
