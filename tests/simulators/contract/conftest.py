"""The contract, and a check of a Customerp that may be broken on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataflow.clock import FixedClock
from dataflow.simulators.clock import SimulatedClock
from dataflow.simulators.contract.check import check
from dataflow.simulators.contract.client import Access, Client
from dataflow.simulators.contract.description import FILE, read_description
from dataflow.simulators.customerp import Customerp

REPOSITORY = Path(__file__).parents[3]


class Impatient(SimulatedClock):
    """Nobody waits: who sleeps moves the time."""

    def sleep(self, seconds):
        self.advance(seconds)


@pytest.fixture(scope="session")
def description():
    return read_description(REPOSITORY / FILE)


@pytest.fixture
def customerp(description):
    customerp = Customerp(description, clock=Impatient(FixedClock(1_780_304_400_000_000_000)))
    yield customerp
    customerp.erp.close()


@pytest.fixture
def server(serve, customerp):
    return serve(customerp, clock=customerp.clock)[0]


@pytest.fixture
def access(customerp, server):
    variables = customerp.variables(server.url)
    return Access(None, variables["customerp-token-url"], *customerp.secrets.values(), "sync")


@pytest.fixture
def checked(description, customerp, server, access):
    """Check the server as it is now."""

    def run(**options):
        client = Client(customerp.variables(server.url)["customerp-base-url"], access, clock=customerp.clock)
        return check(description, client, **options)

    return run
