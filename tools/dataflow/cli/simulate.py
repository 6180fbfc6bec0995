"""`dataflow simulate`: one of the two systems on this machine, for trying things out and for breaking them on purpose."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from dataflow.simulators.faults import Faults
    from dataflow.simulators.journal import Journal
    from dataflow.simulators.server import Server

EXAMPLES = [
    "dataflow simulate webcrm --seed-from testdata",
    "dataflow simulate webcrm --generate 1000 --port 9043 --no-rate-limit",
    "dataflow simulate webcrm --data crm.sqlite --generate organisations=50,persons=200",
    "dataflow simulate webcrm --fault 503,path=^/Persons,count=3 --fault reset,after,method=POST,probability=0.1,count=all",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("system", choices=("webcrm",), help="which one")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="default: any free one")
    parser.add_argument(
        "--token", metavar="T", help="the token that opens it; needed for other addresses than this machine's"
    )
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="keep what it holds in this file (default: in memory)"
    )
    content = parser.add_mutually_exclusive_group()
    content.add_argument("--seed-from", type=Path, metavar="FOLDER", help="begin with the fixtures of a folder")
    content.add_argument(
        "--generate",
        metavar="SIZES",
        help="begin with made-up rows: so many organisations and the rest in proportion, or organisations=50,persons=200,...",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the made-up rows, and of chance in faults")
    parser.add_argument("--no-rate-limit", action="store_true", help="answer any number of requests in a minute")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="FAULT",
        help="play a fault, as kind,setting=value,...; may be given again",
    )
    parser.add_argument("--forget-bodies", action="store_true", help="keep a journal without bodies, for long runs")


def run(args: argparse.Namespace) -> int:
    from dataflow.address import is_loopback
    from dataflow.simulators.faults import Faults, read
    from dataflow.simulators.journal import Journal

    if not is_loopback(args.host) and not args.token:
        raise UsageError(f"{args.host} can be reached from other machines, so it needs --token; 127.0.0.1 does not")
    faults = Faults(*map(read, args.fault), seed=args.seed)
    _webcrm(args, faults, Journal(bodies=not args.forget_bodies))
    print("The simulator has stopped.")
    return 0


def _serve(server: Server) -> None:
    """Until Ctrl-C, or until somebody ends the process."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sys.stdout.flush()
    server.serve(stop)


def _webcrm(args: argparse.Namespace, faults: Faults, journal: Journal) -> None:
    from dataflow.simulators.webcrm import Behaviour, Store, Webcrm
    from dataflow.simulators.webcrm.generate import Sizes, generate
    from dataflow.simulators.webcrm.seed import seed_from
    from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN

    token = args.token or APPLICATION_TOKEN
    behaviour = Behaviour(rate_limit=None if args.no_rate_limit else Behaviour().rate_limit)
    sizes = Sizes.read(args.generate) if args.generate else None
    with closing(Store(args.data)) as store:
        crm = Webcrm(store=store, behaviour=behaviour, application_token=token)
        if (args.seed_from or sizes) and store.total():
            raise UsageError(
                f"{args.data} holds rows already; leave out --seed-from and --generate, or take a new file"
            )
        if args.seed_from:
            seed_from(crm.tenant, args.seed_from)
        elif sizes:
            generate(crm.tenant, sizes, args.seed)
        server = crm.served(host=args.host, port=args.port, faults=faults, journal=journal)
        print(f"webCRM answers at {server.url}, with {store.total()} rows, until Ctrl-C. For the package:")
        print()
        print(f"    webcrm-base-url            {server.url}")
        print(f"    webcrm-application-token   {token}")
        print()
        _serve(server)
