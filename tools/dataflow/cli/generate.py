"""`dataflow generate`: write the pipes that follow from pipes/mappings, or check that they agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.errors import FindingsError

if TYPE_CHECKING:
    import argparse

EXAMPLES = ["dataflow generate", "dataflow generate --check"]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; name every pipe that differs and exit with 1"
    )


def run(args: argparse.Namespace) -> int:
    from dataflow.generate.package import check_pipes, write_pipes
    from dataflow.project import find_root

    root = find_root(args.dir)
    if args.check:
        findings = check_pipes(root)
        if findings:
            raise FindingsError(findings)
        print("pipes/ agrees with pipes/mappings/.")
        return 0
    written = write_pipes(root)
    for file in written:
        print(f"wrote {file}")
    print(f"{len(written)} written, the rest was up to date.")
    return 0
