"""`dataflow format`: bring the configuration into the platform's canonical format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.errors import FindingsError
from dataflow.formatting import formattable, formatted
from dataflow.project import find_root
from dataflow.report.text import counted, print_diagnostics
from dataflow.source import shown, write_text

if TYPE_CHECKING:
    import argparse

    from dataflow.diagnostics import Diagnostic

EXAMPLES = ["dataflow format", "dataflow format pipes/webcrm-person-all.conf.json", "dataflow format --check"]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: the whole package)"
    )
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 when a file is not formatted")


def run(args: argparse.Namespace) -> int:
    root = find_root(args.dir)
    files = formattable(root, args.paths)
    findings: list[Diagnostic] = []
    changed = 0
    for path in files:
        try:
            file = formatted(root, path)
        except FindingsError as error:
            findings += error.diagnostics
            continue
        if not file.changed:
            continue
        changed += 1
        if args.check:
            findings.append(file.finding())
        else:
            write_text(path, file.after)
            print(f"formatted {shown(path)}")
    print_diagnostics(findings, sys.stdout)
    print(f"{counted(len(files), 'file')}: {changed} {'not formatted' if args.check else 'formatted'}")
    return 1 if findings else 0
