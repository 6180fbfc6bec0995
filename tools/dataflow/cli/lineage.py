"""`dataflow lineage`: where a property comes from and goes to, known from the rules alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow import lineage
from dataflow.diagnostics import did_you_mean
from dataflow.errors import UsageError
from dataflow.lineage.tree import Trees
from dataflow.project import PROFILE, find_root, read_project
from dataflow.report.lineage import as_json, lines

if TYPE_CHECKING:
    import argparse

    from dataflow.lineage.tree import Branch

EXAMPLES = [
    "dataflow lineage Name --pipe customerp-customer-transform",
    "dataflow lineage payload.Name --pipe customerp-customer-share --decisions",
    "dataflow lineage OrganisationName --format json",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "property", metavar="PROPERTY", help="a property, or a path such as payload.Name; a namespace may be left out"
    )
    parser.add_argument(
        "--pipe", metavar="PIPE", help="as it comes in at this pipe and leaves it (default: everywhere)"
    )
    parser.add_argument(
        "--decisions", action="store_true", help="tell too what only decides about it: conditions, joins"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="a tree or JSON (default: text)")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument(
        "--profile", default=PROFILE, metavar="NAME", help=f"which <NAME>-env.json to use (default: {PROFILE})"
    )


def run(args: argparse.Namespace) -> int:
    project = read_project(find_root(args.dir), args.profile)
    graph = lineage.of(project)
    trees = Trees(graph, decisions=args.decisions)
    found: list[tuple[str, Branch]] = []
    if args.pipe is not None:
        start, end = graph.source(args.pipe, args.property), graph.target(args.pipe, args.property)
        if end != start or graph.edges(end):
            found.append(("comes from", trees.origins(end)))
        found.append(("goes to", trees.destinations(start)))
    else:
        for node in trees.roots(args.property):
            if not trees.told(node):
                source = node.place.kind == "source"
                found.append(("goes to", trees.destinations(node)) if source else ("comes from", trees.origins(node)))
    told = [(way, tree) for way, tree in found if tree.branches]
    if not told:
        raise UsageError(_unknown(args, graph))
    if args.format == "json":
        print(json.dumps([{"way": way, **as_json(tree)} for way, tree in told], ensure_ascii=False, indent=2))
    else:
        texts = ("\n".join(_titled(way, tree)) for way, tree in told)
        print("\n\n".join(texts))
    return 0


def _titled(way: str, tree: Branch) -> list[str]:
    first, *rest = lines(tree, drawn=sys.stdout.isatty())
    return [f"{first}  {way}", *rest]


def _unknown(args: argparse.Namespace, graph: lineage.Lineage) -> str:
    names = {lineage.shown(path[:1]) for place in graph.places for path in graph.named(place) if path}
    bare = {name.rpartition(":")[2] for name in names}
    hint = did_you_mean(args.property, names | bare)
    where = f' of pipe "{args.pipe}"' if args.pipe else ""
    return f'no rule{where} has to do with a property "{args.property}"' + (f"; {hint}" if hint else "")
