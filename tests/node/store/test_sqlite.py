"""What is special about the store on disk; what all stores do alike is tested by tests/node with `every_store`."""

import sqlite3
import subprocess
import sys

import pytest

from dataflow.clock import FixedClock
from dataflow.errors import UsageError
from dataflow.node.dataset import Dataset
from dataflow.node.store.sqlite import FILE, ROWS, SqliteStore


@pytest.fixture
def reopened(tmp_path):
    """Gives the store anew every time, closing the one before without a commit."""
    opened = []

    def reopen():
        for store in opened:
            store.close()
        opened[:] = [SqliteStore(tmp_path / "data")]
        return opened[0]

    yield reopen
    opened[0].close()


def test_what_is_committed_is_there_again_and_nothing_else(reopened):
    store = reopened()
    dataset = Dataset("d", FixedClock(), log=store.log("d"))
    dataset.write({"_id": "å", "p": [2**70, "~:a"]})
    dataset.populated = True
    dataset.completeness = 10**18
    store.keep("p", {"marker": 0})
    before = list(dataset.since(history=True))
    store.commit()
    dataset.write({"_id": "å", "p": 2})
    dataset.populated = False
    store.keep("p", {"marker": 1})
    store = reopened()
    dataset = Dataset("d", log=store.log("d"))
    assert list(dataset.since(history=True)) == before
    assert (dataset.offset, dataset.populated, dataset.completeness) == (0, True, 10**18)
    assert (store.state("p"), store.state("q")) == ({"marker": 0}, None)


def test_what_was_forgotten_is_not_remembered_for_what_comes_in_its_place(reopened):
    store = reopened()
    for value in (1, 2):
        dataset = Dataset("d", log=store.log("d"))
        dataset.write({"_id": "a", "p": value})
        assert (dataset.version(0)["p"], [one["p"] for one in dataset.since()]) == (value, [value])
        store.forget("d")


def test_forgetting_a_name_leaves_the_others(reopened):
    store = reopened()
    for name in ("d", "e"):
        dataset = Dataset(name, log=store.log(name))
        dataset.write({"_id": name, "p": 1})
        dataset.index("p", lambda e: [e["p"]]).get(1)
        store.keep(name, {"marker": 0})
    store.forget("d")
    store.forget("never")
    store.commit()
    store = reopened()
    assert (store.state("d"), store.state("e")) == (None, {"marker": 0})
    dataset = Dataset("d", log=store.log("d"))
    assert (dataset.offset, dataset.newest("d"), list(dataset.index("p", lambda e: [e["p"]]))) == (-1, None, [])
    assert Dataset("e", log=store.log("e")).newest("e")["p"] == 1


def test_reading_goes_past_what_is_read_at_once(reopened):
    dataset = Dataset("d", log=reopened().log("d"))
    count = 2 * ROWS + 1
    for number in range(count):
        dataset.write({"_id": f"{number:06}"})
    found = []
    for entity in dataset.since():
        found.append(entity["_updated"])
        if entity["_updated"] == 0:
            dataset.write({"_id": "000001", "p": 1})
            dataset.write({"_id": f"{count - 1:06}", "p": 1})
    assert found == [0, *range(2, count - 1)]
    assert [e["_id"] for e in dataset.live()] == [f"{number:06}" for number in range(count)]


def test_a_store_in_use_by_another_process_is_told(tmp_path, reopened):
    reopened()
    code = "import sys, pathlib; from dataflow.node.store.sqlite import SqliteStore; SqliteStore(pathlib.Path(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "data"], capture_output=True, text=True, check=False)
    assert "UsageError" in done.stderr
    assert "database is locked" in done.stderr


def test_what_is_no_store_is_a_usage_error(tmp_path):
    (tmp_path / FILE).write_bytes(b"something else altogether" * 100)
    with pytest.raises(UsageError, match="cannot be used as a store: file is not a database"):
        SqliteStore(tmp_path)
    with pytest.raises(UsageError, match="cannot be used as a store"):
        SqliteStore(tmp_path / FILE)


def test_a_store_of_another_layout_is_refused(tmp_path):
    SqliteStore(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(UsageError, match="has layout 99"):
        SqliteStore(tmp_path)


def test_an_id_that_is_no_text_is_not_found(reopened):
    assert Dataset("d", log=reopened().log("d")).latest("\ud800") is None


def test_what_has_just_been_written_is_not_read_again_and_comes_back_the_same_when_it_is(reopened):
    store = reopened()
    dataset = Dataset("d", FixedClock(), log=store.log("d"))
    written = {"_id": "a", "p": [1, {"q": ["~:x", "~~y", None, 1.5]}], "r": {"s": "~f1"}}
    dataset.write(written)
    first = dataset.version(0)
    assert dataset.version(0) is first
    assert next(iter(dataset.since())) is first
    store.recent.clear()
    again = next(iter(dataset.since()))
    assert again is not first
    assert again == first == dataset.version(0)
