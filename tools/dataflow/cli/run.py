"""`dataflow run`: replay the package, and tell what each pipe did or what one pipe gives."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.dtl.transit import encode
from dataflow.errors import UsageError
from dataflow.node.node import Node
from dataflow.node.pipeline import STAGES
from dataflow.node.testdata import load_testdata
from dataflow.project import PROFILE, find_root, read_project
from dataflow.report.text import counted, print_diagnostics

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from dataflow.node.runs import RunReport

EXAMPLES = [
    "dataflow run",
    "dataflow run --format json",
    "dataflow run --pipe customerp-customer-share",
    "dataflow run --pipe webcrm-person-enrich --stage before-transforms",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pipe", metavar="ID", help="print the entities of this pipe instead, in transit form")
    parser.add_argument("--stage", choices=STAGES, help="which of its entities (default: sink); goes with --pipe")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="a table or JSON (default: text)")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument(
        "--profile", default=PROFILE, metavar="NAME", help=f"which <NAME>-env.json to use (default: {PROFILE})"
    )


def run(args: argparse.Namespace) -> int:
    if args.stage and not args.pipe:
        raise UsageError("--stage goes with --pipe")
    root = find_root(args.dir)
    node = Node.from_project(read_project(root, args.profile))
    if args.pipe:
        # An unknown pipe is told before the work, not after it.
        node.pipe(args.pipe)
    found = load_testdata(node, root)
    report = node.run()
    found += report.diagnostics()
    print_diagnostics(found, sys.stderr)
    if args.pipe:
        entities = sorted(node.entities(args.pipe, args.stage), key=lambda e: str(e.get("_id")))
        indent = 2 if args.format == "text" else None
        print(json.dumps([encode(e) for e in entities], ensure_ascii=False, indent=indent, sort_keys=True))
    elif args.format == "json":
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_table(report)))
    return 1 if found else 0


def _table(report: RunReport) -> Iterator[str]:
    """One line per pipe in the order of the flow."""
    wide = max((len(pipe) for pipe in report.pipes), default=4)
    yield f"{'pipe':<{wide}}  status   {'read':>6}  {'written':>7}  {'runs':>4}  {'ms':>7}  reason"
    for run in report.pipes.values():
        numbers = f"{run.read:>6}  {run.written:>7}  {run.runs:>4}  {run.seconds * 1000:>7.1f}"
        yield f"{run.pipe:<{wide}}  {run.status:<7}  {numbers}  {run.reason or ''}".rstrip()
    yield ""
    failed = counted(len(report.failures), "failure")
    written = counted(report.written, "version")
    passes = "1 pass" if report.passes == 1 else f"{report.passes} passes"
    yield f"{counted(len(report.pipes), 'pipe')}, {failed}, {written} written in {passes}, {report.seconds:.2f} s"
