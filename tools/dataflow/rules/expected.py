"""Rules about expected output: test specs, expected files, and the pipes they are for.

Rules: sesam-py 2.11.13, `verify`. What is wrong with one spec `expect.spec` finds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.diagnostics import Severity, did_you_mean
from dataflow.project import PROFILE
from dataflow.rules.rule import Family, Files, Found, inbound, pipe, system
from dataflow.source import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.rules.package import Package

family = Family("expected")

_FROM = {"type": "dataset", "dataset": "erp-order"}
_ENDPOINT = pipe("erp-order-endpoint", _FROM, sink={"type": "http_endpoint"}) | pipe("erp-order")
_SPEC: Files = {"expected/erp-order-endpoint.test.json": {}}
_EXPECTED: Files = {"expected/erp-order-endpoint.json": []}

family.found_elsewhere(
    "DF601",
    """A test spec that cannot be read: a key nobody knows, or a value of the wrong type. The client passes over some
    of these in silence; what they were to leave out of a comparison is then compared, or the reverse.
    """,
    severity=Severity.WARNING,
    bad=_ENDPOINT | {"expected/erp-order-endpoint.test.json": {"blacklist": "updated"}} | _EXPECTED,
    good=_ENDPOINT | {"expected/erp-order-endpoint.test.json": {"blacklist": ["updated"]}} | _EXPECTED,
)
family.found_elsewhere(
    "DF602",
    """A test spec whose expected file is not there: the comparison fails before it begins.""",
    bad=_ENDPOINT | _SPEC,
    good=_ENDPOINT | _SPEC | _EXPECTED,
)
family.found_elsewhere(
    "DF604",
    """A test spec for a pipe that does not exist, or that stores its output in a dataset. Only what leaves the node
    is compared: endpoints, and pipes with a sink outside.
    """,
    bad=_ENDPOINT | _SPEC | _EXPECTED | {"expected/erp-order.test.json": {}, "expected/erp-order.json": []},
    good=_ENDPOINT | _SPEC | _EXPECTED,
)
family.found_elsewhere(
    "DF606",
    """A test spec that says "ignore" while its expected file still stands there: either the one is a leftover or the
    other.
    """,
    severity=Severity.WARNING,
    bad=_ENDPOINT | {"expected/erp-order-endpoint.test.json": {"ignore": True}} | _EXPECTED,
    good=_ENDPOINT | {"expected/erp-order-endpoint.test.json": {"ignore": True}},
)


@family.rule(
    "DF603",
    bad=_ENDPOINT | pipe("erp-line-endpoint", _FROM, sink={"type": "http_endpoint"}) | _SPEC | _EXPECTED,
    good=_ENDPOINT | _SPEC | _EXPECTED,
)
def never_compared(package: Package) -> Iterator[Found]:
    """An endpoint, or a pipe with a sink outside, that no test spec is for, while others have one. The client's
    `verify` fails because of it.
    """
    covered = {spec.pipe for spec in package.specs}
    for name in package.testable if package.specs else ():
        if name not in covered and not package.malformed_specs:
            hint = f"`dataflow update` writes expected/{name}.test.json and the file it compares with"
            yield Found(package.project.pipes[name].document, "/_id", f'no test spec is for pipe "{name}"', hint)


@family.rule(
    "DF608",
    bad=_ENDPOINT | _SPEC | _EXPECTED | {"expected/erp-orders-endpoint.json": []},
    good=_ENDPOINT | _SPEC | _EXPECTED,
)
def compared_with_nothing(package: Package) -> Iterator[Found]:
    """An expected file that no test spec names: nothing is compared with it."""
    from dataflow.expect.spec import FOLDER, SUFFIX

    root = package.project.root
    named = {spec.file for spec in package.specs}
    for path in [] if package.malformed_specs else sorted((root / FOLDER).glob("*.json")):
        if not path.name.endswith(SUFFIX) and path.relative_to(root).as_posix() not in named:
            message = "no test spec names this expected file"
            yield Found(Document(path, "", None), "", message, "write a spec for it, or remove it")


@family.rule(
    "DF305",
    severity=Severity.ERROR,
    bad=pipe("erp-order") | {"testdata/erp-orders.json": [{"_id": "1"}]},
    good=pipe("erp-order") | {"testdata/erp-order.json": [{"_id": "1"}]},
)
def posted_to_nobody(package: Package) -> Iterator[Found]:
    """A file of test data that is called after no pipe which takes what is posted to it, in the profile that is tested: the client
    fails to upload it.
    """
    project = package.project
    receivers = [one.id for one in package.pipes if one.source.get("type") == "http_endpoint"]
    if project.profile != PROFILE or package.unreadable:
        return
    for path in sorted((project.root / "testdata").rglob("*.json")):
        name = path.name.removesuffix(".json")
        # A file that holds null is passed over.
        if name not in receivers and path.is_file() and path.read_bytes().strip() != b"null":
            expected = "the id of a pipe whose source in this profile is an http_endpoint"
            message = f'there is no receiver "{name}"'
            yield Found(Document(path, "", None), "", message, did_you_mean(name, receivers), expected)


@family.rule(
    "DF619",
    severity=Severity.INFO,
    usual=False,
    bad=_ENDPOINT | _SPEC | _EXPECTED | inbound("erp-line") | system(),
    good=_ENDPOINT | _SPEC | _EXPECTED,
)
def asks_the_real_system(package: Package) -> Iterator[Found]:
    """A pipe that reads from a system in the profile that is tested. A test then needs that system, and changes with what is
    in it. An alternative source for the profile, of the type `http_endpoint` or `embedded`, stands for it.
    """
    for one in package.pipes if package.specs and package.project.profile == PROFILE else ():
        if "system" in one.source and one.pump.get("mode") not in ("manual", "off"):
            message = f'under this profile pipe "{one.id}" asks the real system'
            yield Found(one.document, one.source_at, message, "give it a conditional source")
