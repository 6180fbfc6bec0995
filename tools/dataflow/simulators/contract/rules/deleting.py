"""What comes of a DELETE."""

from __future__ import annotations

from dataflow.simulators.contract.rule import Rule, Trial, equal, holds, wants

_NOBODY = 999_999_999_999


def _removed(trial: Trial) -> None:
    body = trial.workshop.least(trial.resource)
    made = wants(trial.ask("create", body=body), 201)
    record_id = made.value["Id"]
    wants(trial.ask("delete", record_id=record_id, etag=made.etag), 204)
    wants(trial.ask("read", record_id=record_id), 404)
    name = trial.resource.external[0]
    found = wants(trial.ask("list", params={"externalId": body[name]}), 200)
    equal([], found.value["Items"], "who has the external id of a record that was deleted", found)
    wants(trial.ask("delete", record_id=record_id, etag=made.etag), 404)
    again = wants(trial.ask("create", body=body), 201)
    holds(again.value["Id"] != record_id, "the Id of a deleted record is used again", again, actual=record_id)


def _stale(trial: Trial) -> None:
    before = trial.read(2)
    trial.workshop.touch(trial.resource, trial.sample(2).id)
    wants(trial.ask("delete", record_id=trial.sample(2).id, etag=before.etag), 412)
    trial.read(2)


def _no_etag(trial: Trial) -> None:
    wants(trial.ask("delete", record_id=trial.sample(2).id), 428)
    trial.read(2)


def _referred(trial: Trial) -> None:
    """The first product stands in the lines of the first order."""
    trial.workshop.sample("order", 0)
    trial.workshop.refill()
    wants(trial.ask("delete", record_id=trial.sample(0).id, etag=trial.read(0).etag), 409)
    trial.read(0)


def _nothing_there(trial: Trial) -> None:
    wants(trial.ask("delete", record_id=_NOBODY, etag='"0-0"'), 404)


RULES = (
    Rule("removed", "delete", "a deleted record is gone, and its Id is not used again", _removed),
    Rule("stale", "delete", "a stale If-Match answers 412 and deletes nothing", _stale),
    Rule("no-if-match", "delete", "a missing If-Match answers 428 and deletes nothing", _no_etag),
    Rule("referred", "delete", "a record that another refers to answers 409 and stays", _referred),
    Rule("nothing-there", "delete", "an Id that nothing has answers 404", _nothing_there),
)
