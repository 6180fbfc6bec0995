"""`dataflow simulate customerp --check`: whether a server fulfils the contract, operation by operation."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dataflow.errors import UsageError
from dataflow.results import Verdict

if TYPE_CHECKING:
    import argparse

    from dataflow.simulators.contract.client import Access
    from dataflow.simulators.contract.description import Description

TOKEN, CLIENT_ID, CLIENT_SECRET = "CUSTOMERP_TOKEN", "CUSTOMERP_CLIENT_ID", "CUSTOMERP_CLIENT_SECRET"


def configure_check(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "the contract check",
        f"Credentials come from the environment: {TOKEN}, or {CLIENT_ID} and {CLIENT_SECRET}.",
    )
    group.add_argument("--check", metavar="URL", help="no simulator: try the contract on this server (customerp only)")
    group.add_argument(
        "--operation", action="append", default=[], metavar="ID", help="try only this operation; may be given again"
    )
    group.add_argument("--token-url", metavar="URL", help="its token endpoint (default: where the contract has it)")
    group.add_argument("--scope", metavar="S", help="the scope to ask for (default: that of the contract)")
    group.add_argument(
        "--values", type=Path, metavar="FILE", help='values that suit this ERP: {"product": {"VatCode": "3"}}'
    )
    group.add_argument("--trust", type=Path, metavar="FILE", help="a PEM file with certificates to trust")
    group.add_argument(
        "--made-up", type=int, default=10, metavar="N", help="made-up requests of each kind and operation (default: 10)"
    )
    group.add_argument("--yes", action="store_true", help="write to a server that is not on this machine")
    group.add_argument(
        "--format", choices=("text", "json", "junit"), default="text", help="how to print what was found"
    )
    group.add_argument("--dir", type=Path, metavar="DIR", help="the package that has the contract (default: here)")


def run_check(args: argparse.Namespace) -> int:
    from dataflow.project import find_root
    from dataflow.report.contract import check_lines, left_line
    from dataflow.report.results import as_json, as_junit
    from dataflow.simulators.contract.check import check, intention
    from dataflow.simulators.contract.client import Client
    from dataflow.simulators.contract.description import FILE, read_description

    if args.system != "customerp":
        raise UsageError("--check is for customerp, which has a contract; webCRM is as it is")
    description = read_description(find_root(args.dir) / FILE)
    url = args.check.rstrip("/")
    client = Client(url, _access(args, description))
    print(intention(description, url), file=sys.stderr)
    if not args.yes and not _is_here(url):
        raise UsageError(f"{url} is not on this machine; --yes lets the check write there")
    outcome = check(description, client, only=args.operation, values=_values(args.values), examples=args.made_up)
    if args.format == "json":
        print(as_json(outcome.results, server=url, requests=outcome.requests, left=outcome.left))
    elif args.format == "junit":
        print(as_junit(outcome.results, "dataflow simulate customerp --check"))
    else:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        for line in check_lines(outcome.results, requests=outcome.requests, colour=colour):
            print(line)
    if outcome.left:
        print(left_line(outcome.left), file=sys.stderr)
    return 1 if any(result.verdict is Verdict.FAIL for result in outcome.results) else 0


def _access(args: argparse.Namespace, description: Description) -> Access:
    from dataflow.simulators.contract.client import Access

    parts = urlsplit(args.check)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{args.check} is no address of a server, as in https://erp.example.com/api/v1")
    if os.environ.get(TOKEN):
        return Access(os.environ[TOKEN], trusted=args.trust)
    if not os.environ.get(CLIENT_ID) or not os.environ.get(CLIENT_SECRET):
        raise UsageError(f"no credentials: set {TOKEN}, or {CLIENT_ID} and {CLIENT_SECRET}")
    return Access(
        None,
        args.token_url or f"{parts.scheme}://{parts.netloc}{description.token_path}",
        os.environ[CLIENT_ID],
        os.environ[CLIENT_SECRET],
        args.scope or description.scope,
        args.trust,
    )


def _values(file: Path | None) -> dict[str, Any]:
    from dataflow.source import read_json

    if file is None:
        return {}
    found = read_json(file).value
    if type(found) is not dict or not all(type(inner) is dict for inner in found.values()):
        raise UsageError(f'{file} is no object of objects, as in {{"product": {{"VatCode": "3"}}}}')
    return found


def _is_here(url: str) -> bool:
    from dataflow.address import is_loopback

    return is_loopback(urlsplit(url).hostname or "")
