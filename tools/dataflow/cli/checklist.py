"""`dataflow checklist`: prove the flows and print the checklist, row by row; from a replay, or with both systems simulated.

`dataflow checklist read` prints the rows of documents, `dataflow checklist write` writes our own from the mappings.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.checklist.binding import read_words
from dataflow.checklist.facts import package_document
from dataflow.checklist.live.runner import run_live
from dataflow.checklist.outcome import Outcome
from dataflow.checklist.rst import read_document
from dataflow.checklist.runner import run as run_checklist
from dataflow.checklist.secrecy import without_secrets
from dataflow.checklist.view import View
from dataflow.checklist.waivers import FILE as WAIVERS
from dataflow.checklist.waivers import read_waivers
from dataflow.cli.checklist_documents import read, write
from dataflow.cli.checklist_node import run_real
from dataflow.cli.test import runs
from dataflow.cli.test import summary as expected_summary
from dataflow.clock import Clock
from dataflow.diagnostics import Severity
from dataflow.errors import UsageError
from dataflow.expect.replay import replay, testable
from dataflow.expect.suite import load_suite, verify
from dataflow.generate.mapping_file import read_mappings
from dataflow.graph import build
from dataflow.project import find_root, load_project
from dataflow.report.checklist import checklist_lines, failures, remarks, summary
from dataflow.report.checklist_forms import FORMS, HISTORY, PAGE, rendered, write_report
from dataflow.report.history import Turn, turn
from dataflow.report.picture import flows as flows_picture
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
    from dataflow.project import Project
    from dataflow.results import Result

EXAMPLES = [
    "dataflow checklist",
    "dataflow checklist --against replay",
    "dataflow checklist --flow organisations",
    "JWT=... dataflow checklist --node https://datahub-0a1b2c.sesam.cloud",
    "dataflow checklist webcrm-customerp.rst --format json",
    "dataflow checklist read technical/*.rst",
    "dataflow checklist write --check",
    "dataflow checklist --against live --report build/checklist",
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
        choices=("live", "replay"),
        default="live",
        help="live: both systems simulated, every property edited on each side; replay: the fixtures, once (default: live)",
    )
    parser.add_argument(
        "--node",
        metavar="URL",
        help="a real node and test tenants instead: tells what it would do; tokens are taken from the environment",
    )
    parser.add_argument("--go", action="store_true", help="with --node: do it")
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
    parser.add_argument("--format", choices=("text", *FORMS), default="text", help="what is printed (default: text)")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FOLDER",
        help="write index.html, junit.xml, checklist.json and checklist.md there too, and tell what broke since the run before",
    )
    parser.add_argument("--waivers", type=Path, metavar="FILE", help=f"rows that may fail (default: {WAIVERS})")


def run(args: argparse.Namespace) -> int:
    if args.words[:1] == ["read"]:
        if args.format not in ("text", "json"):
            raise UsageError(f"read prints text or json, not {args.format}")
        return read(list(map(Path, args.words[1:])), args.format)
    if args.words == ["write"]:
        return write(args.dir, args.profile, check=args.check)
    if len(args.words) > 1:
        raise UsageError(f'one document at a time; "{args.words[1]}" is one more')
    document, findings = read_document(Path(args.words[0])) if args.words else package_document(find_root(args.dir))
    if args.node:
        return _real(args, document, findings)
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
    return _tell(args, project, document, findings, reports, expected)


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
        secrets = [secret for system in world.systems.values() for secret in system.secrets.values()]
    print_diagnostics(findings, sys.stderr)
    return _tell(args, world.project, document, findings, without_secrets(reports, secrets), [])


def _tell(
    args: argparse.Namespace,
    project: Project,
    document: Document,
    findings: Sequence[Diagnostic],
    reports: Sequence[FlowReport],
    expected: Sequence[Result],
) -> int:
    against = f"node {args.node}" if args.node else args.against
    at = datetime.fromtimestamp(Clock().now_ns() // 1_000_000_000, UTC)
    waivers = read_waivers(args.waivers or project.root / WAIVERS, named=args.waivers is not None)
    outcome = Outcome(
        document.title, against, at, tuple(reports), waivers, tuple(expected), partial=args.flow is not None
    )
    changed = Turn() if args.report is None else turn(args.report / HISTORY, outcome)
    picture = flows_picture(build(project))
    if args.report is not None:
        write_report(args.report, outcome, changed, picture)
    if args.format == "text":
        _print_text(outcome, changed)
        if args.report is not None:
            print(f"report: {args.report / PAGE}")
    else:
        print(rendered(args.format, outcome, changed, picture).removesuffix("\n"))
    return 0 if outcome.sound and all(finding.severity is not Severity.ERROR for finding in findings) else 1


def _real(args: argparse.Namespace, document: Document, findings: Sequence[Diagnostic]) -> int:
    root = find_root(args.dir)

    def tell(text: str) -> None:
        print(f"... {text}", file=sys.stdout if args.format == "text" else sys.stderr, flush=True)

    words = read_words(root)
    done = run_real(root, args.node, document, words, go=args.go, profile=args.profile, only=args.flow, tell=tell)
    print_diagnostics(findings, sys.stderr)
    if done is None:
        tell("nothing has been written; with --go it will be")
        return 0
    return _tell(args, done.project, document, findings, without_secrets(done.reports, done.secrets), [])


def _print_text(outcome: Outcome, changed: Turn) -> None:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in checklist_lines(outcome.flows, colour=colour):
        print(line)
    if outcome.expected:
        print(f"expected output: {expected_summary(outcome.expected)}")
    for result in outcome.expected:
        if result.verdict is Verdict.FAIL:
            print(f"  {result.title}: {result.reason}")
    for line in remarks(outcome, changed):
        print(line)
    wrong = failures(outcome)
    if wrong:
        print("what keeps a flow from holding:")
        for line in wrong:
            print(f"  {line}")
    print(summary(outcome))
