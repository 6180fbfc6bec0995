"""`dataflow test`: replay the package and compare every endpoint with `expected/`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.diagnostics import did_you_mean
from dataflow.errors import UsageError
from dataflow.expect.replay import aside, open_project, replay, testable
from dataflow.expect.suite import load_suite, verify
from dataflow.report.results import as_junit, as_list, evidence_lines
from dataflow.report.text import counted, print_diagnostics
from dataflow.results import Result, Verdict

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterator, Sequence

    from dataflow.expect.replay import Replay

EXAMPLES = [
    "dataflow test",
    "dataflow test --pipe customerp-order-share-endpoint",
    "dataflow test --format junit > report.xml",
]


def configure(parser: argparse.ArgumentParser) -> None:
    configure_scope(parser)
    parser.add_argument(
        "--format", choices=("text", "json", "junit"), default="text", help="how to print the results (default: text)"
    )


def configure_scope(parser: argparse.ArgumentParser) -> None:
    """The options that say what is replayed and looked at."""
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument(
        "--profile", default="test", metavar="NAME", help="which <NAME>-env.json to use (default: test)"
    )
    parser.add_argument("--pipe", action="append", default=[], metavar="ID", help="only this pipe; may be given again")


def run(args: argparse.Namespace) -> int:
    started = time.perf_counter()
    project = open_project(args.dir, args.profile)
    only = known_pipes(args.pipe, testable(project))
    suite = load_suite(project.root, testable(project), only=only)
    done = replay(project)
    results = [*runs(done), *verify(suite, done.node)]
    seconds = time.perf_counter() - started
    faults = [fault for _, fault in suite.faults.values()]
    print_diagnostics([*aside(project), *suite.warnings, *faults, *done.findings], sys.stderr)
    others = len(project.errors) - sum(fault.code == "DF301" for fault in project.errors) - len(project.unusable)
    if others:
        print(f"{counted(others, 'other finding')} that stop no pipe: `dataflow validate` lists them", file=sys.stderr)
    if args.format == "json":
        print(as_list(results))
    elif args.format == "junit":
        print(as_junit(results, "dataflow test"))
    else:
        for result in results:
            for line in lines(result):
                print(line)
        print(f"{summary(results)} ({seconds:.1f} s)")
    return 1 if any(result.verdict is Verdict.FAIL for result in results) else 0


def known_pipes(wanted: Sequence[str], known: Collection[str]) -> frozenset[str]:
    """The pipes asked for; raises UsageError for one that cannot be tested."""
    for pipe in wanted:
        if pipe not in known:
            raise UsageError(
                f'"{pipe}" is no output or endpoint pipe of this package; '
                + (did_you_mean(pipe, known) or "`dataflow validate` lists what is wrong, `expected/` what is tested")
            )
    return frozenset(wanted)


def runs(done: Replay) -> list[Result]:
    """One failing result per pipe that did not do its work, and one that says so per pipe that does not run here."""
    told = [(Verdict.FAIL, done.failures), (Verdict.SKIP, done.outside)]
    return [
        Result(id=f"run:{pipe}", title=f"{pipe} runs", verdict=verdict, reason=reason, group=pipe)
        for verdict, pipes in told
        for pipe, reason in pipes.items()
    ]


def summary(results: Sequence[Result]) -> str:
    """`26 of 26 endpoints as expected`, and what else there is to say."""
    compared = [result for result in results if result.id.startswith("expect:")]
    pipes = {result.group for result in compared}
    failed = {result.group for result in compared if result.verdict is Verdict.FAIL}
    skipped = {result.group for result in compared if result.verdict is Verdict.SKIP} - failed
    skipped -= {result.group for result in compared if result.verdict is Verdict.PASS}
    text = f"{len(pipes - failed - skipped)} of {len(pipes)} endpoints as expected"
    ran = [result.verdict for result in results if not result.id.startswith("expect:")]
    broken, outside = ran.count(Verdict.FAIL), ran.count(Verdict.SKIP)
    text += f", {len(skipped)} skipped" if skipped else ""
    text += f", {counted(broken, 'pipe')} failed in the run" if broken else ""
    return text + (f", {counted(outside, 'pipe')} not run here" if outside else "")


def lines(result: Result) -> Iterator[str]:
    """What text output says of one result: nothing when it passed."""
    if result.verdict is Verdict.PASS:
        return
    yield f"{result.verdict}  {result.title}: {result.reason}"
    for evidence in result.evidence:
        for line in evidence_lines(evidence):
            yield f"      {line}"
    rest = result.properties.get("differences_not_shown", 0)
    if rest:
        yield f"      ... and {rest} more {'difference' if rest == 1 else 'differences'}"
