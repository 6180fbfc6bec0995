"""`dataflow eval`: try DTL on an entity, or run a file of conformance cases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow.errors import FindingsError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from dataflow.dtl.context import Context, Table
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Value
    from dataflow.source import Document

EXAMPLES = [
    """dataflow eval '["upper", "_S.name"]' --source '{"name": "x"}'""",
    """dataflow eval '[["copy", "*"], ["add", "type", "customer"]]' --source @person.json""",
    """dataflow eval '["apply", "line", "_S.lines"]' --source @order.json --rules '{"line": [["copy", "sku"]]}'""",
    """dataflow eval '["hops", {"datasets": ["orders o"], "where": ["eq", "_S._id", "o.customer"]}]' \\
      --source '{"_id": "1"}' --dataset orders=@orders.json""",
    """dataflow eval '["upper", "_S.names"]' --source '{"names": ["x", 5]}' --explain-drops""",
    "dataflow eval --cases cases.jsonl",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "expr", nargs="?", metavar="EXPR", help="an expression, list of transforms or rules, as JSON or @FILE"
    )
    parser.add_argument("--source", default="{}", metavar="JSON|@FILE", help="the entity that is _S (default: {})")
    parser.add_argument(
        "--target", metavar="JSON|@FILE", help="what _T starts as (default: the source's _id, as in a pipe)"
    )
    parser.add_argument("--rules", metavar="JSON|@FILE", help="other rules, for apply and apply-hops")
    parser.add_argument(
        "--dataset",
        action="append",
        default=[],
        metavar="ID=JSON|@FILE",
        help="a dataset to hop to: a JSON array, or one entity per line in .ndjson and .jsonl; may be given several times",
    )
    parser.add_argument(
        "--env", metavar="JSON|@FILE", help="values for $ENV(...) and $SECRET(...), such as @test-env.json"
    )
    parser.add_argument("--namespaced", action="store_true", help="with namespaced identifiers")
    parser.add_argument(
        "--namespaces",
        metavar="JSON|@FILE",
        help='the same, with the namespaces of a pipe: {"identity": "crm", "property": "crm"}; those declared for a node may '
        'stand under "default"',
    )
    parser.add_argument(
        "--pipe-id", default="pipe", metavar="ID", help='the namespace of properties and ids (default: "pipe")'
    )
    parser.add_argument("--show-code", action="store_true", help="print the generated Python before the result")
    parser.add_argument(
        "--explain-drops", action="store_true", help="tell of every value that a function ignored, and what came of it"
    )
    parser.add_argument(
        "--cases", type=Path, metavar="FILE", help="run conformance cases instead, one JSON object per line"
    )
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="indented, or all on one line (default: text)"
    )


def run(args: argparse.Namespace) -> int:
    if args.cases is not None:
        if args.expr is not None:
            raise UsageError("give an expression or --cases, not both")
        return _cases(args.cases)
    if args.expr is None:
        raise UsageError("no expression; `dataflow eval --help` has examples")
    from dataflow.dtl.trial import Trial

    env = {} if args.env is None else _read("--env", args.env).value
    if type(env) is not dict:
        raise UsageError("--env holds an object of names and values")
    rules = None if args.rules is None else _filled(_read("--rules", args.rules), env)
    if rules is not None and type(rules.value) is not dict:
        raise UsageError("--rules holds an object of named rules")
    trial = Trial(
        _filled(_read("EXPR", args.expr), env),
        rules,
        _namespaces(args),
        _context(args.dataset, env),
    )
    target = None if args.target is None else _data("--target", args.target)
    if target is not None and type(target) is not dict:
        raise UsageError("--target holds one entity")
    report = trial.run(_data("--source", args.source), target, drops=args.explain_drops)
    if report.warnings or args.explain_drops:
        from dataflow.report.text import counted, print_diagnostics

        print_diagnostics([*report.warnings, *report.drops], sys.stderr)
        if args.explain_drops:
            print(f"{counted(len(report.drops), 'value')} ignored", file=sys.stderr)
    if args.show_code:
        print(report.compiled.code.rstrip() + "\n")
    _print(report.results, entities=report.entities, indented=args.format == "text")
    return 0


def _namespaces(args: argparse.Namespace) -> Namespaces:
    from dataflow.dtl.namespaces import Namespaces

    if args.namespaces is None:
        return Namespaces.of_pipe(args.pipe_id, enabled=args.namespaced)
    given = _read("--namespaces", args.namespaces).value
    texts = {"identity": args.pipe_id, "property": args.pipe_id, **(given if type(given) is dict else {"": None})}
    prefixes = texts.pop("default", {})
    if set(texts) != {"identity", "property"} or any(type(v) is not str for v in texts.values()):
        raise UsageError('--namespaces holds an object of "identity" and "property", both text, and "default"')
    if type(prefixes) is not dict or any(type(v) is not str for v in prefixes.values()):
        raise UsageError('"default" of --namespaces holds an object of prefixes and what they stand for')
    return Namespaces(texts["identity"], texts["property"], enabled=True, prefixes=prefixes)


def _read(name: str, argument: str) -> Document:
    """JSON given on the command line, or @ the name of a file with it."""
    from dataflow.source import parse_json, read_json

    if argument.startswith("@"):
        return read_json(Path(argument[1:]))
    try:
        return parse_json(argument, name)
    except FindingsError as error:
        if name != "EXPR" or argument[:1] in ("[", "{", '"'):
            raise
        from dataclasses import replace

        hint = f"""a path or a string is written '"{argument}"', with the double quotes"""
        raise FindingsError([replace(d, hint=hint) for d in error.diagnostics]) from error


def _filled(document: Document, env: dict[str, Any]) -> Document:
    """The document with the values of environment variables in it; DF303 for one without a value."""
    if "$ENV(" not in document.text:
        return document
    from dataclasses import replace

    from dataflow.effective import Resolver

    resolver = Resolver(document, env)
    value = resolver.filled()
    if faults := list(resolver.unresolved()):
        raise FindingsError(faults)
    return replace(document, value=value)


def _data(name: str, argument: str) -> Value:
    from dataflow.dtl.transit import decode

    return decode(_read(name, argument).value)


def _context(datasets: Sequence[str], env: dict[str, Any]) -> Context:
    from dataflow.dtl.context import Context

    tables = dict(_dataset(text) for text in datasets)
    return Context(datasets=tables, secrets={name: value for name, value in env.items() if type(value) is str})


def _dataset(text: str) -> tuple[str, Table]:
    from dataflow.dtl.context import Table
    from dataflow.dtl.transit import decode
    from dataflow.source import parse_json

    name, equals, argument = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--dataset {text}: expected ID=JSON or ID=@FILE")
    option = f"--dataset {name}"
    if argument.startswith("@") and argument.endswith((".ndjson", ".jsonl")):
        lines = Path(argument[1:]).read_text(encoding="utf-8").split("\n") if Path(argument[1:]).is_file() else None
        if lines is None:
            raise UsageError(f"{option}: {argument[1:]}: no such file")
        found = [parse_json(line, argument[1:]).value for line in lines if line.strip()]
    else:
        found = _read(option, argument).value
    if type(found) is not list or not all(type(e) is dict and type(e.get("_id")) is str for e in found):
        raise UsageError(f"{option}: expected an array of entities, each with a string _id")
    return name, Table(decode(found))


def _print(results: list[Value], *, entities: bool, indented: bool) -> None:
    from dataflow.dtl.transit import dumps

    if entities and not indented:
        print(dumps(results))
        return
    for result in results:
        print(dumps(result, indent=2 if indented else None))


def _cases(path: Path) -> int:
    import json

    from dataflow.dtl import conformance
    from dataflow.dtl.registry import REGISTRY

    known = {name for name, _ in REGISTRY}
    cases = conformance.load(path)
    outcomes = []
    missing = 0
    for case in cases:
        outcome = conformance.run_case(case)
        print(json.dumps(outcome.line(), ensure_ascii=False))
        if conformance.implemented(case, known):
            outcomes.append(outcome)
        else:
            missing += 1
    for confidence, (good, total) in conformance.summary(outcomes).items():
        print(f"{confidence}: {good} of {total} as expected", file=sys.stderr)
    if missing:
        print(f"not implemented: {missing}", file=sys.stderr)
    return 0 if all(outcome.ok for outcome in outcomes) else 1
