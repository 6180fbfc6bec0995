"""The newest versions of a log on disk, in the table and waiting for it."""

import random
import shutil
import tempfile
from pathlib import Path

import pytest

from dataflow.dtl.joins import keys
from dataflow.node.dataset import Dataset
from dataflow.node.store import MemoryStore, heads, sqlite, sqlite_log
from dataflow.node.store.sieve import Sieve
from dataflow.node.store.sqlite import SqliteStore


def by_p(entity):
    return keys(entity.get("p"))


def state(dataset):
    """Everything that can be asked of a dataset, but for moments."""
    timeless = [{name: e[name] for name in e if name != "_ts"} for e in dataset.since()]
    live = [e["_id"] for e in dataset.live()]
    found = {value: [e["_updated"] for e in dataset.index("p", by_p).get(value, ())] for value in range(4)}
    holders = {value: sorted(dataset.holders("p", by_p, value)) for value in range(4)}
    return dataset.size, timeless, live, found, holders, [dataset.newest_offset(str(n)) for n in range(12)]


@pytest.mark.parametrize("seed", range(20))
def test_a_dataset_on_disk_is_as_one_in_memory_whatever_waits(seed, tmp_path, monkeypatch):
    dice = random.Random(seed)
    monkeypatch.setattr(sqlite, "WAITING", dice.choice([0, 2, 5, 1000]))
    monkeypatch.setattr(heads, "MANY", dice.choice([0, 4, 1000]))
    store = SqliteStore(tmp_path / "s", synchronous="OFF")
    disk, memory = Dataset("d", log=store.log("d")), Dataset("d", log=MemoryStore().log("d"))
    for turn in range(60):
        entity_id = str(dice.randrange(10))
        if dice.random() < 0.2:
            assert disk.delete(entity_id) == memory.delete(entity_id)
        else:
            entity = {"_id": entity_id, "p": dice.randrange(4)}
            assert disk.write(entity) == memory.write(entity)
        if dice.random() < 0.2:
            store.commit()
        if dice.random() < 0.1:
            assert state(disk) == state(memory)
        if dice.random() < 0.1:
            store.commit()
            if dice.random() < 0.5:
                store.close()
                store = SqliteStore(store.path.parent, synchronous="OFF")
            else:
                # What a process that died would leave.
                shutil.copytree(store.path.parent, tmp_path / str(turn))
                store.close()
                store = SqliteStore(tmp_path / str(turn), synchronous="OFF")
            disk = Dataset("d", log=store.log("d"))
    assert state(disk) == state(memory)
    store.close()


def test_readings_see_what_is_written_meanwhile(monkeypatch):
    monkeypatch.setattr(sqlite, "WAITING", 2)
    monkeypatch.setattr(sqlite_log, "ROWS", 3)
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder), synchronous="OFF")
        dataset = Dataset("d", log=store.log("d"))
        for n in range(6):
            dataset.write({"_id": str(n), "p": 0})
        seen = []
        for entity in dataset.since():
            seen.append(entity["_id"])
            if entity["_id"] == "1":
                dataset.write({"_id": "2", "p": 1})
                dataset.write({"_id": "4", "p": 1})
                store.commit()
        assert seen == ["0", "1", "3", "5"], "the new versions of 2 and 4 are left to the next reading"
        assert [e["_id"] for e in dataset.live()] == ["0", "1", "2", "3", "4", "5"]
        store.close()


def test_heads_go_into_their_tables_together_when_too_many_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "WAITING", 3)
    store = SqliteStore(tmp_path, synchronous="OFF")
    logs = [store.log(name) for name in "de"]
    datasets = [Dataset(name, log=log) for name, log in zip("de", logs, strict=True)]
    waiting = []
    for n in range(10):
        datasets[n % 2].write({"_id": str(n)})
        store.commit()
        waiting.append(sum(len(log.heads.waiting) for log in logs))
    assert waiting == [1, 2, 3, 0, 1, 2, 3, 0, 1, 2]
    store.close()


def test_a_sieve_never_lacks_what_it_was_given():
    sieve = Sieve(f"id-{n}" for n in range(2_000))
    sieve.add(["", "~"])
    assert not any(sieve.lacks(entity_id) for entity_id in ["", "~", *(f"id-{n}" for n in range(2_000))])
    assert sum(sieve.lacks(f"other-{n}") for n in range(2_000)) > 1_900
