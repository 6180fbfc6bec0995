"""`dataflow schema`: the JSON Schema of a kind of file as one document, for other validators; and the settings for an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

EXAMPLES = [
    "dataflow schema",
    "dataflow schema pipe > pipe.schema.json",
    "dataflow schema --vscode > .vscode/settings.json",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="which schema (default: list them)")
    parser.add_argument("--vscode", action="store_true", help="print settings that wire the files of a package to them")


def run(args: argparse.Namespace) -> int:
    import json

    from dataflow import schema
    from dataflow.diagnostics import did_you_mean
    from dataflow.errors import UsageError

    if args.vscode:
        if args.name is not None:
            raise UsageError("--vscode is about all schemas; give it alone")
        from pathlib import Path

        from dataflow.report.editor import settings

        print(settings(Path.cwd()), end="")
        return 0
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
