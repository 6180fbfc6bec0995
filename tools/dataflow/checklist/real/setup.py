"""A real run made ready: addresses from the node's own variables, secrets from the environment, a plan before any write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.checklist.live import cast
from dataflow.checklist.real.door import Door
from dataflow.checklist.real.node import RemoteNode
from dataflow.checklist.real.tenants import CustomerpTenant, WebcrmTenant
from dataflow.checklist.real.world import RealWorld
from dataflow.errors import UsageError
from dataflow.node.reach import Reach
from dataflow.project import load_project
from dataflow.simulators.contract.description import read_description

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dataflow.clock import Clock
    from dataflow.project import Project

TOKEN = "JWT"
MARK = "[checklist]"
_SECRET = re.compile(r"\$SECRET\(([^()]*)\)")
_ADDRESSES = {"webcrm": "webcrm-base-url", "customerp": "customerp-base-url"}


@dataclass(frozen=True)
class Setup:
    """Nothing has been asked of the tenants yet; `project` is the package with the node's variables.

    `secrets` are the values that no report may hold.
    """

    node: RemoteNode
    project: Project
    reach: Reach
    clock: Clock
    secrets: tuple[str, ...]

    def plan(self) -> Iterator[str]:
        """What a run would do, in words."""
        env = self.project.env
        yield f"node      {self.node.url}, which runs all pipes again and again; nothing it holds is deleted"
        for system, variable in _ADDRESSES.items():
            yield f"{system:<9} {env[variable]}"
        made = ", ".join(member.partition("-")[2] for member in cast.WEBCRM)
        yield f"makes     in webCRM {cast.SIZE} of each: {made}; and some more organisations; names begin with {MARK}"
        yield "makes     for every key, records in Customerp and webCRM that find each other by it or must not"
        yield "edits     every property of those records, on each side; clears it where both systems can"
        yield "touches   no record that was there before"
        yield "deletes   those records where the API lets it (products and quotation lines), and names what is left"

    def world(self) -> RealWorld:
        """The tenants are read. Raises UsageError when one does not answer."""
        root, env = self.project.root, self.project.env
        doors = {
            name: Door(self.project.systems[name], self.reach, str(env[variable]).rstrip("/"))
            for name, variable in _ADDRESSES.items()
        }
        description = read_description(root / "systems" / "customerp.openapi.yaml")
        tenants = {
            "webcrm": WebcrmTenant("webcrm", doors["webcrm"], MARK),
            "customerp": CustomerpTenant("customerp", doors["customerp"], MARK, description),
        }
        return RealWorld(self.node, tenants, self.clock)


def set_up(root: Path, url: str, profile: str, environment: Mapping[str, str], clock: Clock) -> Setup:
    """`environment` has the tokens: JWT for the node, and each secret of the systems under its name in capitals.

    Raises UsageError for one that is not set, for a node that does not answer, and for one without this package.
    """
    token = environment.get(TOKEN)
    if not token:
        raise UsageError(f"set {TOKEN} in the environment to the token of the node")
    node = RemoteNode(url, token, clock)
    project = load_project(root, profile, node.env())
    missing = sorted(set(project.pipes) - set(node.pipes()))
    if missing:
        raise UsageError(f"the node has no pipe {missing[0]}; upload this package to it first")
    names = {name for system in _ADDRESSES for name in _SECRET.findall(str(project.systems[system].config))}
    variables = {name: name.upper().replace("-", "_") for name in names}
    unset = sorted(variable for variable in variables.values() if not environment.get(variable))
    if unset:
        raise UsageError(f"set {', '.join(unset)} in the environment: the tenants' own tokens")
    secrets = {name: environment[variable] for name, variable in variables.items()}
    reach = Reach(project.systems, lambda _: secrets, clock, project.metadata)
    return Setup(node, project, reach, clock, (token, *secrets.values()))
