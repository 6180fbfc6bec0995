"""`dataflow graph`: draw who reads and writes what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.diagnostics import did_you_mean
from dataflow.errors import UsageError
from dataflow.graph import build
from dataflow.project import PROFILE, find_root, load_project
from dataflow.report.mermaid import dot, graph_json, mermaid
from dataflow.report.picture import flows, pipes, stages

if TYPE_CHECKING:
    import argparse

EXAMPLES = [
    "dataflow graph",
    "dataflow graph --detail pipes --format dot | dot -Tsvg > pipes.svg",
    "dataflow graph --detail neighbours customerp-order-transform",
]

_RENDERERS = {"mermaid": mermaid, "dot": dot, "json": graph_json}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pipe", nargs="?", metavar="PIPE", help="the pipe that --detail neighbours is about")
    parser.add_argument(
        "--detail",
        choices=("flows", "stages", "pipes", "neighbours"),
        default="flows",
        help="the flows at a glance, their stages, every pipe, or what is around one pipe (default: flows)",
    )
    parser.add_argument("--format", choices=tuple(_RENDERERS), default="mermaid", help="language (default: mermaid)")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument(
        "--profile", default=PROFILE, metavar="NAME", help=f"which <NAME>-env.json to use (default: {PROFILE})"
    )


def run(args: argparse.Namespace) -> int:
    if (args.pipe is not None) != (args.detail == "neighbours"):
        raise UsageError("--detail neighbours and PIPE go together")
    project = load_project(find_root(args.dir), args.profile)
    graph = build(project)
    if args.pipe is not None:
        if args.pipe not in project.pipes:
            hint = did_you_mean(args.pipe, project.pipes) or f"there are {len(project.pipes)} of them"
            raise UsageError(f'there is no pipe "{args.pipe}"; {hint}')
        graph = graph.neighbours(args.pipe)
    picture = {"flows": flows, "stages": stages}.get(args.detail, pipes)(graph)
    print(_RENDERERS[args.format](picture), end="")
    return 0
