"""Rules about settings that do not go together, or do not do what they look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dataflow.diagnostics import Severity
from dataflow.rules.rule import Family, Files, Found, inbound, pipe, system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.rules.package import Package

family = Family("settings")

_PUMP = "documentation/service-configuration/pipes/configuration-pump.rst"
_SOURCES = "documentation/service-configuration/pipes/configuration-sources.rst"
_INCREMENTAL = {"type": "json", "system": "erp", "url": "orders", "supports_since": True}
_RESCANNED = {"schedule_interval": 60, "rescan_cron_expression": "0 3 * * *"}
_INTERNAL = frozenset({"dataset", "merge", "merge_datasets", "union_datasets"})

# Of two that exclude each other the second counts.
_EXCLUDING = (
    ("schedule_interval", "cron_expression"),
    ("rescan_run_count", "rescan_cron_expression"),
    ("use_dead_letter_dataset", "dead_letter_dataset"),
)


@family.rule(
    "DF811",
    page="documentation/service-configuration/pipes/configuration-sources-merge.rst",
    bad=pipe("erp-order") | pipe("global-order", {"type": "merge", "datasets": ["erp-order o"], "identity": "first"}),
    good=pipe("erp-order")
    | pipe("global-order", {"type": "merge", "datasets": ["erp-order o"], "identity": "first", "version": 2}),
)
def merge_without_version(package: Package) -> Iterator[Found]:
    """The merge source has two versions. Version 1 is deprecated, and the default; a merge has to say `"version": 2`."""
    for one in package.pipes:
        for part in package.parts(one):
            if part.config.get("type") == "merge" and "datasets" in part.config and part.config.get("version", 1) == 1:
                at = f"{part.pointer}/version" if "version" in part.config else part.pointer
                message = "this merge source is of version 1, which is deprecated"
                yield Found(one.document, at, message, expected='"version": 2')


@family.rule(
    "DF812",
    severity=Severity.INFO,
    page="documentation/service-configuration/pipes/configuration-sources-merge.rst",
    bad=pipe("erp-order")
    | pipe("crm-order")
    | pipe(
        "global-order",
        {
            "type": "merge",
            "datasets": ["erp-order e", "crm-order c"],
            "equality": [["eq", "e.no", "c.no"]],
            "version": 2,
        },
    ),
    good=pipe("erp-order")
    | pipe("crm-order")
    | pipe(
        "global-order",
        {
            "type": "merge",
            "datasets": ["erp-order e", "crm-order c"],
            "equality_sets": [["e.no", "c.no"]],
            "version": 2,
        },
    ),
)
def equality(package: Package) -> Iterator[Found]:
    """`equality` has been superseded by `equality_sets`, which shows at a glance what belongs together."""
    for one in package.pipes:
        for part in package.parts(one):
            if part.config.get("type") == "merge" and part.config.get("equality"):
                yield Found(
                    one.document, f"{part.pointer}/equality", "equality has been superseded", "use equality_sets"
                )


_NAME = re.compile(r"(?:^|[.:_-])(?:full|company|customer|display|first|last)?[_-]?name$|[.:]title$", re.IGNORECASE)


def _merged_by(name: str) -> Files:
    given = {"type": "merge", "datasets": ["erp-order e", "crm-order c"], "version": 2, "identity": "first"}
    sets = {"equality_sets": [[f"e.{name}", f"c.{name}"]]}
    return pipe("erp-order") | pipe("crm-order") | pipe("global-order", given | sets)


@family.rule(
    "DF817",
    severity=Severity.INFO,
    page="documentation/service-configuration/pipes/configuration-sources-merge.rst",
    usual=False,
    bad=_merged_by("name"),
    good=_merged_by("vat-no"),
)
def merged_by_a_name(package: Package) -> Iterator[Found]:
    """A merge by names. Two companies may have the same one, and are then one for ever; the same company is spelt in two ways.
    Merge by a number that somebody gave out, or compare more than the name.
    """
    for one in package.pipes:
        for part in package.parts(one):
            sets = part.config.get("equality_sets") if part.config.get("type") == "merge" else None
            for number, members in enumerate(sets if type(sets) is list else ()):
                if type(members) is list and members and all(type(m) is str and _NAME.search(m) for m in members):
                    at = f"{part.pointer}/equality_sets/{number}"
                    yield Found(
                        one.document, at, "entities with the same name become one", "merge by a number, or by more"
                    )


@family.rule(
    "DF814",
    page=_PUMP,
    bad=pipe("erp-order", pump={"cron_expression": "0 * * * *", "schedule_interval": 60}),
    good=pipe("erp-order", pump={"cron_expression": "0 * * * *"}),
)
def excluding(package: Package) -> Iterator[Found]:
    """Two settings of a pump that exclude each other, of which one does nothing; or one that does nothing without another."""
    for one in package.pipes:
        pump = one.pump
        for loser, winner in _EXCLUDING:
            if loser in pump and winner in pump:
                yield Found(
                    one.document, f"/pump/{loser}", f"{loser} does nothing beside {winner}", "keep one of the two"
                )
        if "partial_rescan_run_count" in pump and "partial_rescan_delta" not in pump:
            message = "partial_rescan_run_count does nothing without partial_rescan_delta"
            yield Found(one.document, "/pump/partial_rescan_run_count", message, expected='"partial_rescan_delta"')


@family.rule(
    "DF815",
    page=_SOURCES,
    bad=inbound("erp-order", is_chronological=True) | system(),
    good=pipe("erp-order", _INCREMENTAL | {"is_chronological": True}, pump=_RESCANNED) | system(),
)
def continuation(package: Package) -> Iterator[Found]:
    """A source goes on where the last run ended only with `supports_since` and one of `is_since_comparable` and
    `is_chronological`. With one half of that alone every run reads everything.
    """
    for one in package.pipes:
        for part in package.parts(one):
            config = part.config
            if config.get("type") not in _CONTINUING:
                continue
            since = config.get("supports_since", False)
            if since is False and config.get("is_chronological") is True:
                message = "is_chronological does nothing without supports_since"
                yield Found(
                    one.document, f"{part.pointer}/is_chronological", message, expected='"supports_since": true'
                )
            comparable = config.get("is_since_comparable", True)
            if since is True and comparable is False and config.get("is_chronological", False) is False:
                message = "supports_since does nothing when _updated can neither be compared nor comes in order"
                yield Found(
                    one.document,
                    f"{part.pointer}/supports_since",
                    message,
                    expected='"is_since_comparable": true or "is_chronological": true',
                )


# Sources that can go on but do not unless they are told to.
_CONTINUING = frozenset({"csv", "json", "rdf", "rest"})


@family.rule(
    "DF816",
    severity=Severity.INFO,
    page="features/scheduling-and-signalling.rst",
    bad=pipe("crm-order", {"type": "dataset", "dataset": "erp-order"}, pump={"cron_expression": "0 * * * *"})
    | pipe("erp-order"),
    good=pipe(
        "crm-order",
        {"type": "dataset", "dataset": "erp-order", "supports_signalling": True},
        pump={"cron_expression": "0 * * * *"},
    )
    | pipe("erp-order"),
)
def signalling_off(package: Package) -> Iterator[Found]:
    """A cron expression on a pipe from dataset to dataset turns signalling off, so changes wait for the next run.
    Leave the schedule out, or say `supports_signalling` if it is needed as well.
    """
    for one in package.pipes:
        internal = one.source.get("type") in _INTERNAL and one.writes is not None
        if internal and "cron_expression" in one.pump and "supports_signalling" not in one.source:
            message = "the cron expression turns signalling off for this pipe"
            yield Found(
                one.document, "/pump/cron_expression", message, 'remove it, or say "supports_signalling" in the source'
            )


def _outside(package: Package, one_id: str) -> bool:
    one = package.project.pipes[one_id]
    return any(
        part.pointer.startswith("/source") and "system" in part.config and part.config.get("type") != "embedded"
        for part in package.parts(one)
    )


@family.rule(
    "DF844",
    severity=Severity.INFO,
    page=_PUMP,
    usual=False,
    bad=pipe("erp-order", {"type": "json", "system": "erp", "url": "orders", "if_source_empty": "fail"}) | system(),
    good=inbound("erp-order") | system(),
)
def without_a_schedule(package: Package) -> Iterator[Found]:
    """A pipe that reads from a system and has no schedule runs every 15 minutes, which suits hardly any system."""
    for one in package.pipes:
        schedule = {"cron_expression", "schedule_interval"} & one.pump.keys() or one.pump.get("mode") in (
            "manual",
            "off",
        )
        if _outside(package, one.id) and not schedule:
            at = "/pump" if "pump" in one.document.value else ""
            yield Found(
                one.document, at, f'pipe "{one.id}" has no schedule of its own', '"cron_expression" in the pump'
            )


@family.rule(
    "DF845",
    severity=Severity.INFO,
    page="features/deletion-tracking.rst",
    usual=False,
    bad=pipe("erp-order", _INCREMENTAL, pump={"schedule_interval": 60}) | system(),
    good=pipe("erp-order", _INCREMENTAL, pump=_RESCANNED) | system(),
)
def never_rescanned(package: Package) -> Iterator[Found]:
    """A source that only asks for what is new never learns that something is gone. A full run from time to time finds out."""
    for one in package.pipes:
        rescans = {"rescan_cron_expression", "rescan_run_count"} & one.pump.keys()
        for part in package.parts(one):
            if part.config.get("supports_since") is True and "system" in part.config and not rescans:
                at = f"{part.pointer}/supports_since"
                yield Found(
                    one.document, at, "deletions at the source are never seen", '"rescan_cron_expression" in the pump'
                )


@family.rule(
    "DF846",
    severity=Severity.INFO,
    page="documentation/service-configuration/pipes/configuration-sources-rest.rst",
    usual=False,
    bad=inbound("erp-order", if_source_empty="accept") | system(),
    good=inbound("erp-order") | system(),
)
def nothing_is_accepted(package: Package) -> Iterator[Found]:
    """When a source outside answers with nothing, a full run deletes everything that was there. Where nothing is
    never right, say `"if_source_empty": "fail"`.
    """
    defaults = package.project.metadata.get("global_defaults")
    if type(defaults) is dict and defaults.get("if_source_empty") == "fail":
        return
    for one in package.pipes:
        for part in package.parts(one):
            config = part.config
            source = part.pointer.startswith("/source") and config.get("type") in _EMPTY and "system" in config
            if (
                source
                and config.get("if_source_empty", "accept") == "accept"
                and config.get("supports_since") is not True
            ):
                message = "an empty answer deletes everything that was there"
                at = f"{part.pointer}/if_source_empty" if "if_source_empty" in config else part.pointer
                yield Found(one.document, at, message, '"if_source_empty": "fail"')


_EMPTY = frozenset({"csv", "json", "ldap", "rdf", "rest", "sdshare", "sparql", "sql"})
