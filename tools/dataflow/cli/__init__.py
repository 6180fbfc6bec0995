"""The `dataflow` command: finds the sub-command, runs it, and turns every failure into a message and an exit code."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING

from dataflow.errors import DataflowError, FindingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

# name -> what it does, in the order people meet them; the module `cli/<name>.py` is imported only when it is called
# and has `configure(parser)` and `run(args) -> int`, with an example in EXAMPLES.
COMMANDS: dict[str, str] = {
    "checklist": "simulate both systems, edit every property, and print the checklist, row by row",
    "test": "replay the package and compare every endpoint with expected/",
    "verify": "the same as test, under the name sesam-py users know",
    "update": "rewrite the expected files from a replay and print what changed",
    "run": "replay the package and print what each pipe did, or one pipe's entities",
    "validate": "check every file of the package and report each fault at its place",
    "format": "bring the configuration into the platform's canonical format",
    "generate": "write the pipes from pipes/mappings, or check that they agree",
    "explain": "show where an entity, or one property of it, comes from, step by step",
    "lineage": "show where a property comes from and goes to, by the rules alone",
    "graph": "draw who reads and writes what",
    "eval": "evaluate a DTL expression or rule on an entity",
    "transform": "run a pipe's rules over a file of entities, one JSON object per line",
    "functions": "look up the DTL functions",
    "plan": "tell what a first run would do to both systems, without doing it",
    "drift": "tell what is not in step between both systems, and why",
    "scenario": "play scenarios with both systems simulated: edits, races and faults",
    "rules": "look up what validate looks for",
    "schema": "print the JSON Schema of a kind of file",
    "lsp": "help an editor: findings, explanations, completion, definitions",
    "node": "serve a node on this machine, which sesam-py can be pointed at",
    "simulate": "serve one of the two systems on this machine, with faults where wanted",
    "demo": "open a page to edit both systems and watch edits travel, and the checklist run",
}

_SELDOM = 50_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 fine, 1 findings or failures, 2 usage or internal error."""
    if argv is not None:
        return _run_command(list(argv))
    # A command is a process of its own. What it loads stays to the end, so the garbage collector, which would go through all of
    # it again and again, comes round seldom, and not at the end.
    gc.set_threshold(_SELDOM)
    try:
        return _run_command(sys.argv[1:])
    finally:
        gc.freeze()


def _run_command(arguments: list[str]) -> int:
    try:
        return _dispatch(arguments)
    except FindingsError as error:
        from dataflow.report.text import print_diagnostics

        print_diagnostics(error.diagnostics, sys.stderr)
        return error.exit_code
    except DataflowError as error:
        print(f"dataflow: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`dataflow ... | head`): not our failure, and not worth a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("dataflow: stopped", file=sys.stderr)
        return 130


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        from dataflow import __version__

        print(f"dataflow {__version__}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        from dataflow.diagnostics import did_you_mean

        hint = did_you_mean(name, COMMANDS)
        raise UsageError(f'unknown command "{name}"' + (f"; {hint}" if hint else "; `dataflow --help` lists them"))
    return _run(name, importlib.import_module(f"dataflow.cli.{name}"), arguments[1:])


def _run(name: str, module: ModuleType, arguments: list[str]) -> int:
    import argparse
    import functools

    parser = argparse.ArgumentParser(
        prog=f"dataflow {name}",
        description=COMMANDS[name][0].upper() + COMMANDS[name][1:] + ".",
        epilog="examples:\n" + "\n".join(f"  {line}" for line in module.EXAMPLES),
        # Without a width it loads the module for copying files, to ask for the terminal's, whether there is help to show or not.
        formatter_class=functools.partial(argparse.RawDescriptionHelpFormatter, width=_columns() - 2),
        allow_abbrev=False,
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an internal error")
    module.configure(parser)
    try:
        parsed = parser.parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    try:
        code: int = module.run(parsed)
    except (DataflowError, BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        if parsed.debug:
            raise
        detail = f"{type(error).__name__}: {error}"
        raise UsageError(f"internal error: {detail}\nThis is a fault of the tool; --debug shows where.") from error
    return code


def _columns() -> int:
    """The width of the terminal; 80 where there is none."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return 80


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {what}" for name, what in COMMANDS.items()]
    return "\n".join(
        [
            "usage: dataflow COMMAND [OPTIONS]",
            "",
            "Runs the webCRM - Customerp dataflow on this machine, with the files a Sesam node runs.",
            "",
            "commands:",
            *lines,
            "",
            "`dataflow COMMAND --help` has the options and an example. Exit codes: 0 fine, 1 findings, 2 usage or internal error.",
        ]
    )
