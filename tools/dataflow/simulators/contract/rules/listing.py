"""What comes of a GET of a list. Only the window since the check began is walked through, so that a large ERP is no obstacle."""

from __future__ import annotations

import time
from calendar import timegm
from typing import TYPE_CHECKING, Any

from dataflow.simulators.contract.rule import Broken, Rule, Trial, equal, holds, wants

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.simulators.contract.client import Reply

_PAGES = 200
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def _walk(trial: Trial, size: int, between: Callable[[int], None] | None = None, **params: Any) -> list[Any]:
    """Every record of a list, page by page; `between` is called with the number of each page that was read."""
    found: list[Any] = []
    for page in range(1, _PAGES):
        reply = wants(trial.ask("list", params={**params, "page": page, "pageSize": size}), 200)
        items = reply.value["Items"]
        equal(page, reply.value.get("Page"), "Page", reply)
        holds(
            len(items) <= size, "a page has more records than were asked for", reply, expected=size, actual=len(items)
        )
        found += items
        if not reply.value.get("HasMore"):
            break
        if between is not None:
            between(page)
    ids = [item.get("Id") for item in found]
    holds(ids == sorted(set(ids)), "the pages are not in the order of the Ids, each once", reply, actual=ids)
    return found


def _window(trial: Trial) -> dict[str, Any]:
    """Parameters that leave what changed since the first of the check's records, which must all exist for it."""
    moments = [str(trial.read(position).value.get("UpdatedAt")) for position in range(3)]
    return {"modifiedSince": min(moments)}


def _pages(trial: Trial) -> None:
    """With pages of one and of two, every record is there and none comes twice; HasMore alone tells when to stop."""
    since = _window(trial)
    wanted = {trial.sample(position).id for position in range(3)}
    for size in (1, 2, 1000):
        found = {item.get("Id"): item for item in _walk(trial, size, **since)}
        asked = f"GET {trial.resource.path} in pages of {size}"
        if not wanted <= found.keys():
            raise Broken("records are missing", asked=asked, expected=sorted(wanted), actual=sorted(found))
        for position in range(3):
            read = trial.read(position)
            equal(read.value, found[trial.sample(position).id], "a record of the list", read)


def _steady(trial: Trial) -> None:
    """The first record changes while the list is walked through; the others do not slip away."""
    since = _window(trial)
    wanted = [trial.sample(position).id for position in range(3)]

    def edit(page: int) -> None:
        if page == 1:
            trial.workshop.wait()
            trial.workshop.touch(trial.resource, wanted[0])

    found = [item.get("Id") for item in _walk(trial, 1, edit, **since)]
    if not set(wanted) <= set(found):
        asked = f"GET {trial.resource.path} while a record changes"
        raise Broken("a record slipped between two pages", asked=asked, expected=wanted, actual=found)


def _at_the_moment(trial: Trial) -> None:
    """At or after: two changes can fall into the same second."""
    for position in range(3):
        record = trial.read(position).value
        found = _ids(trial, str(record.get("UpdatedAt")))
        holds(record["Id"] in found, "a record changed at that very moment is missing", found.reply)


def _before_the_moment(trial: Trial) -> None:
    record = trial.read(0).value
    moment = timegm(time.strptime(str(record.get("UpdatedAt")), _MOMENT)) + 1
    found = _ids(trial, time.strftime(_MOMENT, time.gmtime(moment)))
    now = trial.read(0).value.get("UpdatedAt")
    holds(record["Id"] not in found or now != record["UpdatedAt"], "a record changed before is there", found.reply)


class _Found(set[int]):
    """Ids, with the reply that had the last of them."""

    reply: Reply


def _ids(trial: Trial, since: str) -> _Found:
    found = _Found()
    for page in range(1, _PAGES):
        params = {"modifiedSince": since, "page": page, "pageSize": 1000}
        found.reply = wants(trial.ask("list", params=params), 200)
        found |= {item.get("Id") for item in found.reply.value["Items"]}
        if not found.reply.value.get("HasMore"):
            break
    return found


def _by_external_id(trial: Trial) -> None:
    made = trial.sample(0)
    for name in trial.resource.external:
        reply = wants(trial.ask("list", params={"externalId": made.sent[name]}), 200)
        equal([made.id], [item.get("Id") for item in reply.value["Items"]], f"who has this {name}", reply)
        equal(False, reply.value.get("HasMore"), "HasMore", reply)
        part = trial.ask("list", params={"externalId": made.sent[name][:-1]})
        equal([], wants(part, 200).value["Items"], "who has an external id that nobody has", part)


RULES = (
    Rule("pages", "list", "the pages hold every record once, in the order of the Ids", _pages),
    Rule("steady", "list", "a record that changes in the meantime lets none slip between two pages", _steady),
    Rule("at-the-moment", "list", "modifiedSince includes the moment itself", _at_the_moment),
    Rule("before-the-moment", "list", "modifiedSince leaves out what changed before", _before_the_moment),
    Rule("external-id", "list", "externalId finds the one record that has it, or an empty page", _by_external_id),
)
