"""The initial load: organisations, persons and opportunities with lines into an empty Customerp, over HTTP on this machine.

`python tests/bench/load.py [--organisations 10000]` (`make bench-load`): three times as many persons, twice as many opportunities
and six times as many lines. Both systems are processes of their own without limits. A node with its data on disk runs until
nothing is left to write; then a loop written by hand does the same requests with the same library into another empty Customerp.
Every record made or changed counts once, and every line of an order. It ends with 1 when a record is missing or a goal is missed.
"""

import argparse
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLI = [sys.executable, "-m", "dataflow.cli", "simulate"]
CLIENT = {"customerp-client-id": "webcrm-sync", "customerp-client-secret": "not-a-secret"}
PER_SECOND, MEGABYTES, RATIO = 300, 600, 1.5
MOST_ROUNDS = 12


@contextmanager
def simulated(*arguments):
    """The address of a simulated system."""
    process = subprocess.Popen([*CLI, *arguments, "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        line = next(line for line in process.stdout if "http://" in line)
        yield "http://" + line.split("http://")[1].split()[0].rstrip(".,").removesuffix("/api/v1")
    finally:
        process.terminate()
        process.communicate()


# --- what the child processes do ------------------------------------------------------------------------------------------


def node(webcrm, customerp, folder):
    """The package on a node; requests that write are counted by what they carry."""
    from dataflow.node.node import Node
    from dataflow.node.outer import reaching
    from dataflow.node.reach import Reach
    from dataflow.node.rest.trace import Trace
    from dataflow.node.store.sqlite import SqliteStore
    from dataflow.project import load_project
    from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN

    class Counting(Trace):
        written = 0

        def add(self, exchange):
            super().add(exchange)
            if exchange.method != "GET" and exchange.operation.endswith(("-insert", "-update")):
                self.written += 1

    variables = {
        "webcrm-base-url": webcrm,
        "customerp-base-url": f"{customerp}/api/v1",
        "customerp-token-url": f"{customerp}/oauth/token",
        "circuit-breaker-count": 10_000_000,
    }
    project = load_project(ROOT, "live", variables)
    secrets = {"webcrm": {"webcrm-application-token": APPLICATION_TOKEN}, "customerp": CLIENT}
    trace = Counting()
    makers = reaching(Reach(project.systems, secrets.__getitem__, metadata=project.metadata, trace=trace))
    store = SqliteStore(Path(folder))
    running = Node.from_project(project, source_makers=makers.sources, transform_makers=makers.transforms, store=store)
    for _ in range(MOST_ROUNDS):
        report = running.run()
        assert not report.failures, report.failures[0]
        if not report.written:
            break
    counts = {name: len(list(running.entities(f"customerp-{name}-all"))) for name in ("customer", "contact", "order")}
    counts["lines"] = sum(len(order["Lines"]) for order in running.entities("customerp-order-all"))
    store.close()
    return {**counts, "records": trace.written + counts["lines"], "requests": trace.total}


def by_hand(webcrm, customerp):
    """The same as simply as can be: look for each record by its external id, make it, and tell webCRM its number."""
    import requests

    from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN

    crm, erp = requests.Session(), requests.Session()
    for session in (crm, erp):
        session.trust_env = False
    login = crm.post(f"{webcrm}/Auth/ApiLogin", data={"authCode": APPLICATION_TOKEN}).json()
    crm.headers["Authorization"] = f"Bearer {login['AccessToken']}"
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT["customerp-client-id"],
        "client_secret": CLIENT["customerp-client-secret"],
        "scope": "sync",
    }
    erp.headers["Authorization"] = f"Bearer {erp.post(f'{customerp}/oauth/token', data=form).json()['access_token']}"
    base = f"{customerp}/api/v1"
    done = {"records": 0, "requests": 2}

    def asked(session, method, url, **options):
        answer = session.request(method, url, **options)
        assert answer.ok, (method, url, answer.text)
        done["requests"] += 1
        return answer.json() if answer.content else None

    def listed(noun):
        page = 1
        while rows := asked(crm, "GET", f"{webcrm}/{noun}", params={"Page": page, "Size": 200}):
            yield from rows
            page += 1

    def made(noun, record, lines=()):
        found = asked(erp, "GET", f"{base}/{noun}", params={"externalId": record["ExternalId"]})
        assert not found["Items"]
        record = {name: value for name, value in record.items() if value not in (None, "", 0)}
        answer = asked(erp, "POST", f"{base}/{noun}", json={**record, **({"Lines": lines} if lines else {})})
        done["records"] += 1 + len(lines)
        return answer

    def told(noun, row_id, key, **values):
        asked(crm, "GET", f"{webcrm}/{noun}/{row_id}")
        asked(crm, "PUT", f"{webcrm}/{noun}/{row_id}", json={key: row_id, **values})
        done["records"] += 1

    customers, contacts, lines = {}, {}, {}
    for row in listed("Organisations"):
        if row["OrganisationId"] == 1:
            continue
        street, _, more = row["OrganisationAddress"].partition("\r\n")
        customer = made(
            "customers",
            {
                "ExternalId": str(row["OrganisationId"]),
                "Name": row["OrganisationName"],
                "OrganizationNumber": row["OrganisationVatNumber"],
                "Phone": row["OrganisationTelephone"].replace(" ", ""),
                "Website": row["OrganisationWww"],
                "StreetAddress1": street,
                "StreetAddress2": more,
                "ZipCode": row["OrganisationPostCode"],
                "City": row["OrganisationCity"],
                "CountryCode": {"Danmark": "DK", "Norge": "NO", "Sverige": "SE"}[row["OrganisationCountry"]],
            },
        )
        customers[row["OrganisationId"]] = customer["Id"]
        told(
            "Organisations",
            row["OrganisationId"],
            "OrganisationId",
            OrganisationExtraCustom2=customer["CustomerNumber"],
        )
    for row in listed("Persons"):
        if row["PersonOrganisationId"] == 1:
            continue
        contact = made(
            "contacts",
            {
                "ExternalId": f"person:{row['PersonId']}",
                "FirstName": row["PersonFirstName"],
                "LastName": row["PersonLastName"].strip("-"),
                "Email": row["PersonEmail"].lower(),
                "Phone": row["PersonDirectPhone"].replace(" ", ""),
                "JobTitle": row["PersonTitle"],
                "CustomerId": customers[row["PersonOrganisationId"]],
                "IsActive": row["PersonStatus"] == "Active",
                "ContactType": "customer",
            },
        )
        contacts[row["PersonId"]] = contact["Id"]
    for row in listed("QuotationLines"):
        lines.setdefault(row["QuotationLineOpportunityId"], []).append(
            {
                "ExternalId": str(row["QuotationLineId"]),
                "Description": row["QuotationLineMemo"],
                "Quantity": row["QuotationLineQuantity"],
                "UnitPrice": row["QuotationLinePrice"],
                "UnitCost": row["QuotationLineCostPrice"],
                "DiscountPercent": row["QuotationLineDiscount"],
                "VatPercent": row["QuotationLineVatPercentage"],
                "LineNumber": row["QuotationLineSortOrder"],
            }
        )
    for row in listed("Opportunities"):
        order = made(
            "orders",
            {
                "ExternalId": str(row["OpportunityId"]),
                "Reference": row["OpportunityNumber"],
                "Description": row["OpportunityDescription"],
                "CustomerId": customers[row["OpportunityOrganisationId"]],
                "ContactId": contacts.get(row["OpportunityPersonId"]),
                "OrderDate": row["OpportunityOrderDate"][:10],
                "CurrencyCode": {"00": None}.get(row["OpportunityCurrencyName"], row["OpportunityCurrencyName"]),
                "Status": "Draft",
            },
            lines.get(row["OpportunityId"], []),
        )
        told("Opportunities", row["OpportunityId"], "OpportunityId", OpportunityErpId=order["OrderNumber"])
    return done


def work(name, *arguments):
    """Do one of the two here; what it took is printed as JSON."""
    # As every command of dataflow that is a process of its own.
    gc.set_threshold(50_000)
    started, used = time.perf_counter(), time.process_time()
    found = node(*arguments) if name == "node" else by_hand(*arguments)
    found |= {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - used,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found))


# --- what is measured -----------------------------------------------------------------------------------------------------


def measured(name, sizes, *more):
    with simulated("webcrm", "--no-rate-limit", "--generate", sizes) as webcrm, simulated("customerp") as customerp:
        command = [sys.executable, __file__, "--work", name, webcrm, customerp, *more]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)


def told(found, name):
    per_second = found["records"] / found["seconds"]
    print(
        f"{name:<8} {found['records']:>8} records in {found['seconds']:>7.1f} s, {per_second:>6.0f} a second; "
        f"{found['requests']} requests, {found['cpu']:.1f} s of processor time, {found['megabytes']:.0f} MB"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--organisations", type=int, default=10_000, metavar="N", help="default: 10000")
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(*args.work)
        return 0
    many = args.organisations
    sizes = f"organisations={many},persons={3 * many},opportunities={2 * many},quotationlines={6 * many}"
    with tempfile.TemporaryDirectory() as folder:
        ours = measured("node", sizes, folder)
    theirs = measured("hand", sizes)
    told(ours, "node")
    told(theirs, "by hand")
    ratio = (ours["cpu"] / ours["records"]) / (theirs["cpu"] / theirs["records"])
    per_second = ours["records"] / ours["seconds"]
    # The vendor's own organisation and person stay where they are.
    whole = (many - 1, 3 * many - 1, 2 * many, 6 * many)
    found = tuple(ours[name] for name in ("customer", "contact", "order", "lines"))
    rows = [
        ("records in Customerp", f"{found}", f"{whole}", found == whole),
        ("records written a second", f"{per_second:.0f}", f">= {PER_SECOND}", per_second >= PER_SECOND),
        ("memory of the node, MB", f"{ours['megabytes']:.0f}", f"< {MEGABYTES}", ours["megabytes"] < MEGABYTES),
        ("processor time a record, node to hand", f"{ratio:.2f}", f"<= {RATIO}", ratio <= RATIO),
    ]
    for name, value, goal, good in rows:
        print(f"{name:<40} {value:>36}   {goal}{'' if good else '  MISSED'}")
    return 0 if all(row[-1] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
