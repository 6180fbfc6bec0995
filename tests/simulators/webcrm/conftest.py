"""A simulated webCRM with one organisation, and a client that is logged in."""

from __future__ import annotations

import pytest

from dataflow.clock import FixedClock
from dataflow.simulators.webcrm import Behaviour, Webcrm
from dataflow.simulators.webcrm.resource import RESOURCES
from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN
from simulators.conftest import Client

# 2026-06-01T09:00:00Z, which is ten o'clock in London.
NOW = 1_780_304_400
KEYS = [one.key for one in RESOURCES.values()]


class Api(Client):
    """Logs in when it is made; the answers are JSON."""

    def __init__(self, url):
        super().__init__(url)
        answer = self.post("/Auth/ApiLogin", data={"authCode": APPLICATION_TOKEN})
        assert answer.status_code == 200, answer.text
        self.headers["Authorization"] = f"Bearer {answer.json()['AccessToken']}"

    def rows(self, path, **parameters):
        """A list; it has to work."""
        answer = self.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, path, **parameters):
        return [next(row[key] for key in KEYS if key in row) for row in self.rows(path, **parameters)]

    def query(self, script, **parameters):
        return self.rows("/Queries", script=script, **parameters)

    def made(self, path, **members):
        """The id of a new row; it has to be taken."""
        answer = self.post(path, json=members)
        assert answer.status_code == 200, answer.text
        assert type(answer.json()) is int
        return answer.json()

    def put_ok(self, path, **members):
        answer = self.put(path, json=members)
        assert (answer.status_code, answer.content) == (200, b""), answer.text

    def refused(self, method, path, status=400, **options):
        """The message of a refusal, in the form that all have."""
        answer = self.request(method, path, **options)
        assert answer.status_code == status, answer.text
        assert answer.json().keys() >= {"Message", "Type"}
        return answer.json()["Message"]


@pytest.fixture
def clock():
    return FixedClock(NOW * 1_000_000_000)


@pytest.fixture
def start(serve, clock):
    """Start a webCRM that behaves as wanted: (system, server, client)."""
    clients = []

    def begin(**behaviour):
        crm = Webcrm(clock=clock, behaviour=Behaviour(**behaviour))
        server, _ = serve(crm, clock=crm.clock)
        clients.append(Api(server.url))
        return crm, server, clients[-1]

    yield begin
    for client in clients:
        client.close()


@pytest.fixture
def started(start):
    crm, server, client = start()
    crm.tenant.add("organisation", OrganisationName="Kunde AS")
    return crm, server, client


@pytest.fixture
def crm(started):
    return started[0]


@pytest.fixture
def server(started):
    return started[1]


@pytest.fixture
def tenant(crm):
    return crm.tenant


@pytest.fixture
def api(started):
    return started[2]
