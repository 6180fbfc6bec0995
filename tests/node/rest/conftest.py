"""Systems whose other end is a server on this machine."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from dataflow.clock import FixedClock
from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
from dataflow.node.rest.client import Clients
from dataflow.project import System
from dataflow.source import Document
from node.pipes import node_of
from node.rest.service import Service


class Steps(FixedClock):
    """Remembers how long it was asked to sleep."""

    def __init__(self):
        super().__init__()
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        super().sleep(seconds)


@pytest.fixture
def serve():
    """Starts servers, which stop with the test."""
    running = []

    def start(answer=None, **options):
        running.append(Service(answer, **options))
        return running[-1]

    yield start
    for service in running:
        service.stop()
        assert service.faults == []


@pytest.fixture
def service(serve):
    return serve()


def system(config):
    text = json.dumps(config)
    return System(config["_id"], Document(None, text, config), config, config)


def rest_system(service, **config):
    """The configuration of system "s", whose other end is the service."""
    return {"_id": "s", "type": "system:rest", "url_pattern": f"{service.url}/%s", **config}


def reach_of(*configs, secrets=None, metadata=None, clock=None):
    return Reach(
        {config["_id"]: system(config) for config in configs},
        lambda system_id: secrets or {},
        clock or Steps(),
        metadata or {},
    )


def client_of(config, **options):
    """The client of one system, with the reach it is made with."""
    reach = reach_of(config, **options)
    return SimpleNamespace(client=Clients(reach).of(config["_id"]), reach=reach, clock=reach.clock, trace=reach.trace)


def outer_node(configs, *pipes, secrets=None, metadata=None, **options):
    """A node that reaches the systems; `node.reach` has its clock and its trace."""
    reach = reach_of(*configs, secrets=secrets, metadata=metadata)
    makers = reaching(reach)
    options = {"source_makers": makers.sources, "transform_makers": makers.transforms, "clock": reach.clock, **options}
    node = node_of(*pipes, **options)
    node.reach = reach
    return node


def run(node):
    report = node.run()
    assert report.ok, [found.message for found in report.diagnostics()]
    return report
