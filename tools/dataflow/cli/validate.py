"""`dataflow validate`: check every file of the package, and the package as a whole, and report each fault at its place."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.diagnostics import Severity
from dataflow.errors import UsageError
from dataflow.memory import Memory
from dataflow.project import PROFILE, find_root, read_project
from dataflow.report.text import counted, diagnostics_json, print_diagnostics, summary
from dataflow.rules import Outcome, validate
from dataflow.rules.ahead import look_ahead
from dataflow.rules.selection import selection
from dataflow.source import shown, write_text

if TYPE_CHECKING:
    import argparse

    from dataflow.project import Project
    from dataflow.rules.fixes import Fixed
    from dataflow.rules.selection import Selection

EXAMPLES = [
    "dataflow validate",
    "dataflow validate --profile prod",
    "dataflow validate --select security,DF30 --ignore DF308",
    "dataflow validate --format sarif > findings.sarif",
    "dataflow validate --diff",
    "dataflow validate --fix --ignore DF107",
]

FORMATS = ("text", "json", "sarif", "junit", "github")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument(
        "--profile", default=PROFILE, metavar="NAME", help=f"which <NAME>-env.json to use (default: {PROFILE})"
    )
    parser.add_argument("--select", metavar="RULES", help="only these: ids, beginnings of ids, families, or ALL")
    parser.add_argument("--ignore", metavar="RULES", help="all but these; `dataflow rules` lists them")
    parser.add_argument("--strict", action="store_true", help="fail on warnings too")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print findings (default: text)")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--fix", action="store_true", help="put right what is safe: show the changes, and write them")
    doing.add_argument("--diff", action="store_true", help="only show what --fix would change; exit with 1 if anything")


def run(args: argparse.Namespace) -> int:
    if (args.fix or args.diff) and args.format != "text":
        raise UsageError(f"--{'fix' if args.fix else 'diff'} prints a diff; --format {args.format} does not go with it")
    chosen = selection(args.select, args.ignore)
    root = find_root(args.dir)
    project, outcome = _validated(root, args.profile, chosen)
    if args.fix or args.diff:
        changes = _changes(project, outcome, chosen)
        if args.diff:
            print(f"{counted(len(changes), 'file')} would change")
            return 1 if changes else 0
        for change in changes:
            write_text(change.path, change.after)
        print(f"{counted(len(changes), 'file')} changed")
        project, outcome = _validated(root, args.profile, chosen)
    _print(args.format, project, outcome)
    fatal = (Severity.ERROR, Severity.WARNING) if args.strict else (Severity.ERROR,)
    return 1 if any(one.severity in fatal for one in outcome.findings) else 0


def _validated(root: Path, profile: str, chosen: Selection) -> tuple[Project, Outcome]:
    memory = Memory.of_user()
    look_ahead(root, profile, memory)
    project = read_project(root, profile, memory=memory)
    outcome = validate(project, chosen)
    memory.save()
    return project, outcome


def _changes(project: Project, outcome: Outcome, chosen: Selection) -> list[Fixed]:
    """What can be put right, once it has been shown."""
    from dataflow.report.changes import as_diff
    from dataflow.rules.fixes import fixes

    changes = fixes(project, outcome.findings, chosen)
    print(as_diff(changes), end="")
    return changes


def _print(form: str, project: Project, outcome: Outcome) -> None:
    findings = outcome.findings
    if form == "json":
        size = {"pipes": len(project.pipes), "systems": len(project.systems), "suppressed": outcome.suppressed}
        print(json.dumps({**size, "findings": diagnostics_json(findings)}, indent=2, ensure_ascii=False))
    elif form == "sarif":
        from dataflow.report.sarif import as_sarif

        print(as_sarif(findings))
    elif form == "junit":
        from dataflow.report.junit import as_junit

        print(as_junit(findings, [shown(project.root / file) for file in project.documents]))
    elif form == "github":
        from dataflow.report.github import as_commands

        print(as_commands(findings), end="")
    else:
        print_diagnostics(findings, sys.stdout)
        size_text = f"{counted(len(project.pipes), 'pipe')}, {counted(len(project.systems), 'system')}"
        hidden = f", {outcome.suppressed} suppressed" if outcome.suppressed else ""
        print(f"{size_text}: {summary(findings)}{hidden}")
