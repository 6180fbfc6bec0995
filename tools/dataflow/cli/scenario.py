"""`dataflow scenario`: play scenarios with both systems simulated, and tell what was not as expected."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.generate.mapping_file import read_mappings
from dataflow.node.store.sqlite import SqliteStore
from dataflow.project import find_root
from dataflow.report.results import as_json, as_junit, counts
from dataflow.report.scenario import scenario_lines
from dataflow.results import Verdict
from dataflow.scenario.reading import Reading
from dataflow.scenario.runner import play
from dataflow.scenario.script_file import read_scenario, scenario_files
from dataflow.scenario.tables import read_tables
from dataflow.scenario.world import Stage, World

if TYPE_CHECKING:
    import argparse

    from dataflow.results import Result
    from dataflow.scenario.script import Scenario

FOLDER = Path("tests", "scenarios")
EXAMPLES = [
    "dataflow scenario list",
    "dataflow scenario run",
    "dataflow scenario run lost-answer T5 --format junit",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("run", "list"), help="play them, or only tell which there are")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"a scenario's name, a case it is about (T5), or a file (default: all in {FOLDER})",
    )
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument("--format", choices=("text", "json", "junit"), default="text", help="default: text")


def run(args: argparse.Namespace) -> int:
    root = find_root(args.dir)
    members = [m for concept in read_mappings(root / "pipes" / "mappings").values() for m in concept.members]
    files = [Path(name) for name in args.names if Path(name).suffix == ".yaml"]
    scenarios = [read_scenario(path, members) for path in files or scenario_files([root / FOLDER])]
    chosen = _chosen(scenarios, [name for name in args.names if Path(name).suffix != ".yaml"])
    if args.action == "list":
        for one in chosen:
            print(
                f"{one.id:<{max(len(s.id) for s in chosen)}}  {one.title}"
                + (f" ({', '.join(one.about)})" if one.about else "")
            )
        return 0
    results: list[Result] = []
    with Stage(root) as stage:
        for number, scenario in enumerate(chosen, 1):
            if sys.stderr.isatty():
                print(f"\r{number} of {len(chosen)}: {scenario.id:<60.60}", end="", file=sys.stderr, flush=True)
            results.append(played(scenario, stage))
            if args.format == "text":
                for line in scenario_lines(results[-1]):
                    print(line)
    _print(results, args.format)
    return 1 if any(result.verdict is Verdict.FAIL for result in results) else 0


def played(scenario: Scenario, stage: Stage) -> Result:
    """Play one scenario on a node whose data lies on disk, so that it can be killed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        world = World(stage, open_store=lambda: SqliteStore(folder), switches=scenario.switches, **dict(scenario.env))
        stack.callback(world.close)
        mappings = stage.root / "pipes" / "mappings"
        reading = Reading(read_mappings(mappings), world.project.env, read_tables(mappings, world.project.env))
        return play(scenario, world, reading)


def _chosen(scenarios: list[Scenario], names: list[str]) -> list[Scenario]:
    known = {one.id for one in scenarios} | {case for one in scenarios for case in one.about}
    for name in names:
        if name not in known:
            from dataflow.diagnostics import did_you_mean

            hint = did_you_mean(name, known) or "`dataflow scenario list` has them"
            raise UsageError(f'there is no scenario "{name}"; {hint}')
    return [one for one in scenarios if not names or one.id in names or not set(names).isdisjoint(one.about)]


def _print(results: list[Result], form: str) -> None:
    if form == "json":
        print(as_json(results))
    elif form == "junit":
        print(as_junit(results, "scenarios"))
    else:
        number = counts(results)
        print(
            f"{number['pass']} of {len(results)} scenarios as expected"
            + (f", {number['fail']} not" if number["fail"] else "")
        )
