"""`dataflow transform`: run the rules of a pipe over a file of entities, one JSON object per line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from dataflow.dtl import Context, Transform

EXAMPLES = [
    "dataflow transform pipes/webcrm-person-enrich.conf.json persons.ndjson",
    "dataflow transform order.conf.json orders.ndjson -o out.ndjson --dataset orderline=lines.ndjson --workers 2",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rules", type=Path, help="a pipe, a dtl transform or its rules, as JSON")
    parser.add_argument("input", type=Path, help="entities, one JSON object per line")
    parser.add_argument("-o", "--output", type=Path, help="where the results go (default: the screen)")
    parser.add_argument(
        "--dataset",
        action="append",
        default=[],
        metavar="ID=FILE",
        help="a dataset to hop to, one entity per line; may be given several times",
    )
    parser.add_argument("--workers", type=int, default=1, help="processes to share the work between (default: 1)")


def run(args: argparse.Namespace) -> int:
    import functools

    from dataflow.dtl.stream import BUFFER, transform_file

    if not args.input.is_file():
        raise UsageError(f"{args.input}: no such file")
    datasets = dict(_dataset(text) for text in args.dataset)
    make = functools.partial(load, args.rules, datasets)
    if args.output is None:
        transform_file(make, args.input, sys.stdout.buffer, workers=args.workers)
        return 0
    # The result appears under its name only when it is whole.
    unfinished = args.output.with_name(args.output.name + ".part")
    try:
        with unfinished.open("wb", buffering=BUFFER) as sink:
            transform_file(make, args.input, sink, workers=args.workers)
        unfinished.replace(args.output)
    finally:
        unfinished.unlink(missing_ok=True)
    return 0


def _dataset(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--dataset {text}: expected ID=FILE")
    if not Path(path).is_file():
        raise UsageError(f"--dataset {text}: {path}: no such file")
    return name, Path(path)


def load(rules: Path, datasets: dict[str, Path]) -> tuple[Transform, Context]:
    """Compile the rules and read the datasets; called once in each process."""
    from dataflow.dtl import Context, Namespaces, compile_rules, lines
    from dataflow.dtl.context import Table
    from dataflow.source import read_json

    document = read_json(rules)
    config, pipe_id = rules_of(document.value)
    transform = compile_rules(
        config,
        pipe_id=pipe_id,
        namespaces=Namespaces.of_pipe(
            pipe_id,
            enabled=type(document.value) is dict and document.value.get("namespaced_identifiers") is True,
        ),
    )
    tables = {}
    for name, path in datasets.items():
        with path.open("rb") as stream:
            tables[name] = Table(lines.read(stream))
    return transform, Context(datasets=tables)


def rules_of(config: Any) -> tuple[Any, str]:
    """(rules, pipe id) of a pipe, a transform, a rules object, or a list of transforms."""
    if type(config) is list:
        return {"default": config}, ""
    if type(config) is not dict:
        return config, ""
    if "transform" in config:
        transforms = config["transform"] if type(config["transform"]) is list else [config["transform"]]
        found = [t for t in transforms if type(t) is dict and t.get("type") == "dtl"]
        if len(found) != 1:
            raise UsageError(f"the pipe has {len(found)} dtl transforms, and one is needed")
        return found[0].get("rules"), str(config.get("_id", ""))
    return config.get("rules", config), str(config.get("_id", ""))
