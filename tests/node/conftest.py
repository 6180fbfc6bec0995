import itertools

import pytest

from dataflow.node.store import MemoryStore
from dataflow.node.store.sqlite import SqliteStore
from node import pipes


@pytest.fixture(params=["memory", "sqlite"])
def every_store(request, tmp_path, monkeypatch):
    """Makes a new store of one kind; tests run once per kind, and so does every node that `pipes.node_of` makes in them."""
    opened = []

    def new_sqlite():
        opened.append(SqliteStore(tmp_path / f"store{next(numbers)}", synchronous="OFF"))
        return opened[-1]

    numbers = itertools.count()
    make = MemoryStore if request.param == "memory" else new_sqlite
    monkeypatch.setattr(pipes, "new_store", make)
    yield make
    for store in opened:
        store.close()
