"""Rules about names, and about the form of files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dataflow.diagnostics import Severity
from dataflow.rules.rule import Family, Found, inbound, pipe, system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.pipe import Pipe
    from dataflow.project import System
    from dataflow.rules.package import Package

family = Family("naming")

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]{0,61}$")
_DOCKER = re.compile(r"^[a-z0-9][a-z0-9_-]{1,62}$")
_READ = {"type": "dataset", "dataset": "erp-order"}


@family.rule(
    "DF861",
    page="changelog.rst",
    bad=pipe("erp_order"),
    good=pipe("erp-order"),
)
def name(package: Package) -> Iterator[Found]:
    """The ids of pipes and systems are to be valid in host names: letters, digits and hyphens, a letter or digit
    first, and no more than 62 of them. The platform accepts others, with a warning.
    """
    components: list[Pipe | System] = [*package.pipes, *package.systems]
    for one in components:
        if not _NAME.match(one.id) and "/" not in one.id:
            hint = f'such as "{re.sub(r"[^A-Za-z0-9-]+", "-", one.id).strip("-")[:62]}"'
            yield Found(
                one.document, "/_id", f'"{one.id}" is no valid name', hint, "letters, digits and hyphens, at most 62"
            )


@family.rule(
    "DF862",
    severity=Severity.INFO,
    page="documentation/service-configuration/pipes/configuration-sinks-dataset.rst",
    bad=pipe("erp-order", sink={"type": "dataset", "dataset": "orders"}),
    good=pipe("erp-order", sink={"type": "dataset", "dataset": "erp-order"}),
)
def other_dataset(package: Package) -> Iterator[Found]:
    """A dataset is called like the pipe that writes it, so that one finds the one from the other. There should be a
    good reason for another name.
    """
    for one in package.pipes:
        dataset = one.writes if one.sink.get("type") == "dataset" else None
        if dataset is not None and dataset != one.id and not _impossible(dataset):
            message = f'pipe "{one.id}" writes a dataset of another name, "{one.writes}"'
            yield Found(
                one.document,
                f"{one.sink_at}/dataset",
                message,
                "leave it out: the dataset is then called like the pipe",
            )


@family.rule(
    "DF863",
    severity=Severity.ERROR,
    page="documentation/service-configuration/pipes/configuration-sinks-dataset.rst",
    bad=pipe("erp-order", sink={"type": "dataset", "dataset": "erp/order"}),
    good=pipe("erp-order", sink={"type": "dataset", "dataset": "erp-order"}),
)
def impossible_dataset(package: Package) -> Iterator[Found]:
    """The id of a dataset cannot have a slash in it, and no pipe can write to a dataset of the platform's own,
    `system:...`.
    """
    for one in package.pipes:
        if one.writes is not None and one.writes != one.id and _impossible(one.writes):
            message = f'no dataset can be called "{one.writes}" here'
            yield Found(
                one.document, f"{one.sink_at}/dataset", message, expected="a name without / that is no system:..."
            )


def _impossible(dataset: str) -> bool:
    return "/" in dataset or dataset.startswith("system:")


_CONTAINER = {"image": "example/erp:1.0", "port": 5000}


@family.rule(
    "DF864",
    page="documentation/service-configuration/systems/configuration-systems-microservice.rst",
    bad=inbound("erp-order", "ERP") | system("ERP", "system:microservice", docker=_CONTAINER),
    good=inbound("erp-order") | system(kind="system:microservice", docker=_CONTAINER),
)
def microservice(package: Package) -> Iterator[Found]:
    """The id of a microservice is a host name: 2 to 63 lower-case letters, digits, hyphens and underscores, a letter
    or digit first.
    """
    for one in package.systems:
        if one.config.get("type") == "system:microservice" and not _DOCKER.match(one.id):
            yield Found(one.document, "/_id", f'"{one.id}" is no host name', f'such as "{one.id.lower()}"')
