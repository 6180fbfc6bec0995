"""`dataflow functions`: the function reference on the screen, or as the Markdown page of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

EXAMPLES = [
    "dataflow functions",
    "dataflow functions datetime-parse",
    "dataflow functions --format json",
    "dataflow functions --markdown > tools/docs/functions.md",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="one function or transform, with its examples")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="how to print it (default: text)")
    parser.add_argument("--markdown", action="store_true", help="print the reference page")


def run(args: argparse.Namespace) -> int:
    import json

    from dataflow.errors import DataflowError, UsageError
    from dataflow.report import functions

    if args.markdown:
        if args.name or args.format == "json":
            raise UsageError("--markdown prints the whole reference; give it alone")
        print(functions.markdown(), end="")
        return 0
    if args.name is None:
        found = functions.reference()
        text = functions.overview
    else:
        found = functions.named(args.name)
        text = functions.details
        if not found:
            hint = functions.hint(args.name)
            raise DataflowError(f'unknown function "{args.name}"' + (f"; {hint}" if hint else ""))
    if args.format == "json":
        print(json.dumps([functions.as_json(function) for function in found], ensure_ascii=False, indent=2))
    else:
        print(text(found))
    return 0
