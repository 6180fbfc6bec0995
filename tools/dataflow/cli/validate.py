"""`dataflow validate`: check every file of the package and report each fault at its place."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.project import PROFILE, find_root, read_project
from dataflow.report.text import counted, diagnostics_json, print_diagnostics, summary

if TYPE_CHECKING:
    import argparse

EXAMPLES = ["dataflow validate", "dataflow validate --profile prod", "dataflow validate --format json"]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument(
        "--profile", default=PROFILE, metavar="NAME", help=f"which <NAME>-env.json to use (default: {PROFILE})"
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print findings (default: text)"
    )


def run(args: argparse.Namespace) -> int:
    project = read_project(find_root(args.dir), args.profile)
    if args.format == "json":
        size = {"pipes": len(project.pipes), "systems": len(project.systems)}
        print(json.dumps({**size, "findings": diagnostics_json(project.diagnostics)}, indent=2, ensure_ascii=False))
    else:
        print_diagnostics(project.diagnostics, sys.stdout)
        size_text = f"{counted(len(project.pipes), 'pipe')}, {counted(len(project.systems), 'system')}"
        print(f"{size_text}: {summary(project.diagnostics)}")
    return 1 if project.errors else 0
