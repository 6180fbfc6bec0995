"""The contract check: every rule, tried on every operation it is about, on any server that says it fulfils the contract."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from dataflow.diagnostics import did_you_mean
from dataflow.errors import CallFailed, UsageError
from dataflow.results import Evidence, Result, Verdict
from dataflow.simulators.contract.generated import made_up
from dataflow.simulators.contract.rule import Broken, Rule, Trial, Unproven
from dataflow.simulators.contract.rules import RULES
from dataflow.simulators.contract.schemas import plain
from dataflow.simulators.contract.workshop import SAMPLES, Workshop

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from dataflow.simulators.contract.client import Client
    from dataflow.simulators.contract.description import Description, Resource
from dataflow.simulators.contract.workshop import Values

_SHOWN = 5


@dataclass(frozen=True)
class Outcome:
    """`results` in the order of the contract's operations; `left` are the records that stay: `customer 1001 (unlinked)`."""

    results: list[Result]
    left: list[str]
    requests: int


def intention(description: Description, base_url: str) -> str:
    """What a check is going to write, in words."""
    nouns = ", ".join(f"{noun}s" for noun in description.resources)
    return (
        f"The check makes {SAMPLES} records or a few more of each kind ({nouns}) at {base_url},\n"
        "with external ids that begin with 99, and changes no others. In the end it deletes the products, cancels the orders,\n"
        "and unlinks what the contract gives no way to delete."
    )


def check(
    description: Description,
    client: Client,
    *,
    only: Collection[str] = (),
    values: Mapping[str, Values] | None = None,
    examples: int = 0,
) -> Outcome:
    """Try everything, and put away what was made; `examples` made-up requests of each kind and operation.

    `only` are the operations that are tried, all if empty. `values` are, by noun, those that suit the ERP better than the examples
    of the contract, such as its own VAT code. Raises UsageError when nobody answers or is let in, when no
    list of the contract is there, or for an unknown operation.
    """
    for name in only:
        if name not in description.operations:
            hint = did_you_mean(name, description.operations) or f"there are {', '.join(description.operations)}"
            raise UsageError(f'the contract has no operation "{name}"; {hint}')
    for noun in values or ():
        if noun not in (*description.resources, "orderline"):
            raise UsageError(
                f'there are values for "{noun}"; there may be for {", ".join(description.resources)}, orderline'
            )
    tried = set(only) or description.operations.keys()
    client.authorization()
    lists = [resource.operations["list"] for resource in description.resources.values()]
    try:
        somewhere_else = all(client.call(one, params={"pageSize": 1}).status == HTTPStatus.NOT_FOUND for one in lists)
    except CallFailed as failed:
        raise UsageError(f"nothing to check: {failed}") from None
    if somewhere_else:
        paths = ", ".join(one.path for one in lists)
        raise UsageError(f"nothing to check: none of {paths} is there; the contract has them under {description.base}")
    workshop = Workshop(client, description, values)
    found: list[Result] = []
    try:
        for rule, resource in _pairs(description):
            if resource.operations[rule.kind].id in tried:
                found.append(_tried(rule, Trial(client, resource, workshop)))
        if examples:
            found += made_up(description, client, workshop, tried, examples)
    finally:
        workshop.put_away()
    found += _forms(tried, client)
    order = {operation: position for position, operation in enumerate(description.operations)}
    return Outcome(sorted(found, key=lambda result: order[result.group]), workshop.left, client.requests)


def _pairs(description: Description) -> Iterator[tuple[Rule, Resource]]:
    for resource in description.resources.values():
        for rule in RULES:
            if rule.concerns(resource):
                yield rule, resource


def _tried(rule: Rule, trial: Trial) -> Result:
    operation = trial.operation(rule.kind).id
    started = time.perf_counter()
    verdict, reason = Verdict.PASS, None
    evidence: tuple[Evidence, ...] = ()
    try:
        rule.check(trial)
    except Broken as broken:
        verdict, reason = Verdict.FAIL, f"{broken.asked}: {broken}" if broken.asked else str(broken)
        if (broken.expected, broken.actual) != (None, None):
            evidence = (Evidence(entity=broken.asked, expected=plain(broken.expected), actual=plain(broken.actual)),)
    except Unproven as unproven:
        verdict, reason = Verdict.UNPROVEN, str(unproven)
    except CallFailed as failed:
        verdict, reason = Verdict.FAIL, str(failed)
    seconds = time.perf_counter() - started
    return Result(f"{operation}.{rule.name}", rule.says, verdict, reason, evidence, seconds, group=operation)


def _forms(tried: Collection[str], client: Client) -> Iterator[Result]:
    """One result per operation: whether every answer it gave had the form that the contract gives it."""
    for operation in tried:
        faults = client.misshapen.get(operation, [])
        verdict, reason = Verdict.PASS, None
        if faults:
            more = len(faults) - _SHOWN
            verdict = Verdict.FAIL
            reason = "; ".join([*faults[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])
        yield Result(f"{operation}.form", "every answer has the form of the contract", verdict, reason, group=operation)
