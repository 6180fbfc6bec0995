"""`dataflow lsp`: the language server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.project import PROFILE

if TYPE_CHECKING:
    import argparse

EXAMPLES = ["dataflow lsp", "dataflow lsp --port 2087"]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, metavar="N", help="listen there instead of speaking on stdin and stdout")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    parser.add_argument(
        "--profile", default=PROFILE, metavar="NAME", help=f"which <NAME>-env.json to use (default: {PROFILE})"
    )


def run(args: argparse.Namespace) -> int:
    try:
        from dataflow.lsp.server import server
    except ImportError as error:
        raise UsageError(f"{error.name} is missing; install it with: pip install 'webcrm-customerp[lsp]'") from None
    if args.port is None:
        server(args.profile).start_io()
    else:
        server(args.profile).start_tcp(args.host, args.port)
    return 0
