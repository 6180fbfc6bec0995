"""`dataflow explain`: where an entity, or a property of it, comes from."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.expect.replay import open_project, replay
from dataflow.node.explain import explain
from dataflow.project import PROFILE
from dataflow.report.explanation import as_json, lines
from dataflow.report.text import print_diagnostics

if TYPE_CHECKING:
    import argparse

EXAMPLES = [
    "dataflow explain customerp-customer-transform webcrm-organisation:101",
    "dataflow explain customerp-customer-transform webcrm-organisation:101 Name",
    "dataflow explain global-organisation webcrm-organisation:101 --format json",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pipe", metavar="PIPE", help="the pipe that gives the entity")
    parser.add_argument("entity", metavar="ENTITY", help="the _id of the entity")
    parser.add_argument(
        "property", metavar="PROPERTY", nargs="?", help="only this property; a namespace may be left out"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="a tree or JSON (default: text)")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument(
        "--profile", default=PROFILE, metavar="NAME", help=f"which <NAME>-env.json to use (default: {PROFILE})"
    )


def run(args: argparse.Namespace) -> int:
    done = replay(open_project(args.dir, args.profile))
    print_diagnostics(done.findings, sys.stderr)
    link = explain(done.node, args.pipe, args.entity, args.property)
    if args.format == "json":
        print(json.dumps(as_json(link), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(link)))
    return 0
