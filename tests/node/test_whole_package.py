"""The package of this repository gives the same on disk as in memory."""

from pathlib import Path

import pytest

from dataflow.clock import FixedClock, Randomness
from dataflow.node.node import Node
from dataflow.node.store import MemoryStore
from dataflow.node.store.sqlite import SqliteStore
from dataflow.node.testdata import load_testdata
from dataflow.project import load_project

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project():
    return load_project(ROOT)


def started(project, store):
    return Node.from_project(project, store=store, clock=FixedClock(), random=Randomness(1))


def logs(node):
    found = {i: list(d.since(history=True)) for i, d in node.datasets.items()}
    return found, {i: (d.populated, d.completeness) for i, d in node.datasets.items()}


def outputs(node):
    """What every pipe gives at every end, datasets or not."""
    return {pipe.id: node.entities(pipe.id) for pipe in node.pipes}


def test_every_dataset_and_every_endpoint_is_the_same_and_opening_again_changes_nothing(project, tmp_path):
    in_memory = started(project, MemoryStore())
    assert load_testdata(in_memory, ROOT) == []
    report = in_memory.run()
    assert report.ok
    store = SqliteStore(tmp_path)
    on_disk = started(project, store)
    load_testdata(on_disk, ROOT)
    assert on_disk.run().written == report.written
    assert logs(on_disk) == logs(in_memory)
    assert outputs(on_disk) == outputs(in_memory)
    store.close()
    store = SqliteStore(tmp_path)
    again = started(project, store)
    later = again.run()
    assert (later.written, [i for i, run in later.pipes.items() if run.runs]) == (0, [])
    assert logs(again) == logs(in_memory)
    assert outputs(again) == outputs(in_memory)
    store.close()
