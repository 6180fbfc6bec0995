"""`dataflow rules`: what `dataflow validate` looks for, on the screen or as the Markdown page of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

EXAMPLES = [
    "dataflow rules",
    "dataflow rules DF301",
    "dataflow rules --format json",
    "dataflow rules --markdown > tools/docs/rules.md",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="ID", help="one rule, with its examples")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="how to print it (default: text)")
    parser.add_argument("--markdown", action="store_true", help="print the page of the documentation")


def run(args: argparse.Namespace) -> int:
    import json

    from dataflow.errors import DataflowError, UsageError
    from dataflow.report import rules

    if args.markdown:
        if args.code or args.format == "json":
            raise UsageError("--markdown prints the whole page; give it alone")
        print(rules.markdown(), end="")
        return 0
    found = [rule for rule in rules.in_order() if args.code in (None, rule.code)]
    if not found:
        hint = rules.hint(args.code)
        raise DataflowError(f'unknown rule "{args.code}"' + (f"; {hint}" if hint else "; `dataflow rules` lists them"))
    if args.format == "json":
        print(json.dumps([rules.as_json(rule) for rule in found], ensure_ascii=False, indent=2))
    else:
        print(rules.overview(found) if args.code is None else rules.details(found[0]))
    return 0
