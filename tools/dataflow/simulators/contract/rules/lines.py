"""What comes of the lines of an order."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.simulators.contract.rule import Broken, Rule, Trial, equal, holds, wants
from dataflow.simulators.contract.rules.creating import named

if TYPE_CHECKING:
    from dataflow.simulators.contract.client import Reply

_NOBODY = 999_999_999_999
# As the ERP rounds; no ERP rounds a line to more than the whole unit of its currency.
_ROUNDING = Decimal(1)

Line = dict[str, Any]


def _fresh(trial: Trial) -> tuple[Reply, list[Line]]:
    """The order with two new lines and nothing else."""
    reply = trial.change(0, {"Lines": trial.workshop.lines()})
    lines = reply.value.get("Lines")
    if type(lines) is not list or len(lines) != 2:
        raise Broken("two lines were sent", asked=reply.asked, expected=2, actual=lines)
    return reply, lines


def _write(trial: Trial, before: Reply, lines: list[Line], *statuses: int) -> Reply:
    body = {"Lines": lines}
    return wants(trial.ask("update", record_id=trial.sample(0).id, etag=before.etag, body=body), *(statuses or (200,)))


def _ids(reply: Reply) -> list[Any]:
    return [line.get("Id") for line in reply.value["Lines"]]


def _keep_ids(trial: Trial) -> None:
    before, lines = _fresh(trial)
    entries = [{"ExternalId": lines[0]["ExternalId"], "Quantity": 3}, {"Id": lines[1]["Id"], "Description": "changed"}]
    after = _write(trial, before, entries)
    equal(_ids(before), _ids(after), "the Ids of the lines", after)
    for line, old, entry in zip(after.value["Lines"], lines, entries, strict=True):
        equal({**old, **entry, "Amount": line.get("Amount")}, line, f"line {line['Id']}", after)
    read = trial.read(0)
    equal(after.value, read.value, "the order, read after its change", read)


def _kept_by_id(trial: Trial) -> None:
    before, lines = _fresh(trial)
    after = _write(trial, before, [{"Id": line["Id"]} for line in lines])
    equal(lines, after.value["Lines"], "lines of which only the Id was sent", after)
    equal(before.etag, after.etag, "the ETag, although no line changed,", after)


def _added_and_removed(trial: Trial) -> None:
    before, lines = _fresh(trial)
    new = {**trial.workshop.lines()[0], "LineNumber": 30}
    after = _write(trial, before, [{"Id": lines[1]["Id"]}, new])
    kept = [line for line in after.value["Lines"] if line["Id"] == lines[1]["Id"]]
    equal([lines[1]], kept, "the line that was kept", after)
    others = [line for line in after.value["Lines"] if line["Id"] != lines[1]["Id"]]
    equal([new["ExternalId"]], [line.get("ExternalId") for line in others], "the lines beside it", after)
    holds(others[0]["Id"] not in _ids(before), "a new line has the Id of an old one", after, actual=others[0]["Id"])


def _left_out(trial: Trial) -> None:
    before, lines = _fresh(trial)
    body = {"Reference": "no lines named"}
    after = trial.ask("update", record_id=trial.sample(0).id, etag=before.etag, body=body)
    equal(lines, wants(after, 200).value["Lines"], "the lines, which were not named,", after)


def _all_removed(trial: Trial) -> None:
    before, _ = _fresh(trial)
    equal([], _write(trial, before, []).value["Lines"], "the lines", before)


def _in_order(trial: Trial) -> None:
    """Those that `lines` makes come with the higher number first."""
    reply, _ = _fresh(trial)
    numbers = [line.get("LineNumber") for line in reply.value["Lines"]]
    equal(sorted(numbers), numbers, "the order of the lines", reply)


def _counted(trial: Trial) -> None:
    reply, lines = _fresh(trial)
    for line in lines:
        net = line["Quantity"] * line["UnitPrice"] * (1 - Decimal(line["DiscountPercent"]) / 100)
        near = line.get("Amount") is not None and abs(line["Amount"] - net) <= _ROUNDING
        holds(near, f"Amount of line {line['Id']}", reply, expected=net, actual=line.get("Amount"))


def _moves_the_order(trial: Trial) -> None:
    before, lines = _fresh(trial)
    trial.workshop.wait()
    after = _write(trial, before, [{"Id": lines[0]["Id"], "Quantity": 7}, {"Id": lines[1]["Id"]}])
    holds(after.etag != before.etag, "the ETag is the same after a change of a line", after, actual=after.etag)
    was, became = str(before.value["UpdatedAt"]), str(after.value["UpdatedAt"])
    holds(became > was, "UpdatedAt does not move forward", after, expected=f"after {was}", actual=became)


def _no_such_line(trial: Trial) -> None:
    before, lines = _fresh(trial)
    reply = _write(trial, before, [{"Id": lines[0]["Id"]}, {"Id": _NOBODY}], 422)
    named(reply, {"/Lines/1/Id"})
    equal(lines, trial.read(0).value["Lines"], "the lines, although the change was refused,", reply)


def _twice(trial: Trial) -> None:
    before, lines = _fresh(trial)
    twice = [{"ExternalId": lines[0]["ExternalId"]}] * 2
    reply = _write(trial, before, twice, 409, 422)
    equal(lines, trial.read(0).value["Lines"], "the lines, although the change was refused,", reply)


_ORDER = frozenset({"order"})

RULES = (
    Rule("line-ids", "update", "lines that stay keep their Ids, and what is not named of them", _keep_ids, _ORDER),
    Rule("line-kept", "update", "an entry of an Id alone keeps a line as it is", _kept_by_id, _ORDER),
    Rule("line-added", "update", "a new line has a new Id, a line not named is removed", _added_and_removed, _ORDER),
    Rule("lines-left-out", "update", "without Lines the lines stay", _left_out, _ORDER),
    Rule("lines-removed", "update", "empty Lines remove all lines", _all_removed, _ORDER),
    Rule("line-order", "update", "lines come in the order of LineNumber", _in_order, _ORDER),
    Rule("amounts", "update", "Amount is quantity times price less discount", _counted, _ORDER),
    Rule("line-change", "update", "a change of a line is a change of its order", _moves_the_order, _ORDER),
    Rule("no-such-line", "update", "an Id that is no line of the order is refused", _no_such_line, _ORDER),
    Rule("line-twice", "update", "two entries for one line are refused", _twice, _ORDER),
)
