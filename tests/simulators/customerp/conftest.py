"""A simulated Customerp, and a client that is logged in."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from dataflow.clock import FixedClock
from dataflow.simulators.contract.description import FILE, read_description
from dataflow.simulators.customerp import Customerp, Habits
from simulators.conftest import Client

REPOSITORY = Path(__file__).parents[3]
# 2026-06-01T09:00:00Z
NOW = 1_780_304_400


class Api(Client):
    """Logs in when it is made; paths are relative to the base address of the contract."""

    def __init__(self, url, customerp):
        super().__init__(url)
        self.customerp = customerp
        self.log_in()

    def log_in(self):
        self.headers.pop("Authorization", None)
        answer = self.token(grant_type="client_credentials")
        assert answer.status_code == 200, answer.text
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def token(self, **form):
        credentials = tuple(self.customerp.secrets.values())
        return super().request("POST", "/oauth/token", data=form, auth=credentials)

    def request(self, method, path, **options):
        return super().request(method, f"/api/v1{path}", **options)

    def made(self, path, **values):
        """The new record; it has to be taken."""
        answer = self.post(path, json=values)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def changed(self, path, **values):
        """The record after values were written with its present ETag; they have to be taken."""
        answer = self.patched(path, **values)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def patched(self, path, **values):
        etag = self.get(path).headers["ETag"]
        return self.patch(path, json=values, headers={"If-Match": etag})

    def page(self, path, **parameters):
        answer = self.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, path, **parameters):
        return [item["Id"] for item in self.page(path, **parameters)["Items"]]

    def refused(self, method, path, status, **options):
        """The problem; every refusal has this form."""
        answer = self.request(method, path, **options)
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert problem.keys() >= {"type", "title", "status", "detail"}
        assert problem["status"] == status
        return problem


def places(problem):
    return [error["pointer"] for error in problem["errors"]]


def exact(answer):
    return json.loads(answer.text, parse_float=Decimal)


@pytest.fixture(scope="session")
def description():
    return read_description(REPOSITORY / FILE)


@pytest.fixture
def start(serve, description):
    """Start a Customerp of some habits: (system, server, client)."""
    clients = []

    def begin(*, path=None, **habits):
        customerp = Customerp(description, clock=FixedClock(NOW * 1_000_000_000), path=path, habits=Habits(**habits))
        server, _ = serve(customerp, clock=customerp.clock)
        clients.append(Api(server.url, customerp))
        return customerp, server, clients[-1]

    yield begin
    for client in clients:
        client.close()
        client.customerp.erp.close()


@pytest.fixture
def started(start):
    return start()


@pytest.fixture
def customerp(started):
    return started[0]


@pytest.fixture
def server(started):
    return started[1]


@pytest.fixture
def api(started):
    return started[2]


@pytest.fixture
def erp(customerp):
    return customerp.erp
