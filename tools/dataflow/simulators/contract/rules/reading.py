"""What comes of a GET of one record."""

from __future__ import annotations

from dataflow.simulators.contract.rule import Rule, Trial, equal, wants

_NOBODY = 999_999_999_999


def _nothing_there(trial: Trial) -> None:
    wants(trial.ask("read", record_id=_NOBODY), 404)


def _quiet(trial: Trial) -> None:
    """Reading changes nothing."""
    first, second = trial.read(0), trial.read(0)
    equal(first.etag, second.etag, "the ETag of a record that nobody changed", second)
    equal(first.value, second.value, "a record that nobody changed", second)


def _own_id(trial: Trial) -> None:
    for position in range(3):
        reply = trial.read(position)
        equal(trial.sample(position).id, reply.value.get("Id"), "Id", reply)


RULES = (
    Rule("nothing-there", "read", "an Id that nothing has answers 404", _nothing_there),
    Rule("quiet", "read", "a record that nobody changed is the same, and has the same ETag", _quiet),
    Rule("own-id", "read", "the record is the one asked for", _own_id),
)
