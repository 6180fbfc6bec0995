"""Stores on disk for tests that make many of them."""

import contextlib
import tempfile
from pathlib import Path

from dataflow.node.store.sqlite import SqliteStore


@contextlib.contextmanager
def opened():
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(SqliteStore(Path(folder), synchronous="OFF")) as store,
    ):
        yield store
