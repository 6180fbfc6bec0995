"""`dataflow demo`: both systems, a node, and pages on which an edit can be watched on its way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.project import find_root

if TYPE_CHECKING:
    import argparse

EXAMPLES = ["dataflow demo", "dataflow demo --port 0 --no-browser"]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=9040, metavar="N", help="0 takes a free one (default: 9040)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address, and open nothing")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the package, or a folder in it (default: here)")


def run(args: argparse.Namespace) -> int:
    try:
        from dataflow.demo.server import Server
    except ImportError as error:
        raise UsageError(f"{error.name} is missing; install it with: pip install 'webcrm-customerp[node]'") from None
    server = Server(find_root(args.dir), args.port)
    print(f"The demo is at {server.url}, on this machine only. It forgets everything when it stops (Ctrl-C).")
    for name, url in server.systems.items():
        print(f"    {name} is simulated at {url}")
    sys.stdout.flush()
    if not args.no_browser:
        import webbrowser

        webbrowser.open(server.url)
    server.serve()
    print("The demo has stopped.")
    return 0
