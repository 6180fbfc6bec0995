"""configuration-sinks-sql.rst, configuration-pump.rst; decisions 0420 and 0442: pipes whose pump writes to a table."""

import pytest

from dataflow.node.outer import reaching
from dataflow.node.runs import Status
from node.pipes import node_of, reader, receiver

# A name of more than three letters is one too many for every database there is.
PEOPLE = "id INTEGER PRIMARY KEY, name VARCHAR(3) CHECK (length(name) <= 3)"
PATIENT = {"max_write_errors_in_retry_dataset": 10, "max_consecutive_write_errors": 10, "batch_retries": 0}


@pytest.fixture
def people(lab):
    return lab.make(PEOPLE, "9, 'old'")


@pytest.fixture
def batches(monkeypatch):
    """The ids of every batch that was offered to the sink."""
    from dataflow.node.sql.sink import SqlSink

    offered, write = [], SqlSink.write

    def noting(sink, batch):
        offered.append([entity["id"] for entity in batch])
        write(sink, batch)

    monkeypatch.setattr(SqlSink, "write", noting)
    return offered


def sending(lab, table, *, store=None, **properties):
    sink = {"type": "sql", "system": "db", "table": table}
    pipe = reader("p", "a", ["copy", "*"], ["add", "id", ["integer", "_S._id"]], sink=sink, **properties)
    options = {} if store is None else {"store": store}
    return node_of(receiver("a"), pipe, sink_makers=reaching(lab.reach()).sinks, **options)


def post(node, *ids, **values):
    node.post("a", [{"_id": str(i), "name": "new", **values} for i in ids])


def run(node):
    return node.run(outputs=True).pipes["p"]


def test_entities_come_in_batches_and_the_next_time_only_what_is_new(lab, people, batches):
    node = sending(lab, people, batch_size=2)
    post(node, 1, 2, 3)
    assert (run(node).written, batches) == (3, [[1, 2], [3]])
    post(node, 2, _deleted=True)
    post(node, 4)
    batches.clear()
    assert (run(node).written, batches) == (2, [[2, 4]])
    assert lab.rows(people) == [(1, "new"), (3, "new"), (4, "new"), (9, "old")]
    batches.clear()
    assert (run(node).runs, batches) == (0, [])


def test_a_batch_that_is_refused_goes_entity_by_entity_and_who_is_at_fault_waits(lab, people, batches):
    node = sending(lab, people, batch_size=3, pump=PATIENT)
    post(node, 1, 3)
    post(node, 2, name="long")
    result = run(node)
    assert batches == [[1, 3, 2], [1], [3], [2]]
    assert (result.status, result.failed, result.written) == (Status.OK, 1, 2)
    assert lab.rows(people) == [(1, "new"), (3, "new"), (9, "old")]
    entry = node.dataset("system:pump_execution:p").newest("write-error:2")
    assert (entry["entity"]["name"], entry["retryable"]) == ("long", True)
    # What waits is tried first; then another version of it takes its place, and the rest is not sent again.
    post(node, 2, name="ok")
    batches.clear()
    run(node)
    assert (batches, node.pump("p").retries.waiting) == ([[2], [2]], 0)
    assert lab.rows(people)[1] == (2, "ok")


def test_without_room_the_run_ends_in_front_of_the_entity_and_goes_on_there(lab, people, batches):
    node = sending(lab, people, batch_size=1)
    post(node, 1)
    post(node, 2, name="long")
    post(node, 3)
    assert run(node).status is Status.FAILED
    assert batches == [[1], [2]]
    assert lab.rows(people) == [(1, "new"), (9, "old")]
    batches.clear()
    assert run(node).status is Status.FAILED
    assert batches == [[2]]


def test_what_is_given_up_becomes_a_dead_letter_and_holds_nobody_back(lab, people):
    pump = {**PATIENT, "max_retries_per_entity": 1, "dead_letter_dataset": "letters"}
    node = sending(lab, people, pump=pump)
    post(node, 1)
    post(node, 2, name="long")
    run(node)
    assert list(node.dataset("letters").live()) == []
    run(node)
    assert [one["entity"]["name"] for one in node.dataset("letters").live()] == ["long"]
    post(node, 3)
    assert run(node).status is Status.OK
    assert lab.rows(people) == [(1, "new"), (3, "new"), (9, "old")]


@pytest.mark.usefixtures("every_store")
def test_a_checkpoint_is_where_the_next_node_goes_on(lab, people, batches, every_store, monkeypatch):
    store = every_store()
    node = sending(lab, people, store=store, batch_size=1, checkpoint_interval=2)
    post(node, *range(1, 6))
    kept, keep = [], type(store).keep

    def noting(store, name, state):
        if name == "p" and state.get("marker") is not None:
            kept.append(state["marker"])
        keep(store, name, state)

    monkeypatch.setattr(type(store), "keep", noting)
    run(node)
    # After two batches, after four, and at the end.
    assert kept == [1, 3, 4]
    store.keep("p", {**store.state("p"), "marker": 1, "complete": False})
    batches.clear()
    heir = sending(lab, people, store=store, batch_size=1)
    run(heir)
    assert batches == [[3], [4], [5]]
    assert len(lab.rows(people)) == 6
