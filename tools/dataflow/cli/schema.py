"""`dataflow schema`: the JSON Schema of a kind of file as one document, for editors and other validators."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

EXAMPLES = ["dataflow schema", "dataflow schema pipe > pipe.schema.json"]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="which schema (default: list them)")


def run(args: argparse.Namespace) -> int:
    import json

    from dataflow import schema
    from dataflow.diagnostics import did_you_mean
    from dataflow.errors import UsageError

    names = [*schema.NOUNS, *schema.OTHERS]
    if args.name is None:
        width = max(map(len, names))
        for name in names:
            print(f"{name:<{width}}  {schema.bundled(name)['description']}")
        return 0
    if args.name not in names:
        hint = did_you_mean(args.name, names) or f"there is {', '.join(names)}"
        raise UsageError(f'no schema "{args.name}"; {hint}')
    print(json.dumps(schema.bundled(args.name), indent=2, ensure_ascii=False))
    return 0
