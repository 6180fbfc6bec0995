"""`dataflow node`: a node on this machine, for sesam-py and everything else that speaks the platform's API."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dataflow.errors import UsageError

EXAMPLES = [
    "dataflow node serve",
    "dataflow node serve --port 0",
    "dataflow node serve --schedule --reach",
    "dataflow node serve --data ~/.cache/my-node",
    "dataflow node serve --host 0.0.0.0 --token e30.e30.c2VjcmV0",
]

# The smallest token sesam-py takes: three parts, the middle one an empty JSON object, so that it reports to nobody.
OPEN_TOKEN = "e30.e30.e30"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("serve",), help="serve: answer until Ctrl-C")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=9042, metavar="N", help="0 takes a free one (default: 9042)")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="keep everything in this folder, secrets included, and go on from there; what the node has acknowledged is there "
        "again even after it was killed (default: everything is forgotten when the node stops)",
    )
    parser.add_argument(
        "--schedule",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="run pumps when they are due, by their intervals, cron expressions and signals (default: only when told to)",
    )
    parser.add_argument(
        "--reach",
        action="store_true",
        help="contact the systems of the configuration for real, with the secrets they are given: read from them, call them and "
        "write to them (default: nothing outside this process is contacted)",
    )
    parser.add_argument(
        "--token", metavar="T", help="answer only who brings this token; needed for any address but this machine's own"
    )


def run(args: argparse.Namespace) -> int:
    try:
        from dataflow.node.api.server import Server
    except ImportError as error:
        raise UsageError(f"{error.name} is missing; install it with: pip install 'webcrm-customerp[node]'") from None
    from dataflow.node.live import LiveNode

    live = LiveNode(reach=args.reach, folder=args.data)
    server = Server(live, args.host, args.port, token=args.token)
    after = f"keeps everything in {args.data} when it stops" if args.data else "forgets everything when it stops"
    print(f"The node answers at {server.url}/api, and {after} (Ctrl-C).")
    print("Pumps run when they are due." if args.schedule else "Pumps run when they are told to.", end=" ")
    print("Systems outside are contacted." if args.reach else "Nothing outside is contacted.", end=" ")
    print("For sesam-py:")
    print()
    print(f"    export NODE={server.url} JWT={args.token or OPEN_TOKEN}")
    print()
    if args.token and args.token.count(".") != 2:
        print("sesam-py does not take this token: it wants three parts, as in e30.e30.c2VjcmV0", file=sys.stderr)
    sys.stdout.flush()
    if args.schedule:
        live.start_schedules()
    server.serve()
    live.close()
    print("The node has stopped.")
    return 0
