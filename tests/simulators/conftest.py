"""Simulated systems on free ports, and clients that speak to them as programs do."""

from __future__ import annotations

import pytest
import requests
from requests.adapters import HTTPAdapter

from dataflow.simulators.server import Server


class Client(requests.Session):
    """Paths are relative to the server; nothing is tried twice."""

    def __init__(self, url):
        super().__init__()
        # What the machine has set up for its user (proxies, .netrc) is none of a test's business.
        self.trust_env = False
        self.url = url
        self.mount("http://", HTTPAdapter(max_retries=0))

    def request(self, method, path, **options):
        return super().request(method, f"{self.url}{path}", **{"timeout": 30, **options})


@pytest.fixture
def serve():
    """Serve an application on a free port until the test is over: (server, client)."""
    running = []

    def start(application, **options):
        server = Server(application, **options)
        client = Client(server.url)
        running.append((server, client))
        server.start()
        return server, client

    yield start
    for _, client in running:
        client.close()
    for server, _ in running:
        server.stop()
