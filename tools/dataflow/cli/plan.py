"""`dataflow plan`: what a first run would do to both systems, without doing any of it."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.generate.mapping_file import read_mappings
from dataflow.node.node import Node
from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
from dataflow.project import find_root, load_project
from dataflow.report.plan import plan_json, plan_lines, plan_page, summary
from dataflow.report.text import print_diagnostics
from dataflow.scenario.plan import plan_of
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables
from dataflow.scenario.world import Stage, World

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from dataflow.node.runs import RunReport
    from dataflow.project import Project

EXAMPLES = [
    "dataflow plan --simulate",
    "dataflow plan --simulate --format html --output plan.html",
    "WEBCRM_APPLICATION_TOKEN=... dataflow plan --profile prod --all",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile",
        default="prod",
        metavar="NAME",
        help="which <NAME>-env.json says where the systems are (default: prod). A secret is taken from the environment "
        "variable of its name in capitals, with _ for -",
    )
    parser.add_argument(
        "--simulate", action="store_true", help="both systems simulated, with the fixtures of testdata/ in them"
    )
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument("--all", action="store_true", help="every record, not only the first ones of each kind")
    parser.add_argument("--format", choices=("text", "json", "html"), default="text", help="default: text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there")


def run(args: argparse.Namespace) -> int:
    root = find_root(args.dir)
    with ExitStack() as stack:
        if args.simulate:
            stage = stack.enter_context(Stage(root))
            world = World(stage, share_pump_mode="off")
            stack.callback(world.close)
            for system in world.systems.values():
                system.seed(root / "testdata")
            node, project, report = world.node, world.project, world.round()
        else:
            project = load_project(root, args.profile, {"share-pump-mode": "off"})
            node = _node(project)
            print("reading both systems ...", file=sys.stderr)
            report = node.run()
        if report is None or _failed(report):
            return 1
        mappings = root / "pipes" / "mappings"
        plan = plan_of(node, Reading(read_mappings(mappings), project.env, read_tables(mappings, project.env)))
    if args.format == "json":
        text = plan_json(plan)
    elif args.format == "html":
        text = plan_page(plan, title="What a first run would do")
    else:
        text = "\n".join([*plan_lines(plan, everything=args.all), "", f"{summary(plan)}. Nothing was written."])
    if args.output is None:
        print(text)
    else:
        args.output.write_text(text + "\n", encoding="utf-8")
        print(f"{args.output}: {summary(plan)}")
    return 0


def _node(project: Project) -> Node:
    """A node that reads from the systems of the package, and whose share pipes are off."""
    secrets = {name: value for name, value in ((n, os.environ.get(_variable(n))) for n in _secrets(project)) if value}
    missing = [_variable(name) for name in _secrets(project) if name not in secrets]
    if missing:
        raise UsageError(f"secrets are missing: set {', '.join(missing)} in the environment, or use --simulate")

    def known(system_id: str) -> Mapping[str, str]:
        return secrets

    makers = reaching(Reach(project.systems, secrets=known, metadata=project.metadata))
    return Node.from_project(project, source_makers=makers.sources, transform_makers=makers.transforms)


def _secrets(project: Project) -> list[str]:
    import json
    import re

    text = json.dumps([system.config for system in project.systems.values()])
    return sorted(set(re.findall(r"\$SECRET\(([^()]*)\)", text)))


def _variable(secret: str) -> str:
    return secret.upper().replace("-", "_")


def _failed(report: RunReport) -> bool:
    """Say which pipes failed: a plan that knows half of the truth would be a lie."""
    print_diagnostics(report.diagnostics(), sys.stderr)
    return not report.ok
