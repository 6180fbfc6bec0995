"""What comes of a POST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from dataflow.simulators.contract.description import references
from dataflow.simulators.contract.rule import Broken, Rule, Trial, Unproven, equal, holds, wants

if TYPE_CHECKING:
    from dataflow.simulators.contract.client import Reply

_NOBODY = 999_999_999_999
_BEGINS: dict[str, dict[str, Any]] = {
    "contact": {"ContactType": "customer", "IsActive": True},
    "order": {"Status": "Draft", "Lines": []},
}


def _new(trial: Trial) -> None:
    """Every value comes back as it was sent, and again when it is read."""
    made = _made(trial, 0)
    sent = made.sent
    for reply in (wants(made.reply, 201), wants(made.read, 200)):
        for name, value in sent.items():
            if name != "Lines":
                equal(value, reply.value.get(name), name, reply)
        by_external = {line.get("ExternalId"): line for line in reply.value.get("Lines", ())}
        for line in sent.get("Lines", ()):
            answered = by_external.get(line["ExternalId"], {})
            equal(line, {name: answered.get(name) for name in line}, f"line {line['ExternalId']}", reply)
    equal(made.read.etag, made.reply.etag, "the ETag of the new record", made.reply)
    equal(made.reply.value, made.read.value, "the new record, read again", made.read)


def _address(trial: Trial) -> None:
    made = _made(trial, 0)
    address = urljoin(trial.client.base_url, made.reply.headers.get("Location", ""))
    equal(f"{trial.client.base_url}{trial.resource.path}/{made.id}", address, "Location", made.reply)


def _least(trial: Trial) -> None:
    """What is not sent is null, or what the contract says it begins with; the ERP's own numbers aside."""
    made = _made(trial, 1)
    begins = _BEGINS.get(trial.resource.noun, {})
    for name in trial.resource.writable:
        if name not in made.sent and name not in trial.resource.unique:
            equal(begins.get(name), wants(made.reply, 201).value.get(name), name, made.reply)


def _taken(trial: Trial) -> None:
    """A POST that is repeated because its answer was lost makes nothing."""
    made = _made(trial, 0)
    for name in (name for name in trial.resource.unique if name in made.sent):
        body = {**trial.workshop.least(trial.resource), name: made.sent[name]}
        reply = wants(trial.ask("create", body=body), 409)
        equal(made.id, reply.value.get("existingId"), "existingId", reply)
    reply = wants(trial.ask("create", body=made.sent), 409)
    equal(made.id, reply.value.get("existingId"), "existingId", reply)


def _own_ids(trial: Trial) -> None:
    samples = [_made(trial, position) for position in range(3)]
    last = samples[-1].reply
    ids = [sample.id for sample in samples]
    holds(len(set(ids)) == 3, "two records have one Id", last, actual=ids)
    for name in trial.resource.unique:
        values = [sample.reply.value.get(name) for sample in samples if sample.reply.value.get(name) is not None]
        holds(len(set(values)) == len(values), f"two records have one {name}", last, actual=values)


def _no_such_reference(trial: Trial) -> None:
    linked = references(trial.resource.properties)
    body = {**trial.workshop.least(trial.resource), **dict.fromkeys(linked, _NOBODY)}
    _refused(trial, body, {f"/{name}" for name in linked})


def _all_or_nothing(trial: Trial) -> None:
    lines = trial.workshop.lines()
    body = {**trial.workshop.least(trial.resource), "Lines": [lines[0], {**lines[1], "ProductId": _NOBODY}]}
    _refused(trial, body, {"/Lines/1/ProductId"})


def _no_customer(trial: Trial) -> None:
    least = trial.workshop.least(trial.resource)
    _refused(trial, {name: value for name, value in least.items() if name != "CustomerId"}, {"/CustomerId"})


def _refused(trial: Trial, body: dict[str, Any], places: set[str]) -> None:
    """The body is refused, for these places, and nothing is made."""
    reply = wants(trial.ask("create", body=body), 422)
    named(reply, places)
    name = trial.resource.external[0]
    found = wants(trial.ask("list", params={"externalId": body[name]}), 200)
    holds(found.value.get("Items") == [], "what was refused was made all the same", found)


def named(reply: Reply, places: set[str]) -> None:
    """Raises Broken unless the problem names each of these places."""
    told = {error["pointer"] for error in reply.value.get("errors", ())}
    missing = sorted(places - told)
    if missing:
        message = f"the problem does not name {', '.join(missing)}"
        raise Broken(message, asked=reply.asked, expected=sorted(places), actual=sorted(told))


def _made(trial: Trial, position: int) -> Any:
    try:
        return trial.sample(position)
    except Unproven as failed:
        raise Broken(str(failed)) from None


RULES = (
    Rule("new", "create", "a new record is answered whole, as it was sent", _new),
    Rule("address", "create", "Location is the address of the new record", _address),
    Rule("least", "create", "what is not sent is null, or what the contract says", _least),
    Rule("taken", "create", "a unique value that is taken answers 409 and names the record", _taken),
    Rule("own-ids", "create", "every record has an Id, and unique values, of its own", _own_ids),
    Rule("no-such-reference", "create", "a reference to nothing is refused, and nothing is made", _no_such_reference,
         frozenset({"customer", "contact", "order"})),
    Rule("all-or-nothing", "create", "an order with a line that cannot be is not made", _all_or_nothing, frozenset({"order"})),
    Rule("no-customer", "create", "an order without a customer is refused", _no_customer, frozenset({"order"})),
)  # fmt: skip
