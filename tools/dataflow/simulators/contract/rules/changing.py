"""What comes of a PATCH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.simulators.contract.description import references
from dataflow.simulators.contract.rule import Rule, Trial, equal, holds, wants
from dataflow.simulators.contract.rules.creating import named
from dataflow.simulators.contract.schemas import exact

if TYPE_CHECKING:
    from dataflow.simulators.contract.client import Reply

_NOBODY = 999_999_999_999
# A text of every resource that neither the ERP nor the check gives a meaning to.
_TEXT = {"customer": "Description", "contact": "JobTitle", "product": "Description", "order": "Reference"}
# Blanks at both ends, quotes, a letter of two code points, one outside the basic plane, a line break.
_HARD = ' "Ærø" & <\u0061\u030a>, \U0001f9ea\nsecond line '
_DECIMALS = [exact(value) for value in (0.1, 1234.5678, -0.0001, 99999999999.9999)] + [0, 10]


def _change(trial: Trial) -> None:
    name, before = _text(trial), trial.read(0)
    reply = _patched(trial, before, {name: "changed once"})
    expected = {**before.value, name: "changed once", "UpdatedAt": reply.value.get("UpdatedAt")}
    equal(expected, reply.value, "the record after a change of one property", reply)
    read = trial.read(0)
    equal(reply.value, read.value, "the record, read after its change", read)
    equal(reply.etag, read.etag, "the ETag of the record, read after its change", read)


def _new_etag(trial: Trial) -> None:
    """A value that comes back does not bring back the ETag."""
    name, reply = _text(trial), trial.read(0)
    seen = [reply.etag]
    for text in ("one", "two", "one"):
        reply = _patched(trial, reply, {name: text})
        holds(reply.etag not in seen, "the ETag is the same after a change", reply, actual=reply.etag)
        seen.append(reply.etag)


def _stale(trial: Trial) -> None:
    name, before = _text(trial), trial.read(0)
    _patched(trial, before, {name: "somebody was faster"})
    reply = trial.ask("update", record_id=trial.sample(0).id, etag=before.etag, body={name: "overwritten"})
    _untouched(trial, name, "somebody was faster", wants(reply, 412))


def _no_etag(trial: Trial) -> None:
    name = _text(trial)
    _patched(trial, trial.read(0), {name: "guarded"})
    reply = trial.ask("update", record_id=trial.sample(0).id, body={name: "overwritten"})
    _untouched(trial, name, "guarded", wants(reply, 428))


def _any_etag(trial: Trial) -> None:
    name = _text(trial)
    _patched(trial, trial.read(0), {name: "guarded"})
    reply = trial.ask("update", record_id=trial.sample(0).id, etag="*", body={name: "overwritten"})
    _untouched(trial, name, "guarded", wants(reply, 400))


def _emptied(trial: Trial) -> None:
    name = _text(trial)
    filled = _patched(trial, trial.read(0), {name: "full"})
    reply = _patched(trial, filled, {name: None})
    equal(None, reply.value.get(name), f"{name}, which was emptied", reply)
    read = trial.read(0)
    equal(None, read.value.get(name), f"{name}, which was emptied", read)


def _no_change(trial: Trial) -> None:
    """Neither null in the place of null, nor 10.0 in the place of 10, nor a whole record is a change."""
    before = trial.read(0)
    same = {name: value for name, value in before.value.items() if name in trial.resource.writable and name != "Lines"}
    for body in ({}, {_text(trial): before.value[_text(trial)]}, same):
        reply = _patched(trial, before, body)
        equal(before.etag, reply.etag, "the ETag after a patch that changes nothing", reply)
        equal(before.value, reply.value, "the record after a patch that changes nothing", reply)


def _moves_on(trial: Trial) -> None:
    before = trial.read(0)
    trial.workshop.wait()
    reply = _patched(trial, before, {_text(trial): "later"})
    was, became = str(before.value.get("UpdatedAt")), str(reply.value.get("UpdatedAt"))
    holds(became > was, "UpdatedAt does not move forward", reply, expected=f"after {was}", actual=became)
    equal(before.value.get("CreatedAt"), reply.value.get("CreatedAt"), "CreatedAt", reply)


def _kept(trial: Trial) -> None:
    """As sent, or refused; never altered."""
    name = _text(trial)
    for text in (_HARD, "x" * 300, ""):
        _as_sent(trial, name, text)


def _digits(trial: Trial) -> None:
    decimals = [
        name for name, schema in trial.resource.properties.items()
        if schema.get("format") == "decimal" and name in trial.resource.writable
    ]  # fmt: skip
    for value in _DECIMALS:
        _as_sent(trial, decimals[0], value)


def _taken(trial: Trial) -> None:
    other = trial.sample(2)
    for name in trial.resource.external:
        before = trial.read(0)
        reply = trial.ask("update", record_id=trial.sample(0).id, etag=before.etag, body={name: other.sent[name]})
        equal(other.id, wants(reply, 409).value.get("existingId"), "existingId", reply)
        _untouched(trial, name, before.value[name], reply)


def _no_such_reference(trial: Trial) -> None:
    linked = references(trial.resource.properties)
    body = dict.fromkeys(linked, _NOBODY)
    reply = wants(trial.ask("update", record_id=trial.sample(0).id, etag=trial.read(0).etag, body=body), 422)
    named(reply, {f"/{name}" for name in linked})


def _both_media(trial: Trial) -> None:
    for media in trial.operation("update").bodies:
        reply = trial.ask(
            "update", record_id=trial.sample(0).id, etag=trial.read(0).etag, body={_text(trial): media}, media=media
        )
        equal(media, wants(reply, 200).value.get(_text(trial)), f"what was sent as {media}", reply)


def _nothing_there(trial: Trial) -> None:
    wants(trial.ask("update", record_id=_NOBODY, etag='"0-0"', body={_text(trial): "nobody"}), 404)


def _number_once(trial: Trial) -> None:
    before = trial.read(0)
    for number in (trial.workshop.external("C{}"), None):
        body = {"ProductNumber": number}
        reply = wants(trial.ask("update", record_id=trial.sample(0).id, etag=before.etag, body=body), 409)
        _untouched(trial, "ProductNumber", before.value["ProductNumber"], reply)


def _text(trial: Trial) -> str:
    return _TEXT[trial.resource.noun]


def _patched(trial: Trial, before: Reply, values: dict[str, Any]) -> Reply:
    return wants(trial.ask("update", record_id=trial.sample(0).id, etag=before.etag, body=values), 200)


def _untouched(trial: Trial, name: str, value: Any, reply: Reply) -> None:
    """What was refused was not written."""
    equal(value, trial.read(0).value.get(name), f"{name}, although the change was refused,", reply)


def _as_sent(trial: Trial, name: str, value: Any) -> None:
    body = {name: value}
    reply = trial.ask("update", record_id=trial.sample(0).id, etag=trial.read(0).etag, body=body)
    if wants(reply, 200, 422).status == 200:
        equal(value, reply.value.get(name), name, reply)
        read = trial.read(0)
        equal(value, read.value.get(name), name, read)


_LINKED = frozenset({"customer", "contact", "order"})

RULES = (
    Rule("change", "update", "the named property changes, and nothing else", _change),
    Rule("new-etag", "update", "the ETag is different after every change", _new_etag),
    Rule("stale", "update", "a stale If-Match answers 412 and writes nothing", _stale),
    Rule("no-if-match", "update", "a missing If-Match answers 428 and writes nothing", _no_etag),
    Rule("any-if-match", "update", "If-Match * answers 400 and writes nothing", _any_etag),
    Rule("null", "update", "null empties a property", _emptied),
    Rule("no-change", "update", "a patch that changes nothing leaves UpdatedAt and ETag", _no_change),
    Rule("moves-on", "update", "UpdatedAt moves forward with a change, CreatedAt stays", _moves_on),
    Rule("text", "update", "text is kept as sent or refused", _kept),
    Rule("digits", "update", "decimals keep their digits or are refused", _digits, frozenset({"product", "order"})),
    Rule("taken", "update", "an external id that is taken answers 409 and names the record", _taken),
    Rule("no-such-reference", "update", "a reference to nothing is refused", _no_such_reference, _LINKED),
    Rule("media", "update", "a patch may come under both media types", _both_media),
    Rule("nothing-there", "update", "an Id that nothing has answers 404", _nothing_there),
    Rule("number-once", "update", "a ProductNumber that is set stays", _number_once, frozenset({"product"})),
)
