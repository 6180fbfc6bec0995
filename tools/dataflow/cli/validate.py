"""`dataflow validate`: check every file of the package, and the package as a whole, and report each fault at its place."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.diagnostics import Severity
from dataflow.memory import Memory
from dataflow.project import PROFILE, find_root, read_project
from dataflow.report.text import counted, diagnostics_json, print_diagnostics, summary
from dataflow.rules import Outcome, validate
from dataflow.rules.selection import selection
from dataflow.source import shown

if TYPE_CHECKING:
    import argparse

    from dataflow.project import Project

EXAMPLES = [
    "dataflow validate",
    "dataflow validate --profile prod",
    "dataflow validate --select security,DF30 --ignore DF308",
    "dataflow validate --format sarif > findings.sarif",
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


def run(args: argparse.Namespace) -> int:
    chosen = selection(args.select, args.ignore)
    memory = Memory.of_user()
    project = read_project(find_root(args.dir), args.profile, memory=memory)
    memory.save()
    outcome = validate(project, chosen)
    _print(args.format, project, outcome)
    fatal = (Severity.ERROR, Severity.WARNING) if args.strict else (Severity.ERROR,)
    return 1 if any(one.severity in fatal for one in outcome.findings) else 0


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
