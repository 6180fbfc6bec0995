"""`dataflow drift`: what is not in step, and why: refused, waiting, held back, put back, or for a human to know of."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.generate.mapping_file import read_mappings
from dataflow.project import find_root, load_project
from dataflow.report.drift import drift_json, drift_lines, drift_summary
from dataflow.scenario.drift import Drift, drift_of
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables

if TYPE_CHECKING:
    import argparse

TOKEN = "JWT"
EXAMPLES = [
    "dataflow drift --simulate",
    "JWT=... dataflow drift --node https://datahub-0a1b2c.sesam.cloud",
    "JWT=... dataflow drift --node http://127.0.0.1:9042 --format json",
]


def configure(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--simulate",
        action="store_true",
        help="both systems simulated, with the fixtures of testdata/, until they rest",
    )
    where.add_argument(
        "--node", metavar="URL", help=f"a node that runs the package; its token is taken from the variable {TOKEN}"
    )
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(args: argparse.Namespace) -> int:
    root = find_root(args.dir)
    drift = _simulated(root) if args.simulate else _remote(root, args.node)
    if args.format == "json":
        print(drift_json(drift))
        return 0
    for line in drift_lines(drift):
        print(line)
    print(f"{drift_summary(drift)}.")
    return 0


def _simulated(root: Path) -> Drift:
    from dataflow.scenario.world import Stage, World

    with ExitStack() as stack:
        world = World(stack.enter_context(Stage(root)))
        stack.callback(world.close)
        for system in world.systems.values():
            system.seed(root / "testdata")
        world.sync()
        return drift_of(_reading(root, "live"), world.log)


def _remote(root: Path, url: str) -> Drift:
    from dataflow.scenario.remote_logs import RemoteLogs

    token = os.environ.get(TOKEN)
    if not token:
        raise UsageError(f"set {TOKEN} in the environment to the token of the node; `dataflow node serve` prints one")
    return drift_of(_reading(root, "prod"), RemoteLogs(url, token).versions)


def _reading(root: Path, profile: str) -> Reading:
    mappings, env = root / "pipes" / "mappings", load_project(root, profile).env
    return Reading(read_mappings(mappings), env, read_tables(mappings, env))
