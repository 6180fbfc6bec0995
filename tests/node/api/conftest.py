"""A node that is served on a free port, and a client that speaks to it as programs do."""

from __future__ import annotations

import pytest
import requests

from dataflow.node.api.server import Server
from dataflow.node.live import LiveNode


class Client(requests.Session):
    """Paths are relative to `/api`."""

    def __init__(self, url):
        super().__init__()
        # What the machine has set up for its user (proxies, .netrc) is none of a test's business.
        self.trust_env = False
        self.url = url

    def request(self, method, path, **options):
        return super().request(method, f"{self.url}/api{path}", timeout=30, **options)

    def configure(self, *components, **options):
        """Upload components as JSON; they must be accepted."""
        answer = self.put("/config", json=list(components), **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def deliver(self, pipe_id, *entities, **parameters):
        return self.post(f"/receivers/{pipe_id}/entities", json=list(entities), params=parameters)

    def run_all(self, **parameters):
        return self.post("/pipes/run-all-pipes", params=parameters).json()

    def ids(self, path, **parameters):
        """The ids of the entities at a path that are not deleted."""
        answer = self.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return [entity["_id"] for entity in answer.json() if not entity.get("_deleted")]


@pytest.fixture
def live():
    return LiveNode()


@pytest.fixture
def serve():
    """Serve a node on a free port until the test is over; the options are those of `Server`."""
    running = []

    def start(live, **options):
        server = Server(live, port=0, **options)
        client = Client(server.url)
        running.append((server, client))
        server.__enter__()
        return client

    yield start
    for server, client in running:
        client.close()
        server.__exit__(None, None, None)


@pytest.fixture
def client(serve, live):
    return serve(live)


@pytest.fixture
def problem():
    """Asserts that an answer is a problem of a status, and gives it back."""

    def check(answer, status):
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        found = answer.json()
        assert found.keys() >= {"type", "title", "status", "detail"}
        assert found["status"] == status
        return found

    return check
