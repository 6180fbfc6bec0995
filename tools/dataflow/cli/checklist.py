"""`dataflow checklist`: prove the flows and print the checklist, row by row; from a replay, or with both systems simulated.

`dataflow checklist read` prints the rows of documents, `dataflow checklist write` writes our own from the mappings.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.checklist.binding import read_words
from dataflow.checklist.live.runner import run_live
from dataflow.checklist.rst import read_document
from dataflow.checklist.runner import run as run_checklist
from dataflow.checklist.view import View
from dataflow.cli.checklist_documents import own, read, write
from dataflow.cli.test import runs
from dataflow.cli.test import summary as expected_summary
from dataflow.diagnostics import Severity
from dataflow.errors import UsageError
from dataflow.expect.replay import replay, testable
from dataflow.expect.suite import load_suite, verify
from dataflow.generate.mapping_file import read_mappings
from dataflow.project import find_root, load_project
from dataflow.report.checklist import checklist_lines, failures, summary
from dataflow.report.results import as_json
from dataflow.report.text import print_diagnostics
from dataflow.results import Verdict
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables
from dataflow.scenario.world import PROFILE as LIVE
from dataflow.scenario.world import Stage, World

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from dataflow.checklist.document import Document
    from dataflow.checklist.runner import FlowReport
    from dataflow.diagnostics import Diagnostic
    from dataflow.results import Result

EXAMPLES = [
    "dataflow checklist",
    "dataflow checklist --against live",
    "dataflow checklist --flow organisations",
    "dataflow checklist webcrm-customerp.rst --format json",
    "dataflow checklist read technical/*.rst",
    "dataflow checklist write --check",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="[read|write] DOCUMENT",
        help="a checklist document (default: the package's own, from webCRM to Customerp); `read` and any number of "
        "them: only print their rows; `write`: write our own from the mappings",
    )
    parser.add_argument(
        "--against",
        choices=("replay", "live"),
        default="replay",
        help="replay: the fixtures, once; live: both systems simulated, every property edited on each side (default: replay)",
    )
    parser.add_argument(
        "--flow", metavar="NAME", help="only this flow, such as organisations or organisations-customer"
    )
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument(
        "--profile", metavar="NAME", help="which <NAME>-env.json to use (default: test for a replay, live otherwise)"
    )
    parser.add_argument(
        "--check", action="store_true", help="with write: write nothing; name what differs and exit with 1"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (default: text)")


def run(args: argparse.Namespace) -> int:
    if args.words[:1] == ["read"]:
        return read(list(map(Path, args.words[1:])), args.format)
    if args.words == ["write"]:
        return write(args.dir, args.profile, check=args.check)
    if len(args.words) > 1:
        raise UsageError(f'one document at a time; "{args.words[1]}" is one more')
    document, findings = read_document(Path(args.words[0])) if args.words else own(find_root(args.dir))
    if args.against == "live":
        return _live(args, document, findings)
    project = load_project(find_root(args.dir), args.profile or "test")
    mappings = project.root / "pipes" / "mappings"
    concepts = read_mappings(mappings)
    tables = read_tables(mappings, project.env)
    suite = load_suite(project.root, testable(project))
    done = replay(project)
    view = View(project.root, concepts, done.node, project.env, tables)
    reports = run_checklist(document, view, only=args.flow, words=read_words(project.root))
    expected = [*runs(done), *verify(suite, done.node)]
    print_diagnostics([*findings, *suite.warnings], sys.stderr)
    sound = all(report.holds for report in reports) and not any(r.verdict is Verdict.FAIL for r in expected)
    if args.format == "json":
        print(_json(document, reports, expected))
    else:
        _print_text(reports, expected)
    return 0 if sound and all(finding.severity is not Severity.ERROR for finding in findings) else 1


def _live(args: argparse.Namespace, document: Document, findings: Sequence[Diagnostic]) -> int:
    root = find_root(args.dir)
    mappings = root / "pipes" / "mappings"

    def tell(text: str) -> None:
        if args.format == "text":
            print(f"... {text}", flush=True)

    with Stage(root, profile=args.profile or LIVE) as stage:
        world = World(stage)
        environment = world.project.env
        addresses = ", ".join(f"{name} at {system.server.url}" for name, system in world.systems.items())
        tell(f"both systems are simulated: {addresses}")
        reading = Reading(read_mappings(mappings), environment, read_tables(mappings, environment))
        reports = run_live(document, world, reading, only=args.flow, words=read_words(root), tell=tell)
        world.close()
    print_diagnostics(findings, sys.stderr)
    if args.format == "json":
        print(_json(document, reports, []))
    else:
        print()
        _print_text(reports, [])
    sound = all(report.holds for report in reports)
    return 0 if sound and all(finding.severity is not Severity.ERROR for finding in findings) else 1


def _print_text(reports: Sequence[FlowReport], expected: Sequence[Result]) -> None:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in checklist_lines(reports, colour=colour):
        print(line)
    if expected:
        print(f"expected output: {expected_summary(expected)}")
    for result in expected:
        if result.verdict is Verdict.FAIL:
            print(f"  {result.title}: {result.reason}")
    wrong = failures(reports)
    if wrong:
        print("what keeps a flow from holding:")
        for line in wrong:
            print(f"  {line}")
    print(summary(reports))


def _json(document: Document, reports: Sequence[FlowReport], expected: Sequence[Result]) -> str:
    flows = [
        {
            "id": report.id,
            "title": report.title,
            "holds": report.holds,
            "beyond": report.beyond,
            **{verdict.value: report.rows(verdict) for verdict in (Verdict.PASS, Verdict.UNPROVEN, Verdict.FAIL)},
        }
        for report in reports
    ]
    results = [result for report in reports for result in report.results]
    return as_json(
        [*results, *expected],
        document=document.title,
        flows=flows,
        summary=summary(reports),
        expected=expected_summary(expected),
    )
