"""`dataflow simulate`: one of the two systems on this machine, for trying things out and for breaking them on purpose."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.cli.contract import configure_check, run_check
from dataflow.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from dataflow.simulators.faults import Faults
    from dataflow.simulators.journal import Journal
    from dataflow.simulators.server import Server

EXAMPLES = [
    "dataflow simulate webcrm --seed-from testdata",
    "dataflow simulate customerp --generate customers=50,orders=20,lines=60",
    "dataflow simulate customerp --check https://erp.example.com/api/v1 --yes --format junit",
    "dataflow simulate webcrm --generate 1000 --port 9043 --no-rate-limit",
    "dataflow simulate webcrm --data crm.sqlite --generate organisations=50,persons=200",
    "dataflow simulate webcrm --fault 503,path=^/Persons,count=3 --fault reset,after,method=POST,probability=0.1,count=all",
]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("system", choices=("webcrm", "customerp"), help="which one")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="default: any free one")
    parser.add_argument(
        "--token",
        metavar="T",
        help="the token, or client secret, that opens it; needed for other addresses than this machine's",
    )
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="keep what it holds in this file (default: in memory)"
    )
    content = parser.add_mutually_exclusive_group()
    content.add_argument("--seed-from", type=Path, metavar="FOLDER", help="begin with the fixtures of a folder")
    content.add_argument(
        "--generate",
        metavar="SIZES",
        help="begin with made-up records: so many organisations or customers and the rest in proportion, or organisations=50,...",
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
    configure_check(parser)


def run(args: argparse.Namespace) -> int:
    if args.check is not None:
        return run_check(args)
    from dataflow.address import is_loopback
    from dataflow.simulators.faults import Faults, read
    from dataflow.simulators.journal import Journal

    if not is_loopback(args.host) and not args.token:
        raise UsageError(f"{args.host} can be reached from other machines, so it needs --token; 127.0.0.1 does not")
    faults = Faults(*map(read, args.fault), seed=args.seed)
    simulate = {"webcrm": _webcrm, "customerp": _customerp}[args.system]
    simulate(args, faults, Journal(bodies=not args.forget_bodies))
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


def _customerp(args: argparse.Namespace, faults: Faults, journal: Journal) -> None:
    from dataflow.project import find_root
    from dataflow.simulators.contract.description import FILE, read_description
    from dataflow.simulators.customerp import Customerp
    from dataflow.simulators.customerp.application import CLIENT_SECRET
    from dataflow.simulators.customerp.generate import Sizes, generate
    from dataflow.simulators.customerp.seed import seed_from

    if args.no_rate_limit:
        raise UsageError("Customerp has no limit; --no-rate-limit is for webcrm")
    sizes = Sizes.read(args.generate) if args.generate else None
    description = read_description(find_root(args.dir) / FILE)
    customerp = Customerp(description, path=args.data, client_secret=args.token or CLIENT_SECRET)
    with closing(customerp.erp) as erp:
        if (args.seed_from or sizes) and erp.total():
            raise UsageError(
                f"{args.data} holds records already; leave out --seed-from and --generate, or take a new file"
            )
        if args.seed_from:
            seed_from(erp, args.seed_from)
        elif sizes:
            generate(erp, sizes)
        server = customerp.served(host=args.host, port=args.port, faults=faults, journal=journal)
        print(f"Customerp answers at {server.url}, with {erp.total()} records, until Ctrl-C. For the package:")
        print()
        for name, value in {**customerp.variables(server.url), **customerp.secrets}.items():
            print(f"    {name:<26} {value}")
        print()
        _serve(server)
